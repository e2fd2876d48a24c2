//! U5: pictures cut off and changed everywhere. Nothing panics, nothing is a fault, and others are taken after.

use crate::support::*;
use files::{Purpose, Refusal};
use kernel::{Random, SeededRandom};
use store::testing::TestDb;

async fn all(p: &Place, ana: &Owner, purpose: Purpose, tries: Vec<Vec<u8>>) -> (usize, usize) {
    let (mut taken, mut refusals) = (0, 0);
    for (n, bytes) in tries.into_iter().enumerate() {
        match p.take(ana, purpose, "a.png", &bytes).await {
            Ok(line) => {
                let kept = p.bytes(line.id).await.expect("is there");
                image::load_from_memory(&kept).expect("what is kept is a picture");
                taken += 1;
            }
            other => {
                assert_eq!(refused(other), Refusal::BadFile, "try {n}");
                refusals += 1;
            }
        }
    }
    (taken, refusals)
}

#[tokio::test(flavor = "multi_thread")]
async fn u5_a_picture_cut_off_anywhere_is_refused() {
    let p = Place::over(TestDb::sqlite().await).await;
    let ana = p.owner("ana").await;
    let whole = png(12, 12);
    // Its last chunk says only that it is the last.
    let cuts = (0..whole.len() - 12).map(|n| whole[..n].to_vec()).collect();
    assert_eq!(all(&p, &ana, Purpose::Picture, cuts).await, (0, whole.len() - 12));
    let whole = jpeg(12, 12);
    let cuts = (0..whole.len()).map(|n| whole[..n].to_vec()).collect();
    all(&p, &ana, Purpose::Picture, cuts).await;
    assert_eq!(refused(p.take(&ana, Purpose::Picture, "a.png", &png(9, 9)[..20]).await), Refusal::BadFile);
    p.take(&ana, Purpose::Picture, "a.png", &png(12, 12)).await.expect("others are taken");
    p.usage(&ana).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u5_u12_pictures_with_changed_bytes_harm_nobody() {
    let p = Place::over(TestDb::sqlite().await).await;
    let ana = p.owner("ana").await;
    let random = SeededRandom::new("changed bytes");
    let draw = |most: usize| {
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        u32::from_be_bytes(bytes) as usize % most
    };
    for whole in [png(16, 16), jpeg(16, 16)] {
        let mut tries = Vec::new();
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..=draw(4) {
                let at = draw(bytes.len());
                bytes[at] = draw(256) as u8;
            }
            if draw(4) == 0 {
                let at = draw(bytes.len());
                let again = bytes[at..].to_vec();
                bytes.extend(again);
            }
            tries.push(bytes);
        }
        let (_, refusals) = all(&p, &ana, Purpose::Picture, tries.clone()).await;
        assert!(refusals > 0);
        tries.truncate(60);
        all(&p, &ana, Purpose::Logo, tries).await;
    }
    p.take(&ana, Purpose::Picture, "a.png", &png(12, 12)).await.expect("others are taken");
}
