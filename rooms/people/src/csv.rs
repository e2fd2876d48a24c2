//! Tables as text: RFC 4180, strictly, and nothing more. A line that is wrong is told by its number; the
//! others are read.

/// What is wrong with a line as such.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CsvProblem {
    /// A quote where none may stand, or none where one has to.
    Quotes,
    /// A line end of old that is none any more.
    LineEnd,
    /// More or fewer columns than the first line names.
    Columns,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Where it begins, counted from 1.
    pub line: u32,
    pub fields: Result<Vec<String>, CsvProblem>,
}

/// Reads a table. Empty lines are no records.
pub fn read(text: &str) -> Vec<Record> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { rest: text, line: 1, parted_by: parted_by(text) };
    let mut out = Vec::new();
    while !reader.rest.is_empty() {
        let line = reader.line;
        let fields = reader.record();
        if fields.is_err() {
            reader.skip_line();
        }
        if fields.as_ref().is_ok_and(|f| f.iter().all(|t| t.trim().is_empty())) {
            continue;
        }
        out.push(Record { line, fields });
    }
    let columns = out.first().and_then(|r| r.fields.as_ref().ok()).map_or(0, Vec::len);
    for r in &mut out {
        if r.fields.as_ref().is_ok_and(|f| f.len() != columns) {
            r.fields = Err(CsvProblem::Columns);
        }
    }
    out
}

/// Some spreadsheets write semicolons where the comma parts decimals: the first line shows which it is.
fn parted_by(text: &str) -> char {
    let head = text.lines().next().unwrap_or("");
    [',', ';', '\t'].into_iter().find(|c| head.contains(*c)).unwrap_or(',')
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
    parted_by: char,
}

/// What follows a field.
enum Next {
    Field,
    Record,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Vec<String>, CsvProblem> {
        let mut fields = Vec::new();
        loop {
            let (field, next) = self.field()?;
            fields.push(field);
            if matches!(next, Next::Record) {
                return Ok(fields);
            }
        }
    }

    fn field(&mut self) -> Result<(String, Next), CsvProblem> {
        match self.rest.strip_prefix('"') {
            Some(rest) => {
                let (value, rest) = quoted(rest).ok_or(CsvProblem::Quotes)?;
                let next = after(rest, self.parted_by)?;
                self.line += ends_in(&value);
                self.rest = next.1;
                if matches!(next.0, Next::Record) {
                    self.line += 1;
                }
                Ok((value, next.0))
            }
            None => {
                let stop = |c: char| c == self.parted_by || "\r\n\"".contains(c);
                let end = self.rest.find(stop).unwrap_or(self.rest.len());
                let value = self.rest[..end].to_owned();
                let next = after(&self.rest[end..], self.parted_by)?;
                self.rest = next.1;
                if matches!(next.0, Next::Record) {
                    self.line += 1;
                }
                Ok((value, next.0))
            }
        }
    }

    fn skip_line(&mut self) {
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        self.rest = &self.rest[end..];
        self.line += 1;
    }
}

fn ends_in(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(0)
}

/// The text up to the closing quote, and what stands behind it.
fn quoted(mut rest: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    loop {
        let at = rest.find('"')?;
        value.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                rest = more;
            }
            None => return Some((value, rest)),
        }
    }
}

fn after(rest: &str, parted_by: char) -> Result<(Next, &str), CsvProblem> {
    if let Some(rest) = rest.strip_prefix(parted_by) {
        return Ok((Next::Field, rest));
    }
    if rest.is_empty() {
        return Ok((Next::Record, rest));
    }
    match rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
        Some(rest) => Ok((Next::Record, rest)),
        None if rest.starts_with('\r') => Err(CsvProblem::LineEnd),
        None => Err(CsvProblem::Quotes),
    }
}

