//! Templates keep to what the content security policy lets a browser run, and escape everything.

use super::{Finding, Text, line_at};

/// Templates that may break one of these rules: path, rule, why. Mails are the likely ones, since mail
/// programs know only inline styles. An entry that is not needed is a violation.
const EXCEPT: &[(&str, &str, &str)] =
    &[("rooms/courier/templates/frame.html", "style", "mail programs know only inline styles")];

pub fn are_plain(texts: &[Text]) -> Vec<Finding> {
    let templates = texts.iter().filter(|t| t.is_page() && t.path.contains("templates/"));
    check(templates, EXCEPT)
}

fn check<'a>(
    templates: impl Iterator<Item = &'a Text>,
    except: &[(&str, &'static str, &str)],
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = templates.flat_map(page).collect();
    for (path, rule, _) in except {
        let before = findings.len();
        findings.retain(|f| f.path != *path || f.rule != *rule);
        if findings.len() == before {
            let say = "not needed: take it off EXCEPT in xtask/src/tidy/pages.rs";
            findings.push(Finding { path: (*path).to_owned(), line: 1, rule, say: say.to_owned() });
        }
    }
    findings
}

fn page(text: &Text) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add =
        |at: usize, rule, say: &str| findings.push(text.finding(line_at(&text.body, at), rule, say));
    for tag in tags(&text.body) {
        let has = |name: &str| tag.attributes.iter().any(|a| a == name);
        if tag.name == "script" && !has("src") {
            add(tag.at, "script", "no inline script: put it into an asset");
        }
        if tag.name == "style" || has("style") {
            add(tag.at, "style", "no inline style: use a class of the design system");
        }
        let handler = |a: &String| {
            a.strip_prefix("on").is_some_and(|e| !e.is_empty() && e.chars().all(|c| c.is_ascii_lowercase()))
        };
        if tag.attributes.iter().any(handler) {
            add(tag.at, "handler", "no event handler in an attribute: listen in an asset");
        }
    }
    for (at, _) in text.body.match_indices('|') {
        let filter = text.body[at + 1..].trim_start();
        if filter
            .strip_prefix("safe")
            .is_some_and(|l| !l.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        {
            add(at, "safe", "no `|safe`: hand the template a type that renders itself");
        }
    }
    findings
}

struct Tag {
    at: usize,
    name: String,
    attributes: Vec<String>,
}

/// What begins so ends so, and is no part of a tag.
const ASIDES: &[(&str, &str)] = &[("{#", "#}"), ("{{", "}}"), ("{%", "%}"), ("<!--", "-->")];

/// The length of a comment or a template expression that begins here.
fn aside(rest: &str) -> Option<usize> {
    let (open, close) = ASIDES.iter().find(|(open, _)| rest.starts_with(open))?;
    Some(rest[open.len()..].find(close).map_or(rest.len(), |i| open.len() + i + close.len()))
}

fn tags(body: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = body[at..].chars().next() {
        let rest = &body[at..];
        if let Some(length) = aside(rest) {
            at += length;
        } else if c == '<' && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            let name_ends = rest[1..]
                .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
                .map_or(rest.len(), |i| i + 1);
            let (length, attributes) = attributes(&rest[name_ends..]);
            found.push(Tag { at, name: rest[1..name_ends].to_ascii_lowercase(), attributes });
            at += name_ends + length;
        } else {
            at += c.len_utf8();
        }
    }
    found
}

/// The names before the tag's end, and where that is. Values are passed over, quoted or not.
fn attributes(rest: &str) -> (usize, Vec<String>) {
    let (mut at, mut names, mut name) = (0, Vec::new(), String::new());
    let mut quote = None;
    let mut in_value = false;
    while let Some(c) = rest[at..].chars().next() {
        if let Some(length) = aside(&rest[at..]) {
            at += length;
            continue;
        }
        at += c.len_utf8();
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '>') => break,
            (None, '"' | '\'') if in_value => quote = Some(c),
            (None, '=') => in_value = true,
            (None, c) if c.is_whitespace() || c == '/' && !in_value => {
                in_value = in_value && rest[..at].trim_end().ends_with('=');
                names.extend((!name.is_empty() && !in_value).then(|| std::mem::take(&mut name)));
            }
            (None, c) if !in_value => name.extend(c.to_lowercase()),
            _ => {}
        }
    }
    names.extend((!name.is_empty()).then_some(name));
    (at, names)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{found, text};
    use super::*;

    fn strictly(texts: &[Text]) -> Vec<Finding> {
        check(texts.iter().filter(|t| t.is_page() && t.path.contains("templates/")), &[])
    }

    fn rules(body: &str) -> Vec<String> {
        found(strictly, "doors/desk/templates/queue.html", body)
    }

    #[test]
    fn what_a_strict_policy_refuses_is_found() {
        assert_eq!(rules("<p>\n<b style=\"color:red\">"), ["2 style"]);
        assert_eq!(rules("<style>p{}</style>"), ["1 style"]);
        assert_eq!(rules("<script>go()</script>\n<script nonce=x>"), ["1 script", "2 script"]);
        assert_eq!(rules("<a class=\"x\"\n  onclick = \"go()\">"), ["1 handler"]);
        assert_eq!(rules("<a {% if a > b %}class=x {% endif %}ONLOAD=go>"), ["1 handler"]);
        assert_eq!(rules("{{ body|safe }}\n{{ body | safe }}"), ["1 safe", "2 safe"]);
    }

    #[test]
    fn what_only_looks_so_is_not() {
        assert!(
            rules("<script src=\"/a.js\" defer></script>\n<script defer\n src={{ app_js }}></script>")
                .is_empty()
        );
        assert!(rules("<p>style=\"x\" onclick=\"y\"</p><!-- <b style=x> -->{# <script> #}").is_empty());
        assert!(
            rules("<a data-style=\"a onclick=b\" title='x style=\"y\"' href=\"{{ url(\"a\") }}\">")
                .is_empty()
        );
        assert!(rules("{{ name|safely }} <button on=\"x\"> a > b <input value={{ \">\" }} />").is_empty());
        assert!(found(strictly, "docs/site/gallery.html", "<b style=x>").is_empty());
    }

    #[test]
    fn exceptions_are_used_or_removed() {
        let mail = [text("rooms/courier/templates/mail.html", "<p style=x onclick=y>")];
        let except = [("rooms/courier/templates/mail.html", "style", "a mail")];
        let left: Vec<_> = check(mail.iter(), &except).iter().map(|f| f.rule).collect();
        assert_eq!(left, ["handler"]);
        assert_eq!(check([].iter(), &except).len(), 1);
    }
}
