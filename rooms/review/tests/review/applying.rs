//! What applicants do, and what they are kept from.

use crate::support::{COUNT_AUDIT, COUNT_REQUESTS, COUNT_ROUNDS, Owner, Place, answers, by};
use kernel::{Failure, Lang, Problem, RequestId};
use review::{Kind, Refusal, Seen, State, What};
use std::collections::HashSet;
use std::sync::Arc;
use store::params;
use store::testing::TestDb;
use tokio::sync::Barrier;

store::statements! {
    PENDING = "UPDATE request SET state = 'pending' WHERE id = $1";
    DECIDE = "UPDATE request SET state = $2, decided_at = 1, decided_by = $3 WHERE id = $1";
    SEND_BACK = "UPDATE request SET state = 'needs_changes' WHERE id = $1";
    REMARK = "INSERT INTO request_remark (request_id, round, field, text, by_account, at) VALUES ($1, 1, 'name', 'Whose?', $2, 1)";
    NOTE = "INSERT INTO request_entry (id, request_id, at, account_id, what, round, text, for_applicant)
        VALUES ($1, $2, 1, $3, $4, 1, 'text', $5)";
    TERMS = "SELECT days, two_person FROM request WHERE id = $1";
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: review::Answer<T>) -> Refusal {
    match answer {
        Err(Failure::Refused(r)) => r,
        other => panic!("{other:?}"),
    }
}

impl Place {
    async fn begin(&self, o: &Owner, about: &str) -> RequestId {
        review::begin(&self.review, &by(), &o.seat, Kind::Category, about, Lang::En).await.expect("begins")
    }
    async fn save(&self, o: &Owner, id: RequestId, pairs: &[(&str, &str)]) -> review::Answer<()> {
        review::save(&self.review, &by(), &o.seat, id, answers(pairs)).await
    }
    async fn submit(&self, o: &Owner, id: RequestId, round: i64) -> review::Answer<()> {
        review::submit(&self.review, &by(), &o.seat, id, round).await
    }
    async fn seen(&self, o: &Owner, id: RequestId) -> Seen {
        review::find(&self.review, &o.seat, id).await.expect("is there")
    }
    /// As the desk would.
    async fn by_desk(&self, s: &'static store::Statement, id: RequestId) {
        let done = self.t.house.db.write(move |tx| tx.change(s, params![id]));
        done.await.map_err(|e: kernel::Fault| e).expect("changes");
    }
    async fn decide(&self, id: RequestId, state: &'static str, by: kernel::AccountId) {
        let done = self.t.house.db.write(move |tx| tx.change(&DECIDE, params![id, state, by]));
        done.await.map_err(|e: kernel::Fault| e).expect("decides");
    }
}

