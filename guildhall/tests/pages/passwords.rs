//! W12, W13, W15, W18, W19: guessing, enumerating, flooding.

use crate::browser::{Browser, Open, PASSWORD, Reply};
use kernel::{Clock, Time};
use store::testing::TestDb;

store::statements! {
    COUNT_SESSIONS = "SELECT count(*) FROM session WHERE stage = 'full'";
    COUNT_HALF = "SELECT count(*) FROM session WHERE stage = 'half'";
}

fn plain(reply: &Reply) -> (u16, String) {
    let strip = |text: &str| {
        // What differs from request to request in any case: tokens, ids, and what was typed.
        let mut out = String::new();
        for part in text.split('"') {
            let varies =
                part.starts_with("req_") || part.len() == 32 && part.bytes().all(|b| b.is_ascii_hexdigit());
            out.push_str(if varies || part.contains('@') { "…" } else { part });
        }
        out
    };
    (reply.status, strip(&reply.body))
}

store::on_both! {
    async fn w13_known_and_unknown_addresses_are_answered_alike(on: TestDb) {
        let open = Open::over(on).await;
        open.account("known@x.example").await;
        let mut a = open.browser();
        let mut b = open.browser();
        b.from = "198.51.100.9".into();
        for (page, fields) in [("/login", vec![("password", "wrong wrong wrong")]), ("/reset", vec![]), ("/signup", vec![("name", "N")])] {
            let known = [&fields[..], &[("email", "known@x.example")]].concat();
            let unknown = [&fields[..], &[("email", "other@x.example")]].concat();
            let first = a.get(page).await.submit(&mut a, page, &known).await;
            let second = b.get(page).await.submit(&mut b, page, &unknown).await;
            assert_eq!(plain(&first), plain(&second), "{page}");
            assert_eq!(first.header("location"), second.header("location"));
        }
    }

    async fn w12_guessing_is_slowed_for_strangers_and_not_for_the_owner(on: TestDb) {
        let open = Open::over(on).await;
        let mut owner = open.signed_in("ana@x.example").await;
        let page = owner.get("/account").await;
        page.submit(&mut owner, "/logout", &[]).await.is(303);

        // One account, from a hundred addresses.
        let mut throttled = 0;
        for n in 0..100 {
            let mut b = open.browser();
            b.from = format!("198.51.100.{n}");
            let reply = b.sign_in("ana@x.example", &format!("wrong guess number {n}")).await;
            throttled += i32::from(reply.status == 429);
            assert!([422, 429].contains(&reply.status));
        }
        assert_eq!(throttled, 91, "ten in all, of which the owner took the first when this browser was new");
        let mut stranger = open.browser();
        stranger.from = "192.0.2.1".into();
        stranger.sign_in("ana@x.example", PASSWORD).await.is(429).says("Please wait");
        owner.sign_in("ana@x.example", PASSWORD).await.is(303);

        // Many accounts, from one address.
        let mut one = open.browser();
        one.from = "192.0.2.77".into();
        let mut last = 0;
        for n in 0..70 {
            last = one.sign_in(&format!("n{n}@x.example"), "wrong wrong wrong").await.status;
        }
        assert_eq!(last, 429);
        // It passes by itself.
        open.clock.advance(10 * Time::MINUTE);
        one.sign_in("n1@x.example", "wrong wrong wrong").await.is(422);
    }

    /// F12: a clock that steps back refuses nobody for the time it stepped.
    async fn f12_a_clock_that_steps_back_locks_nobody_out(on: TestDb) {
        let open = Open::over(on).await;
        open.account("ana@x.example").await;
        for _ in 0..10 {
            open.browser().sign_in("ana@x.example", "wrong wrong wrong").await.is(422);
        }
        open.browser().sign_in("ana@x.example", PASSWORD).await.is(429);
        open.clock.advance(-3 * Time::HOUR);
        open.browser().sign_in("ana@x.example", PASSWORD).await.is(303);
    }

    async fn w18_codes_are_good_once_and_five_misses_end_it(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        let (secret, codes) = turn_on(&open, &mut b).await;
        let code = code_at(&secret, open.now());

        let mut c = open.browser();
        c.sign_in("ana@x.example", PASSWORD).await.leads_to("/login/code?next=/console");
        c.get("/account").await.leads_to("/login/code");
        let page = c.get("/login/code").await.is(200);
        page.submit(&mut c, "/login/code", &[("code", &code)]).await.is(422);
        open.clock.advance(31_000);
        let next = code_at(&secret, open.now());
        page.submit(&mut c, "/login/code", &[("code", &next)]).await.leads_to("/console");
        c.get("/account").await.is(200);

        let mut d = open.browser();
        d.sign_in("ana@x.example", PASSWORD).await.is(303);
        let page = d.get("/login/code").await;
        page.submit(&mut d, "/login/code", &[("code", &next)]).await.is(422);
        page.submit(&mut d, "/login/code", &[("code", &codes[0])]).await.is(303);
        open.clock.advance(20 * Time::MINUTE);

        let mut e = open.browser();
        e.sign_in("ana@x.example", PASSWORD).await.is(303);
        let page = e.get("/login/code").await;
        page.submit(&mut e, "/login/code", &[("code", &codes[0])]).await.is(422);
        for _ in 0..3 {
            page.submit(&mut e, "/login/code", &[("code", "000000")]).await.is(422);
        }
        page.submit(&mut e, "/login/code", &[("code", "000000")]).await.leads_to("/login");
        assert_eq!(open.count(&COUNT_HALF).await, 0, "the half session is gone");
        // The counter is the account's own: another half session does not begin anew.
        e.sign_in("ana@x.example", PASSWORD).await.is(303);
        e.get("/login/code").await.submit(&mut e, "/login/code", &[("code", "000000")]).await.is(429);
        // And it is not the password's: that still works.
        let full = open.count(&COUNT_SESSIONS).await;
        open.clock.advance(20 * Time::MINUTE);
        e.get("/login/code").await;
        e.sign_in("ana@x.example", PASSWORD).await.is(303);
        e.get("/login/code").await.submit(&mut e, "/login/code", &[("code", &codes[1])]).await.is(303);
        assert_eq!(open.count(&COUNT_SESSIONS).await, full + 1);
    }

    /// F19: a new master key in front of the old one; everything is sealed anew, and the old one can go.
    async fn f19_the_master_key_is_changed_while_the_house_is_open(on: TestDb) {
        let settings = on.settings.clone();
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        let (secret, _) = turn_on(&open, &mut b).await;
        b.get("/reset").await;
        let (old, new) = ("42".repeat(32), "43".repeat(32));
        let again = async |keys: String| {
            let db = store::Db::open(&settings, store::Opening::Tool).expect("opens");
            let vault = store::Vault::new(&store::MasterKeys::parse(&keys).expect("parses"));
            let house = store::House::open(db, open.people.house.clock.clone(), open.people.house.random.clone(), vault).await;
            house.map(|house| people::People { house, hasher: open.people.hasher.clone() })
        };
        let both = again(format!("{new}\n{old}")).await.expect("both keys open it");
        assert!(again(old.clone()).await.is_err(), "the new key is in use");
        let renewed = people::renew_seals(&both).await.expect("renews") + both.house.renew_seals().await.expect("renews");
        assert!(renewed >= 3, "{renewed}");
        assert_eq!(people::renew_seals(&both).await.expect("renews") + both.house.renew_seals().await.expect("again"), 0);
        both.house.vault.forget_older(&both.house.db).await.expect("forgets");
        let alone = again(new).await.expect("the new key alone opens it");
        open.clock.advance(31_000);
        let by = kernel::By::house("test");
        let email = kernel::Email::parse("ana@x.example").expect("fine");
        let signed = people::sign_in(&alone, &by, &email, PASSWORD, "x").await.expect("signs in");
        let people::Visitor::Half(half) = people::visitor(&alone, Some(signed.session)).await.expect("finds") else {
            panic!("the second factor is owed")
        };
        let code = code_at(&secret, open.now());
        assert!(people::second_factor(&alone, &by, &half, &code).await.is_ok(), "the secret opens under the new key");
    }

    async fn w19_sensitive_acts_ask_for_the_password_again(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        open.clock.advance(11 * Time::MINUTE);
        for path in ["/account/password", "/account/email"] {
            b.get(path).await.leads_to(&format!("/account/confirm?next={path}"));
        }
        let page = b.get("/account/confirm?next=/account/password").await.is(200);
        page.submit(&mut b, "/account/confirm", &[("password", "not my password")]).await.is(422).says("not your password");
        page.submit(&mut b, "/account/confirm", &[("password", PASSWORD), ("next", "//evil.example")]).await.leads_to("/");
        b.get("/account/password").await.is(200);
        open.clock.advance(11 * Time::MINUTE);
        b.get("/account/password").await.is(303);
    }
}

