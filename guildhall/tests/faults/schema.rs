//! F15: schemas that are newer, older, or not there.

use super::book::{Book, audit_is_whole};
use super::place::Place;

store::statements! {
    FROM_THE_FUTURE = "INSERT INTO migration (id, name, hash, at) SELECT 9999, 'future', hash, at FROM migration WHERE id = 1";
    BACK_FROM_IT = "DELETE FROM migration WHERE id = 9999";
}

#[tokio::test]
async fn f15_a_newer_schema_is_refused_by_every_command() {
    let place = Place::new();
    place.serve(&[]).await.end().await;
    Book::of(&place).change(&FROM_THE_FUTURE).await;
    let backup = place.beside("backup").display().to_string();
    let mut told = vec![place.try_serve(&[]).await, place.try_serve(&["database.migrate=manual"]).await];
    for args in
        [&["migrate"][..], &["doctor"], &["audit", "verify"], &["staff", "list"], &["backup", &backup]]
    {
        told.push(place.run(args).await);
    }
    for told in told {
        told.refused(&["the database has schema 9999", "run a newer Guildhall, or restore a backup"]);
    }
    Book::of(&place).change(&BACK_FROM_IT).await;
    place.serve(&[]).await.end().await;
    audit_is_whole(&place).await;
}

#[tokio::test]
async fn f15_migrating_twice_is_harmless_and_manual_waits_for_it() {
    let place = Place::new();
    let refused = place.try_serve(&["database.migrate=manual"]).await;
    refused.refused(&["the schema lacks", "run `guildhall migrate`"]);
    place.run(&["doctor"]).await.refused(&["run `guildhall migrate`"]);
    let newest = format!("the schema is {}", store::migrate::newest());
    let first = place.run(&["migrate"]).await.well();
    assert!(first.out.contains(&newest) && !first.out.starts_with("0 migrations"), "{first:?}");
    let second = place.run(&["migrate"]).await.well();
    assert!(second.out.contains(&newest) && second.out.starts_with("0 migrations"), "{second:?}");
    place.serve(&["database.migrate=manual"]).await.end().await;
    audit_is_whole(&place).await;
}