store::on_both! {
    async fn every_statement_prepares(on: TestDb) {
        let failed = store::prepare_all(&on.db, review::statements().collect()).await.expect("asks");
        assert_eq!(failed, Vec::<String>::new());
    }

    /// A8: however often and however close together it is asked for, there is one Request.
    async fn a8_thirty_two_at_once_begin_one_request(on: TestDb) {
        let p = Arc::new(Place::over(on).await);
        let ana = Arc::new(p.owner("ana").await);
        for round in 1..=5 {
            let about = format!("once {round}");
            let gate = Arc::new(Barrier::new(32));
            let tasks: Vec<_> = (0..32).map(|_| {
                let (p, ana, gate, about) = (p.clone(), ana.clone(), gate.clone(), about.clone());
                tokio::spawn(async move {
                    gate.wait().await;
                    p.begin(&ana, &about).await
                })
            }).collect();
            let mut ids = HashSet::new();
            for task in tasks {
                ids.insert(task.await.expect("ends"));
            }
            assert_eq!(ids.len(), 1, "{ids:?}");
            assert_eq!(p.count(&COUNT_REQUESTS).await, round);
            assert_eq!(p.count(&COUNT_AUDIT).await, round, "the others began nothing");
        }
        // Another developer's is another one.
        let eve = p.owner("eve").await;
        p.begin(&eve, "once 1").await;
        assert_eq!(p.count(&COUNT_REQUESTS).await, 6);
    }

    async fn a8_an_approved_one_opens_again_and_a_rejected_one_does_not(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, bo) = (p.owner("ana").await, p.account("bo").await.0);
        let once = p.begin(&ana, "once").await;
        p.submit(&ana, once, 0).await.expect("known answers are enough");
        p.decide(once, "approved", bo).await;
        assert_eq!(p.begin(&ana, "once").await, once);
        let again = p.begin(&ana, "again and again").await;
        p.submit(&ana, again, 0).await.expect("sends");
        p.decide(again, "approved", bo).await;
        assert_ne!(p.begin(&ana, "again and again").await, again, "what is not once may be asked again");
        let no = p.begin(&ana, "once more").await;
        p.submit(&ana, no, 0).await.expect("sends");
        p.decide(no, "rejected", bo).await;
        let anew = p.begin(&ana, "once more").await;
        assert_ne!(anew, no);
        assert_eq!(p.seen(&ana, anew).await.request.state, State::Draft);
        let closed = review::begin(&p.review, &by(), &ana.seat, Kind::Category, "closed", Lang::En).await;
        assert_eq!(refused(closed), Refusal::NotOffered);
        let unknown = review::begin(&p.review, &by(), &ana.seat, Kind::Limit, "x", Lang::En).await;
        assert_eq!(refused(unknown), Refusal::NotFound);
    }

    /// A4: what the form does not ask is not kept, known or sent.
    async fn a4_answers_beyond_the_form_are_dropped(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let id = p.begin(&ana, "x").await;
        assert_eq!(p.seen(&ana, id).await.request.answers, answers(&[("name", "Ana")]));
        p.save(&ana, id, &[("name", "Bea"), ("state", "approved"), ("two_person", "1")]).await.expect("saves");
        assert_eq!(p.seen(&ana, id).await.request.answers, answers(&[("name", "Bea")]));
        p.submit(&ana, id, 0).await.expect("sends");
        let seen = p.seen(&ana, id).await;
        assert_eq!(seen.rounds[0].answers, answers(&[("name", "Bea")]));
        assert_eq!((seen.request.state, seen.request.round, seen.place), (State::Pending, 1, 1));
    }

    /// Terms are those of the day on which it is sent in.
    async fn a_request_is_sent_in_on_the_terms_in_force(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let id = p.begin(&ana, "two of us").await;
        p.t.on.by_hand("UPDATE request SET days = 9, two_person = 0").await.expect("changes");
        p.submit(&ana, id, 0).await.expect("sends");
        let terms = p.t.house.db.read(move |l| l.one::<(i64, i64)>(&TERMS, params![id])).await;
        assert_eq!(terms.expect("reads"), Some((2, 1)));
    }

    /// A7: nothing of a Request can be changed in a state that does not allow it.
    async fn a7_each_act_needs_its_state_and_its_round(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, bo) = (p.owner("ana").await, p.account("bo").await.0);
        let id = p.begin(&ana, "x").await;
        let answer = async |p: &Place| review::answer(&p.review, &by(), &ana.seat, id, "Here it is").await;
        assert_eq!(refused(answer(&p).await), Refusal::Changed, "nobody asked yet");
        assert_eq!(refused(p.submit(&ana, id, 1).await), Refusal::Changed, "another round was shown");
        p.save(&ana, id, &[("name", "")]).await.expect("a draft may be wrong");
        let Refusal::Invalid(errors) = refused(p.submit(&ana, id, 0).await) else { panic!("is not invalid") };
        assert_eq!(errors.0.get("name"), Some(&Problem::Missing));
        assert_eq!(p.count(&COUNT_ROUNDS).await, 0);
        p.save(&ana, id, &[("name", "Bea")]).await.expect("saves");
        p.submit(&ana, id, 0).await.expect("sends");

        assert_eq!(refused(p.save(&ana, id, &[("name", "Eve")]).await), Refusal::Changed);
        assert_eq!(refused(p.submit(&ana, id, 1).await), Refusal::Changed);
        assert_eq!(refused(p.submit(&ana, id, 0).await), Refusal::Changed);
        answer(&p).await.expect("answers");
        assert_eq!(p.seen(&ana, id).await.request.answers, answers(&[("name", "Bea")]));

        p.by_desk(&SEND_BACK, id).await;
        assert_eq!(refused(p.submit(&ana, id, 0).await), Refusal::Changed, "the first round was shown");
        p.save(&ana, id, &[("name", "Cleo"), ("more", "Now with more")]).await.expect("corrects");
        p.submit(&ana, id, 1).await.expect("sends again");
        let seen = p.seen(&ana, id).await;
        assert_eq!(seen.rounds.iter().map(|r| r.round).collect::<Vec<_>>(), [2, 1]);
        let difference = seen.request.form.difference(&seen.rounds[1].answers, &seen.rounds[0].answers);
        assert_eq!(difference.len(), 2);
        let history: Vec<_> = seen.entries.iter().map(|e| e.what).collect();
        assert!(history.contains(&What::Resubmitted) && history.contains(&What::Answered));

        for state in ["approved", "rejected"] {
            p.decide(id, state, bo).await;
            assert_eq!(refused(p.save(&ana, id, &[("name", "Eve")]).await), Refusal::Changed);
            assert_eq!(refused(p.submit(&ana, id, 2).await), Refusal::Changed);
            assert_eq!(refused(answer(&p).await), Refusal::Changed);
            let withdrawn = review::withdraw(&p.review, &by(), &ana.seat, id).await;
            assert_eq!(refused(withdrawn), Refusal::Changed);
            assert_eq!(p.seen(&ana, id).await.request.state.word(), state);
        }
        let other = p.begin(&ana, "y").await;
        review::withdraw(&p.review, &by(), &ana.seat, other).await.expect("withdraws");
        let twice = review::withdraw(&p.review, &by(), &ana.seat, other).await;
        assert_eq!(refused(twice), Refusal::Changed);
        assert_eq!(refused(p.save(&ana, other, &[]).await), Refusal::Changed);
        assert_eq!(refused(p.submit(&ana, other, 0).await), Refusal::Changed);
        assert_ne!(p.begin(&ana, "y").await, other, "what was withdrawn may be begun anew");
    }

    /// A1: another developer's Request is not there, and another's file cannot be handed in.
    async fn a1_what_is_anothers_is_not_there_and_not_taken(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, eve) = (p.owner("ana").await, p.owner("eve").await);
        let (id, hers) = (p.begin(&ana, "x").await, p.begin(&eve, "x").await);
        let (own, foreign) = (p.file(&ana, "image/png").await, p.file(&eve, "image/png").await);
        let audited = p.count(&COUNT_AUDIT).await;
        assert_eq!(refused(review::find(&p.review, &eve.seat, id).await.map(|_| ())), Refusal::NotFound);
        assert_eq!(refused(p.save(&eve, id, &[("name", "Eve")]).await), Refusal::NotFound);
        assert_eq!(refused(p.submit(&eve, id, 0).await), Refusal::NotFound);
        assert_eq!(refused(review::withdraw(&p.review, &by(), &eve.seat, id).await), Refusal::NotFound);
        assert_eq!(refused(review::answer(&p.review, &by(), &eve.seat, id, "Hm").await), Refusal::NotFound);
        let mine: Vec<_> = review::list_of(&p.review, &eve.seat, None).await.expect("lists");
        assert_eq!(mine.iter().map(|r| r.id).collect::<Vec<_>>(), [hers]);

        let bad = refused(p.save(&ana, id, &[("name", "Bea"), ("licence", &foreign.to_string())]).await);
        assert_eq!(bad, Refusal::Invalid(kernel::Errors::one("licence", Problem::BadFile)));
        let absent = kernel::FileId::new(kernel::Time(1), &kernel::SystemRandom).to_string();
        refused(p.save(&ana, id, &[("licence", &absent)]).await);
        let pdf = p.file(&ana, "application/pdf").await;
        refused(p.save(&ana, id, &[("licence", &pdf.to_string())]).await);
        let seen = p.seen(&ana, id).await;
        assert_eq!(seen.request.answers, answers(&[("name", "Ana")]), "nothing was kept of it");
        assert!(seen.files.is_empty());
        for file in [own, foreign, pdf] {
            assert_eq!(p.file_state(file).await, "loose");
        }
        assert_eq!(p.count(&COUNT_AUDIT).await, audited);
    }

    async fn a1_viewers_look_and_change_nothing(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let id = p.begin(&ana, "x").await;
        let (seat, audited) = (p.as_viewer(&ana).await, p.count(&COUNT_AUDIT).await);
        let b = by();
        let begun = review::begin(&p.review, &b, &seat, Kind::Category, "y", Lang::En).await;
        assert_eq!(refused(begun), Refusal::NotAllowed);
        assert_eq!(refused(review::save(&p.review, &b, &seat, id, answers(&[("name", "V")])).await), Refusal::NotAllowed);
        assert_eq!(refused(review::submit(&p.review, &b, &seat, id, 0).await), Refusal::NotAllowed);
        assert_eq!(refused(review::withdraw(&p.review, &b, &seat, id).await), Refusal::NotAllowed);
        assert_eq!(refused(review::answer(&p.review, &b, &seat, id, "Hm").await), Refusal::NotAllowed);
        assert_eq!(review::find(&p.review, &seat, id).await.expect("looks").request.state, State::Draft);
        assert_eq!((p.count(&COUNT_REQUESTS).await, p.count(&COUNT_AUDIT).await), (1, audited));
    }

    /// X: sent in twice at once is sent in once; so is sending in against withdrawing.
    async fn x_many_at_once_send_in_one_round(on: TestDb) {
        let p = Arc::new(Place::over(on).await);
        let ana = Arc::new(p.owner("ana").await);
        for n in 0..6 {
            let id = p.begin(&ana, &format!("n{n}")).await;
            let gate = Arc::new(Barrier::new(16));
            let tasks: Vec<_> = (0..16).map(|i| {
                let (p, ana, gate) = (p.clone(), ana.clone(), gate.clone());
                tokio::spawn(async move {
                    gate.wait().await;
                    match i {
                        15 if n % 2 == 1 => review::withdraw(&p.review, &by(), &ana.seat, id).await.map(|()| 100),
                        _ => p.submit(&ana, id, 0).await.map(|()| 1),
                    }
                })
            }).collect();
            let mut sum = 0;
            for task in tasks {
                match task.await.expect("ends") {
                    Ok(n) => sum += n,
                    Err(Failure::Refused(r)) => assert_eq!(r, Refusal::Changed),
                    Err(Failure::Fault(f)) => panic!("{f}"),
                }
            }
            let seen = p.seen(&ana, id).await;
            assert_eq!(seen.rounds.len() as i64, sum % 100, "{sum}");
            assert!(seen.rounds.len() <= 1 && seen.request.round == seen.rounds.len() as i64);
            let expected = if sum >= 100 { State::Withdrawn } else { State::Pending };
            assert_eq!(seen.request.state, expected);
        }
    }

    /// X: pages that are saved at the same time do not overwrite each other, and hold no file too many.
    async fn x_pages_saved_at_once_are_all_kept(on: TestDb) {
        let p = Arc::new(Place::over(on).await);
        let ana = Arc::new(p.owner("ana").await);
        let id = p.begin(&ana, "x").await;
        for n in 0..8 {
            let mut files = Vec::new();
            for _ in 0..4 {
                files.push(p.file(&ana, "image/png").await);
            }
            let gate = Arc::new(Barrier::new(6));
            let mut tasks = Vec::new();
            for i in 0..6 {
                let (p, ana, gate) = (p.clone(), ana.clone(), gate.clone());
                let text = format!("said {n}");
                let file = files.get(i).map(ToString::to_string);
                tasks.push(tokio::spawn(async move {
                    gate.wait().await;
                    let page = match (i, &file) {
                        (4, _) => vec![("name", text.as_str())],
                        (_, Some(file)) => vec![("licence", file.as_str())],
                        _ => vec![("more", text.as_str())],
                    };
                    p.save(&ana, id, &page).await.expect("saves");
                }));
            }
            for task in tasks {
                task.await.expect("ends");
            }
            let seen = p.seen(&ana, id).await;
            let a = &seen.request.answers;
            assert_eq!((a["name"].as_str(), a["more"].as_str()), (&*format!("said {n}"), &*format!("said {n}")));
            assert_eq!(seen.files.len(), 1, "only the last is held");
            for file in files {
                let state = if a["licence"] == file.to_string() { "kept" } else { "loose" };
                assert_eq!(p.file_state(file).await, state);
            }
        }
    }

    async fn files_are_held_and_let_go(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let (one, two) = (p.file(&ana, "image/png").await, p.file(&ana, "image/jpeg").await);
        let id = p.begin(&ana, "x").await;
        p.save(&ana, id, &[("licence", &one.to_string())]).await.expect("saves");
        assert_eq!(p.file_state(one).await, "kept");
        p.save(&ana, id, &[("licence", &two.to_string())]).await.expect("replaces");
        assert_eq!((p.file_state(one).await, p.file_state(two).await), ("loose".into(), "kept".into()));
        // Two drafts may name one file: it is let go with the last.
        let other = p.begin(&ana, "y").await;
        p.save(&ana, other, &[("licence", &two.to_string())]).await.expect("saves");
        review::withdraw(&p.review, &by(), &ana.seat, other).await.expect("withdraws");
        assert_eq!(p.file_state(two).await, "kept");
        // What was sent in stays readable, even when it is replaced in the next round.
        p.submit(&ana, id, 0).await.expect("sends");
        p.by_desk(&SEND_BACK, id).await;
        let three = p.file(&ana, "image/png").await;
        p.save(&ana, id, &[("licence", &three.to_string())]).await.expect("saves");
        assert_eq!((p.file_state(two).await, p.file_state(three).await), ("kept".into(), "kept".into()));
        assert_eq!(p.seen(&ana, id).await.files.len(), 2);
        let draft = p.begin(&ana, "z").await;
        p.save(&ana, draft, &[("licence", &one.to_string())]).await.expect("saves");
        review::withdraw(&p.review, &by(), &ana.seat, draft).await.expect("withdraws");
        assert_eq!(p.file_state(one).await, "loose");
        assert!(p.seen(&ana, draft).await.files.is_empty());
    }

    /// What the desk writes among itself, and what it has not decided yet, is not the applicant's.
    async fn the_applicant_sees_what_was_decided_and_no_names(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, bo) = (p.owner("ana").await, p.account("bo").await.0);
        let id = p.begin(&ana, "x").await;
        p.submit(&ana, id, 0).await.expect("sends");
        let note = |what: What, shown: bool| {
            let (house, bo) = (p.t.house.clone(), bo);
            async move {
                let h = house.clone();
                let done = h.db.write(move |tx| {
                    let entry = kernel::EntryId::new(house.now(), &*house.random);
                    tx.change(&NOTE, params![entry, id, bo, what, shown])
                });
                done.await.map_err(|e: kernel::Fault| e).expect("notes");
            }
        };
        note(What::Noted, false).await;
        note(What::Asked, true).await;
        let remarked = p.t.house.db.write(move |tx| tx.change(&REMARK, params![id, bo]));
        remarked.await.map_err(|e: kernel::Fault| e).expect("remarks");
        let seen = p.seen(&ana, id).await;
        assert!(seen.remarks.is_empty(), "the desk is still writing");
        assert!(seen.entries.iter().all(|e| e.what != What::Noted));
        let asked = seen.entries.iter().find(|e| e.what == What::Asked).expect("the question");
        assert_eq!((asked.account, asked.name.as_deref()), (None, None));
        let sent = seen.entries.iter().find(|e| e.what == What::Submitted).expect("the line");
        assert_eq!(sent.name.as_deref(), Some("ana"));
        p.by_desk(&SEND_BACK, id).await;
        assert_eq!(p.seen(&ana, id).await.remarks.len(), 1);
        p.by_desk(&PENDING, id).await;
        review::withdraw(&p.review, &by(), &ana.seat, id).await.expect("withdraws");
        assert!(p.seen(&ana, id).await.remarks.is_empty(), "what was never told is not told by withdrawing");
    }

    /// A9: reviewers' letter boxes are not a toy.
    async fn a9_answers_are_throttled(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let id = p.begin(&ana, "x").await;
        p.submit(&ana, id, 0).await.expect("sends");
        for _ in 0..20 {
            review::answer(&p.review, &by(), &ana.seat, id, "And this").await.expect("answers");
        }
        let more = review::answer(&p.review, &by(), &ana.seat, id, "And that").await;
        assert!(matches!(refused(more), Refusal::Throttled(_)));
        for bad in ["", "  ", "a\u{202e}b"] {
            let said = review::answer(&p.review, &by(), &ana.seat, id, bad).await;
            assert!(matches!(refused(said), Refusal::Invalid(_)));
        }
        p.t.clock.advance(kernel::Time::HOUR + 1);
        review::answer(&p.review, &by(), &ana.seat, id, "And that").await.expect("answers");
        assert_eq!(p.seen(&ana, id).await.entries.iter().filter(|e| e.what == What::Answered).count(), 21);
    }

    async fn lists_go_on_where_they_stopped(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        for n in 0..30 {
            p.t.clock.advance(2);
            p.begin(&ana, &format!("n{n}")).await;
        }
        let first = review::list_of(&p.review, &ana.seat, None).await.expect("lists");
        assert_eq!(first.len(), 26);
        let second = review::list_of(&p.review, &ana.seat, Some(first[24].id)).await.expect("lists");
        assert_eq!((second.len(), second[0].id), (5, first[25].id));
    }
}
