//! Configuration as code: what files would change is what they change, once; what is wrong changes nothing.

use crate::browser::Open;
use guildhall::blueprint::{Blueprint, Kinds, Plan, Step, Stopped, act, export, plan, read};
use kernel::By;
use store::testing::TestDb;

store::statements! {
    COUNT_AUDIT = "SELECT count(*) FROM audit";
    COUNT_GROUPS = "SELECT count(*) FROM api_group";
    COUNT_METHODS = "SELECT count(*) FROM method";
    COUNT_EDITED = "SELECT count(*) FROM mail_template";
    COUNT_VERSIONS = "SELECT count(*) FROM agreement";
}

fn file(text: &str) -> Vec<(String, String)> {
    vec![("market.toml".to_owned(), text.to_owned())]
}

fn fine(text: &str) -> Blueprint {
    read(&file(text)).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

fn wrong(text: &str) -> Vec<String> {
    read(&file(text)).expect_err("is wrong")
}

async fn shown(open: &Open, b: &Blueprint) -> Plan {
    let (b, c) = (b.clone(), open.courier.clone());
    open.people.house.db.read(move |l| plan(l, &b, &c)).await.expect("plans")
}

async fn exported(open: &Open) -> String {
    open.people.house.db.read(|l| export(l, Kinds::ALL)).await.expect("exports")
}

async fn apply(open: &Open, text: &str) -> Result<(), Stopped> {
    let b = fine(text);
    let p = shown(open, &b).await;
    assert_eq!(p.wrong, Vec::<String>::new());
    act(&open.courier, &By::house("test"), &b, &p).await
}

const MORE: &str = r#"
[[group]]
key = "video"
wants_document = true
name = { en = "Videos", zh-CN = "视频", es = "Vídeos" }
[[group.method]]
name = "/video/upload"
needs_seller = true
[[group.method]]
name = "/orders/get"
summary = "It moved here"

[[reason]]
key = "quite_blurred"
decision = "needs_changes"
kind = "category"
title = { en = "The picture is blurred" }
body = { en = "Please send a sharper one." }

[[template]]
name = "verify"
lang = "en"
subject = "Prove your address"
body = """
Dear {{ name }},

[[Prove it]]"""

[[agreement]]
kind = "api_use"
version = 2
title = { en = "API use agreement" }
body = { en = "Be good." }
"#;

store::on_both! {
    async fn what_is_exported_changes_nothing_when_it_is_applied(on: TestDb) {
        let open = Open::over(on).await;
        let text = exported(&open).await;
        for word in ["[[group]]", "[[category]]", "[[category.field]]", "[[agreement]]", "CIF"] {
            assert!(text.contains(word), "{word}");
        }
        let (b, before) = (fine(&text), open.count(&COUNT_AUDIT).await);
        let p = shown(&open, &b).await;
        assert!(p.is_empty() && p.wrong.is_empty(), "{p}\n{:?}", p.wrong);
        act(&open.courier, &By::house("test"), &b, &p).await.expect("does nothing");
        assert_eq!(open.count(&COUNT_AUDIT).await, before);

        apply(&open, MORE).await.expect("applies");
        assert_eq!((open.count(&COUNT_GROUPS).await, open.count(&COUNT_METHODS).await), (8, 15));
        assert_eq!((open.count(&COUNT_EDITED).await, open.count(&COUNT_VERSIONS).await), (1, 2));
        let after = open.count(&COUNT_AUDIT).await;
        assert_eq!(after, before + 4, "one entry for each thing");
        apply(&open, MORE).await.expect("applies again");
        assert_eq!(open.count(&COUNT_AUDIT).await, after, "the second time there is nothing to do");
        let p = shown(&open, &fine(&exported(&open).await)).await;
        assert!(p.is_empty() && p.wrong.is_empty(), "{p}");
        assert_eq!(exported(&open).await, exported(&open).await);

        // A letter written as the built-in one is the built-in one again.
        let built_in = courier::find_template(&open.courier, "reset", kernel::Lang::Es).await.expect("is there").draft;
        let def = courier::TemplateDef { name: "reset".into(), lang: "es".into(), subject: built_in.subject, body: built_in.body };
        #[derive(serde::Serialize)]
        struct File { template: Vec<courier::TemplateDef> }
        let text = toml::to_string(&File { template: vec![def] }).expect("writes");
        assert!(shown(&open, &fine(&text)).await.is_empty());
    }

    async fn a_plan_says_what_changes_and_holds_only_while_it_is_so(on: TestDb) {
        let open = Open::over(on).await;
        let text = exported(&open).await.replacen("review_days = 2", "review_days = 6", 1).replacen("\"Orders\"", "\"All orders\"", 1);
        let b = fine(&text);
        let p = shown(&open, &b).await;
        let said = p.to_string();
        assert!(said.contains("review_days: 2 → 6") && said.contains("name.en: \"Orders\" → \"All orders\""), "{said}");
        assert!(said.ends_with("0 to make, 2 to change, 10 as they are") || p.lines.iter().filter(|l| l.step != Step::Same).count() == 2, "{said}");
        // Somebody is quicker.
        apply(&open, "[[group]]\nkey = \"order\"\nname = { en = \"Mine\" }\n").await.expect("applies");
        let before = open.count(&COUNT_AUDIT).await;
        assert!(matches!(act(&open.courier, &By::house("test"), &b, &p).await, Err(Stopped::Changed)));
        assert_eq!(open.count(&COUNT_AUDIT).await, before, "nothing of it was done");
        // Methods stay when a file says nothing of them.
        assert_eq!(open.count(&COUNT_METHODS).await, 14);
    }

    async fn what_does_not_fit_is_told_before_anything_is_done(on: TestDb) {
        let open = Open::over(on).await;
        let before = (open.count(&COUNT_AUDIT).await, open.count(&COUNT_GROUPS).await);
        let category = exported(&open).await.split("[[category]]").nth(1).expect("one").replace("\"order\"", "\"nowhere\"");
        let category = category.split("[[agreement]]").next().expect("it").to_owned();
        for (text, why) in [
            (format!("[[group]]\nkey = \"fine\"\nname = {{ en = \"Fine\" }}\n[[category]]{category}"), "there is no group nowhere"),
            ("[[agreement]]\nkind = \"api_use\"\nversion = 1\ntitle = { en = \"x\" }\nbody = { en = \"y\" }\n".to_owned(), "never changes"),
            ("[[template]]\nname = \"verify\"\nlang = \"en\"\nsubject = \"x\"\nbody = \"{{ nobody }}\"\n".to_owned(), "template verify en"),
            ("[[template]]\nname = \"letter\"\nlang = \"en\"\nsubject = \"x\"\nbody = \"y\"\n".to_owned(), "no such letter"),
            ("[[template]]\nname = \"verify\"\nlang = \"en-XA\"\nsubject = \"x\"\nbody = \"y\"\n".to_owned(), "no such language"),
        ] {
            let b = fine(&text);
            let p = shown(&open, &b).await;
            assert!(p.wrong.iter().any(|w| w.contains(why) && w.contains("market.toml line ")), "{why}: {:?}", p.wrong);
            assert!(act(&open.courier, &By::house("test"), &b, &p).await.is_err());
        }
        assert_eq!(before, (open.count(&COUNT_AUDIT).await, open.count(&COUNT_GROUPS).await));
    }
}

#[test]
fn hostile_files_are_told_what_is_wrong_with_them_and_where() {
    let said = |text: &str| wrong(text).join("\n");
    assert!(
        said("[[grup]]\nkey = \"x\"\n")
            .contains("market.toml line 1: unknown key grup: did you mean [[group]]?")
    );
    let told = said(
        "[[group]]\nkey = \"a\"\nname = { en = \"A\" }\nplaces = 3\n\n[[group]]\nkey = \"B!\"\nname = { en = \"B\" }\n",
    );
    assert!(told.contains("line 4: group: unknown key places: did you mean place?"), "{told}");
    assert!(
        said("[[group]]\nkey = \"a\"\nname = { en = \"A\", tlh = \"x\" }\n").contains("tlh is no language"),
        "languages"
    );
    for (text, why) in [
        ("group = 3\n", "begin each with [[group]]"),
        ("[group]\nkey = \"x\"\n", "begin each with [[group]]"),
        ("[[group]]\nkey = \"a\"\nname = { zh-CN = \"只有中文\" }\n", "name_en: is missing"),
        ("[[group]]\nkey = \"A B\"\nname = { en = \"x\" }\n", "key"),
        ("[[group]]\nkey = \"a\"\nreview_days = 99\nname = { en = \"x\" }\n", "at most 60"),
        ("[[group]]\nkey = \"a\"\nname = { en = \"x\\u202Ey\" }\n", "name_en: holds characters"),
        (
            "[[group]]\nkey = \"a\"\nname = { en = \"x\" }\n[[group]]\nkey = \"a\"\nname = { en = \"y\" }\n",
            "stands in market.toml line 1 already",
        ),
        ("[[group]]\nkey = \"a\"\nname = { en = \"x\" }\n[[group.method]]\nname = \"/a b\"\n", "method /a b"),
        (
            "[[reason]]\nkey = \"r\"\ndecision = \"approve\"\ntitle = { en = \"t\" }\nbody = { en = \"b\" }\n",
            "decision",
        ),
        (
            "[[agreement]]\nkind = \"other\"\nversion = 1\ntitle = { en = \"t\" }\nbody = { en = \"b\" }\n",
            "kind",
        ),
        ("[[template]]\nname = 3\n", "template: "),
        ("[[group]]\nkey = ", "line 2"),
        ("\u{0}", "line 1"),
    ] {
        assert!(said(text).contains(why), "{text:?}: {}", said(text));
    }
    // Terms, forms and states that cannot be.
    let seed = guildhall::blueprint::SEEDS[1].1;
    for (from, to, why) in [
        ("access_seconds = 86400", "access_seconds = 1", "access tokens last"),
        ("user_limit = 5", "user_limit = 0", "limits are at least 1"),
        ("policy = \"any\"", "policy = \"everyone\"", "is none of whitelist, any, own"),
        ("auth_page = true", "auth_page = false", "auth_page"),
        ("kind = \"prose\"", "kind = \"novel\"", "unknown variant"),
        ("key = \"website\"", "key = \"reason\"", "two fields have the key reason"),
        ("state = \"open\"", "state = \"open\"\nowner_id = \"x\"", "unknown key owner_id"),
        ("pkce = false", "pkce = false\nplan = \"gold\"", "unknown key plan"),
        ("max = 2000", "max = 1", "at least 20 and at most 1"),
    ] {
        assert!(seed.contains(from));
        assert!(
            said(&seed.replacen(from, to, 1)).contains(why),
            "{to}: {}",
            said(&seed.replacen(from, to, 1))
        );
    }
    // Deep, and large.
    for deep in [
        format!("group = {}{}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("a = {}", "{a=".repeat(20_000)),
        format!("[{}a]", "a.".repeat(20_000)),
    ] {
        assert!(!wrong(&deep).is_empty());
    }
    let large = "#".repeat(guildhall::blueprint::LARGEST + 1);
    assert!(said(&large).contains("larger than 4 MB"));
    let many: String =
        (0..500).map(|n| format!("[[group]]\nkey = \"{n}!\"\nname = {{ en = \"x\" }}\n")).collect();
    assert_eq!(wrong(&many).len(), 51, "the first fifty, and how many more");
}

#[test]
fn kinds_are_chosen_by_name() {
    assert_eq!(Kinds::of(&[]), Ok(Kinds::ALL));
    assert!(Kinds::of(&["group".into()]).is_ok_and(|k| k.groups && !k.reasons));
    assert!(Kinds::of(&["groups".into()]).is_err());
}
