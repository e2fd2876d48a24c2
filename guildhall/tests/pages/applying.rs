//! Applying, from the first question to the desk's answer and back, as a developer's browser does it.

use crate::browser::{Browser, HOST, Open, Reply, URL, raw};
use kernel::{Fault, RequestId};
use store::params;
use store::testing::TestDb;

store::statements! {
    SEND_BACK = "UPDATE request SET state = 'needs_changes' WHERE id = $1";
    REMARK = "INSERT INTO request_remark (request_id, round, field, text, by_account, at)
        SELECT id, round, $2, $3, made_by, 1 FROM request WHERE id = $1";
    COUNT_REQUESTS = "SELECT count(*) FROM request";
    COUNT_PENDING = "SELECT count(*) FROM request WHERE state = 'pending'";
    COUNT_AUDIT = "SELECT count(*) FROM audit";
}

const PNG: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0d\x49\x44\x41\x54\x78\xda\x63\x64\xf8\xcf\x50\x0f\x00\x03\x86\x01\x80\x5a\x34\x7d\x6b\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

impl Open {
    async fn by_desk(&self, id: &str, field: &'static str, text: &'static str) {
        let id: RequestId = id.parse().expect("an id");
        let done = self.people.house.db.write(move |tx| {
            tx.change(&REMARK, params![id, field, text])?;
            tx.change(&SEND_BACK, params![id])
        });
        done.await.map_err(|e: Fault| e).expect("sends back");
    }

    /// A form with a file in it, as browsers send it.
    async fn hand_in(
        &self,
        b: &Browser,
        path: &str,
        fields: &[(&str, &str)],
        file: (&str, &str, &[u8]),
    ) -> Reply {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let (name, file_name, bytes) = file;
        let head = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--cut--\r\n");
        let jar: Vec<_> = b.jar.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {}\r\nCookie: {}\r\nOrigin: {URL}\r\n\
             Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            b.from,
            jar.join("; "),
            body.len()
        );
        Reply::read(&raw(self.address, &[head.into_bytes(), body].concat()).await).expect("an answer")
    }
}

/// Begins the verification of one's company; gives the Request's path.
async fn begin(b: &mut Browser) -> String {
    let csrf = b.get("/console/company").await.csrf();
    let form = [("csrf", csrf.as_str()), ("kind", "company"), ("about", "company")];
    let to = b.post("/console/requests/begin", &form).await.is(303).header("location").to_owned();
    to.strip_suffix("/edit").unwrap_or(&to).to_owned()
}

async fn send(b: &mut Browser, path: &str) -> Reply {
    let check = b.get(&format!("{path}/check")).await.is(200);
    check.submit(b, &format!("{path}/submit"), &[]).await
}

