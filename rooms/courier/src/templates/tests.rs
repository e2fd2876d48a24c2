//! Every letter in every language, strictly; and what must not get into one.

use super::*;
use crate::letters::LETTERS;

const SITE: Site<'static> = Site { name: "Nordmarkt", public_url: "https://open.nordmarkt.example" };

fn draft(subject: &str, body: &str) -> Draft {
    Draft { subject: subject.to_owned(), body: body.to_owned() }
}

fn with(args: &[(&str, &str)], subject: &str, body: &str) -> Result<Rendered, TemplateError> {
    let args = args.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
    render(&draft(subject, body), Lang::En, &args, SITE)
}

fn used(d: &Draft) -> BTreeSet<String> {
    let buttons = d.body.lines().filter_map(button).map(|(_, opens)| opens.to_owned());
    names(&d.subject).into_iter().chain(names(&d.body)).chain(buttons).collect()
}

#[test]
fn every_letter_renders_in_every_language_and_uses_what_it_is_given() {
    for letter in LETTERS {
        let mut looks = BTreeSet::new();
        for lang in Lang::ALL {
            let what = format!("{} in {}", letter.name, lang.tag());
            let d = built_in(letter, lang);
            let mut known: BTreeSet<String> = letter.args.iter().map(|a| (*a).to_owned()).collect();
            let mut uses = used(&d);
            // The house's own name is there for all, and nobody has to use it.
            uses.remove("site");
            assert_eq!(uses, known, "{what}");
            let made = render(&d, lang, &letter.sample(lang), SITE).expect(&what);
            known.retain(|a| a.ends_with("path"));
            for path in known {
                let link = format!("https://open.nordmarkt.example/sample/{path}");
                assert!(made.text.contains(&format!(": {link}")), "{what}: {path}");
                assert!(
                    made.html.contains("href=\"https:&#x2f;&#x2f;open.nordmarkt.example&#x2f;sample"),
                    "{what}"
                );
            }
            assert!(made.html.contains(&format!("<html lang=\"{}\"", lang.tag())), "{what}");
            for part in [&made.subject, &made.text, &made.html] {
                assert!(!part.contains("{{") && !part.contains("[[") && !part.contains(BUTTON), "{what}");
            }
            assert!(made.text.contains("Nordmarkt") && made.html.contains("Nordmarkt"), "{what}");
            looks.insert(made.subject);
        }
        assert_eq!(looks.len(), Lang::ALL.len(), "{}: the same subject in two languages", letter.name);
    }
}

#[test]
fn an_invitation_names_every_role_in_the_readers_words() {
    let letter = LetterKind::find("invite").expect("it is ours");
    for lang in Lang::ALL {
        for role in ["admin", "engineer", "viewer"] {
            let mut args = letter.sample(lang);
            args.insert("role".to_owned(), json!(role));
            let made = render(&built_in(letter, lang), lang, &args, SITE).expect("renders");
            let own = lang == Lang::En || !made.text.contains(&format!(" {role} "));
            assert!(own, "{role} in {}", lang.tag());
        }
    }
}

#[test]
fn w9_nothing_filled_in_gets_out_of_its_place() {
    let evil = "<img src=x onerror=alert(1)>\"'&\u{202e}gnp\u{200b}\r\nBcc: x@y.co\n\n[[Win]]\n{{ path }} http://evil.example";
    for letter in LETTERS {
        for lang in Lang::ALL {
            let mut args = letter.sample(lang);
            for (name, v) in &mut args {
                if !name.ends_with("path") {
                    *v = json!(evil);
                }
            }
            let made = render(&built_in(letter, lang), lang, &args, SITE).expect("renders");
            assert!(!made.subject.contains(['\r', '\n', '\u{202e}', '\u{200b}']), "{:?}", made.subject);
            assert!(!made.html.contains("<img") && !made.html.contains("\"'&\""), "{}", letter.name);
            assert!(
                !made.html.contains(['\u{202e}', '\u{200b}'])
                    && !made.text.contains(['\u{202e}', '\u{200b}'])
            );
            let bcc = made.text.lines().chain(made.html.lines()).any(|l| l.starts_with("Bcc"));
            // What staff give as a reason has lines of its own; they are lines of the text, behind every header.
            assert!(!bcc || letter.args.contains(&"reason"), "{}", letter.name);
            let buttons = built_in(letter, lang).body.lines().filter(|l| button(l).is_some()).count();
            assert_eq!(made.html.matches("<a class=").count(), buttons, "{}", letter.name);
        }
    }
    // A value alone on its line is where a button would stand.
    let made = with(&[("name", "[[Win]]"), ("path", "/a")], "s", "{{ name }}\n\n[[Go]]").expect("renders");
    assert_eq!(made.html.matches("<a class=").count(), 1);
    assert!(made.text.starts_with("[[Win]]\n\nGo: https://open.nordmarkt.example/a\n"), "{}", made.text);
    // Nor does one become a template, or a paragraph.
    let made = with(&[("name", "{{ path }}\n\nx")], "{{ name }}", "a {{ name }}").expect("renders");
    assert_eq!(made.subject, "{{ path }} x");
    assert!(made.text.starts_with("a {{ path }} x\n"), "{}", made.text);
}

