//! Many at once.

use crate::secrets::live;
use crate::support::{COUNT_LISTED, COUNT_LIVE_APPS, Place, by, settings};
use apps::Refusal;
use kernel::Failure;
use std::sync::Arc;
use store::testing::TestDb;
use tokio::sync::Barrier;

store::on_both! {
    async fn x5_thirty_two_at_once_make_one_app(on: TestDb) {
        let p = Place::over(on).await;
        for round in 0..6 {
            let owner = p.owner(&format!("o{round}")).await;
            let request = p.request(&owner, "approved").await;
            let start = Arc::new(Barrier::new(32));
            let mut all = Vec::new();
            for n in 0..32 {
                let (apps, seat, start) = (p.apps.clone(), owner.seat.clone(), start.clone());
                all.push(tokio::spawn(async move {
                    start.wait().await;
                    apps::create_app(&apps, &by(), &seat, request, settings(&format!("App{round}x{n}"))).await
                }));
            }
            let (mut made, mut there) = (Vec::new(), Vec::new());
            for task in all {
                match task.await.expect("ends") {
                    Ok(m) => made.push(m.id),
                    Err(Failure::Refused(Refusal::AppThere(id))) => there.push(id),
                    Err(Failure::Refused(r)) => panic!("{r:?}"),
                    Err(Failure::Fault(f)) => panic!("{f}"),
                }
            }
            assert_eq!((made.len(), there.len()), (1, 31));
            assert!(there.iter().all(|id| *id == made[0]));
        }
        assert_eq!(p.count(&COUNT_LIVE_APPS).await, 6);
    }

    async fn x8_two_resets_at_once_leave_never_three_and_never_none(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        let sudo = p.sudo(&ana.session).await;
        for round in 0..20u32 {
            let hours = if round % 3 == 0 { [24, 24] } else { [0, 24 * (round % 2)] };
            let start = Arc::new(Barrier::new(2));
            let tasks = hours.map(|hours| {
                let (apps, seat, start, id) = (p.apps.clone(), ana.seat.clone(), start.clone(), made.id);
                tokio::spawn(async move {
                    start.wait().await;
                    apps::reset_secret(&apps, &by(), &seat, id, hours, sudo).await
                })
            });
            let mut last = 0;
            for task in tasks {
                match task.await.expect("ends") {
                    Ok(_) => last += 1,
                    Err(Failure::Refused(Refusal::TwoSecrets)) => {}
                    Err(Failure::Refused(r)) => panic!("{r:?}"),
                    Err(Failure::Fault(f)) => panic!("{f}"),
                }
            }
            let now = live(&p.t.house, &made.key).await.len();
            assert!((1..=2).contains(&now), "{now} live secrets after {last} resets of round {round}");
            // Room for the next round.
            p.t.clock.advance(25 * kernel::Time::HOUR);
        }
    }

    async fn x9_a_whitelist_replaced_twice_at_once_equals_one_of_the_two(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let made = p.app(&ana, "Order.Sync").await;
        for (code, mail) in [("a1", "a1@x.example"), ("a2", "a2@x.example"), ("a3", "a3@x.example"), ("b1", "b1@x.example"), ("b2", "b2@x.example")] {
            p.seller(code, mail).await;
        }
        for _ in 0..20 {
            let start = Arc::new(Barrier::new(2));
            let tasks = ["a1;a2;a3", "b1;b2"].map(|text| {
                let (apps, seat, start, id) = (p.apps.clone(), ana.seat.clone(), start.clone(), made.id);
                tokio::spawn(async move {
                    start.wait().await;
                    apps::replace_whitelist(&apps, &by(), &seat, id, text).await
                })
            });
            for task in tasks {
                assert!(task.await.expect("ends").is_ok());
            }
            let mut codes: Vec<_> = apps::list_sellers_of(&p.apps, &ana.seat, made.id).await.expect("lists").into_iter().map(|s| s.short_code).collect();
            codes.sort();
            assert!(codes == ["a1", "a2", "a3"] || codes == ["b1", "b2"], "{codes:?}");
        }
        assert!(p.count(&COUNT_LISTED).await <= 3);
    }
}