const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// One field on its way out. Spreadsheets run what begins like a formula: a quote in front makes it a text.
pub fn field(text: &str) -> String {
    let guarded = if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', ';', '\t', '\r', '\n', '\'']) || guarded.trim() != guarded {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// One line on its way out.
pub fn line(fields: &[&str]) -> String {
    let mut out = fields.iter().map(|f| field(f)).collect::<Vec<_>>().join(",");
    out.push_str("\r\n");
    out
}

/// Takes away the quote that [`field`] put in front.
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(text: &str) -> Vec<Result<Vec<String>, CsvProblem>> {
        read(text).into_iter().map(|r| r.fields).collect()
    }
    fn row(parts: &[&str]) -> Result<Vec<String>, CsvProblem> {
        Ok(parts.iter().map(|p| (*p).to_owned()).collect())
    }

    #[test]
    fn what_the_standard_says_is_read() {
        assert_eq!(fields("a,b\r\n1,2\r\n"), [row(&["a", "b"]), row(&["1", "2"])]);
        assert_eq!(fields("\u{feff}a,b\n1,"), [row(&["a", "b"]), row(&["1", ""])]);
        assert_eq!(
            fields("a,b\n\"x \"\"y\"\", z\",\"two\r\nlines\"\n"),
            [row(&["a", "b"]), row(&["x \"y\", z", "two\r\nlines"])]
        );
        assert_eq!(fields("a;b\n\"1;2\";3"), [row(&["a", "b"]), row(&["1;2", "3"])]);
        assert_eq!(fields("\n\na,b\n\n1,2\n\n"), [row(&["a", "b"]), row(&["1", "2"])]);
        assert!(fields("").is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_and_the_rest_is_read() {
        let records = read("a,b\nx\"y,2\n1\n\"un\"x,2\n3,4\r5,6\n7,8\n\"open,9\n");
        let told: Vec<_> = records.iter().map(|r| (r.line, r.fields.clone().err())).collect();
        use CsvProblem::{Columns, LineEnd, Quotes};
        assert_eq!(
            told,
            [
                (1, None),
                (2, Some(Quotes)),
                (3, Some(Columns)),
                (4, Some(Quotes)),
                (5, Some(LineEnd)),
                (6, None),
                (7, Some(Quotes))
            ]
        );
        let records = read("a,b\n\"1\n2\",3\nx\n");
        assert_eq!(records.iter().map(|r| r.line).collect::<Vec<_>>(), [1, 2, 4]);
    }

    #[test]
    fn w9_formulas_go_out_as_texts() {
        for evil in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            let out = field(evil);
            assert!(out.starts_with("\"'"), "{out}");
        }
        assert_eq!(field("Casa, Verde"), "\"Casa, Verde\"");
        assert_eq!(unguarded("'=x"), "=x");
        assert_eq!(unguarded("'x"), "'x");
    }

    proptest! {
        #[test]
        fn nothing_sent_makes_it_panic(text in "(\"|,|;|\r|\n|\\PC){0,80}") {
            let records = read(&text);
            prop_assert!(records.windows(2).all(|w| w[0].line < w[1].line));
        }
        #[test]
        fn what_goes_out_comes_back(rows in proptest::collection::vec(proptest::collection::vec("(\"|,|;|\r|\n|=|'|\\PC){1,12}", 3), 1..6)) {
            let mut text = line(&["one", "two", "three"]);
            for r in &rows {
                text.push_str(&line(&r.iter().map(String::as_str).collect::<Vec<_>>()));
            }
            let back: Vec<Vec<String>> = read(&text).into_iter().skip(1)
                .map(|r| r.fields.map(|f| f.iter().map(|t| unguarded(t).to_owned()).collect())).collect::<Result<_, _>>()
                .map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
            let kept: Vec<Vec<String>> = rows.iter().filter(|r| r.iter().any(|t| !t.trim().is_empty()))
                .map(|r| r.iter().map(|t| unguarded(t).to_owned()).collect()).collect();
            prop_assert_eq!(back, kept);
        }
    }
}
