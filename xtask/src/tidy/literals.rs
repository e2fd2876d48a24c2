//! The string literals of a Rust file: enough of the language to tell them from comments and lifetimes.

pub struct Literal<'a> {
    /// Where it begins, in bytes.
    pub at: usize,
    /// As written, escapes and all.
    pub text: &'a str,
}

pub fn of(source: &str) -> Vec<Literal<'_>> {
    let mut reader = Reader { source, at: 0, found: Vec::new() };
    while let Some(c) = reader.rest().chars().next() {
        reader.step(c);
    }
    reader.found
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    found: Vec<Literal<'a>>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn step(&mut self, c: char) {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if c == '"' {
            self.string();
        } else if c == '\'' {
            self.character();
        } else if c.is_alphabetic() || c == '_' {
            self.word();
        } else {
            self.at += c.len_utf8();
        }
    }

    /// They nest.
    fn block_comment(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.rest().chars().next() {
            let (step, change) = match self.rest() {
                r if r.starts_with("/*") => (2, 1),
                r if r.starts_with("*/") => (2, -1),
                _ => (c.len_utf8(), 0),
            };
            self.at += step;
            depth += change;
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let start = self.at + 1;
        let mut escaped = false;
        for (i, c) in self.source[start..].char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return self.keep(start, start + i, 1),
                _ => {}
            }
        }
        self.at = self.source.len();
    }

    /// `'x'` and `'\n'`, but not the lifetime `'a`.
    fn character(&mut self) {
        let mut after = self.rest().chars().skip(1);
        let (first, second) = (after.next(), after.next());
        let end = match (first, second) {
            (Some('\\'), _) => {
                self.rest().char_indices().skip(3).find(|(_, c)| *c == '\'').map(|(i, _)| i + 1)
            }
            (Some(c), Some('\'')) => Some(c.len_utf8() + 2),
            _ => None,
        };
        self.at += end.unwrap_or(1);
    }

    /// A name, or the `r` of a raw string.
    fn word(&mut self) {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += length;
        if !matches!(&rest[..length], "r" | "br" | "cr") {
            return;
        }
        let hashes = self.rest().len() - self.rest().trim_start_matches('#').len();
        if !self.rest()[hashes..].starts_with('"') {
            return;
        }
        let start = self.at + hashes + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        match self.source[start..].find(&end) {
            Some(i) => self.keep(start, start + i, end.len()),
            None => self.at = self.source.len(),
        }
    }

    fn keep(&mut self, start: usize, end: usize, quote: usize) {
        self.found.push(Literal { at: start, text: &self.source[start..end] });
        self.at = end + quote;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        of(source).iter().map(|l| l.text).collect()
    }

    #[test]
    fn literals_of_every_kind_are_found() {
        assert_eq!(texts(r#"f("a", b"b", "c\"d\\", "")"#), ["a", "b", "c\\\"d\\\\", ""]);
        assert_eq!(texts(r##"f(r"a\", r#"b"c"#, "d")"##), ["a\\", "b\"c", "d"]);
        assert_eq!(texts("\"two\nlines\" \"x\""), ["two\nlines", "x"]);
    }

    #[test]
    fn comments_lifetimes_and_characters_are_not() {
        assert_eq!(texts("// \"no\"\n/* \"no\" /* \"no\" */ \"no\" */ \"yes\""), ["yes"]);
        assert_eq!(texts(r#"fn f<'a>(x: &'a str) { g('"', '\'', '\\', 'é', "yes") }"#), ["yes"]);
        assert_eq!(texts("let r#type = \"yes\"; \"open"), ["yes"]);
    }
}
