//! The desk by its pages: what a reviewer sees, and that deciding takes a fresh password, happens once, and is never
//! about one's own Request.

use crate::browser::{Browser, Open, PASSWORD, Reply};
use kernel::{By, Email, Lang, RequestId, Time, Token, TokenKind};
use people::{Seat, StaffRole, Visitor};
use review::{
    Answer, Answers, Check, FieldDef, FieldKind, FormDef, Kind, Opening, Request, Subject, Verdict,
};
use std::sync::Arc;
use store::faults::At;
use store::testing::TestDb;
use store::{House, Look, Texts, Tx};

store::statements! {
    COUNT_PENDING_NOW = "SELECT count(*) FROM request WHERE state = 'pending'";
    COUNT_DECIDED_NOW = "SELECT count(*) FROM request WHERE decided_at IS NOT NULL";
    COUNT_DECISIONS_TOLD = "SELECT count(*) FROM audit WHERE action IN ('request.approved', 'request.rejected', 'request.sent_back')";
    COUNT_REMARKS = "SELECT count(*) FROM request_remark";
    COUNT_CLAIMED = "SELECT count(*) FROM request WHERE assignee IS NOT NULL";
}

struct Trial;

impl Subject for Trial {
    fn kind(&self) -> Kind {
        Kind::Limit
    }
    fn opening(&self, _: &mut Look<'_>, _: &Seat, _: &str, _: Lang) -> Answer<Opening> {
        let field = |key: &str, kind| FieldDef::new(key, kind, Texts::one(key));
        Ok(Opening {
            title: Texts::all("A trial", "试用", "Una prueba"),
            app: None,
            form: FormDef {
                fields: vec![field("purpose", FieldKind::Prose), field("calls", FieldKind::Number)],
            },
            known: Answers::new(),
            days: 2,
            two_person: false,
            once: false,
        })
    }
    fn approved(&self, _: &mut Tx<'_>, _: &House, _: &By, _: &Request) -> Answer<()> {
        Ok(())
    }
    fn checks(&self, _: &mut Look<'_>, r: &Request) -> Answer<Vec<Check>> {
        let (name, detail) = ("licence_form".to_owned(), "lacks a digit".to_owned());
        Ok(vec![Check { name, verdict: Verdict::Warns, detail, at: r.changed_at }])
    }
}

async fn open(on: TestDb) -> Open {
    Open::with_subjects(on, vec![Arc::new(Trial)]).await
}

async fn seat(open: &Open, b: &Browser) -> Seat {
    let token = Token::read(TokenKind::Session, &b.jar["__Host-session"]);
    match people::visitor(&open.people, token).await.expect("reads") {
        Visitor::SignedIn(session) => session.seat().expect("a seat"),
        _ => panic!("not signed in"),
    }
}

async fn sent(open: &Open, seat: &Seat, about: &str, purpose: &str) -> RequestId {
    let by = By::house("test");
    let id = review::begin(&open.review, &by, seat, Kind::Limit, about, Lang::Es).await.expect("begins");
    again(open, seat, id, purpose, 0).await;
    id
}

async fn again(open: &Open, seat: &Seat, id: RequestId, purpose: &str, round: i64) {
    let by = By::house("test");
    let answers: Answers =
        [("purpose".to_owned(), purpose.to_owned()), ("calls".to_owned(), "500".to_owned())].into();
    review::save(&open.review, &by, seat, id, answers).await.expect("saves");
    review::submit(&open.review, &by, seat, id, round).await.expect("submits");
}

/// Until the password has to be given again.
fn grow_stale(open: &Open) {
    open.clock.advance(15 * Time::MINUTE);
}

async fn previewed(b: &mut Browser, path: &str, decision: &str, text: &str) -> Reply {
    let page = b.get(&format!("{path}/decide?as={decision}")).await.is(200);
    page.submit(b, &format!("{path}/preview"), &[("text", text)]).await
}

