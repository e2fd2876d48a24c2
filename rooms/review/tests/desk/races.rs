//! X3: many at once come to one end.

use crate::house::*;
use kernel::Failure;
use review::{Decided, Decision, Refusal, State};
use std::sync::Arc;
use store::testing::TestDb;
use tokio::sync::Barrier;

const TASKS: usize = 64;

store::on_both! {
    /// X3: approving, rejecting and sending back at once: one transition, one entry of the audit, one letter.
    async fn x3_of_many_who_decide_one_does(on: TestDb) {
        let d = Arc::new(Desk::open(on).await);
        let mut reviewers = Vec::new();
        for n in 0..4 {
            reviewers.push(d.reviewer(&format!("r{n}@x.example")).await);
        }
        for round in 0..10 {
            let id = d.pending(&format!("one {round}")).await;
            let letters = d.count(&COUNT_LETTERS, vec![]).await;
            let notices = d.count(&COUNT_DECIDED_NOTICES, vec![d.ana.to_string()]).await;
            let start = Arc::new(Barrier::new(TASKS));
            let tasks = (0..TASKS).map(|n| {
                let (d, start, who) = (d.clone(), start.clone(), reviewers[n % reviewers.len()].clone());
                // In the first rounds all approve, later each as they like.
                let decision = if round < 3 { Decision::Approve } else { Decision::ALL[n % 3] };
                tokio::spawn(async move {
                    start.wait().await;
                    (decision, d.decide(&who, id, decision).await)
                })
            });
            let tasks: Vec<_> = tasks.collect();
            let mut won = Vec::new();
            for task in tasks {
                match task.await.expect("no panic") {
                    (decision, Ok(as_)) => won.push((decision, as_)),
                    (_, Err(Failure::Refused(why))) => assert_eq!(why, Refusal::Changed),
                    (_, Err(Failure::Fault(fault))) => panic!("{fault}"),
                }
            }
            assert_eq!(won.len(), 1, "{won:?}");
            let state = match won[0].0 {
                Decision::Approve => State::Approved,
                Decision::NeedsChanges => State::NeedsChanges,
                Decision::Reject => State::Rejected,
            };
            assert_eq!(won[0].1, Decided::As(state));
            assert_eq!(d.state(id).await.0, state.word());
            assert_eq!(d.count(&COUNT_DECISIONS, vec![id.to_string()]).await, 1);
            assert_eq!(d.count(&COUNT_DECIDED_NOTICES, vec![d.ana.to_string()]).await, notices + 1);
            assert_eq!(d.count(&COUNT_LETTERS, vec![]).await, letters + 1, "one letter to one member");
            let effects = i64::from(state == State::Approved);
            assert_eq!(d.count(&COUNT_MARKS, vec![id.to_string()]).await, effects);
        }
    }

    /// X3: where two must agree, two different people did, however they press.
    async fn x3_of_many_yeses_two_people_count(on: TestDb) {
        let d = Arc::new(Desk::open(on).await);
        let reviewers = [d.reviewer("r0@x.example").await, d.reviewer("r1@x.example").await];
        for round in 0..8 {
            let id = d.pending(&format!("two {round}")).await;
            let start = Arc::new(Barrier::new(TASKS));
            let tasks: Vec<_> = (0..TASKS).map(|n| {
                // In the even rounds one person alone presses.
                let who = if round % 2 == 0 { 0 } else { n % 2 };
                let (d, start, reviewer) = (d.clone(), start.clone(), reviewers[who].clone());
                tokio::spawn(async move {
                    start.wait().await;
                    (who, d.decide(&reviewer, id, Decision::Approve).await)
                })
            }).collect();
            let (mut agreed, mut approved) = (Vec::new(), Vec::new());
            for task in tasks {
                match task.await.expect("no panic") {
                    (who, Ok(Decided::Agreed)) => agreed.push(who),
                    (who, Ok(Decided::As(_))) => approved.push(who),
                    (_, Err(Failure::Refused(why))) => assert!([Refusal::Changed, Refusal::SecondPerson].contains(&why)),
                    (_, Err(Failure::Fault(fault))) => panic!("{fault}"),
                }
            }
            assert_eq!(agreed.len(), 1);
            assert_eq!(d.count(&COUNT_ACTION, vec![id.to_string(), "request.agreed".into()]).await, 1);
            if round % 2 == 0 {
                assert!(approved.is_empty());
                assert_eq!(d.state(id).await.0, "pending");
            } else {
                assert!(approved.len() <= 1 && approved.iter().all(|who| *who != agreed[0]));
                let ended = if approved.is_empty() { "pending" } else { "approved" };
                assert_eq!(d.state(id).await.0, ended);
            }
            assert_eq!(d.count(&COUNT_MARKS, vec![id.to_string()]).await, approved.len() as i64);
        }
    }

    async fn x3_of_many_who_claim_one_gets_it(on: TestDb) {
        let d = Arc::new(Desk::open(on).await);
        let mut reviewers = Vec::new();
        for n in 0..4 {
            reviewers.push(d.reviewer(&format!("r{n}@x.example")).await);
        }
        for round in 0..8 {
            let id = d.pending(&format!("one {round}")).await;
            let start = Arc::new(Barrier::new(TASKS));
            let tasks: Vec<_> = (0..TASKS).map(|n| {
                let (d, start, who) = (d.clone(), start.clone(), reviewers[n % 4].clone());
                tokio::spawn(async move {
                    start.wait().await;
                    review::claim(&d.review, &d.by, &who.staff, id).await.map(|()| who.id)
                })
            }).collect();
            let mut won = Vec::new();
            for task in tasks {
                match task.await.expect("no panic") {
                    Ok(who) => won.push(who),
                    Err(Failure::Refused(why)) => assert_eq!(why, Refusal::Changed),
                    Err(Failure::Fault(fault)) => panic!("{fault}"),
                }
            }
            assert_eq!(won.len(), 1);
            let item = review::find_for_desk(&d.review, &reviewers[0].staff, id).await.expect("finds");
            assert_eq!(item.request.assignee, Some(won[0]));
            assert_eq!(d.count(&COUNT_ENTRIES, vec![id.to_string(), "claimed".into()]).await, 1);
        }
    }
}