store::on_both! {
    async fn a_company_is_asked_about_page_by_page_and_nothing_typed_is_lost(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        ana.get("/console/company").await.is(200).says("Your company is not verified yet");
        ana.get("/console/requests").await.is(200).says("Nothing asked for yet");
        let path = begin(&mut ana).await;
        assert_eq!(begin(&mut ana).await, path, "however often the button is pressed");
        let edit = format!("{path}/edit");
        let first = ana.get(&edit).await.is(200);
        // What the developer information says is not asked again.
        let first = first.says("Step 1 of 3").says("value=\"B12345674\"").says("value=\"Lumen S.L.\"").says("value=\"ES\" selected");
        let wrong = [("a_company", ""), ("a_country", "ES"), ("a_licence_number", "B87654321"), ("go", "on")];
        let page = first.submit(&mut ana, &edit, &wrong).await.is(422);
        let page = page.says("error-summary").says("href=\"#a_company\"").says("value=\"B87654321\"").says("<title>Error:");
        ana.get(&path).await.is(200).says("Not complete");
        let right = [("a_company", "Lumen <b>S.L.</b>"), ("a_country", "ES"), ("a_licence_number", "B12345674"), ("go", "on")];
        page.submit(&mut ana, &edit, &right).await.leads_to(&format!("{edit}?page=2"));

        let second = ana.get(&format!("{edit}?page=2")).await.is(200).says("multipart/form-data").says("2 MB");
        let csrf = second.csrf();
        let fields = [("csrf", csrf.as_str()), ("page", "2"), ("go", "on")];
        let text = open.hand_in(&ana, &edit, &fields, ("a_licence", "licence.png", b"no picture")).await.is(422);
        text.says("href=\"#a_licence\"").says("a_licence-error");
        open.hand_in(&ana, &edit, &fields, ("a_licence", "licence<b>.png", PNG)).await.leads_to(&format!("{edit}?page=3"));
        ana.get(&format!("{edit}?page=2")).await.is(200).says("/files/file_").hides("<b>.png");
        // The draft is kept without being right, and without a file being sent again.
        let third = ana.get(&format!("{edit}?page=3")).await.is(200);
        third.submit(&mut ana, &edit, &[("a_sellers", "nobody"), ("go", "draft")]).await
            .leads_to(&format!("{path}?said=rq-draft-kept"));

        let check = ana.get(&format!("{path}/check")).await.is(200);
        check.says("Lumen &#60;b&#62;S.L.").says("/files/file_").says("nobody").says("page=3&amp;from=check#a_sellers");
        send(&mut ana, &path).await.leads_to(&format!("{path}/sent"));
        let sent = ana.get(&format!("{path}/sent")).await.is(200).says("R-").says("Place in line");
        assert!(sent.body.contains("Nov 2026"), "the promise is a date");
        ana.get(&path).await.is(200).says("In review").says("The desk").hides("<b>S.L.");
        assert_eq!(begin(&mut ana).await, path, "there is one at a time");
        assert_eq!((open.count(&COUNT_REQUESTS).await, open.count(&COUNT_PENDING).await), (1, 1));
    }

    async fn what_the_reviewer_remarks_is_corrected_and_the_difference_shown(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let path = begin(&mut ana).await;
        let edit = format!("{path}/edit");
        let csrf = ana.get(&edit).await.csrf();
        let fields = [("csrf", csrf.as_str()), ("page", "2"), ("go", "on")];
        open.hand_in(&ana, &edit, &fields, ("a_licence", "licence.png", PNG)).await.is(303);
        send(&mut ana, &path).await.leads_to(&format!("{path}/sent"));
        let id = path.rsplit('/').next().expect("an id").to_owned();
        open.by_desk(&id, "company", "Not as on the <i>licence</i>").await;

        ana.get("/console").await.is(200).says("Needs you").says("Needs changes");
        let seen = ana.get(&path).await.is(200).says("Not as on the &#60;i&#62;licence").says("page=1&amp;from=check#a_company");
        let seen = seen.says("<title>Company verification: Needs changes");
        seen.submit(&mut ana, &format!("{path}/answer"), &[("text", " ")]).await.is(422).says("href=\"#text\"");
        ana.get(&path).await.submit(&mut ana, &format!("{path}/answer"), &[("text", "It is on page two")]).await
            .leads_to(&format!("{path}?said=rq-answered"));
        let page = ana.get(&format!("{edit}?page=1&from=check")).await.is(200).says("Not as on the");
        let right = [("a_company", "Lumen S.A."), ("a_country", "ES"), ("a_licence_number", "B12345674"), ("go", "on")];
        page.submit(&mut ana, &edit, &right).await.leads_to(&format!("{path}/check"));
        ana.get(&format!("{path}/sent")).await.leads_to(&path);
        send(&mut ana, &path).await.leads_to(&format!("{path}/sent"));
        ana.get(&path).await.is(200).says("<del>Lumen S.L.</del><ins>Lumen S.A.</ins>").says("second").says("It is on page two");
    }

    /// A7: what is at the desk is not edited, and what was sent in is not sent in again.
    async fn a7_pages_of_a_request_that_is_pending_change_nothing(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let path = begin(&mut ana).await;
        let edit = format!("{path}/edit");
        let first = ana.get(&edit).await.is(200);
        let check = ana.get(&format!("{path}/check")).await.is(200);
        // Not complete: it leads to what is missing.
        check.submit(&mut ana, &format!("{path}/submit"), &[]).await.is(422)
            .says("page=2&amp;from=check&amp;wrong=1#a_licence");
        ana.get(&format!("{edit}?page=2&from=check&wrong=1")).await.is(200).says("a_licence-error");
        let fields = [("csrf", &*first.csrf()), ("page", "2"), ("go", "on")];
        open.hand_in(&ana, &edit, &fields, ("a_licence", "licence.png", PNG)).await.is(303);
        send(&mut ana, &path).await.leads_to(&format!("{path}/sent"));
        let audited = open.count(&COUNT_AUDIT).await;
        let late = first.submit(&mut ana, &edit, &[("a_company", "Typed too late"), ("go", "on")]).await.is(409);
        late.says("Typed too late");
        check.submit(&mut ana, &format!("{path}/submit"), &[]).await.leads_to(&path);
        ana.get(&edit).await.leads_to(&path);
        ana.get(&format!("{path}/check")).await.leads_to(&path);
        ana.get(&path).await.is(200).hides("Typed too late");
        ana.get(&path).await.submit(&mut ana, &format!("{path}/withdraw"), &[]).await.is(422).says("href=\"#sure\"");
        assert_eq!((open.count(&COUNT_AUDIT).await, open.count(&COUNT_PENDING).await), (audited, 1));
        ana.get(&path).await.submit(&mut ana, &format!("{path}/withdraw"), &[("sure", "on")]).await
            .leads_to(&format!("{path}?said=rq-withdrawn"));
        assert_eq!(open.count(&COUNT_PENDING).await, 0);
        assert_ne!(begin(&mut ana).await, path, "it may be begun anew");
    }

    /// A1, A4: another developer's Request is not there; fields that the form does not have are nobody's.
    async fn a1_a4_requests_are_their_developers_and_forms_ask_what_they_ask(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let path = begin(&mut ana).await;
        let edit = format!("{path}/edit");
        let fields = [("csrf", &*ana.get(&edit).await.csrf()), ("page", "2"), ("go", "on")];
        open.hand_in(&ana, &edit, &fields, ("a_licence", "licence.png", PNG)).await.is(303);
        let file = ana.get(&format!("{edit}?page=2")).await.body;
        let file = file.split("/files/").nth(1).expect("a file").split('"').next().expect("its id").to_owned();

        let mut eve = open.developer("eve@x.example", "Other").await;
        let hers = begin(&mut eve).await;
        let csrf = eve.get("/console/company").await.csrf();
        let audited = open.count(&COUNT_AUDIT).await;
        for get in ["", "/edit", "/edit?page=2", "/check", "/sent"] {
            eve.get(&format!("{path}{get}")).await.is(404).hides("Lumen S.L.");
        }
        let c = ("csrf", csrf.as_str());
        eve.post(&edit, &[c, ("page", "1"), ("a_company", "Eve"), ("go", "on")]).await.is(404);
        for post in ["/submit", "/answer", "/withdraw"] {
            eve.post(&format!("{path}{post}"), &[c, ("text", "Hm"), ("sure", "on"), ("round", "0")]).await.is(404);
        }
        assert_eq!(open.count(&COUNT_AUDIT).await, audited);
        // A file is handed in, not named; and a Request's state is not an answer.
        let own = format!("{hers}/edit");
        eve.post(&own, &[c, ("page", "2"), ("a_licence", &file), ("licence", &file), ("state", "approved"),
            ("a_state", "approved"), ("round", "7"), ("go", "on")]).await.is(422);
        eve.get(&format!("{own}?page=2")).await.is(200).hides(&file);
        eve.get(&hers).await.is(200).says("Draft");
        for odd in ["x", "rq_", "../requests", "dev_00000000000000000000000000"] {
            eve.get(&format!("/console/requests/{odd}")).await.is(404);
        }
        let kinds = [("kind", "nonsense"), ("kind", "company"), ("kind", "online")];
        for (kind, about) in kinds.iter().zip(["company", "<b>", "app_00000000000000000000000000"]) {
            let reply = eve.post("/console/requests/begin", &[c, *kind, ("about", about)]).await;
            assert!([404, 409].contains(&reply.status), "{kind:?}: {}", reply.status);
        }
        assert_eq!(open.count(&COUNT_REQUESTS).await, 2);
    }

    /// W9: whatever is typed is text on every page that shows it.
    async fn w9_answers_are_never_more_than_text(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let path = begin(&mut ana).await;
        let edit = format!("{path}/edit");
        let first = ana.get(&edit).await;
        let hidden = [("a_company", "a\u{202e}b"), ("a_country", "ES"), ("a_licence_number", "1"), ("go", "on")];
        first.submit(&mut ana, &edit, &hidden).await.is(422).says("href=\"#a_company\"");
        let evil = "</textarea><script>alert(1)</script>\"'><img src=x onerror=x>";
        first.submit(&mut ana, &edit, &[("a_company", evil), ("a_country", "ES"), ("a_licence_number", "1"), ("go", "on")]).await.is(303);
        let third = ana.get(&format!("{edit}?page=3")).await;
        let long = format!("{evil}\n{}", "x".repeat(9_000));
        third.submit(&mut ana, &edit, &[("a_sellers", &long), ("go", "draft")]).await.is(303);
        for page in ["", "/edit?page=1", "/edit?page=3&wrong=1", "/check"] {
            let page = ana.get(&format!("{path}{page}")).await.is(200);
            assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{}", page.body);
        }
    }
}
