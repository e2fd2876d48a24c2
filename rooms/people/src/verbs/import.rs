//! Many sellers at once, by CSV or by the management API: each line by itself, or all or nothing.

use super::{no, put_emails};
use crate::csv::{self, CsvProblem};
use crate::rules::Refusal;
use crate::seller::{SellerEntry, SellerLine, SellerTyped, emails_in};
use crate::store::{
    EXPORT_SELLERS, FIND_KEY_OWNER, FIND_SELLER_BY_CODE, INSERT_CODE_KEY, LIST_SELLER_EMAILS, TAKE_TURN,
    UPSERT_SELLER,
};
use crate::{Answer, OnStaff, People};
use kernel::{By, Errors, Failure, Fault, Problem, SellerId, fold};
use serde_json::json;
use std::collections::BTreeSet;
use store::{Look, Tx, audit, params};

/// Lines of one import.
pub const IMPORT_LINES: usize = 10_000;
pub const IMPORT_BYTES: usize = 2 * 1_024 * 1_024;
/// Codes that the audit names one by one.
const NAMED: usize = 200;

/// One line as it came.
#[derive(Clone, Debug)]
pub struct ImportLine {
    pub line: u32,
    pub typed: Result<SellerTyped, CsvProblem>,
}

/// What becomes, or would become, of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Added,
    Changed,
    Same,
    Unreadable(CsvProblem),
    Wrong(Errors),
}

#[derive(Clone, Debug)]
pub struct Told {
    pub line: u32,
    pub short_code: String,
    pub name: String,
    pub outcome: Outcome,
}

#[derive(Clone, Default, Debug)]
pub struct ImportReport {
    pub lines: Vec<Told>,
    /// Whether anything was written.
    pub written: bool,
}

