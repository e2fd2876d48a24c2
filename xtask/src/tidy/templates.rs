//! A template that nothing renders misleads whoever changes the page it was.

use super::{Finding, Text, literals};
use std::collections::HashSet;

pub fn are_used(texts: &[Text]) -> Vec<Finding> {
    let mut named: HashSet<&str> = HashSet::new();
    for text in texts {
        if text.is_rust() {
            // Askama's `path = "…"`, `include_str!("…")`, or a macro of the house around either.
            named.extend(
                literals::of(&text.body).into_iter().map(|l| l.text).filter(|l| l.ends_with(".html")),
            );
        } else if text.is_page() {
            named.extend(inherited(&text.body));
        }
    }
    // A file is named from its templates folder on, or by a path through that folder.
    let named: HashSet<&str> = named.into_iter().map(|name| below_templates(name).unwrap_or(name)).collect();
    let dead = texts
        .iter()
        .filter(|t| t.is_page())
        .filter(|t| below_templates(&t.path).is_some_and(|p| !named.contains(p)));
    dead.map(|t| t.finding(1, "template", "nothing renders, extends, includes or imports it: remove it"))
        .collect()
}

fn below_templates(path: &str) -> Option<&str> {
    path.split_once("templates/").map(|(_, below)| below)
}

/// What `{% extends "…" %}`, `include`, `import` and `from` name.
fn inherited(body: &str) -> impl Iterator<Item = &str> {
    body.split("{%").skip(1).filter_map(|block| {
        let block = block.split("%}").next()?;
        let block = block.trim_start_matches(['-', '~', '+']).trim_start();
        let (verb, rest) = block.split_once(char::is_whitespace)?;
        let quote = rest.trim_start().chars().next().filter(|q| matches!(q, '"' | '\''))?;
        ["extends", "include", "import", "from"].contains(&verb).then(|| rest.split(quote).nth(1))?
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::text;
    use super::*;

    #[test]
    fn dead_templates_are_found() {
        let texts = [
            text("doors/desk/src/queue.rs", "#[template(path = \"queue.html\")]\n// \"comment.html\""),
            text("rooms/courier/src/mail.rs", "include_str!(\"../templates/mail/en.html\")"),
            text(
                "doors/desk/templates/queue.html",
                "{% extends \"layout.html\" %}{%- import 'parts/row.html' as row -%}",
            ),
            text("ground/web/templates/layout.html", "<main>"),
            text("ground/web/templates/parts/row.html", "<tr>"),
            text("rooms/courier/templates/mail/en.html", "<p>"),
            text("doors/desk/templates/comment.html", "<p>"),
            text("ground/web/assets/GALLERY.html", "<p>"),
        ];
        let dead: Vec<_> = are_used(&texts).into_iter().map(|f| f.path).collect();
        assert_eq!(dead, ["doors/desk/templates/comment.html"]);
    }
}
