//! Counting tests in what the runners print, so that the last line can tell how many there were.

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    pub fn one(ok: bool) -> Tally {
        Tally { passed: u64::from(ok), failed: u64::from(!ok) }
    }

    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Reads one line of nextest's or cargo test's output; most say nothing.
    pub fn read(&mut self, line: &str) {
        let line = plain(line);
        if let Some((_, counts)) = line.split_once("Summary [").and_then(|(_, l)| l.split_once(" run: ")) {
            self.add(sum(without_asides(counts).split(',')));
        } else if let Some(counts) = line.trim_start().strip_prefix("test result: ") {
            // "ok. 3 passed; 1 failed; …"
            let counts = counts.split_once(". ").map_or("", |(_, counts)| counts);
            self.add(sum(counts.split(';')));
        }
    }
}

fn sum<'a>(parts: impl Iterator<Item = &'a str>) -> Tally {
    let mut tally = Tally::default();
    for part in parts {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match what.trim() {
            "passed" => tally.passed += number,
            "failed" | "timed out" | "exec failed" => tally.failed += number,
            _ => {}
        }
    }
    tally
}

/// Without `(1 slow, 2 flaky)`.
fn without_asides(text: &str) -> String {
    let mut depth = 0;
    text.chars()
        .filter(|c| {
            depth += i32::from(*c == '(');
            let keep = depth == 0;
            depth -= i32::from(*c == ')');
            keep
        })
        .collect()
}

/// Without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.find('m').map_or("", |end| &part[end + 1..]));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|l| tally.read(l));
        (tally.passed, tally.failed)
    }

    #[test]
    fn nextest_is_counted() {
        assert_eq!(read(&["     Summary [   4.005s] 31 tests run: 31 passed, 0 skipped\n"]), (31, 0));
        assert_eq!(read(&["Summary [1s] 1 test run: 1 passed (1 slow), 4 skipped"]), (1, 0));
        let bad =
            "Summary [ 9s] 9/12 tests run: 5 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 1 exec failed";
        assert_eq!(read(&[bad]), (5, 4));
        let colour = "\x1b[32;1m     Summary\x1b[0m [   0.1s] \x1b[1m2\x1b[0m tests run: \x1b[1m2\x1b[0m \x1b[32;1mpassed\x1b[0m";
        assert_eq!(read(&[colour]), (2, 0));
    }

    #[test]
    fn cargo_test_is_counted() {
        let lines = [
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
        ];
        assert_eq!(read(&lines), (4, 2));
    }

    #[test]
    fn other_lines_say_nothing() {
        assert_eq!(read(&["12 passed", "PASS [ 0.1s] store a_test", "Summary of 3 things", ""]), (0, 0));
    }
}
