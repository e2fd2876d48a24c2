//! Secrets in time, after a restart, under a new master key.

use crate::support::{COUNT_SECRETS, Owner, Place, by};
use apps::{Apps, Refusal};
use kernel::{AppId, Failure, Time};
use std::sync::Arc;
use store::testing::TestDb;
use store::{House, MasterKeys, Vault};

pub async fn live(house: &House, key: &str) -> Vec<String> {
    let (h, key) = (house.clone(), key.to_owned());
    let found = house.db.read(move |l| apps::live_secrets(l, &h, &key)).await.expect("opens");
    found.into_iter().map(|(_, s)| s.reveal().to_owned()).collect()
}

async fn reset(p: &Place, o: &Owner, id: AppId, hours: u32) -> Result<String, Refusal> {
    let sudo = p.sudo(&o.session).await;
    match apps::reset_secret(&p.apps, &by(), &o.seat, id, hours, sudo).await {
        Ok(s) => Ok(s.reveal().to_owned()),
        Err(Failure::Refused(r)) => Err(r),
        Err(Failure::Fault(f)) => panic!("{f}"),
    }
}

store::on_both! {
    async fn s8_the_old_secret_ends_when_it_was_said_and_not_a_moment_later(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        let (h, first) = (&p.t.house, made.secret.reveal().to_owned());
        let second = reset(&p, &ana, made.id, 1).await.expect("resets");
        assert_eq!(live(h, &made.key).await, [second.clone(), first.clone()]);
        assert_eq!(reset(&p, &ana, made.id, 1).await, Err(Refusal::TwoSecrets), "never three");
        p.t.clock.advance(Time::HOUR - 1);
        assert_eq!(live(h, &made.key).await.len(), 2, "until the stated time");
        p.t.clock.advance(2);
        assert_eq!(live(h, &made.key).await, std::slice::from_ref(&second), "not after it");
        assert_eq!(apps::list_secrets(&p.apps, &ana.seat, made.id).await.expect("lists").len(), 1);
        assert_eq!(apps::sweep_secrets(&p.apps).await.expect("sweeps"), 1);
        // At once.
        let third = reset(&p, &ana, made.id, 0).await.expect("resets");
        assert_eq!(live(h, &made.key).await, [third]);
        // An old one is ended by hand; the last one is not.
        let fourth = reset(&p, &ana, made.id, 720).await.expect("resets");
        let lines = apps::list_secrets(&p.apps, &ana.seat, made.id).await.expect("lists");
        let old = lines.iter().find(|l| l.expires_at.is_some()).expect("an old one").id;
        let newest = lines.iter().find(|l| l.expires_at.is_none()).expect("the newest").id;
        let sudo = p.sudo(&ana.session).await;
        apps::end_secret(&p.apps, &by(), &ana.seat, made.id, old, sudo).await.expect("ends");
        let done = apps::end_secret(&p.apps, &by(), &ana.seat, made.id, newest, sudo).await;
        assert!(matches!(done, Err(Failure::Refused(Refusal::LastSecret))));
        assert_eq!(live(h, &made.key).await, std::slice::from_ref(&fourth));
        assert!(reset(&p, &ana, made.id, 721).await.is_err());
        // Looking again gives the same, and to nobody else.
        let seen = apps::view_secret(&p.apps, &by(), &ana.seat, made.id, newest, sudo).await.expect("shows");
        assert_eq!(seen.reveal(), fourth);
        let eve = p.owner("eve").await;
        assert!(apps::view_secret(&p.apps, &by(), &eve.seat, made.id, newest, sudo).await.is_err());
    }

    async fn s9_both_secrets_survive_a_restart_in_the_overlap(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        reset(&p, &ana, made.id, 24).await.expect("resets");
        let before = live(&p.t.house, &made.key).await;
        let db = p.t.on.beside();
        let (clock, random) = (p.t.house.clock.clone(), p.t.house.random.clone());
        let again = House::open(db, clock, random, p.t.house.vault.clone()).await.expect("opens");
        assert_eq!(live(&again, &made.key).await, before);
        assert_eq!(before.len(), 2);
    }

    async fn s7_a_new_master_key_takes_over_row_by_row(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        reset(&p, &ana, made.id, 24).await.expect("resets");
        let before = live(&p.t.house, &made.key).await;
        let (old, new) = ("42".repeat(32), "17".repeat(32));
        let vault = |text: &str| Vault::new(&MasterKeys::parse(text).expect("keys"));
        let random: Arc<dyn kernel::Random> = Arc::new(kernel::SystemRandom);
        let both = House::open(p.t.house.db.clone(), p.t.house.clock.clone(), random, vault(&format!("{new}\n{old}"))).await;
        let both = Apps { house: both.expect("opens") };
        assert_eq!(apps::renew_seals(&both).await.expect("renews"), 2);
        assert_eq!(apps::renew_seals(&both).await.expect("renews"), 0, "a second time there is nothing to do");
        let mut alone = both.house.clone();
        alone.vault = vault(&new);
        assert_eq!(live(&alone, &made.key).await, before);
        assert_eq!(p.count(&COUNT_SECRETS).await, 2);
    }
}
