//! Where bytes lie: under the id that their row has, in a folder or in a bucket.
//!
//! A depot knows no names, no owners and no rules. What it is asked to put is there whole or not at all;
//! taking away what is not there is fine. Who may read what is the business of whoever keeps the rows.

mod bucket;
#[cfg(feature = "testing")]
pub mod faults;
mod folder;

pub use bucket::{Bucket, BucketSettings};
pub use folder::Folder;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use kernel::{Fault, FileId};
use std::io;

/// The bytes of one file, as they come.
pub struct Reading {
    pub size: u64,
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

pub trait Depot: Send + Sync {
    /// In words for the operator.
    fn place(&self) -> String;
    /// Stores bytes under an id that has none yet. When it says yes they are on the disk.
    fn put(&self, id: FileId, bytes: Bytes) -> BoxFuture<'_, Result<(), Fault>>;
    fn get(&self, id: FileId) -> BoxFuture<'_, Result<Option<Reading>, Fault>>;
    /// How many bytes lie there.
    fn size(&self, id: FileId) -> BoxFuture<'_, Result<Option<u64>, Fault>>;
    /// Afterwards nothing is there, and of a put that was broken off nothing is left either.
    fn remove(&self, id: FileId) -> BoxFuture<'_, Result<(), Fault>>;
}

/// Puts, reads and takes away a few bytes, for those who want to know whether it would work.
pub async fn probe(depot: &dyn Depot, id: FileId) -> Result<(), Fault> {
    use futures_util::TryStreamExt;
    let sent = Bytes::from(format!("Guildhall looks whether it can keep files here: {id}"));
    depot.put(id, sent.clone()).await?;
    let found = depot.get(id).await?;
    let read = match found {
        Some(reading) => {
            let read = reading.bytes.try_collect::<Vec<Bytes>>().await;
            read.map_err(|e| Fault::unavailable(e.to_string()))?.concat()
        }
        None => Vec::new(),
    };
    depot.remove(id).await?;
    if read != sent {
        return Err(Fault::internal("what was put there does not come back"));
    }
    match depot.size(id).await? {
        None => Ok(()),
        Some(_) => Err(Fault::internal("what was taken away is still there")),
    }
}
