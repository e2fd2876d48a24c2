//! U1, U2, U4, U6–U10: what is taken, what becomes of it, who may read it.

use crate::support::*;
use files::{Media, Purpose, Quota, Refusal};
use kernel::{Failure, Problem};
use people::StaffRole;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::testing::TestDb;
use tokio::sync::Barrier;

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|w| w == what)
}

store::on_both! {
    async fn u1_u2_u6_only_what_is_listed_is_taken_and_only_its_pixels_are_kept(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let fake = [&b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>"[..], &[0; 200]].concat();
        let gif = b"GIF89a/*\x01\0\x01\0\0\0\0*/=1;alert(1)//";
        let refused_everywhere: &[(&str, &[u8])] = &[
            ("tool.png", b"MZ\x90\0\x03\0\0\0\x04"),
            ("page.png", &fake),
            ("page.jpg", b"\xff\xd8\xff<html>"),
            ("script.gif", gif),
            ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
            ("logo.svg", b"<svg><foreignObject><iframe src='javascript:alert(1)'/></foreignObject></svg>"),
            ("logo.svg", b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>"),
            ("picture.webp", b"RIFF\x24\0\0\0WEBPVP8 "),
            ("letter.docx", b"PK\x03\x04\x14\0\x06\0[Content_Types].xml"),
            ("42.zip", b"PK\x03\x04\x14\0\0\0\x08\0lib 0.zip"),
            ("slip.pdf", b"PK\x03\x04../../../etc/cron.d/x"),
            ("tail.pdf", b"%PDF-1.4\n%%EOF\nPK\x03\x04more"),
            ("half.pdf", b"%PDF-1.4\nno end"),
            ("page.html", b"<!doctype html><script>alert(1)</script>"),
            ("empty.png", b""),
        ];
        for purpose in [Purpose::Picture, Purpose::Document, Purpose::Logo, Purpose::Attachment] {
            for (name, bytes) in refused_everywhere {
                assert_eq!(refused(p.take(&ana, purpose, name, bytes).await), Refusal::BadFile, "{name} as {purpose:?}");
            }
        }
        assert_eq!(refused(p.take(&ana, Purpose::Picture, "a.pdf", &pdf()).await), Refusal::BadFile);
        assert_eq!(refused(p.take(&ana, Purpose::Document, "a.txt", b"words").await), Refusal::BadFile);
        assert_eq!((p.count(&COUNT_ROWS).await, p.usage(&ana).await, p.on_disk()), (0, (0, 0), 0));
        assert_eq!(Refusal::BadFile.problem(), Some(Problem::BadFile));

        // Two files in one: the second is not kept.
        let zip = b"PK\x03\x04evil.sh";
        for (name, first, media) in [("a.png", png(30, 20), Media::Png), ("a.jpg", jpeg(30, 20), Media::Jpeg)] {
            let both = [&first[..], zip].concat();
            let line = p.take(&ana, Purpose::Picture, name, &both).await.expect("takes");
            let kept = p.bytes(line.id).await.expect("is there");
            assert_eq!((line.media, line.size), (media, kept.len() as i64));
            assert!(!holds(&kept, zip), "{name}");
            let picture = image::load_from_memory(&kept).expect("a picture");
            assert_eq!((picture.width(), picture.height()), (30, 20));
        }
        // A name says nothing: what is a JPEG is kept as one.
        let line = p.take(&ana, Purpose::Picture, "x.exe", &jpeg(5, 5)).await.expect("takes");
        assert_eq!((line.name.as_str(), line.media), ("x.exe.jpg", Media::Jpeg));
        let line = p.take(&ana, Purpose::Document, "Contract.pdf", &pdf()).await.expect("takes");
        assert_eq!(p.bytes(line.id).await.expect("is there"), pdf());
        let line = p.take(&ana, Purpose::Attachment, "log", "línea\n".as_bytes()).await.expect("takes");
        assert_eq!((line.name.as_str(), line.media), ("log.txt", Media::Text));
        assert_eq!(p.usage(&ana).await.0, 5);
        assert_eq!(p.count(&COUNT_AUDIT).await, 5);
    }

    async fn u9_u7_what_a_picture_tells_beside_itself_is_gone(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        // One entry in the directory: turned by a quarter. Behind it, where the picture was taken.
        let exif = [&b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"[..], b"GPS 40.4168 N"].concat();
        let plain = jpeg(40, 20);
        let told = [&b"\xff\xd8\xff\xe1"[..], &((exif.len() + 2) as u16).to_be_bytes(), &exif, &plain[2..]].concat();
        let line = p.take(&ana, Purpose::Picture, "shop.jpg", &told).await.expect("takes");
        let kept = p.bytes(line.id).await.expect("is there");
        assert!(!holds(&kept, b"Exif") && !holds(&kept, b"GPS"));
        let picture = image::load_from_memory(&kept).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (20, 40), "it stands as it stood");

        let told = with_chunk(&with_chunk(&png(9, 9), b"eXIf", &exif[6..]), b"tEXt", b"Comment\0GPS secret");
        let line = p.take(&ana, Purpose::Picture, "../a\r\nb\u{202e}.png", &told).await.expect("takes");
        let kept = p.bytes(line.id).await.expect("is there");
        assert!(!holds(&kept, b"GPS") && !holds(&kept, b"eXIf") && !holds(&kept, b"tEXt"));
        assert_eq!(line.name, "a b.png");
    }

    async fn u3_two_megabytes_are_two_megabytes(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let small = png(64, 64);
        let most = 2 * 1024 * 1024;
        p.take(&ana, Purpose::Picture, "a.png", &filled(&small, most)).await.expect("exactly so many are taken");
        let one_more = refused(p.take(&ana, Purpose::Picture, "a.png", &filled(&small, most + 1)).await);
        assert_eq!((one_more.clone(), one_more.problem()), (Refusal::TooLarge(2), Some(Problem::FileTooLarge(2))));
        let ten = [&b"%PDF-1.4\n"[..], &vec![b'x'; 5 * most - 14], b"%%EOF"].concat();
        p.take(&ana, Purpose::Document, "a.pdf", &ten).await.expect("exactly so many are taken");
        let one_more = [&ten[..], b"\n"].concat();
        assert_eq!(refused(p.take(&ana, Purpose::Document, "a.pdf", &one_more).await), Refusal::TooLarge(10));
        // A form may ask for less, and never for more.
        let by = by();
        let up_to = |n| files::take_up_to(&p.files, &by, &ana.seat, Purpose::Document, n, upload("a.pdf", &ten));
        assert_eq!(refused(up_to(9).await), Refusal::TooLarge(9));
        assert!(up_to(99).await.is_ok());
        assert_eq!(p.usage(&ana).await.0, 3);
    }

    async fn u4_a_picture_that_says_it_is_huge_is_refused_by_its_head(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let small = png(64, 64);
        let started = Instant::now();
        for (width, height) in [(50_000, 50_000), (u32::MAX, u32::MAX), (8_193, 1), (1, 8_193), (8_192, 8_192), (0, 5)] {
            let bomb = declaring(&small, width, height);
            assert_eq!(refused(p.take(&ana, Purpose::Picture, "b.png", &bomb).await), Refusal::BadFile, "{width}×{height}");
        }
        let plain = jpeg(64, 64);
        let frame = plain.windows(2).position(|w| w == b"\xff\xc0").expect("a frame") + 5;
        let mut bomb = plain.clone();
        bomb[frame..frame + 4].copy_from_slice(&[0xff; 4]);
        assert_eq!(refused(p.take(&ana, Purpose::Picture, "b.jpg", &bomb).await), Refusal::BadFile);
        // As many passes as fit into it, each of which walks over all of it.
        let passes = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0".repeat(5_000);
        let slow = [&plain[..plain.len() - 2], &passes, b"\xff\xd9"].concat();
        assert_eq!(refused(p.take(&ana, Purpose::Picture, "c.jpg", &slow).await), Refusal::BadFile);
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(p.usage(&ana).await, (0, 0));
        p.take(&ana, Purpose::Picture, "a.png", &small).await.expect("others are taken");
    }

    async fn a_logo_is_small_and_a_png(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        for (width, height, expected) in [(1_500, 300, (256, 51)), (100, 40, (100, 40)), (256, 256, (256, 256)), (3, 900, (1, 256))] {
            let line = p.take(&ana, Purpose::Logo, "logo.jpg", &jpeg(width, height)).await.expect("takes");
            assert_eq!((line.media, line.name.as_str()), (Media::Png, "logo.jpg.png"));
            let picture = image::load_from_memory(&p.bytes(line.id).await.expect("is there")).expect("a picture");
            assert_eq!((picture.width(), picture.height()), expected);
        }
    }

    async fn u8_a1_only_the_team_and_the_deciding_staff_open_a_file(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, eve) = (p.owner("ana").await, p.owner("eve").await);
        let line = p.take(&ana, Purpose::Picture, "a.png", &png(9, 9)).await.expect("takes");
        let opens = async |session: people::Session| match files::open(&p.files, &session, line.id).await {
            Ok(opened) => { assert_eq!(opened.line.id, line.id); true }
            Err(Failure::Refused(Refusal::NotFound)) => false,
            Err(other) => panic!("{other:?}"),
        };
        assert!(opens(ana.session.clone()).await);
        assert!(opens(p.as_viewer(&ana).await).await, "any role");
        for role in [StaffRole::Reviewer, StaffRole::Support, StaffRole::Administrator] {
            assert!(opens(p.staff(role.word(), role).await).await, "{role:?}");
        }
        assert!(!opens(p.staff("cat", StaffRole::CatalogueManager).await).await);
        assert!(!opens(eve.session.clone()).await, "another developer's");
        assert!(!opens(p.account("nobody").await.1).await);
        // Nor may it be held by another, nor found.
        assert!(p.find(&eve, line.id).await.is_none() && p.keep(&eve, line.id).await.is_none());
        // Who only looks hands in nothing, but what goes with a question.
        let viewer = p.as_viewer(&ana).await.seat().expect("a seat");
        let sent = || upload("a.png", &png(9, 9));
        let taken = files::take(&p.files, &by(), &viewer, Purpose::Picture, sent()).await;
        assert_eq!(refused(taken), Refusal::NotAllowed);
        files::take(&p.files, &by(), &viewer, Purpose::Attachment, sent()).await.expect("takes");
        // From the staff to the developer.
        let bo = p.staff("bo", StaffRole::Support).await.on_staff(StaffRole::Support).expect("staff");
        let line = files::take_as_staff(&p.files, &by(), &bo, Some(ana.developer), Purpose::Attachment, sent()).await.expect("takes");
        assert!(p.find(&ana, line.id).await.is_some() && p.find(&eve, line.id).await.is_none());
        assert_eq!(p.usage(&ana).await.0, 3);
    }

    /// U10, X: however many come at once, no more than the quota is taken.
    async fn u10_a_quota_holds_under_a_crowd(on: TestDb) {
        let p = Arc::new(Place::with(on, Quota { files: 7, bytes: 1 << 30 }).await);
        let picture = png(4, 4);
        for round in 0..4 {
            let ana = Arc::new(p.owner(&format!("ana{round}")).await);
            let start = Arc::new(Barrier::new(16));
            let tasks: Vec<_> = (0..16).map(|_| {
                let (p, ana, start, picture) = (p.clone(), ana.clone(), start.clone(), picture.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    p.take(&ana, Purpose::Picture, "a.png", &picture).await
                })
            }).collect();
            let (mut taken, mut full) = (0, 0);
            for task in tasks {
                match task.await.expect("ends") {
                    Ok(_) => taken += 1,
                    other => { assert_eq!(refused(other), Refusal::NoRoom); full += 1; }
                }
            }
            assert_eq!((taken, full), (7, 9));
            assert_eq!(p.usage(&ana).await.0, 7);
        }
        // By bytes too; staff are not kept out by it.
        let size = picture.len() as i64;
        let mut files = p.files.clone();
        files.quota = Quota { files: 100, bytes: 3 * size };
        let leo = p.owner("leo").await;
        let mut taken = 0;
        while let Ok(line) = files::take(&files, &by(), &leo.seat, Purpose::Picture, upload("a.png", &picture)).await {
            taken += 1;
            assert!(taken * line.size <= 3 * size);
        }
        assert!(taken >= 1 && p.usage(&leo).await.1 <= 3 * size);
        let bo = p.staff("bo", StaffRole::Support).await.on_staff(StaffRole::Support).expect("staff");
        let by = by();
        let from_staff = files::take_as_staff(&files, &by, &bo, Some(leo.developer), Purpose::Attachment, upload("a.txt", b"words"));
        assert!(from_staff.await.is_ok());
        let own = files::take_as_staff(&files, &by, &bo, None, Purpose::Logo, upload("a.png", &picture));
        assert!(own.await.is_ok());
        p.usage(&leo).await;
    }
}
