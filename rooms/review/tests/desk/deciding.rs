//! Who may decide, what follows from it, and what does not.

use crate::house::*;
use kernel::Lang;
use review::{Answers, Decided, Deciding, Decision, Kind, ReasonDraft, Refusal, State};
use store::faults::At;
use store::testing::TestDb;
use store::{Texts, audit, params};

fn of(id: impl ToString, word: &str) -> Vec<String> {
    vec![id.to_string(), word.to_owned()]
}

store::on_both! {
    async fn every_statement_prepares(on: TestDb) {
        let broken = store::prepare_all(&on.db, review::statements().collect()).await.expect("asks");
        assert!(broken.is_empty(), "{broken:?}");
    }

    async fn a_request_is_approved_with_all_that_follows(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let id = d.pending("one").await;
        assert_eq!(d.decide(&bo, id, Decision::Approve).await.expect("decides"), Decided::As(State::Approved));
        assert_eq!(d.state(id).await, ("approved".to_owned(), 1));
        assert_eq!(d.count(&COUNT_MARKS, vec![id.to_string()]).await, 1);
        assert_eq!(d.count(&COUNT_ACTION, of(id, "request.approved")).await, 1);
        assert_eq!(d.count(&COUNT_NOTICES, of(d.ana, "request-approved")).await, 1);
        // To the applicant, who at the desk it was is the desk's own business.
        let seen = review::find(&d.review, &d.seat, id).await.expect("finds");
        let told = seen.entries.iter().find(|e| e.what == review::What::Approved).expect("told");
        assert_eq!((&told.name, told.account), (&None, None));
    }

    /// What the Subject refuses is not decided, and nobody is told that it was.
    async fn what_the_subject_refuses_is_not_decided(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let id = d.pending("no").await;
        assert_eq!(refused(d.decide(&bo, id, Decision::Approve).await), Refusal::NotNow);
        assert_eq!(d.state(id).await.0, "pending");
        assert_eq!(d.count(&COUNT_DECISIONS, vec![id.to_string()]).await, 0);
        assert_eq!(d.count(&COUNT_DECIDED_NOTICES, vec![d.ana.to_string()]).await, 0);
        assert!(d.decide(&bo, id, Decision::Reject).await.is_ok());
    }

    async fn a5_nobody_decides_what_they_asked_for(on: TestDb) {
        let d = Desk::open(on).await;
        let email = kernel::Email::parse("ana@x.example").expect("fine");
        people::add_staff_by_hand(&d.people, &d.by, email, people::StaffRole::Administrator).await.expect("adds");
        // Her sessions ended with the new role: the seat is proof enough for the applicant's side of this test.
        let id = d.pending("one").await;
        let ana = d.seated(d.ana).await;
        let bo = d.reviewer("bo@x.example").await;
        d.join(bo.id).await;
        let eve = d.reviewer("eve@x.example").await;
        for own in [&ana, &bo] {
            for decision in Decision::ALL {
                assert_eq!(refused(d.decide(own, id, *decision).await), Refusal::OwnRequest);
                let looked = review::preview(&d.review, &own.staff, id, &said(*decision, 1)).await;
                assert_eq!(refused(looked), Refusal::OwnRequest);
            }
            assert_eq!(refused(review::claim(&d.review, &d.by, &own.staff, id).await), Refusal::OwnRequest);
            assert_eq!(refused(review::assign(&d.review, &d.by, &eve.staff, id, own.id).await), Refusal::OwnRequest);
            assert!(review::find_for_desk(&d.review, &own.staff, id).await.expect("finds").is_own);
            assert!(review::next(&d.review, &own.staff).await.expect("looks").is_none());
        }
        assert_eq!(d.state(id).await.0, "pending");
        assert_eq!(d.count(&COUNT_DECISIONS, vec![id.to_string()]).await, 0);
        // Neither does one of the team agree as the first of two.
        let two = d.pending("two").await;
        assert_eq!(refused(d.decide(&bo, two, Decision::Approve).await), Refusal::OwnRequest);
        assert!(!review::find_for_desk(&d.review, &eve.staff, id).await.expect("finds").is_own);
        assert!(d.decide(&eve, id, Decision::Approve).await.is_ok());
    }

    async fn a5_two_reviewers_are_two(on: TestDb) {
        let d = Desk::open(on).await;
        let (bo, eve) = (d.reviewer("bo@x.example").await, d.reviewer("eve@x.example").await);
        let id = d.pending("two").await;
        let letters = d.count(&COUNT_LETTERS, vec![]).await;
        assert_eq!(d.decide(&bo, id, Decision::Approve).await.expect("agrees"), Decided::Agreed);
        assert_eq!(d.state(id).await.0, "pending");
        assert_eq!(d.count(&COUNT_LETTERS, vec![]).await, letters, "nothing is told before both agreed");
        assert_eq!(refused(d.decide(&bo, id, Decision::Approve).await), Refusal::SecondPerson);
        assert_eq!(d.count(&COUNT_MARKS, vec![id.to_string()]).await, 0);
        assert_eq!(d.decide(&eve, id, Decision::Approve).await.expect("decides"), Decided::As(State::Approved));
        assert_eq!(d.count(&COUNT_MARKS, vec![id.to_string()]).await, 1);
        // A rejection needs one.
        let other = d.pending("two more").await;
        assert_eq!(d.decide(&bo, other, Decision::Reject).await.expect("decides"), Decided::As(State::Rejected));
        // Sent back and sent in again, both have to agree anew.
        let third = d.pending("two thirds").await;
        assert_eq!(d.decide(&bo, third, Decision::Approve).await.expect("agrees"), Decided::Agreed);
        assert!(d.decide(&eve, third, Decision::NeedsChanges).await.is_ok());
        review::submit(&d.review, &d.by, &d.seat, third, 1).await.expect("submits");
        let again = said(Decision::Approve, 2);
        let again = review::decide(&d.review, &d.by, &eve.staff, third, &again, eve.sudo).await;
        assert_eq!(again.expect("agrees"), Decided::Agreed);
    }

    async fn a7_what_is_over_stays_over(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let draft = d.draft("draft").await;
        let withdrawn = d.pending("withdrawn").await;
        review::withdraw(&d.review, &d.by, &d.seat, withdrawn).await.expect("withdraws");
        let (approved, rejected, back) = (d.pending("a").await, d.pending("r").await, d.pending("b").await);
        d.decide(&bo, approved, Decision::Approve).await.expect("decides");
        d.decide(&bo, rejected, Decision::Reject).await.expect("decides");
        d.decide(&bo, back, Decision::NeedsChanges).await.expect("decides");
        for (id, why) in [
            (draft, Refusal::NotFound),
            (withdrawn, Refusal::Changed),
            (approved, Refusal::Changed),
            (rejected, Refusal::Changed),
            (back, Refusal::Changed),
        ] {
            let before = d.state(id).await;
            for decision in Decision::ALL {
                assert_eq!(refused(d.decide(&bo, id, *decision).await), why);
            }
            assert_eq!(refused(review::claim(&d.review, &d.by, &bo.staff, id).await), why);
            assert_eq!(refused(review::snooze(&d.review, &d.by, &bo.staff, id, 1).await), why);
            let remarked = review::remark(&d.review, &d.by, &bo.staff, id, 1, "name", "no").await;
            assert_eq!(refused(remarked), why);
            assert_eq!(d.state(id).await, before);
        }
        assert_eq!(d.count(&COUNT_DECISIONS, vec![approved.to_string()]).await, 1);
        assert_eq!(refused(review::withdraw(&d.review, &d.by, &d.seat, approved).await), Refusal::Changed);
        // What was shown is what is decided.
        review::submit(&d.review, &d.by, &d.seat, back, 1).await.expect("submits");
        assert_eq!(refused(d.decide(&bo, back, Decision::Approve).await), Refusal::Changed);
        assert_eq!(d.state(back).await, ("pending".to_owned(), 2));
        assert_eq!(refused(review::remark(&d.review, &d.by, &bo.staff, back, 1, "name", "x").await), Refusal::Changed);
    }

    async fn a_no_says_why_in_the_applicants_language(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let (leo, _) = make(&d.people, "leo@x.example", Lang::En).await;
        d.join(leo).await;
        let id = d.pending("one").await;
        let silent = |decision| Deciding { text: "  ".to_owned(), ..said(decision, 1) };
        for decision in [Decision::Reject, Decision::NeedsChanges] {
            let tried = review::decide(&d.review, &d.by, &bo.staff, id, &silent(decision), bo.sudo).await;
            assert_eq!(refused(tried), Refusal::NeedsReason);
        }
        assert_eq!(d.state(id).await.0, "pending");
        let draft = |key: &str, decision, kind| ReasonDraft {
            key: key.to_owned(),
            decision,
            kind,
            place: 1,
            title: Texts::all("Blurred", "模糊", "Borroso"),
            body: Texts::all("We cannot read it.", "无法辨认。", "No se puede leer."),
        };
        let save = async |x: ReasonDraft| review::save_reason(&d.review, &d.by, &bo.staff, None, &x).await.expect("saves");
        let reason = save(draft("blurred", Decision::NeedsChanges, None)).await;
        let others = save(draft("company_only", Decision::NeedsChanges, Some(Kind::Company))).await;
        let no = save(draft("no", Decision::Reject, None)).await;
        review::retire_reason(&d.review, &d.by, &bo.staff, no, true).await.expect("retires");
        for (decision, wrong) in [(Decision::NeedsChanges, others), (Decision::Reject, no), (Decision::Reject, reason)] {
            let tried = Deciding { reasons: vec![wrong], ..silent(decision) };
            let tried = review::decide(&d.review, &d.by, &bo.staff, id, &tried, bo.sudo).await;
            assert!(matches!(refused(tried), Refusal::Invalid(_)));
        }
        review::remark(&d.review, &d.by, &bo.staff, id, 1, "name", "Too long.").await.expect("remarks");
        review::remark(&d.review, &d.by, &bo.staff, id, 1, "name", "Too short.").await.expect("changes it");
        assert!(review::find(&d.review, &d.seat, id).await.expect("finds").remarks.is_empty(), "not told yet");
        let with = Deciding { reasons: vec![reason], text: "Gracias.".to_owned(), ..silent(Decision::NeedsChanges) };
        let shown = review::preview(&d.review, &bo.staff, id, &with).await.expect("previews");
        let wanted = "No se puede leer.\n\nGracias.\n\nNombre: Too short.";
        assert_eq!((shown.letter, shown.lang, shown.args["reason"].as_str()),
            (Some("request-needs-changes"), Lang::Es, Some(wanted)));
        review::decide(&d.review, &d.by, &bo.staff, id, &with, bo.sudo).await.expect("decides");
        // Each reads the letter in their own language; the reason is in the applicant's.
        for (who, title) in [(d.ana, "Una prueba"), (leo, "A trial")] {
            let read = move |l: &mut store::Look<'_>| l.one::<(String,)>(&LAST_NOTICE, params![who, "request-needs-changes"]);
            let (args,) = d.t.house.db.read(read).await.expect("reads").expect("told");
            let args: serde_json::Value = serde_json::from_str(&args).expect("json");
            assert_eq!((args["title"].as_str(), args["reason"].as_str()), (Some(title), Some(wanted)));
        }
        let seen = review::find(&d.review, &d.seat, id).await.expect("finds");
        let told = seen.entries.iter().find(|e| e.what == review::What::SentBack).expect("told");
        assert_eq!((seen.remarks.len(), told.text.as_str()), (1, wanted));
        // The round goes on.
        let answers: Answers = [("name".to_owned(), "Sync".to_owned())].into();
        review::save(&d.review, &d.by, &d.seat, id, answers).await.expect("saves");
        review::submit(&d.review, &d.by, &d.seat, id, 1).await.expect("submits");
        let item = review::find_for_desk(&d.review, &bo.staff, id).await.expect("finds");
        let before = item.before().expect("an earlier round");
        assert_eq!(item.request.form.difference(before, &item.request.answers).len(), 1);
        assert!(item.remark("name").is_none());
    }

    /// F2: the reply is lost after the commit; asking again tells how it ended and does nothing twice.
    async fn f2_a_lost_reply_decides_nothing_twice(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        for (n, decision) in Decision::ALL.iter().enumerate() {
            let id = d.pending(&format!("one {n}")).await;
            let letters = d.count(&COUNT_LETTERS, vec![]).await;
            d.t.house.db.faults().order(At::BeforeCommit(1));
            assert!(matches!(d.decide(&bo, id, *decision).await, Err(kernel::Failure::Fault(_))));
            assert_eq!(d.state(id).await.0, "pending", "nothing is half done");
            assert_eq!(d.count(&COUNT_LETTERS, vec![]).await, letters);
            d.t.house.db.faults().order(At::AfterCommit(1));
            assert!(matches!(d.decide(&bo, id, *decision).await, Err(kernel::Failure::Fault(_))));
            let after = d.state(id).await;
            assert_ne!(after.0, "pending");
            assert_eq!(refused(d.decide(&bo, id, *decision).await), Refusal::Changed);
            assert_eq!(d.state(id).await, after);
            assert_eq!(d.count(&COUNT_DECISIONS, vec![id.to_string()]).await, 1);
            assert_eq!(d.count(&COUNT_LETTERS, vec![]).await, letters + 1);
        }
    }

    async fn a20_a_decision_cannot_be_taken_out_of_the_book(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let id = d.pending("one").await;
        d.decide(&bo, id, Decision::Approve).await.expect("decides");
        while audit::seal(&d.t.house).await.expect("seals") > 0 {}
        let verify = async || {
            let h = d.t.house.clone();
            d.t.house.db.read(move |l| audit::verify(l, &h)).await.expect("verifies")
        };
        assert!(matches!(verify().await, audit::Verdict::Whole { .. }));
        assert!(d.t.on.by_hand("DELETE FROM audit").await.is_err(), "the book is only written on");
        // Even who has the database's password, and takes away what guards it, is found out.
        let table = if d.t.house.db.engine() == store::Engine::Postgres { " ON audit" } else { "" };
        let unguard = format!("DROP TRIGGER audit_stays{table}; DROP TRIGGER audit_keeps{table}");
        d.t.on.by_hand(&unguard).await.expect("by hand");
        d.t.on.by_hand("UPDATE audit SET action = 'request.rejected' WHERE action = 'request.approved'").await.expect("forges");
        assert!(matches!(verify().await, audit::Verdict::Broken { .. }));
        d.t.on.by_hand("DELETE FROM audit WHERE action = 'request.rejected'").await.expect("removes");
        assert!(matches!(verify().await, audit::Verdict::Broken { .. }));
    }

    async fn messages_and_notes_go_to_whom_they_are_for(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let id = d.pending("one").await;
        review::claim(&d.review, &d.by, &bo.staff, id).await.expect("claims");
        review::note(&d.review, &d.by, &bo.staff, id, "Looks odd.").await.expect("notes");
        review::ask(&d.review, &d.by, &bo.staff, id, "Which shop is it?").await.expect("asks");
        review::answer(&d.review, &d.by, &d.seat, id, "Casa Verde.").await.expect("answers");
        assert_eq!(d.count(&COUNT_NOTICES, of(d.ana, "request-message")).await, 1);
        assert_eq!(d.count(&COUNT_NOTICES, of(bo.id, "request-answered")).await, 1);
        let seen = review::find(&d.review, &d.seat, id).await.expect("finds");
        assert!(seen.entries.iter().all(|e| e.text != "Looks odd."));
        assert!(seen.entries.iter().any(|e| e.text == "Which shop is it?" && e.name.is_none()));
        let item = review::find_for_desk(&d.review, &bo.staff, id).await.expect("finds");
        assert!(item.entries.iter().any(|e| e.text == "Looks odd." && e.name.as_deref() == Some("bo")));
        assert!(matches!(refused(review::note(&d.review, &d.by, &bo.staff, id, " ").await), Refusal::Invalid(_)));
    }
}