pub async fn turn_on(open: &Open, b: &mut Browser) -> (Vec<u8>, Vec<String>) {
    let page = b.get("/account/security").await;
    page.submit(b, "/account/totp/start", &[]).await.leads_to("/account/totp");
    let page = b.get("/account/totp").await.is(200).says("<path d=\"M");
    let secret =
        page.body.split("secret=").nth(1).expect("a secret").split('&').next().expect("it").to_owned();
    let secret = base32(&secret);
    page.submit(b, "/account/totp", &[("code", "000000")]).await.is(422);
    let page = page.submit(b, "/account/totp", &[("code", &code_at(&secret, open.now()))]).await.is(200);
    let codes: Vec<_> = page
        .body
        .split("<li>")
        .skip(1)
        .filter_map(|p| p.split("</li>").next())
        .filter(|c| c.len() == 19)
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

fn base32(text: &str) -> Vec<u8> {
    let mut bits = 0u32;
    let mut held = 0;
    let mut out = Vec::new();
    for c in text.bytes() {
        let v = match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => panic!("{text}"),
        };
        bits = bits << 5 | u32::from(v);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}

/// RFC 6238, by another implementation than the one that checks it.
pub fn code_at(secret: &[u8], now: Time) -> String {
    use aws_lc_rs::hmac;
    let step = (now.seconds() / 30).to_be_bytes();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step);
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let n = u32::from_be_bytes([tag[at] & 127, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", n % 1_000_000)
}

#[test]
fn the_codes_of_rfc_6238() {
    let secret = b"12345678901234567890";
    assert_eq!(code_at(secret, Time(59_000)), "287082");
    assert_eq!(code_at(secret, Time(1_111_111_109_000)), "081804");
}

#[tokio::test(flavor = "multi_thread")]
async fn w15_w16_long_passwords_and_floods() {
    let open = std::sync::Arc::new(Open::over(TestDb::sqlite().await).await);
    open.account("ana@x.example").await;
    let mut b = open.browser();
    for length in [1_025, 200_000] {
        b.sign_in("ana@x.example", &"x".repeat(length)).await.is(422);
    }
    b.sign_in("ana@x.example", &"x".repeat(300_000)).await.is(413);
    b.sign_in("ana@x.example", "with\0a NUL inside").await.is(422);
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let open = open.clone();
            tokio::spawn(async move {
                let email = kernel::Email::parse(&format!("n{n}@x.example")).expect("fine");
                let by = kernel::By { account: None, address: format!("10.0.{n}.1"), request: None };
                let r = people::sign_in(&open.people, &by, &email, "wrong wrong wrong", "flood").await;
                assert!(r.is_err());
            })
        })
        .collect();
    open.browser().get("/").await.is(200);
    for t in tasks {
        t.await.expect("no panic");
    }
    open.browser().sign_in("ana@x.example", PASSWORD).await.is(303);
}

#[test]
fn the_tests_clock_stands_still() {
    let clock = kernel::SetClock::at(Time(5));
    assert_eq!(clock.now(), clock.now());
}
