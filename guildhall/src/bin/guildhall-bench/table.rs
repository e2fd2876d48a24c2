//! The one table that a run prints, and the arithmetic behind its cells.

use std::io::Write;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Met,
    Missed,
    /// Told because it explains another line; nobody set a goal.
    Told,
}

impl Verdict {
    pub fn of(met: bool) -> Verdict {
        if met { Verdict::Met } else { Verdict::Missed }
    }
    fn word(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Missed => "MISSED",
            Verdict::Told => "",
        }
    }
}

pub struct Table {
    notes: Vec<String>,
    lines: Vec<[String; 4]>,
}

impl Table {
    pub fn new() -> Table {
        Table { notes: Vec::new(), lines: Vec::new() }
    }

    pub fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }

    pub fn goal(&mut self, what: &str, measured: String, goal: &str, met: bool) {
        self.line(what, measured, goal, Verdict::of(met));
    }

    pub fn told(&mut self, what: &str, measured: String) {
        self.line(what, measured, "", Verdict::Told);
    }

    fn line(&mut self, what: &str, measured: String, goal: &str, verdict: Verdict) {
        // Who waits a minute wants to see that something happens.
        complain(&format!("{what}: {measured}"));
        self.lines.push([what.to_owned(), measured, goal.to_owned(), verdict.word().to_owned()]);
    }

    /// As Markdown, so that it can be put into a document as it is.
    pub fn print(&self) {
        let head = ["what", "measured", "goal", "verdict"].map(str::to_owned);
        let mut wide = [0; 4];
        for line in self.lines.iter().chain([&head]) {
            for (width, cell) in wide.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let row = |line: &[String; 4]| {
            let cells: Vec<_> =
                line.iter().zip(wide).map(|(cell, width)| format!("{cell:<width$}")).collect();
            format!("| {} |", cells.join(" | "))
        };
        let rule = wide.map(|width| "-".repeat(width));
        let mut out = std::io::stdout().lock();
        let said = self.notes.iter().cloned().chain([String::new(), row(&head), row(&rule)]);
        for text in said.chain(self.lines.iter().map(row)) {
            // A reader that went away has read enough.
            let _ = writeln!(out, "{text}");
        }
    }
}

/// Beside the table: what goes on, and what went wrong.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "guildhall-bench: {text}");
}

/// The value below which this part of all values lies; sorts them.
pub fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = (last as f64 * part).round() as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}

pub fn median(values: &[f64]) -> f64 {
    quantile(&mut values.to_vec(), 0.5)
}

/// `median (least to most)`, which tells how far to trust it.
pub fn spread(values: &[f64], digits: usize) -> String {
    let mut sorted = values.to_vec();
    let (least, most) = (quantile(&mut sorted, 0.0), quantile(&mut sorted, 1.0));
    format!("{:.digits$} ({least:.digits$} to {most:.digits$})", median(values))
}

/// As [`spread`], for thousands.
pub fn rate(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    let (least, most) = (quantile(&mut sorted, 0.0), quantile(&mut sorted, 1.0));
    format!("{}/s ({} to {})", thousands(median(values)), thousands(least), thousands(most))
}

fn thousands(value: f64) -> String {
    let n = value.round() as i64;
    if n < 1_000 { n.to_string() } else { format!("{} {:03}", n / 1_000, n % 1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends() {
        let values: Vec<f64> = (1..=101).rev().map(f64::from).collect();
        assert_eq!(median(&values), 51.0);
        assert_eq!(quantile(&mut values.clone(), 0.99), 100.0);
        assert_eq!(spread(&[3.0, 1.0, 2.0], 1), "2.0 (1.0 to 3.0)");
        assert_eq!(rate(&[1_234.4, 999.0, 70_001.0]), "1 234/s (999 to 70 001)");
        assert!(median(&[]).is_nan());
    }
}