store::on_both! {
    async fn w19_a_decision_takes_a_fresh_password_and_sends_the_mail_that_was_shown(on: TestDb) {
        let open = open(on).await;
        let ana = open.developer("ana@x.example", "Lumen").await;
        let seat = seat(&open, &ana).await;
        let id = sent(&open, &seat, "one", "<b>Many</b> orders").await;
        let mut bo = open.staff("bo@x.example", StaffRole::Reviewer).await;
        let path = format!("/desk/requests/{id}");

        bo.get("/desk").await.is(200).says(&path).says("Take the next one");
        let queue = bo.get("/desk/queue").await.is(200).says("A trial").says("1 flag").hides("<b>Many");
        queue.submit(&mut bo, &format!("{path}/claim"), &[]).await.leads_to(&format!("{path}?said=request-claimed"));
        queue.submit(&mut bo, &format!("{path}/claim"), &[]).await.is(409);
        let item = bo.get(&path).await.is(200).says("&#60;b&#62;Many").says("lacks a digit").says("Form of the licence number");
        let form = [("field", "purpose"), ("text", "Too vague.")];
        item.submit(&mut bo, &format!("{path}/remark"), &form).await.leads_to(&format!("{path}?said=remark-kept#field-purpose"));
        let endless = [("field", "purpose"), ("text", &*"x".repeat(1_001))];
        item.submit(&mut bo, &format!("{path}/remark"), &endless).await.is(422).says("At most 1000 characters");
        item.submit(&mut bo, &format!("{path}/note"), &[("text", "Odd one.")]).await.is(303);
        bo.get(&path).await.says("Too vague.").says("Odd one.").says("Internal");

        grow_stale(&open);
        previewed(&mut bo, &path, "reject", "No <i>way</i>.").await.is(200).says("No &#60;i&#62;way").hides("<i>way");
        let page = previewed(&mut bo, &path, "reject", "No way, for now").await.is(200);
        let page = page.says("is rejected: A trial").says("purpose: Too vague.").says("No way, for now");
        assert_eq!(open.count(&COUNT_DECIDED_NOW).await, 0, "a preview decides nothing");
        let act = format!("{path}/decide");
        let tried = page.submit(&mut bo, &act, &[]).await.is(422).says("Please fill this in");
        let tried = tried.submit(&mut bo, &act, &[("password", "not it at all")]).await.is(422);
        assert_eq!((open.count(&COUNT_DECIDED_NOW).await, open.count(&COUNT_DECISIONS_TOLD).await), (0, 0));
        // What was typed is still there, and goes out.
        let done = tried.submit(&mut bo, &act, &[("password", PASSWORD)]).await;
        let done = bo.get(done.leads_to(&format!("{path}/done")).header("location")).await.is(200);
        done.says("Rejected").says("Nothing else waits");
        let letters = open.letters("ana@x.example").await;
        let letter = letters.iter().find(|l| l.line.template == "request-rejected").expect("told");
        assert!(letter.line.subject.ends_with("is rejected: A trial"), "{}", letter.line.subject);
        assert!(letter.text.contains("No way, for now\n\npurpose: Too vague."), "{}", letter.text);
        assert_eq!(letters.iter().filter(|l| l.line.template == "request-rejected").count(), 1);
        // Anybody who only was there before gets no further: the old session is gone with the new password.
        bo.get("/desk/queue").await.is(200);
    }

    async fn f2_a_decision_that_is_repeated_tells_how_it_ended(on: TestDb) {
        let open = open(on).await;
        let ana = open.developer("ana@x.example", "Lumen").await;
        let seat = seat(&open, &ana).await;
        let id = sent(&open, &seat, "one", "Orders").await;
        let mut bo = open.staff("bo@x.example", StaffRole::Reviewer).await;
        bo.confirm().await;
        let (path, act) = (format!("/desk/requests/{id}"), format!("/desk/requests/{id}/decide"));
        let page = bo.get(&format!("{act}?as=approve")).await.is(200).says("is approved: A trial");
        open.people.house.db.faults().order(At::AfterCommit(1));
        page.submit(&mut bo, &act, &[]).await.is(503);
        assert_eq!(open.count(&COUNT_DECIDED_NOW).await, 1, "it was kept, only its answer was lost");
        page.submit(&mut bo, &act, &[]).await.is(409).says("decided already").says("Approved");
        // A7: nor is it decided otherwise now.
        let csrf = page.csrf();
        for decision in ["reject", "needs_changes", "approve"] {
            let fields = [("csrf", csrf.as_str()), ("decision", decision), ("round", "1"), ("text", "x")];
            bo.post(&act, &fields).await.is(409);
            bo.get(&format!("{act}?as={decision}")).await.is(409);
        }
        assert_eq!((open.count(&COUNT_DECIDED_NOW).await, open.count(&COUNT_DECISIONS_TOLD).await), (1, 1));
        assert_eq!(open.letters("ana@x.example").await.iter().filter(|l| l.line.template == "request-approved").count(), 1);
        bo.get(&path).await.is(200).hides("as=approve");
    }

    async fn a7_what_was_shown_is_what_is_decided(on: TestDb) {
        let open = open(on).await;
        let ana = open.developer("ana@x.example", "Lumen").await;
        let seat = seat(&open, &ana).await;
        let id = sent(&open, &seat, "one", "Orders").await;
        let mut bo = open.staff("bo@x.example", StaffRole::Reviewer).await;
        bo.confirm().await;
        let (path, act) = (format!("/desk/requests/{id}"), format!("/desk/requests/{id}/decide"));
        let seen = bo.get(&format!("{act}?as=approve")).await.is(200);
        let back = previewed(&mut bo, &path, "needs_changes", "More, please.").await.is(200);
        back.submit(&mut bo, &act, &[]).await.leads_to(&format!("{path}/done"));
        again(&open, &seat, id, "Orders and labels", 1).await;
        // The page of the first round approves nothing of the second.
        seen.submit(&mut bo, &act, &[]).await.is(409).says("sent in again");
        assert_eq!((open.count(&COUNT_PENDING_NOW).await, open.count(&COUNT_DECIDED_NOW).await), (1, 0));
        bo.get(&path).await.is(200).says("<del>Orders</del>").says("<ins>Orders and labels</ins>").says("1 answer changed");
        for odd in ["as=", "as=approved", "", "as=../x"] {
            bo.get(&format!("{act}?{odd}")).await.is(404);
        }
    }

    async fn a5_the_desk_is_for_reviewers_and_not_for_ones_own(on: TestDb) {
        let open = open(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let seat = seat(&open, &ana).await;
        let id = sent(&open, &seat, "one", "Orders").await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        let path = format!("/desk/requests/{id}");
        let acts = ["claim", "release", "assign", "snooze", "remark", "note", "ask", "preview", "decide"];
        for (b, status) in [(&mut ana, 404), (&mut sup, 403)] {
            b.confirm().await;
            let csrf = b.get("/account").await.csrf();
            for act in acts {
                let fields = [("csrf", csrf.as_str()), ("decision", "approve"), ("round", "1"), ("field", "purpose"),
                    ("text", "x"), ("days", "1"), ("to", "acc_00000000000000000000000000")];
                b.post(&format!("{path}/{act}"), &fields).await.is(status);
            }
            for page in ["", "/decide?as=approve", "/done"] {
                b.get(&format!("{path}{page}")).await.is(status);
            }
        }
        // With a reviewer's role she sees it, and cannot touch what is her own.
        let email = Email::parse("ana@x.example").expect("fine");
        people::add_staff_by_hand(&open.people, &By::house("test"), email, StaffRole::Administrator).await.expect("adds");
        ana.jar.clear();
        ana.sign_in("ana@x.example", PASSWORD).await.is(303);
        ana.confirm().await;
        let page = ana.get(&path).await.is(200).says("You are among those who ask").hides("as=approve");
        let csrf = page.csrf();
        for decision in ["approve", "reject", "needs_changes"] {
            let fields = [("csrf", csrf.as_str()), ("decision", decision), ("round", "1"), ("text", "x")];
            ana.post(&format!("{path}/decide"), &fields).await.is(409).says("Nobody decides what they asked for");
        }
        ana.post(&format!("{path}/claim"), &[("csrf", &csrf)]).await.is(409);
        assert_eq!((open.count(&COUNT_DECIDED_NOW).await, open.count(&COUNT_CLAIMED).await, open.count(&COUNT_REMARKS).await), (0, 0, 0));
    }

    async fn a2_a3_the_queue_and_its_views_hold_no_strangers_words(on: TestDb) {
        let open = open(on).await;
        let ana = open.developer("ana@x.example", "Lumen").await;
        let seat = seat(&open, &ana).await;
        for n in 0..30 {
            open.clock.advance(1);
            sent(&open, &seat, &format!("n{n}"), "Orders").await;
        }
        let mut bo = open.staff("bo@x.example", StaffRole::Reviewer).await;
        let first = bo.get("/desk/queue?kind=limit&flagged=1").await.is(200);
        assert_eq!(first.body.matches("class=\"row-link\"").count(), 25);
        let next = first.body.split("href=\"/desk/queue?kind=limit&#38;flagged=1&#38;after=").nth(1).expect("more").split('"').next().expect("it");
        let second = bo.get(&format!("/desk/queue?kind=limit&flagged=1&after={next}")).await.is(200);
        assert_eq!(second.body.matches("class=\"row-link\"").count(), 5);
        // A cursor is good for its own list alone, and cannot be made.
        for forged in [format!("/desk/queue?after={next}"), "/desk/queue?after=0-rq_00000000000000000000000000.00".to_owned()] {
            assert_eq!(bo.get(&forged).await.is(200).body.matches("class=\"row-link\"").count(), 25);
        }
        let save = first.submit(&mut bo, "/desk/queue/views", &[("name", "<img>"), ("f_kind", "x' OR 1=1")]).await;
        save.leads_to("/desk/queue?flagged=1&said=view-saved");
        bo.get("/desk/queue?flagged=1").await.is(200).hides("<img>").says("&#60;img&#62;");
        bo.get("/desk/queue?q=%3Cscript%3E").await.is(200).says("Nothing matches").hides("<script>");
        bo.get("/desk/queue?kind=company").await.is(200).says("Nothing that waits is like this");
        bo.get("/desk/figures?days=90").await.is(200).says("Higher limit");
        let reasons = bo.get("/desk/reasons").await.is(200).says("Document cannot be read");
        let reason = reasons.body.split("name=\"reason\" value=\"").nth(1).expect("one").split('"').next().expect("id");
        let csrf = reasons.csrf();
        bo.post("/desk/reasons/retire", &[("csrf", &csrf), ("reason", reason), ("retired", "1")]).await.is(303);
        bo.post("/desk/reasons/retire", &[("csrf", &csrf), ("reason", reason), ("retired", "1")]).await.is(409);
        let edit = bo.get(&format!("/desk/reasons/edit?id={reason}")).await.is(200);
        edit.submit(&mut bo, "/desk/reasons/edit", &[("decision", "reject"), ("place", "x")]).await.is(422);
    }
}
