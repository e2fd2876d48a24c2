//! W1, W17, W19: the password asked for again, and sessions that make room for others.

use crate::browser::{Browser, Open, PASSWORD};
use crate::passwords::{code_at, turn_on};
use kernel::Time;
use people::StaffRole;
use store::testing::TestDb;

store::statements! {
    COUNT_SESSIONS = "SELECT count(*) FROM session";
    COUNT_ADMINS = "SELECT count(*) FROM member WHERE role = 'admin'";
    COUNT_EDITED = "SELECT count(*) FROM mail_template";
    COUNT_TESTS = "SELECT count(*) FROM mail";
    WRONG_PASSWORDS = "SELECT count(*) FROM audit WHERE action = 'session.not_confirmed' AND detail LIKE '%\"password\"%'
        AND account_id IS NOT NULL";
    WRONG_CODES = "SELECT count(*) FROM audit WHERE action = 'session.not_confirmed' AND detail LIKE '%\"code\"%'
        AND account_id IS NOT NULL";
    CLOSED_HALF = "SELECT count(*) FROM audit WHERE action = 'session.closed' AND detail LIKE '%owed%'";
    REPLACED = "SELECT count(*) FROM audit WHERE action = 'session.opened' AND detail LIKE '%\"ses_%'";
}

const SESSION: &str = "__Host-session";

/// A browser that kept the cookie of another.
fn with_session(b: &Browser, session: &str) -> Browser {
    let mut other = b.clone();
    other.jar.insert(SESSION.into(), session.into());
    other
}

