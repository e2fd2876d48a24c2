//! Requests, their rounds, remarks, entries, checks and files.

use crate::model::{Check, Entry, Remark, Request, RequestLine, Round};
use kernel::Fault;
use store::{FromRow, Row};

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|e| Fault::internal(e.to_string()))
}

impl FromRow for Request {
    fn from_row(row: &mut Row<'_>) -> Result<Request, Fault> {
        Ok(Request {
            id: row.take()?,
            reference: row.take()?,
            kind: row.take()?,
            about: row.take()?,
            title: row.take()?,
            developer: row.take()?,
            app: row.take()?,
            state: row.take()?,
            round: row.take()?,
            answers: read(&row.take::<String>()?)?,
            lang: row.take()?,
            two_person: row.take()?,
            made_by: row.take()?,
            made_at: row.take()?,
            changed_at: row.take()?,
            submitted_by: row.take()?,
            submitted_at: row.take()?,
            due_at: row.take()?,
            assignee: row.take()?,
            snoozed_until: row.take()?,
            first_yes: row.take()?,
            escalated_at: row.take()?,
            flags: row.take()?,
            decided_by: row.take()?,
            decided_at: row.take()?,
            form: read(&row.take::<String>()?)?,
        })
    }
}

impl FromRow for RequestLine {
    fn from_row(row: &mut Row<'_>) -> Result<RequestLine, Fault> {
        Ok(RequestLine {
            id: row.take()?,
            reference: row.take()?,
            kind: row.take()?,
            about: row.take()?,
            title: row.take()?,
            app: row.take()?,
            state: row.take()?,
            changed_at: row.take()?,
            submitted_at: row.take()?,
            due_at: row.take()?,
        })
    }
}

impl FromRow for Round {
    fn from_row(row: &mut Row<'_>) -> Result<Round, Fault> {
        Ok(Round {
            round: row.take()?,
            answers: read(&row.take::<String>()?)?,
            by: row.take()?,
            at: row.take()?,
        })
    }
}

impl FromRow for Remark {
    fn from_row(row: &mut Row<'_>) -> Result<Remark, Fault> {
        Ok(Remark { round: row.take()?, field: row.take()?, text: row.take()?, at: row.take()? })
    }
}

impl FromRow for Entry {
    fn from_row(row: &mut Row<'_>) -> Result<Entry, Fault> {
        Ok(Entry {
            id: row.take()?,
            at: row.take()?,
            account: row.take()?,
            name: row.take()?,
            what: row.take()?,
            round: row.take()?,
            text: row.take()?,
            for_applicant: row.take()?,
        })
    }
}

impl FromRow for Check {
    fn from_row(row: &mut Row<'_>) -> Result<Check, Fault> {
        Ok(Check { name: row.take()?, verdict: row.take()?, detail: row.take()?, at: row.take()? })
    }
}

