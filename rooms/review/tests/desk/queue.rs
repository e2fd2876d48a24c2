//! The queue: its order, its filters, its pages.

use crate::house::*;
use kernel::{Lang, Time};
use review::{Counts, Filter, QUEUE_PAGE, Refusal, Whose};
use store::testing::TestDb;

store::on_both! {
    async fn the_queue_is_read_page_by_page_and_by_wish(on: TestDb) {
        let d = Desk::open(on).await;
        let (bo, eve) = (d.reviewer("bo@x.example").await, d.reviewer("eve@x.example").await);
        let mut ids = Vec::new();
        for n in 0..60 {
            d.t.clock.advance(Time::MINUTE);
            ids.push(d.pending(&format!("one {n}")).await);
        }
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let mut page = review::queue(&d.review, &bo.staff, Filter::default(), after).await.expect("reads");
            let more = page.len() > QUEUE_PAGE;
            page.truncate(QUEUE_PAGE);
            after = page.last().and_then(|l| Some((l.due_at?, l.id)));
            seen.extend(page.into_iter().map(|l| l.id));
            if !more {
                break;
            }
        }
        assert_eq!(seen, ids, "the earliest promise first, each once");

        let only = async |f: Filter| {
            let lines = review::queue(&d.review, &bo.staff, f, None).await.expect("reads");
            lines.into_iter().map(|l| l.id).collect::<Vec<_>>()
        };
        review::claim(&d.review, &d.by, &bo.staff, ids[3]).await.expect("claims");
        review::claim(&d.review, &d.by, &eve.staff, ids[4]).await.expect("claims");
        review::snooze(&d.review, &d.by, &bo.staff, ids[0], 1).await.expect("snoozes");
        let all = Filter::default();
        assert_eq!(only(Filter { whose: Whose::Mine, ..all.clone() }).await, [ids[3]]);
        let free = only(Filter { whose: Whose::Nobody, ..all.clone() }).await;
        assert!(free[..2] == [ids[1], ids[2]] && !free.contains(&ids[3]) && !free.contains(&ids[4]));
        let kind = Filter { kind: Some(review::Kind::Category), whose: Whose::Nobody, ..all.clone() };
        assert_eq!(only(kind).await, free);
        assert!(only(Filter { kind: Some(review::Kind::Company), ..all.clone() }).await.is_empty());
        assert_eq!(only(Filter { snoozed: true, ..all.clone() }).await[0], ids[0]);
        assert_eq!(only(Filter { lang: Some(Lang::Es), ..all.clone() }).await[0], ids[1]);
        assert!(only(Filter { lang: Some(Lang::En), ..all.clone() }).await.is_empty());
        assert!(only(Filter { flagged: true, ..all.clone() }).await.is_empty());
        assert!(only(Filter { late: true, ..all.clone() }).await.is_empty());
        let counts = review::counts(&d.review, &bo.staff).await.expect("counts");
        assert_eq!(counts, Counts { pending: 60, late: 0, free: 58, mine: 1, flagged: 0 });
        assert_eq!(review::next(&d.review, &bo.staff).await.expect("looks").map(|l| l.id), Some(ids[3]));

        d.t.clock.advance(10 * Time::DAY);
        assert_eq!(only(Filter { late: true, ..all.clone() }).await[0], ids[0], "what slept is awake, and late");
        assert_eq!(review::counts(&d.review, &bo.staff).await.expect("counts").late, 60);

        // Given, taken over, given back.
        review::assign(&d.review, &d.by, &bo.staff, ids[3], eve.id).await.expect("assigns");
        assert!(only(Filter { whose: Whose::Mine, ..all.clone() }).await.is_empty());
        let nobody = make(&d.people, "not.staff@x.example", Lang::En).await.0;
        assert_eq!(refused(review::assign(&d.review, &d.by, &bo.staff, ids[3], nobody).await), Refusal::Changed);
        review::release(&d.review, &d.by, &eve.staff, ids[3]).await.expect("releases");
        assert_eq!(refused(review::release(&d.review, &d.by, &eve.staff, ids[3]).await), Refusal::Changed);
    }

    async fn the_desk_finds_by_reference_title_and_name(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let (id, draft) = (d.pending("one").await, d.draft("draft").await);
        d.decide(&bo, id, review::Decision::Approve).await.expect("decides");
        let reference = review::find_for_desk(&d.review, &bo.staff, id).await.expect("finds").request.reference;
        for typed in [reference.as_str(), &reference.to_lowercase()[..5], "una  PRUEBA", "试", "lumen t"] {
            let found = review::find_by_word(&d.review, &bo.staff, typed).await.expect("finds");
            assert_eq!(found.iter().map(|l| l.id).collect::<Vec<_>>(), [id], "{typed}");
        }
        for typed in ["", "%", "_", "' OR 1=1 --", "zzz"] {
            assert!(review::find_by_word(&d.review, &bo.staff, typed).await.expect("finds").is_empty(), "{typed}");
        }
        assert_eq!(review::find_for_desk(&d.review, &bo.staff, draft).await.err().map(|_| ()), Some(()));
    }

    async fn views_are_ones_own_and_bounded(on: TestDb) {
        let d = Desk::open(on).await;
        let (bo, eve) = (d.reviewer("bo@x.example").await, d.reviewer("eve@x.example").await);
        for n in 0..12 {
            d.t.clock.advance(1);
            review::save_view(&d.review, &d.by, &bo.staff, &format!("View {n}"), "late=1").await.expect("saves");
        }
        assert!(matches!(refused(review::save_view(&d.review, &d.by, &bo.staff, "One more", "").await), Refusal::Invalid(_)));
        review::save_view(&d.review, &d.by, &bo.staff, "View 0", "flagged=1").await.expect("replaces");
        let mine = review::list_views(&d.review, &bo.staff).await.expect("lists");
        assert_eq!((mine.len(), mine[0].query.as_str()), (12, "flagged=1"));
        assert_eq!(refused(review::remove_view(&d.review, &d.by, &eve.staff, mine[0].id).await), Refusal::NotFound);
        review::remove_view(&d.review, &d.by, &bo.staff, mine[0].id).await.expect("removes");
        assert_eq!(review::list_views(&d.review, &bo.staff).await.expect("lists").len(), 11);
        assert!(review::list_views(&d.review, &eve.staff).await.expect("lists").is_empty());
    }
}
