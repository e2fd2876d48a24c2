//! Languages, themes, and names that try to be more than names.

use crate::browser::{Open, information};
use people::StaffRole;
use store::testing::TestDb;

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_the_readers_language() {
    let open = Open::over(TestDb::sqlite().await).await;
    for (asked, tag, word) in
        [("zh-TW,zh;q=0.9", "zh-CN", "登录"), ("es-MX", "es", "Entrar"), ("fr", "en", "Sign in")]
    {
        let mut b = open.browser();
        b.headers.push(("Accept-Language", asked.to_owned()));
        b.get("/login").await.says(&format!("<html lang=\"{tag}\"")).says(word);
    }
    // A choice outlasts what the browser asks for, and the account's outlasts the cookie's.
    let mut b = open.signed_in("ana@x.example").await;
    let page = b.get("/account").await;
    page.submit(&mut b, "/language", &[("language", "es"), ("back", "/account")]).await.leads_to("/account");
    b.headers.push(("Accept-Language", "zh".into()));
    b.get("/account").await.says("<html lang=\"es\"");
    b.jar.remove("__Host-lang");
    b.get("/account").await.says("<html lang=\"es\"");
    let page = b.get("/account").await;
    page.submit(&mut b, "/theme", &[("theme", "dark")]).await.is(303);
    b.get("/account").await.says("data-theme=\"dark\"");
    page.submit(&mut b, "/theme", &[("theme", "\" onload=")]).await.is(303);
    b.get("/account").await.says("data-theme=\"dark\"");
    page.submit(&mut b, "/language", &[("language", "es"), ("back", "https://evil.example")])
        .await
        .leads_to("/");
    // Letters go out in the account's language.
    b.jar.clear();
    let page = b.get("/reset").await;
    page.submit(&mut b, "/reset", &[("email", "ana@x.example")]).await.is(303);
    assert_eq!(open.letters("ana@x.example").await[0].line.lang, "es");
}

/// W9, L3
#[tokio::test(flavor = "multi_thread")]
async fn w9_names_are_never_more_than_names() {
    let open = Open::over(TestDb::sqlite().await).await;
    let evil = "<img src=x onerror=alert(1)>\"'&{{7*7}}";
    let mut b = open.developer("ana@x.example", evil).await;
    for path in ["/console", "/console/team", "/console/developer", "/console/apps", "/console/activity"] {
        let page = b.get(path).await.is(200);
        assert!(!page.body.contains("<img"), "{path}");
        assert!(!page.body.contains(">49"), "{path}");
    }
    let csrf = b.get("/account").await.csrf();
    for hidden in ["a\u{202e}b", "a\u{200b}b", "a\0b", "a\r\nSet-Cookie: x=y"] {
        b.post("/account", &[("csrf", &csrf), ("name", hidden), ("lang", "en")]).await.is(422);
    }
    b.post("/account", &[("csrf", &csrf), ("name", &"x".repeat(10_000)), ("lang", "en")]).await.is(422);
    b.post("/account", &[("csrf", &csrf), ("name", evil), ("lang", "en")]).await.is(303);
    let page = b.get("/console/team").await;
    page.submit(&mut b, "/console/team/invite", &[("email", "leo@x.example"), ("role", "viewer")])
        .await
        .is(303);
    let letter = &open.letters("leo@x.example").await[0];
    assert!(!letter.html.contains("<img"), "{}", letter.html);
    assert!(!letter.line.subject.contains(['\r', '\n']));
    let mut adm = open.staff("adm@x.example", StaffRole::Administrator).await;
    for path in ["/desk/accounts", "/desk/audit", "/desk/staff"] {
        assert!(!adm.get(path).await.is(200).body.contains("<img"), "{path}");
    }
    let page = adm.get("/desk/audit?action=%3Cscript%3E&subject=%22%3E%3Cimg").await.is(200);
    assert!(!page.body.contains("<script>") && !page.body.contains("<img"));
    let mut c = open.browser();
    let raw = b"GET / HTTP/1.1\r\nHost: open.example\r\nUser-Agent: evil\x1b[31m\r\n\r\n";
    assert!(crate::browser::raw(open.address, raw).await.starts_with(b"HTTP/1.1 400"));
    c.headers.push(("User-Agent", "evil<script>".into()));
    c.sign_in("ana@x.example", crate::browser::PASSWORD).await.is(303);
    let list = c.get("/account/security").await.is(200);
    assert!(!list.body.contains("<script>") && !list.body.contains('\u{1b}'));
    assert_eq!(information("x").len(), 8);
}

/// R17: where one is sent after signing in stays here.
#[tokio::test(flavor = "multi_thread")]
async fn r17_the_way_on_stays_on_our_origin() {
    let open = Open::over(TestDb::sqlite().await).await;
    open.account("ana@x.example").await;
    for evil in
        ["//evil.example", "/\\evil.example", "https:evil", "/\t/evil.example", "https://evil.example/"]
    {
        let mut b = open.browser();
        let page = b.get(&format!("/login?next={}", evil.replace('\t', "%09").replace('\\', "%5C"))).await;
        let fields = [("email", "ana@x.example"), ("password", crate::browser::PASSWORD), ("next", evil)];
        page.submit(&mut b, "/login", &fields).await.leads_to("/");
        b.get(&format!("/login?next={}", evil.replace('\t', "%09").replace('\\', "%5C"))).await.leads_to("/");
    }
    let mut b = open.browser();
    b.get("/console/team?x=1").await.leads_to("/login?next=/console/team%3Fx%3D1");
}
