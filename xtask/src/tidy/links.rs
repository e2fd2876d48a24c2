//! Links between our documents lead somewhere.

use super::{Finding, Text};

/// `exists` is asked for a path from the root.
pub fn lead_somewhere(texts: &[Text], exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in texts.iter().filter(|t| is_document(&t.path)) {
        let folder = text.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, target) in links(&text.body) {
            let Some(file) = relative(&target) else { continue };
            match join(folder, &file) {
                Some(path) if exists(&path) => {}
                _ => findings.push(text.finding(line, "link", format!("`{target}` leads nowhere"))),
            }
        }
    }
    findings
}

fn is_document(path: &str) -> bool {
    path.ends_with(".md") && (path.starts_with("docs/") || !path.contains('/'))
}

/// The file of a link within the repository; addresses, page-local links and site paths have none.
fn relative(target: &str) -> Option<String> {
    let file = target.split(['#', '?']).next().unwrap_or_default();
    let outside =
        file.is_empty() || file.starts_with('/') || file.contains("://") || file.starts_with("mailto:");
    (!outside).then(|| file.replace("%20", " "))
}

/// `None` when it leads out of the repository.
fn join(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// Every target with its line: `[text](target "title")`, `![picture](<target>)` and `[name]: target`.
fn links(body: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (n, line) in body.lines().enumerate() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let line = without_code(line);
        let mut targets: Vec<&str> = line.split("](").skip(1).filter_map(|l| l.split(')').next()).collect();
        let defined = line.starts_with('[').then(|| line.split_once("]: ")).flatten();
        targets.extend(defined.map(|(_, target)| target));
        let bare = |t: &str| t.trim().trim_matches(['<', '>']).split_whitespace().next().map(str::to_owned);
        found.extend(
            targets.into_iter().filter_map(bare).map(|t| (n + 1, t.trim_end_matches('>').to_owned())),
        );
    }
    found
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::text;
    use super::*;

    fn dead(path: &str, body: &str) -> Vec<String> {
        let there = ["README.md", "docs/site/start.md", "docs/a b.md", "docs"];
        let findings = lead_somewhere(&[text(path, body)], |p| there.contains(&p));
        findings
            .iter()
            .map(|f| format!("{} {}", f.line, f.say.split('`').nth(1).unwrap_or_default()))
            .collect()
    }

    #[test]
    fn dead_links_are_found() {
        assert_eq!(
            dead("README.md", "x\n[a](docs/gone.md) ![b](<b.png>)\n[c]: c.md \"C\""),
            ["2 docs/gone.md", "2 b.png", "3 c.md"]
        );
        assert_eq!(dead("docs/site/start.md", "[up](../../../README.md)"), ["1 ../../../README.md"]);
    }

    #[test]
    fn living_links_are_not() {
        assert!(
            dead(
                "README.md",
                "[a](docs/site/start.md#first \"A\") [b](https://a.example/b) [c](#c) [d](docs/)"
            )
            .is_empty()
        );
        assert!(
            dead("docs/site/start.md", "[up](../../README.md) [site](/console) [a](../a%20b.md)").is_empty()
        );
        assert!(dead("docs/site/start.md", "`[a](gone.md)`\n```\n[b](gone.md)\n```").is_empty());
        assert!(dead("judges/README.md", "[a](gone.md)").is_empty(), "only the documents of the house");
    }
}
