//! What the desk reads and changes of Requests.

use crate::model::{Applicant, Colleague, QueueLine, WaitingCheck};
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for QueueLine {
    fn from_row(row: &mut Row<'_>) -> Result<QueueLine, Fault> {
        Ok(QueueLine {
            id: row.take()?,
            reference: row.take()?,
            kind: row.take()?,
            title: row.take()?,
            state: row.take()?,
            lang: row.take()?,
            round: row.take()?,
            submitted_at: row.take()?,
            due_at: row.take()?,
            assignee: row.take()?,
            assignee_name: row.take()?,
            snoozed_until: row.take()?,
            waits_for_second: row.take()?,
            escalated_at: row.take()?,
            flags: row.take()?,
            developer: row.take()?,
            developer_name: row.take()?,
        })
    }
}

impl FromRow for Applicant {
    fn from_row(row: &mut Row<'_>) -> Result<Applicant, Fault> {
        Ok(Applicant {
            id: row.take()?,
            kind: row.take()?,
            name: row.take()?,
            country: row.take()?,
            contact_name: row.take()?,
            email: row.take()?,
            company: row.take()?,
            licence_number: row.take()?,
            made_at: row.take()?,
            members: row.take()?,
            verified_at: row.take()?,
        })
    }
}

impl FromRow for Colleague {
    fn from_row(row: &mut Row<'_>) -> Result<Colleague, Fault> {
        Ok(Colleague { account: row.take()?, name: row.take()? })
    }
}

impl FromRow for WaitingCheck {
    fn from_row(row: &mut Row<'_>) -> Result<WaitingCheck, Fault> {
        let read = |text: String| serde_json::from_str(&text).map_err(|e| Fault::internal(e.to_string()));
        Ok(WaitingCheck {
            request: row.take()?,
            round: row.take()?,
            name: row.take()?,
            detail: row.take()?,
            answers: read(row.take()?)?,
            form: serde_json::from_str(&row.take::<String>()?).map_err(|e| Fault::internal(e.to_string()))?,
        })
    }
}

macro_rules! lines {
    () => {
        "SELECT r.id, r.reference, r.kind, r.title, r.state, r.lang, r.round, r.submitted_at, r.due_at, r.assignee, a.name,
        r.snoozed_until, CAST(CASE WHEN r.two_person = 1 AND r.first_yes IS NOT NULL THEN 1 ELSE 0 END AS BIGINT), r.escalated_at, r.flags,
        d.id, d.name FROM "
    };
}

/// One page of the queue by the index that the condition names; all the rest is looked at row by row.
/// $1 and $2 are the place after which it begins, $3 the end of what is due, $4 until when what sleeps may sleep,
/// $6 whose it is: an empty text for nobody's.
macro_rules! queue {
    ($by:literal) => {
        concat!(
            lines!(),
            "request r JOIN developer d ON d.id = r.developer_id LEFT JOIN account a ON a.id = r.assignee
        WHERE r.state = 'pending' AND ",
            $by,
            " AND (r.due_at, r.id) > ($1, $2) AND r.due_at < $3 AND r.snoozed_until <= $4
        AND (CAST($5 AS TEXT) IS NULL OR r.kind = $5) AND (CAST($6 AS TEXT) IS NULL OR r.assignee = $6 OR ($6 = '' AND r.assignee IS NULL))
        AND (CAST($7 AS TEXT) IS NULL OR r.lang = $7) AND r.flags >= $8
        ORDER BY r.due_at, r.id LIMIT 26"
        )
    };
}

/// Nobody decides, or takes up, what they asked for themselves: neither who began it, nor who sent it in, nor anybody
/// else of that developer. $2 is who would.
macro_rules! not_own {
    () => {
        "made_by <> $2 AND submitted_by <> $2 AND NOT EXISTS
        (SELECT 1 FROM member m WHERE m.developer_id = request.developer_id AND m.account_id = $2)"
    };
}