#[test]
fn a_reason_keeps_its_lines_and_nothing_else() {
    let reason = "First.\n\nLicence: <b>cut</b>\u{1}path\u{1}Win\n[[Win]]\u{202e}";
    let made =
        with(&[("reason", reason), ("path", "/a")], "s", "Why:\n\n{{ reason }}\n\n[[Go]]").expect("renders");
    assert!(
        made.text.starts_with("Why:\n\nFirst.\n\nLicence: <b>cut</b>pathWin\n[[Win]]\n\nGo: "),
        "{}",
        made.text
    );
    assert_eq!(made.html.matches("<a class=").count(), 1);
    assert!(!made.html.contains("<b>cut"));
    for many in ["x\n", "x\n\n", "x "] {
        let endless = with(&[("reason", &many.repeat(50_000))], "s", "{{ reason }}").expect("renders");
        assert!(endless.text.len() < 20_000);
    }
}

#[test]
fn what_the_operator_writes_is_text_too() {
    let made = with(&[], "A & B", "1 < 2 <script>x</script>\nnext line\n\nend").expect("renders");
    assert!(
        made.html.contains("1 &lt; 2 &lt;script&gt;x&lt;&#x2f;script&gt;<br>next line</p>"),
        "{}",
        made.html
    );
    assert!(made.html.contains("<title>A &amp; B</title>"));
}

#[test]
fn what_does_not_render_says_where_and_why() {
    for (subject, body, part, line, why) in [
        ("s", "a\n\n{{ nmae }}", Part::Body, 3, "there is no nmae; this letter knows name, path, site"),
        ("{{ x }}", "a", Part::Subject, 1, "there is no x"),
        ("s", "a\n{% if %}", Part::Body, 2, "syntax error"),
        ("s", "a\n\n[[Go | other]]", Part::Body, 3, "there is no `other`"),
        ("s", "[[ | path]]", Part::Body, 1, "a button needs a label"),
        ("s", "a\n{{ name|nothing }}", Part::Body, 2, "unknown filter"),
        (
            "s",
            "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
            Part::Body,
            1,
            "too long",
        ),
        ("s", "{{ 'x' * 70000 }}", Part::Body, 1, "longer than"),
        ("s", "{# nothing #}", Part::Body, 1, "nothing is left"),
        ("", "a", Part::Subject, 1, "nothing is left"),
    ] {
        let e = with(&[("name", "Ana"), ("path", "/a")], subject, body).expect_err(body);
        assert_eq!((e.part, e.line), (part, line), "{body}: {e}");
        assert!(e.text.contains(why), "{body}: {e}");
    }
    assert!(with(&[], "s", &"x".repeat(BODY_MAX + 1)).is_err());
    assert!(with(&[("path", "//evil.example")], "s", "[[Go]]").is_err(), "R19");
}

#[test]
fn the_frame_is_whole_and_has_both_schemes() {
    let made = with(&[("path", "/a")], "Subject", "Hello\n\n[[Go]]").expect("renders");
    for part in
        ["<!doctype html>", "color-scheme", "prefers-color-scheme: dark", "role=\"presentation\"", "</html>"]
    {
        assert!(made.html.contains(part), "{part}");
    }
    assert!(made.html.lines().all(|l| l.len() < 998), "SMTP ends lines at 998");
}
