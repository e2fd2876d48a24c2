//! Making, changing, listing.

use crate::support::{COUNT_LISTED, COUNT_LIVE_APPS, Place, SET_ROLE, by, settings};
use apps::{Refusal, Settings, Stage, TypedSettings};
use kernel::{Errors, Failure, Lang, Problem};
use store::params;
use store::testing::TestDb;

fn refused<T>(done: Result<T, Failure<Refusal>>) -> Refusal {
    match done {
        Err(Failure::Refused(r)) => r,
        Err(Failure::Fault(f)) => panic!("{f}"),
        Ok(_) => panic!("it was done"),
    }
}

store::on_both! {
    async fn a7_an_app_is_made_from_an_approved_application_of_ones_own_only(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, eve) = (p.owner("ana").await, p.owner("eve").await);
        for state in ["pending", "rejected", "needs_changes"] {
            let other = p.owner(&format!("o{}", state.len())).await;
            let request = p.request(&other, state).await;
            let done = apps::create_app(&p.apps, &by(), &other.seat, request, settings("Early")).await;
            assert_eq!(refused(done), Refusal::NotApproved, "{state}");
        }
        let request = p.request(&ana, "approved").await;
        let done = apps::create_app(&p.apps, &by(), &eve.seat, request, settings("Mine")).await;
        assert_eq!(refused(done), Refusal::NotApproved, "another's approval");
        assert_eq!(p.count(&COUNT_LIVE_APPS).await, 0);
        let made = apps::create_app(&p.apps, &by(), &ana.seat, request, settings("Mine")).await.expect("makes");
        assert_eq!((made.key.len(), made.secret.reveal().len()), (8, 40));
        let again = apps::create_app(&p.apps, &by(), &ana.seat, request, settings("Other")).await;
        assert_eq!(refused(again), Refusal::AppThere(made.id));
        // By id it is not there for others.
        assert_eq!(refused(apps::app(&p.apps, &eve.seat, made.id).await), Refusal::NotFound);
        assert_eq!(refused(apps::list_secrets(&p.apps, &eve.seat, made.id).await), Refusal::NotFound);
        let app = apps::app(&p.apps, &ana.seat, made.id).await.expect("is there");
        assert_eq!((app.stage, app.name.as_str(), app.release), (Stage::Test, "Mine", 1));
        // Viewers look and change nothing.
        let id = ana.account;
        p.t.house.db.write(move |tx| tx.change(&SET_ROLE, params![id, "viewer"])).await.expect("writes");
    }

    async fn a9_names_that_look_alike_are_refused_for_new_apps_and_for_releases(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, eve) = (p.owner("ana").await, p.owner("eve").await);
        p.app(&ana, "Order.Sync").await;
        let request = p.request(&eve, "approved").await;
        let taken = Refusal::Invalid(Errors::one("name", Problem::NameTaken));
        for twin in ["order_sync", "0rder.Sync", "ORDER.SYNC"] {
            let done = apps::create_app(&p.apps, &by(), &eve.seat, request, settings(twin)).await;
            assert_eq!(refused(done), taken, "{twin}");
        }
        let made = apps::create_app(&p.apps, &by(), &eve.seat, request, settings("Other")).await.expect("makes");
        apps::save_draft(&p.apps, &by(), &eve.seat, made.id, 1, settings("0rder_sync")).await.expect("a draft may say anything");
        assert_eq!(refused(apps::release(&p.apps, &by(), &eve.seat, made.id, 1).await), taken);
        assert_eq!(apps::app(&p.apps, &eve.seat, made.id).await.expect("there").name, "Other");
    }

    async fn a_draft_is_released_once_and_by_who_saw_what_it_replaces(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        assert_eq!(refused(apps::release(&p.apps, &by(), &ana.seat, made.id, 1).await), Refusal::NothingToRelease);
        let typed = TypedSettings {
            name: "Order.Sync".into(),
            callbacks: "https://b.example/cb\nhttps://a.example/cb".into(),
            ..TypedSettings::default()
        };
        let next = Settings::check(&typed).expect("settings");
        apps::save_draft(&p.apps, &by(), &ana.seat, made.id, 1, next.clone()).await.expect("saves");
        let app = apps::app(&p.apps, &ana.seat, made.id).await.expect("there");
        assert_eq!(app.settings.callbacks, ["https://a.example/cb"], "a draft changes nothing yet");
        assert_eq!(apps::release(&p.apps, &by(), &ana.seat, made.id, 1).await.expect("releases"), 2);
        assert_eq!(refused(apps::save_draft(&p.apps, &by(), &ana.seat, made.id, 1, next).await), Refusal::Changed);
        let app = apps::app(&p.apps, &ana.seat, made.id).await.expect("there");
        assert_eq!(app.settings.callbacks.len(), 2);
        assert_eq!(apps::list_releases(&p.apps, &ana.seat, made.id).await.expect("lists").len(), 2);
        let lines = apps::list_apps(&p.apps, &ana.seat, None, Lang::En).await.expect("lists");
        assert_eq!((lines.len(), lines[0].category.as_str()), (1, "Trial"));
    }

    async fn a11_whitelists_are_matched_by_who_the_seller_is(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        let (one, _two) = (p.seller("Alice", "alice@shop.example").await, p.seller("bob", "bob@shop.example").await);
        let put = |text: &'static str| apps::replace_whitelist(&p.apps, p_by(), &ana.seat, made.id, text);
        assert_eq!(put("Alice; alice@SHOP.example ;;\n ＡＬＩＣＥ ;bob").await.expect("saves"), 2);
        let listed = apps::list_sellers_of(&p.apps, &ana.seat, made.id).await.expect("lists");
        assert!(listed.iter().any(|s| s.id == one && s.typed == "Alice"));
        // A Cyrillic letter is another name; nothing of a list with it is kept.
        let Refusal::BadLines(_, lines) = refused(put("bob\n\u{0430}lice;nobody").await) else { panic!("lines") };
        assert_eq!(lines.iter().map(|l| l.number).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(p.count(&COUNT_LISTED).await, 2, "nothing half saved");
        assert_eq!(put("").await.expect("empties"), 0);
        assert_eq!(p.count(&COUNT_LISTED).await, 0);
        let many = "bob;".repeat(10_001);
        let done = apps::replace_whitelist(&p.apps, &by(), &ana.seat, made.id, &many).await;
        assert_eq!(refused(done), Refusal::Invalid(Errors::one("sellers", Problem::TooMany(10_000))));
    }

    async fn address_rules_warn_before_they_lock_out(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        let from = "203.0.113.7".parse().ok();
        let set = |text: &'static str, anyway| apps::set_ip_rules(&p.apps, p_by(), &ana.seat, made.id, text, from, anyway);
        assert_eq!(refused(set("10.10.10.*", false).await), Refusal::LocksOut);
        assert!(apps::app(&p.apps, &ana.seat, made.id).await.expect("there").ip_rules.is_off());
        set("10.10.10.*", true).await.expect("saves");
        set("203.0.113.0/24", false).await.expect("saves");
        assert!(matches!(refused(set("x", true).await), Refusal::BadLines(..)));
        assert_eq!(apps::app(&p.apps, &ana.seat, made.id).await.expect("there").ip_rules.text(), "203.0.113.*");
        set("", false).await.expect("off");
    }
}

fn p_by() -> &'static kernel::By {
    static BY: std::sync::OnceLock<kernel::By> = std::sync::OnceLock::new();
    BY.get_or_init(by)
}