store::statements! {
    INSERT_FORM = "INSERT INTO form (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    FIND_REQUEST = "SELECT r.id, r.reference, r.kind, r.about, r.title, r.developer_id, r.app_id, r.state, r.round, r.answers,
        r.lang, r.two_person, r.made_by, r.made_at, r.changed_at, r.submitted_by, r.submitted_at, r.due_at, r.assignee,
        r.snoozed_until, r.first_yes, r.escalated_at, r.flags, r.decided_by, r.decided_at, f.body
        FROM request r JOIN form f ON f.hash = r.form WHERE r.id = $1";
    HOLD_REQUEST = "UPDATE request SET changed_at = changed_at WHERE id = $1 AND developer_id = $2";
    FIND_OPEN = "SELECT id FROM request WHERE developer_id = $1 AND kind = $2 AND about = $3
        AND (state IN ('draft', 'pending', 'needs_changes') OR (state = 'approved' AND once = 1))";
    INSERT_REQUEST = "INSERT INTO request (id, reference, kind, about, title, developer_id, app_id, state, form, answers, lang,
        days, two_person, once, made_by, made_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10, $11, $12, $13, $14, $15, $15) ON CONFLICT DO NOTHING";
    SAVE_ANSWERS = "UPDATE request SET answers = $3, changed_at = $4
        WHERE id = $1 AND developer_id = $2 AND state IN ('draft', 'needs_changes') AND round = $5";
    SUBMIT = "UPDATE request SET state = 'pending', round = round + 1, answers = $3, submitted_by = $4, submitted_at = $5,
        due_at = $6, changed_at = $5, first_yes = NULL, escalated_at = NULL, flags = $7, snoozed_until = 0, days = $9, two_person = $10
        WHERE id = $1 AND developer_id = $2 AND state IN ('draft', 'needs_changes') AND round = $8";
    WITHDRAW = "UPDATE request SET state = 'withdrawn', changed_at = $3, assignee = NULL
        WHERE id = $1 AND developer_id = $2 AND state IN ('draft', 'pending', 'needs_changes')";
    INSERT_ROUND = "INSERT INTO request_round (request_id, round, answers, by_account, at) VALUES ($1, $2, $3, $4, $5)";
    LIST_ROUNDS = "SELECT round, answers, by_account, at FROM request_round WHERE request_id = $1 ORDER BY round DESC LIMIT 50";
    LIST_REMARKS = "SELECT round, field, text, at FROM request_remark WHERE request_id = $1 ORDER BY round, field LIMIT 500";
    INSERT_ENTRY = "INSERT INTO request_entry (id, request_id, at, account_id, what, round, text, for_applicant)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LIST_ENTRIES = "SELECT e.id, e.at, e.account_id, a.name, e.what, e.round, e.text, e.for_applicant
        FROM request_entry e LEFT JOIN account a ON a.id = e.account_id WHERE e.request_id = $1 ORDER BY e.id LIMIT 500";
    INSERT_CHECK = "INSERT INTO request_check (request_id, round, name, verdict, detail, at) VALUES ($1, $2, $3, $4, $5, $6)";
    COUNT_BEFORE = "SELECT count(*) FROM request WHERE state = 'pending' AND (due_at, id) <= ($1, $2)";
    LIST_OF = "SELECT id, reference, kind, about, title, app_id, state, changed_at, submitted_at, due_at
        FROM request WHERE developer_id = $1 AND id < $2 ORDER BY id DESC LIMIT 26";
    LIST_OF_KIND = "SELECT id, reference, kind, about, title, app_id, state, changed_at, submitted_at, due_at
        FROM request WHERE developer_id = $1 AND kind = $2 AND state <> 'withdrawn' ORDER BY id DESC LIMIT 200";
    LIST_OF_APP = "SELECT id, reference, kind, about, title, app_id, state, changed_at, submitted_at, due_at
        FROM request WHERE app_id = $1 AND developer_id = $2 ORDER BY id DESC LIMIT 100";
    INSERT_REQUEST_FILE = "INSERT INTO request_file (request_id, file_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    DELETE_REQUEST_FILE = "DELETE FROM request_file WHERE request_id = $1 AND file_id = $2";
    LIST_REQUEST_FILES = "SELECT f.id, f.name, f.media, f.size, f.made_at FROM request_file r JOIN file f ON f.id = r.file_id
        WHERE r.request_id = $1 LIMIT 200";
    LIST_ANSWERS = "SELECT answers FROM request_round WHERE request_id = $1";
    FIND_HOLDER = "SELECT request_id FROM request_file WHERE file_id = $1 LIMIT 1";
    COUNT_ANSWERED = "SELECT count(*) FROM request_entry WHERE request_id = $1 AND what = 'answered' AND at > $2";
    TOUCH = "UPDATE request SET changed_at = $2 WHERE id = $1 AND developer_id = $3 AND state IN ('pending', 'needs_changes')";
}
