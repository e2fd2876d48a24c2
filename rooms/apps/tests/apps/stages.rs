//! Stages, the penalty ladder, sleep, and what the desk decides.

use crate::support::{COUNT_AUDIT, COUNT_LETTERS, COUNT_LIVE_APPS, PUT_DAY, Place, SET_ACTIVE_AT, by};
use apps::{Apps, HigherLimit, Online, Refusal, Stage, Step};
use kernel::{Failure, Lang, Time};
use review::{Answers, Request, State, Subject};
use store::testing::TestDb;
use store::{Texts, params};

fn is_refused<T>(done: Result<T, Failure<Refusal>>, wanted: Refusal) {
    match done {
        Err(Failure::Refused(r)) => assert_eq!(r, wanted),
        Err(Failure::Fault(f)) => panic!("{f}"),
        Ok(_) => panic!("it was done"),
    }
}

/// A Request about an app, as the desk holds it.
fn request(app: &apps::App, kind: review::Kind, answers: &[(&str, &str)]) -> Request {
    Request {
        id: "rq_00000000000000000000000001".parse().expect("an id"),
        reference: "R-1".into(),
        kind,
        about: app.id.to_string(),
        title: Texts::one("x"),
        developer: app.developer,
        app: Some(app.id),
        state: State::Pending,
        round: 1,
        answers: answers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Answers>(),
        lang: Lang::En,
        two_person: false,
        made_by: app.made_by,
        made_at: Time(0),
        changed_at: Time(0),
        submitted_by: None,
        submitted_at: None,
        due_at: None,
        assignee: None,
        snoozed_until: Time(0),
        first_yes: None,
        escalated_at: None,
        flags: 0,
        decided_by: None,
        decided_at: None,
        form: review::FormDef::default(),
    }
}