store::on_both! {
    /// Signing in again in the same browser: its cookie is written over, and what stood there is dead.
    async fn w1_w17_a_session_that_is_replaced_is_over(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        open.account("leo@x.example").await;
        let mut elsewhere = open.browser();
        elsewhere.sign_in("ana@x.example", PASSWORD).await.is(303);
        let first = b.jar[SESSION].clone();
        // The form of a page that was open before; to others than guests the sign-in page is not shown.
        let page = b.get("/account").await;
        let csrf = page.csrf();
        let fields = |email, password| [("csrf", csrf.clone()), ("email", email), ("password", password)];
        let send = async |b: &mut Browser, email: &str, password: &str| {
            let fields = fields(email.to_owned(), password.to_owned());
            let fields: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            b.post("/login", &fields).await
        };
        // A wrong password ends nothing.
        send(&mut b, "ana@x.example", "wrong wrong wrong").await.is(422);
        b.get("/account").await.is(200);
        assert_eq!(open.count(&COUNT_SESSIONS).await, 2);

        send(&mut b, "leo@x.example", PASSWORD).await.is(303);
        assert_ne!(b.jar[SESSION], first);
        b.get("/account").await.is(200).says("leo@x.example");
        with_session(&b, &first).get("/account").await.is(303);
        assert_eq!(open.count(&COUNT_SESSIONS).await, 2);
        assert_eq!(open.count(&REPLACED).await, 1);
        // What the same person has open elsewhere stays.
        elsewhere.get("/account").await.is(200).says("ana@x.example");
    }

    async fn w17_a_half_session_ends_when_it_is_signed_out_or_replaced(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        let (secret, _) = turn_on(&open, &mut b).await;
        assert_eq!(open.count(&COUNT_SESSIONS).await, 1);
        let mut c = open.browser();
        c.sign_in("ana@x.example", PASSWORD).await.leads_to("/login/code?next=/console");
        let half = c.jar[SESSION].clone();
        // Begun again: the first half session is gone, however right the code.
        c.sign_in("ana@x.example", PASSWORD).await.leads_to("/login/code?next=/console");
        assert_eq!(open.count(&COUNT_SESSIONS).await, 2);
        open.clock.advance(31_000);
        let mut stale = with_session(&c, &half);
        stale.get("/login/code").await.leads_to("/login");

        let page = c.get("/login/code").await.is(200);
        let (csrf, code) = (page.csrf(), code_at(&secret, open.now()));
        let mut kept = c.clone();
        c.post("/logout", &[("csrf", &csrf)]).await.leads_to("/?said=signed-out");
        assert!(!c.jar.contains_key(SESSION));
        assert_eq!((open.count(&COUNT_SESSIONS).await, open.count(&CLOSED_HALF).await), (1, 1));
        kept.post("/login/code", &[("csrf", &csrf), ("code", &code)]).await.leads_to("/login");
        assert_eq!(open.count(&COUNT_SESSIONS).await, 1);
        b.get("/account").await.is(200);
    }

    async fn w19_what_is_wrong_when_asked_again_is_remembered(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        let page = b.get("/account/confirm").await.is(200);
        page.submit(&mut b, "/account/confirm", &[("password", "not my password")]).await.is(422).says("not your password");
        assert_eq!((open.count(&WRONG_PASSWORDS).await, open.count(&WRONG_CODES).await), (1, 0));
        let (secret, _) = turn_on(&open, &mut b).await;
        let page = b.get("/account/confirm").await.is(200);
        page.submit(&mut b, "/account/confirm", &[("password", PASSWORD), ("code", "000000")]).await.is(422);
        assert_eq!((open.count(&WRONG_PASSWORDS).await, open.count(&WRONG_CODES).await), (1, 1));
        open.clock.advance(31_000);
        let code = code_at(&secret, open.now());
        page.submit(&mut b, "/account/confirm", &[("password", PASSWORD), ("code", &code)]).await.is(303);
        // The throttle stands before it, and counts what is wrong as it did.
        let page = b.get("/account/confirm").await;
        let mut last = 0;
        for _ in 0..10 {
            last = page.submit(&mut b, "/account/confirm", &[("password", "not my password")]).await.status;
        }
        assert_eq!(last, 429);
        assert!((2..=8).contains(&open.count(&WRONG_PASSWORDS).await));
    }

    /// The role of a member: asked for the password, and back to the same member.
    async fn w19_a_change_of_role_leads_to_the_password_and_back(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let mut leo = open.signed_in("leo@x.example").await;
        let page = ana.get("/console/team").await;
        page.submit(&mut ana, "/console/team/invite", &[("email", "leo@x.example"), ("role", "viewer")]).await.is(303);
        let link = open.link("leo@x.example").await;
        leo.get(&link).await.submit(&mut leo, "/invite", &[]).await.is(303);
        let team = ana.get("/console/team").await;
        let who = team.body.split("href=\"/console/team/member?id=").nth(1).expect("leo").split('"').next().expect("id").to_owned();
        let member = format!("/console/team/member?id={who}");
        let confirm = format!("/account/confirm?next=/console/team/member%3Fid%3D{who}");
        let page = ana.get(&member).await.is(200);
        open.clock.advance(11 * Time::MINUTE);

        // Every act on the page, with the form that was still open.
        for (action, fields) in [
            ("/console/team/member", &[("role", "admin")][..]),
            ("/console/team/remove", &[]),
            ("/console/team/transfer", &[]),
        ] {
            page.submit(&mut ana, action, fields).await.leads_to(&confirm);
        }
        ana.get(&member).await.leads_to(&confirm);
        assert_eq!(open.count(&COUNT_ADMINS).await, 0, "nothing was done yet");
        let asked = ana.get(&confirm).await.is(200);
        asked.submit(&mut ana, "/account/confirm", &[("password", "not my password")]).await.is(422);
        ana.get(&member).await.leads_to(&confirm);
        let asked = ana.get(&confirm).await.is(200);
        asked.submit(&mut ana, "/account/confirm", &[("password", PASSWORD)]).await.leads_to(&member);
        let page = ana.get(&member).await.is(200);
        page.submit(&mut ana, "/console/team/member", &[("role", "admin")]).await.leads_to("/console/team?said=role-changed");
        assert_eq!(open.count(&COUNT_ADMINS).await, 1);
    }

    /// What a mail says is what people believe.
    async fn w19_the_texts_of_mails_take_a_fresh_password(on: TestDb) {
        let open = Open::over(on).await;
        let mut dee = open.staff("dee@x.example", StaffRole::Administrator).await;
        let path = "/desk/mail/edit?name=verify&language=es";
        let confirm = "/account/confirm?next=/desk/mail/edit%3Fname%3Dverify%26language%3Des";
        let list = dee.get("/desk/mail").await.is(200).says("/desk/mail/edit?name=verify&amp;language=es");
        assert!(!list.body.contains("&amp;lang="), "that name is the pseudo-language's");
        let page = dee.get(path).await.is(200);
        let (subject, body) = (("subject", "Un paso más"), ("body", "Hola {{ name }}:\n\n[[Confirmar]]"));
        open.clock.advance(11 * Time::MINUTE);
        dee.get(path).await.leads_to(confirm);
        for action in ["/desk/mail/test", "/desk/mail/restore"] {
            let csrf = page.csrf();
            dee.post(action, &[("csrf", &csrf), ("name", "verify"), ("language", "es")]).await.leads_to(confirm);
        }
        assert_eq!(open.count(&COUNT_TESTS).await, 0);

        // Written for longer than the password holds: it is asked for on this page, and the text stays.
        let asked = page.submit(&mut dee, "/desk/mail/edit", &[subject, body]).await.is(422)
            .says("Give it again").says("Un paso más").says("name=\"password\"");
        page.submit(&mut dee, "/desk/mail/edit", &[subject, ("body", "{{ broken")]).await.is(422).says("does not work");
        page.submit(&mut dee, "/desk/mail/edit", &[subject, ("body", &" ".repeat(20_000)), ("password", "no")]).await.is(422);
        asked.submit(&mut dee, "/desk/mail/edit", &[subject, body, ("password", "not my password")]).await.is(422)
            .says("not your password").says("Un paso más");
        assert_eq!(open.count(&COUNT_EDITED).await, 0, "nothing was saved");
        let before = dee.jar[SESSION].clone();
        asked.submit(&mut dee, "/desk/mail/edit", &[subject, body, ("password", PASSWORD)]).await
            .leads_to("/desk/mail?said=template-saved");
        assert_eq!(open.count(&COUNT_EDITED).await, 1);
        assert_ne!(dee.jar[SESSION], before, "W1");
        with_session(&dee, &before).get("/account").await.is(303);

        // And now everything goes as it is.
        let page = dee.get(path).await.is(200).says("Un paso más");
        page.submit(&mut dee, "/desk/mail/test", &[]).await.leads_to("/desk/mail?said=template-tested");
        page.submit(&mut dee, "/desk/mail/restore", &[]).await.leads_to("/desk/mail?said=template-restored");
        assert_eq!((open.count(&COUNT_EDITED).await, open.count(&COUNT_TESTS).await), (0, 1));
        // The pseudo-language and a letter's own go together.
        dee.get("/desk/mail/edit?name=verify&language=zh-CN&lang=en-XA").await.is(200).says("lang=\"zh-CN\"").says("Ŧḗxŧ");
    }
}

/// The list of what is wrong joins label and error as the language does.
#[tokio::test(flavor = "multi_thread")]
async fn the_summary_of_errors_speaks_the_readers_language() {
    let open = Open::over(TestDb::sqlite().await).await;
    for (lang, listed) in [
        ("en", "<a href=\"#email\">E-mail: "),
        ("es", "<a href=\"#email\">Correo: "),
        ("zh-CN", "<a href=\"#email\">邮箱："),
    ] {
        let mut b = open.browser();
        b.headers.push(("Accept-Language", lang.to_owned()));
        let page = b.get("/login").await;
        page.submit(&mut b, "/login", &[("email", "nonsense"), ("password", "x")]).await.is(422).says(listed);
    }
}