store::statements! {
    QUEUE_ALL = queue!("1 = 1");
    QUEUE_KIND = queue!("r.kind = $5");
    QUEUE_ASSIGNEE = queue!("r.assignee = $6");
    QUEUE_FREE = queue!("r.assignee IS NULL");
    QUEUE_FLAGGED = queue!("r.flags > 0");
    QUEUE_LANG = queue!("r.lang = $7");
    FIND_BY_WORD = concat!(lines!(), "request_word w JOIN request r ON r.id = w.request_id
        JOIN developer d ON d.id = r.developer_id LEFT JOIN account a ON a.id = r.assignee
        WHERE w.word >= $1 AND w.word < $2 AND r.state <> 'draft' ORDER BY w.word, w.request_id LIMIT 60");
    INSERT_WORD = "INSERT INTO request_word (word, request_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    NAME_OF_DEVELOPER = "SELECT name FROM developer WHERE id = $1";

    // Counted only as far as anybody cares.
    COUNT_PENDING = "SELECT count(*) FROM (SELECT 1 AS one FROM request WHERE state = 'pending' LIMIT 1000) AS c";
    COUNT_LATE = "SELECT count(*) FROM (SELECT 1 AS one FROM request WHERE state = 'pending' AND due_at < $1 LIMIT 1000) AS c";
    COUNT_FREE = "SELECT count(*) FROM (SELECT 1 AS one FROM request WHERE state = 'pending' AND assignee IS NULL LIMIT 1000) AS c";
    COUNT_MINE = "SELECT count(*) FROM (SELECT 1 AS one FROM request WHERE state = 'pending' AND assignee = $1 LIMIT 1000) AS c";
    COUNT_FLAGGED = "SELECT count(*) FROM (SELECT 1 AS one FROM request WHERE state = 'pending' AND flags > 0 LIMIT 1000) AS c";

    LIST_CHECKS = "SELECT name, verdict, detail, at FROM request_check WHERE request_id = $1 AND round = $2 ORDER BY name LIMIT 50";
    FIND_APPLICANT = "SELECT d.id, d.kind, d.name, d.country, d.contact_name, d.email, d.company, d.licence_number, d.made_at,
        (SELECT count(*) FROM member m WHERE m.developer_id = d.id), c.verified_at
        FROM developer d LEFT JOIN company c ON c.developer_id = d.id WHERE d.id = $1";
    LIST_OTHERS = "SELECT id, reference, kind, about, title, app_id, state, changed_at, submitted_at, due_at
        FROM request WHERE developer_id = $1 AND id <> $2 AND state <> 'draft' ORDER BY id DESC LIMIT 10";
    IS_MEMBER = "SELECT account_id FROM member WHERE developer_id = $1 AND account_id = $2";
    LIST_REVIEWERS = "SELECT DISTINCT a.id, a.name FROM staff s JOIN account a ON a.id = s.account_id
        WHERE s.role IN ('reviewer', 'administrator') AND a.state = 'active' ORDER BY a.name, a.id LIMIT 200";
    FIND_COLLEAGUE = "SELECT id, name FROM account WHERE id = $1";
    FIND_ASKER = "SELECT name, lang FROM account WHERE id = $1";

    CLAIM = concat!("UPDATE request SET assignee = $2, assigned_at = $3 WHERE id = $1 AND state = 'pending' AND assignee IS NULL
        AND ", not_own!());
    ASSIGN = concat!("UPDATE request SET assignee = $2, assigned_at = $3 WHERE id = $1 AND state = 'pending'
        AND (assignee IS NULL OR assignee <> $2) AND EXISTS (SELECT 1 FROM staff s JOIN account a ON a.id = s.account_id
            WHERE a.id = $2 AND a.state = 'active' AND s.role IN ('reviewer', 'administrator')) AND ", not_own!());
    RELEASE = "UPDATE request SET assignee = NULL, assigned_at = NULL WHERE id = $1 AND state = 'pending' AND assignee IS NOT NULL";
    SNOOZE = "UPDATE request SET snoozed_until = $2 WHERE id = $1 AND state = 'pending'";
    // These hold the row, so that nobody decides between the question and what follows from it.
    HOLD_PENDING = "UPDATE request SET flags = flags WHERE id = $1 AND state = 'pending' AND round = $2";
    HOLD_OPEN = "UPDATE request SET changed_at = $2 WHERE id = $1 AND state IN ('pending', 'needs_changes')";
    HOLD_SENT = "UPDATE request SET flags = flags WHERE id = $1 AND state <> 'draft'";
    PUT_REMARK = "INSERT INTO request_remark (request_id, round, field, text, by_account, at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (request_id, round, field) DO UPDATE SET text = excluded.text, by_account = excluded.by_account, at = excluded.at";
    DELETE_REMARK = "DELETE FROM request_remark WHERE request_id = $1 AND round = $2 AND field = $3";

    AGREE = concat!("UPDATE request SET first_yes = $2, assignee = NULL, assigned_at = NULL, snoozed_until = 0 WHERE id = $1
        AND state = 'pending' AND round = $3 AND two_person = 1 AND first_yes IS NULL AND ", not_own!());
    APPROVE = concat!("UPDATE request SET state = 'approved', decided_by = $2, decided_at = $4, changed_at = $4 WHERE id = $1
        AND state = 'pending' AND round = $3 AND (two_person = 0 OR (first_yes IS NOT NULL AND first_yes <> $2)) AND ", not_own!());
    REJECT = concat!("UPDATE request SET state = 'rejected', decided_by = $2, decided_at = $4, changed_at = $4 WHERE id = $1
        AND state = 'pending' AND round = $3 AND ", not_own!());
    SEND_BACK = concat!("UPDATE request SET state = 'needs_changes', changed_at = $4, first_yes = NULL WHERE id = $1
        AND state = 'pending' AND round = $3 AND ", not_own!());

    LIST_OVERDUE = "SELECT id FROM request WHERE state = 'pending' AND escalated_at IS NULL AND due_at <= $1
        ORDER BY due_at, id LIMIT 50";
    ESCALATE = "UPDATE request SET escalated_at = $2 WHERE id = $1 AND state = 'pending' AND escalated_at IS NULL AND due_at <= $2";
    MOVE_DIGEST = "UPDATE digest SET day = $1 WHERE name = 'desk' AND day < $1";
    LIST_WAITING = "SELECT c.request_id, c.round, c.name, c.detail, o.answers, f.body FROM request_check c
        JOIN request_round o ON o.request_id = c.request_id AND o.round = c.round
        JOIN request r ON r.id = c.request_id JOIN form f ON f.hash = r.form
        WHERE c.verdict = 'waiting' AND c.name = $1 ORDER BY c.at LIMIT 8";
    SETTLE_CHECK = "UPDATE request_check SET verdict = $4, detail = $5, at = $6
        WHERE request_id = $1 AND round = $2 AND name = $3 AND verdict = 'waiting'";
    ADD_FLAG = "UPDATE request SET flags = flags + 1 WHERE id = $1 AND round = $2";
}