store::on_both! {
    async fn a7_an_app_goes_online_only_by_the_desk_and_when_its_criteria_are_met(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        is_refused(apps::move_stage(&p.apps, &by(), &ana.seat, made.id, Stage::Online).await, Refusal::WrongStage);
        let (h, id, seat) = (p.t.house.clone(), made.id, ana.seat.clone());
        let opening = || {
            let (subject, seat) = (Online { clock: h.clock.clone() }, seat.clone());
            h.db.read(move |l| subject.opening(l, &seat, &id.to_string(), Lang::En).map(drop))
        };
        assert!(matches!(opening().await, Err(Failure::Refused(review::Refusal::NotNow))), "no calls yet");
        let day = apps::quota_day(h.now());
        h.db.write(move |tx| tx.change(&PUT_DAY, params![id, day, 99, 99])).await.expect("writes");
        assert!(opening().await.is_err(), "one call is missing");
        h.db.write(move |tx| tx.change(&PUT_DAY, params![id, day - 13, 901, 851])).await.expect("writes");
        assert!(opening().await.is_ok(), "1,000 calls, 95 in a hundred");
        h.db.write(move |tx| tx.change(&PUT_DAY, params![id, day - 14, 900_000, 1])).await.expect("writes");
        assert!(opening().await.is_ok(), "a fifteenth day does not count");
        let app = apps::app(&p.apps, &ana.seat, id).await.expect("there");
        let decide = || {
            let (h2, r) = (h.clone(), request(&app, review::Kind::Online, &[]));
            let subject = Online { clock: h.clock.clone() };
            h.db.write(move |tx| subject.approved(tx, &h2, &by(), &r))
        };
        assert!(decide().await.is_ok());
        assert_eq!(p.stage(id).await, "online");
        assert!(matches!(decide().await, Err(Failure::Refused(review::Refusal::NotNow))), "once");
        assert_eq!(p.count_of(&COUNT_LETTERS, "app-online").await, 1);
        apps::move_stage(&p.apps, &by(), &ana.seat, id, Stage::Offline).await.expect("offline");
        apps::move_stage(&p.apps, &by(), &ana.seat, id, Stage::Online).await.expect("back");
        let sudo = p.sudo(&ana.session).await;
        is_refused(apps::delete_app(&p.apps, &by(), &ana.seat, id, "Order.Sync", sudo).await, Refusal::WrongStage);
        // A higher limit: more than there is, never less.
        let subject = || HigherLimit { clock: h.clock.clone() };
        for (amount, fine) in [("300", false), ("299", false), ("1000001", false), ("301", true)] {
            let app = apps::app(&p.apps, &ana.seat, id).await.expect("there");
            let r = request(&app, review::Kind::Limit, &[("limit", "user_limit"), ("amount", amount), ("why", "x")]);
            let (s, h2, r2) = (subject(), h.clone(), r.clone());
            let checked = h.db.read(move |l| s.checks(l, &r)).await;
            assert_eq!(checked.is_ok(), fine, "{amount}");
            let s = subject();
            let done = h.db.write(move |tx| s.approved(tx, &h2, &by(), &r2)).await;
            assert_eq!(done.is_ok(), fine, "{amount}");
        }
        let app = apps::app(&p.apps, &ana.seat, id).await.expect("there");
        assert_eq!(app.stage_terms().user_limit, 301);
    }

    async fn only_an_app_in_test_is_deleted_by_its_name_and_frees_its_approval(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let request = p.request(&ana, "approved").await;
        let made = apps::create_app(&p.apps, &by(), &ana.seat, request, crate::support::settings("Gone")).await.expect("makes");
        let sudo = p.sudo(&ana.session).await;
        assert!(apps::delete_app(&p.apps, &by(), &ana.seat, made.id, "gone", sudo).await.is_err());
        assert_eq!(p.count(&COUNT_LIVE_APPS).await, 1);
        apps::delete_app(&p.apps, &by(), &ana.seat, made.id, "Gone", sudo).await.expect("deletes");
        assert!(crate::secrets::live(&p.t.house, &made.key).await.is_empty());
        is_refused(apps::app(&p.apps, &ana.seat, made.id).await, Refusal::NotFound);
        apps::create_app(&p.apps, &by(), &ana.seat, request, crate::support::settings("Gone")).await.expect("the approval and the name are free");
    }

    async fn the_ladder_suspends_and_lets_go(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let id = p.app(&ana, "Order.Sync").await.id;
        let (staff, sudo) = p.staff("sup").await;
        let take = |step, days| apps::penalise(&p.apps, p_by(), &staff, id, step, "It copies buyers' addresses.", days, sudo);
        take(Step::Warning, None).await.expect("warns");
        assert_eq!(p.stage(id).await, "test");
        is_refused(take(Step::Warning, None).await, Refusal::PenaltyThere);
        take(Step::Stopped, Some(7)).await.expect("stops");
        assert_eq!(p.stage(id).await, "suspended");
        is_refused(apps::move_stage(&p.apps, &by(), &ana.seat, id, Stage::Online).await, Refusal::WrongStage);
        is_refused(apps::save_draft(&p.apps, &by(), &ana.seat, id, 1, crate::support::settings("Other")).await, Refusal::Changed);
        take(Step::Offline, None).await.expect("offline too");
        p.t.clock.advance(8 * Time::DAY);
        assert_eq!(apps::lift_over(&p.apps).await.expect("lifts"), 1);
        assert_eq!(p.stage(id).await, "suspended", "a harder step is still in force");
        let whole = apps::any_app_whole(&p.apps, &staff, id, Lang::En).await.expect("there");
        assert!(apps::bounds(&whole.penalties, p.t.house.now()).no_calls);
        let offline = whole.penalties.iter().find(|x| x.step == Step::Offline).expect("is there").id;
        apps::lift_penalty(&p.apps, &by(), &staff, id, offline, sudo).await.expect("lifts");
        assert_eq!(p.stage(id).await, "test");
        is_refused(apps::lift_penalty(&p.apps, &by(), &staff, id, offline, sudo).await, Refusal::Changed);
        assert_eq!(p.count_of(&COUNT_LETTERS, "app-suspended").await, 2);
        assert!(apps::penalise(&p.apps, &by(), &staff, id, Step::Limited, " ", None, sudo).await.is_err(), "a reason");
    }

    async fn idle_apps_are_warned_twice_and_sleep_until_somebody_wakes_them(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let id = p.app(&ana, "Order.Sync").await.id;
        let mut other = p.t.house.clone();
        other.db = p.t.on.beside();
        let second = Apps { house: other };
        // Two processes look at the same time, however often.
        let look = || async {
            for _ in 0..3 {
                let (a, b) = tokio::join!(apps::tend_idle(&p.apps), apps::tend_idle(&second));
                a.expect("tends");
                b.expect("tends");
            }
        };
        look().await;
        assert_eq!(p.count_of(&COUNT_LETTERS, "app-idle").await, 0);
        for (days, warnings, stage) in [(59, 0, "test"), (1, 1, "test"), (19, 1, "test"), (1, 2, "test"), (9, 2, "test"), (1, 2, "hibernating")] {
            p.t.clock.advance(days * Time::DAY);
            look().await;
            assert_eq!(p.count_of(&COUNT_LETTERS, "app-idle").await, warnings);
            assert_eq!(p.stage(id).await, stage);
        }
        assert_eq!(p.count_of(&COUNT_AUDIT, "app.hibernated").await, 1);
        apps::wake(&p.apps, &by(), &ana.seat, id).await.expect("wakes");
        assert_eq!(p.stage(id).await, "test");
        is_refused(apps::wake(&p.apps, &by(), &ana.seat, id).await, Refusal::WrongStage);
        // A house that was closed for months puts nobody to sleep unwarned.
        p.t.house.db.write(move |tx| tx.change(&SET_ACTIVE_AT, params![id, 0])).await.expect("writes");
        look().await;
        assert_eq!((p.stage(id).await.as_str(), p.count_of(&COUNT_LETTERS, "app-idle").await), ("test", 3));
    }
}

fn p_by() -> &'static kernel::By {
    static BY: std::sync::OnceLock<kernel::By> = std::sync::OnceLock::new();
    BY.get_or_init(by)
}