impl ImportReport {
    fn count(&self, what: impl Fn(&Outcome) -> bool) -> usize {
        self.lines.iter().filter(|t| what(&t.outcome)).count()
    }
    pub fn added(&self) -> usize {
        self.count(|o| *o == Outcome::Added)
    }
    pub fn changed(&self) -> usize {
        self.count(|o| *o == Outcome::Changed)
    }
    pub fn same(&self) -> usize {
        self.count(|o| *o == Outcome::Same)
    }
    pub fn wrong(&self) -> usize {
        self.count(|o| matches!(o, Outcome::Unreadable(_) | Outcome::Wrong(_)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Says what would be done, and does nothing.
    Try,
    /// Does what can be done.
    Keep,
    /// Does all of it, or nothing if one line is wrong.
    AllOrNothing,
}

const COLUMNS: [&str; 5] = ["short_code", "name", "country", "state", "emails"];

/// The lines of a table whose first line names the columns, in any order.
pub fn import_lines(text: &str) -> Result<Vec<ImportLine>, Problem> {
    if text.len() > IMPORT_BYTES {
        return Err(Problem::FileTooLarge(2));
    }
    let mut records = csv::read(text).into_iter();
    let head = records.next().ok_or(Problem::Missing)?;
    let head: Vec<String> =
        head.fields.map_err(|_| Problem::BadLines(1))?.iter().map(|name| fold(name)).collect();
    let place = |name: &str| head.iter().position(|h| h == name);
    let known: BTreeSet<&str> = head.iter().map(String::as_str).collect();
    if known.len() != head.len()
        || !head.iter().all(|h| COLUMNS.contains(&h.as_str()))
        || COLUMNS[..3].iter().any(|c| place(c).is_none())
    {
        return Err(Problem::BadLines(1));
    }
    let mut out = Vec::new();
    for record in records {
        if out.len() == IMPORT_LINES {
            return Err(Problem::TooMany(10_000));
        }
        let typed = record.fields.map(|fields| {
            let at =
                |name: &str| place(name).and_then(|i| fields.get(i)).map(|t| csv::unguarded(t).to_owned());
            SellerTyped {
                short_code: at("short_code").unwrap_or_default(),
                name: at("name").unwrap_or_default(),
                country: at("country").unwrap_or_default(),
                state: at("state").filter(|t| !t.trim().is_empty()),
                emails: at("emails").map(|t| emails_in(&t)),
            }
        });
        out.push(ImportLine { line: record.line, typed });
    }
    if out.is_empty() { Err(Problem::Missing) } else { Ok(out) }
}

/// A line that may be written, with what is there now.
struct Ready {
    at: usize,
    entry: SellerEntry,
    before: Option<SellerLine>,
}

/// What is wrong with lines as such, and between them.
fn check(lines: &[ImportLine]) -> (Vec<Told>, Vec<(usize, SellerEntry)>) {
    let (mut told, mut entries) = (Vec::with_capacity(lines.len()), Vec::new());
    let (mut codes, mut emails) = (BTreeSet::new(), BTreeSet::new());
    for (at, line) in lines.iter().enumerate() {
        let (mut short_code, mut name, mut outcome) = (String::new(), String::new(), Outcome::Same);
        match &line.typed {
            Err(problem) => outcome = Outcome::Unreadable(*problem),
            Ok(typed) => {
                // What is shown of a line that is wrong is cut: it may hold anything.
                short_code = typed.short_code.chars().take(60).collect();
                name = typed.name.chars().take(100).collect();
                match SellerEntry::check(typed) {
                    Err(errors) => outcome = Outcome::Wrong(errors),
                    Ok(entry) => {
                        let mut errors = Errors::default();
                        if !codes.insert(entry.key()) {
                            errors.add("short_code", Problem::Twice);
                        }
                        for email in entry.emails.iter().flatten() {
                            if !emails.insert(email.key().to_owned()) {
                                errors.add("emails", Problem::Twice);
                            }
                        }
                        if errors.is_empty() {
                            entries.push((at, entry));
                        } else {
                            outcome = Outcome::Wrong(errors);
                        }
                    }
                }
            }
        }
        told.push(Told { line: line.line, short_code, name, outcome });
    }
    (told, entries)
}

/// What of it would be new, changed or the same, and what collides with what is there.
fn compare(
    look: &mut Look<'_>,
    told: &mut [Told],
    entries: &[(usize, SellerEntry)],
) -> Result<Vec<Ready>, Fault> {
    let mut ready = Vec::with_capacity(entries.len());
    for (at, entry) in entries {
        let before: Option<SellerLine> = look.one(&FIND_SELLER_BY_CODE, params![entry.key()])?;
        let own = before.as_ref().map(|b| b.id);
        let mut errors = Errors::default();
        if before.as_ref().is_some_and(|b| b.test_of.is_some()) {
            errors.add("short_code", Problem::Taken);
        }
        for email in entry.emails.iter().flatten() {
            let owner = look.one::<(SellerId,)>(&FIND_KEY_OWNER, params![email.key()])?;
            if owner.is_some_and(|(id,)| Some(id) != own) {
                errors.add("emails", Problem::Taken);
            }
        }
        told[*at].outcome = match (&before, errors.is_empty()) {
            (_, false) => Outcome::Wrong(errors),
            (None, _) => Outcome::Added,
            (Some(b), _) if is_same(look, b, entry)? => Outcome::Same,
            (Some(_), _) => Outcome::Changed,
        };
        if matches!(told[*at].outcome, Outcome::Added | Outcome::Changed) {
            ready.push(Ready { at: *at, entry: entry.clone(), before });
        }
    }
    Ok(ready)
}

fn is_same(look: &mut Look<'_>, before: &SellerLine, entry: &SellerEntry) -> Result<bool, Fault> {
    let line = before.short_code == entry.short_code
        && before.name == entry.name
        && before.country == entry.country.code()
        && entry.state.is_none_or(|s| s == before.state);
    let Some(emails) = entry.emails.as_ref().filter(|_| line) else { return Ok(line) };
    let there = look.all::<(String,)>(&LIST_SELLER_EMAILS, params![before.id])?;
    let wanted = emails.iter().map(|e| e.as_typed());
    Ok(there.iter().map(|(e,)| e.as_str()).eq(wanted))
}

fn write(tx: &mut Tx<'_>, h: &store::House, mut ready: Vec<Ready>) -> Answer<serde_json::Value> {
    // Two imports take the same sellers in the same order, and wait for each other instead of in a ring.
    ready.sort_by_key(|r| r.entry.key());
    let mut named = Vec::new();
    for Ready { entry, before, .. } in ready {
        let (now, key) = (h.now(), entry.key());
        let id = SellerId::new(now, &*h.random);
        let row = params![
            id,
            &entry.short_code,
            &key,
            &entry.name,
            entry.country.code(),
            entry.state.map(|s| s.word()),
            now
        ];
        let Some((id,)) = tx.changed::<(SellerId,)>(&UPSERT_SELLER, row)? else {
            return no(Refusal::Changed);
        };
        tx.change(&INSERT_CODE_KEY, params![&key, id])?;
        if let Some(emails) = &entry.emails {
            put_emails(tx, id, emails).map_err(|e| match e {
                Failure::Refused(_) => Failure::Refused(Refusal::Changed),
                fault => fault,
            })?;
        }
        if named.len() < NAMED {
            let state =
                entry.state.filter(|s| before.as_ref().is_none_or(|b| b.state != *s)).map(|s| s.word());
            named.push(json!([entry.short_code, state]));
        }
    }
    Ok(named.into())
}

/// Adds and changes sellers, found by their short codes.
pub async fn import_sellers(
    people: &People,
    by: &By,
    staff: &OnStaff,
    lines: Vec<ImportLine>,
    mode: Mode,
) -> Answer<ImportReport> {
    if lines.len() > IMPORT_LINES {
        return no(Refusal::Invalid(Errors::one("sellers", Problem::TooMany(10_000))));
    }
    let (told, entries) = check(&lines);
    let wrong = told.iter().any(|t| t.outcome != Outcome::Same);
    if mode == Mode::Try {
        let looked = people.house.db.read(move |look| {
            let mut told = told.clone();
            compare(look, &mut told, &entries)?;
            Ok::<_, Fault>(ImportReport { lines: told, written: false })
        });
        return looked.await.map_err(Failure::Fault);
    }
    if mode == Mode::AllOrNothing && wrong {
        return Ok(ImportReport { lines: told, written: false });
    }
    let (h, by) = (people.house.clone(), by.with(staff.account));
    people
        .house
        .db
        .write(move |tx| {
            tx.change(&TAKE_TURN, params![h.now()])?;
            let mut report = ImportReport { lines: told.clone(), written: false };
            let ready = compare(tx, &mut report.lines, &entries)?;
            if ready.is_empty() || (mode == Mode::AllOrNothing && report.wrong() > 0) {
                return Ok(report);
            }
            let written: Vec<u32> = ready.iter().map(|r| report.lines[r.at].line).collect();
            let named = write(tx, &h, ready)?;
            let detail = json!({
                "added": report.added(), "changed": report.changed(), "same": report.same(),
                "left_out": report.wrong(), "codes": named, "lines": written.len(),
            });
            audit::record(tx, &h, &by, "seller.imported", "sellers", &detail)?;
            report.written = true;
            Ok(report)
        })
        .await
}

/// All sellers as a table that can be imported again, a thousand at a time.
pub async fn export_sellers(people: &People, _staff: &OnStaff) -> Answer<String> {
    let mut out = csv::line(&COLUMNS);
    let mut after = String::new();
    loop {
        let from = after.clone();
        let found = people.house.db.read(move |l| {
            let lines: Vec<SellerLine> = l.all(&EXPORT_SELLERS, params![&from])?;
            let mut rows = Vec::with_capacity(lines.len());
            for line in lines {
                let emails = l.all::<(String,)>(&LIST_SELLER_EMAILS, params![line.id])?;
                rows.push((line, emails.into_iter().map(|(e,)| e).collect::<Vec<_>>().join(" ")));
            }
            Ok::<_, Fault>(rows)
        });
        let rows = found.await.map_err(Failure::<Refusal>::Fault)?;
        let Some((last, _)) = rows.last() else { return Ok(out) };
        after = fold(&last.short_code);
        for (line, emails) in rows.iter().filter(|(l, _)| l.test_of.is_none()) {
            out.push_str(&csv::line(&[
                &line.short_code,
                &line.name,
                &line.country,
                line.state.word(),
                emails,
            ]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(u32, Outcome)> {
        let (told, _) = check(&import_lines(text).expect("a table"));
        told.into_iter().map(|t| (t.line, t.outcome)).collect()
    }

    #[test]
    fn a_table_is_read_by_the_names_of_its_columns() {
        let lines =
            import_lines("Name,COUNTRY,Short_Code,emails\n\"'=x\",es,A-1,a@b.co c@d.co\n").expect("a table");
        let typed = lines[0].typed.clone().expect("read");
        assert_eq!(
            (typed.short_code.as_str(), typed.name.as_str(), typed.state.clone()),
            ("A-1", "=x", None)
        );
        assert_eq!(typed.emails.map(|e| e.len()), Some(2));
        for bad in [
            "name,country\nx,ES\n",
            "short_code,name,country,owner\n",
            "a,b\n",
            "short_code,short_code,name,country\n1,2,3,4\n",
        ] {
            assert_eq!(import_lines(bad).err(), Some(Problem::BadLines(1)), "{bad}");
        }
        assert_eq!(import_lines("").err(), Some(Problem::Missing));
        assert_eq!(import_lines("short_code,name,country\n").err(), Some(Problem::Missing));
        let many = format!("short_code,name,country\n{}", "a,b,ES\n".repeat(10_001));
        assert_eq!(import_lines(&many).err(), Some(Problem::TooMany(10_000)));
        assert_eq!(import_lines(&"x".repeat(IMPORT_BYTES + 1)).err(), Some(Problem::FileTooLarge(2)));
    }

    #[test]
    fn a11_one_seller_comes_once_however_it_is_spelled() {
        let told = told("short_code,name,country\nalice,A,ES\nＡＬＩＣＥ,B,ES\nаlice,C,ES\nx,\"y,ES\n");
        let lines: Vec<_> = told.iter().map(|(line, o)| (*line, matches!(o, Outcome::Same))).collect();
        assert_eq!(lines, [(2, true), (3, false), (4, true), (5, false)]);
        assert_eq!(told[1].1, Outcome::Wrong(Errors::one("short_code", Problem::Twice)));
        assert_eq!(told[3].1, Outcome::Unreadable(CsvProblem::Quotes));
    }
}
