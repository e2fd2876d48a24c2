//! What a file is, found out from its bytes, and what of it is kept.

use crate::model::Media;
use crate::picture;
use crate::rules::{MB, Purpose, Refusal, is_whole_pdf, media_of};
use bytes::Bytes;
use kernel::{Failure, Fault, Upload};
use std::fs::File;
use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// What has passed, ready to be kept.
pub(crate) struct Checked {
    pub media: Media,
    pub bytes: Bytes,
}

/// Where pictures are worked on: few at a time, away from the threads that answer, and not for ever.
#[derive(Clone)]
pub(crate) struct Workshop {
    benches: Arc<Semaphore>,
    pub(crate) patience: Duration,
    #[cfg(test)]
    pub(crate) work: fn(&[u8], Media, usize) -> Option<Vec<u8>>,
}

impl Default for Workshop {
    fn default() -> Workshop {
        Workshop {
            benches: Arc::new(Semaphore::new(2)),
            patience: Duration::from_secs(30),
            #[cfg(test)]
            work: picture::renew,
        }
    }
}

impl Workshop {
    /// Looks at what came. Whoever takes too long is refused; the place at the bench is free when the work
    /// has really ended.
    pub(crate) async fn check(
        &self,
        purpose: Purpose,
        most: u32,
        upload: Upload,
    ) -> Result<Checked, Failure<Refusal>> {
        let most_bytes = u64::from(most) * MB;
        if upload.size > most_bytes {
            return Err(Failure::Refused(Refusal::TooLarge(most)));
        }
        let wait = tokio::time::timeout(self.patience, self.benches.clone().acquire_owned());
        let busy = || Fault::unavailable("too many files are being looked at");
        let bench = wait.await.map_err(|_| busy())?.map_err(|_| busy())?;
        #[cfg(test)]
        let renew = self.work;
        #[cfg(not(test))]
        let renew = picture::renew;
        let work = tokio::task::spawn_blocking(move || {
            let _bench = bench;
            let read = read_all(upload.bytes, most_bytes)?;
            // A decoder that panics has met a file that is none.
            let checked = catch_unwind(AssertUnwindSafe(|| check(purpose, read, most_bytes, renew)));
            Ok::<_, Fault>(checked.unwrap_or_else(|_| {
                tracing::warn!("a file made its decoder panic; it is refused");
                None
            }))
        });
        let done = match tokio::time::timeout(self.patience, work).await {
            Ok(done) => done.map_err(|e| Fault::internal(e.to_string()))??,
            Err(_) => {
                tracing::warn!("a file took too long to look at; it is refused");
                None
            }
        };
        done.ok_or(Failure::Refused(Refusal::BadFile))
    }
}

fn read_all(mut file: File, most: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|e| Fault::unavailable(format!("what was sent cannot be read back: {e}")))?;
    Ok(bytes)
}

fn check(
    purpose: Purpose,
    bytes: Vec<u8>,
    most: u64,
    renew: fn(&[u8], Media, usize) -> Option<Vec<u8>>,
) -> Option<Checked> {
    let most = usize::try_from(most).ok()?;
    let media = media_of(&bytes).filter(|m| purpose.takes(*m) && !bytes.is_empty())?;
    let (media, kept) = match media {
        Media::Png | Media::Jpeg if purpose == Purpose::Logo => (Media::Png, picture::logo(&bytes, media)?),
        Media::Png | Media::Jpeg => (media, renew(&bytes, media, most)?),
        Media::Pdf => (media, is_whole_pdf(&bytes).then_some(bytes)?),
        Media::Text => (media, bytes),
    };
    Some(Checked { media, bytes: kept.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::mpsc;

    fn upload() -> Upload {
        let bytes = b"\x89PNG\r\n\x1a\n...";
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("writes");
        Upload { name: "a.png".into(), size: bytes.len() as u64, sha256: [0; 32], bytes: file }
    }

    fn shop(work: fn(&[u8], Media, usize) -> Option<Vec<u8>>) -> Workshop {
        Workshop { patience: Duration::from_millis(200), work, ..Workshop::default() }
    }

    async fn check(shop: &Workshop) -> Result<Checked, Failure<Refusal>> {
        shop.check(Purpose::Picture, 2, upload()).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn u12_a_decoder_that_panics_is_a_bad_file() {
        let broken = Workshop { patience: Duration::from_secs(20), ..shop(|_, _, _| panic!("on purpose")) };
        for _ in 0..5 {
            assert!(matches!(check(&broken).await, Err(Failure::Refused(Refusal::BadFile))));
        }
        let sound = Workshop { work: |_, _, _| Some(vec![1]), ..broken };
        assert_eq!(&check(&sound).await.unwrap_or_else(|_| panic!("others are taken")).bytes[..], [1]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn u12_a_decoder_that_does_not_end_is_given_up() {
        let endless = shop(|_, _, _| {
            let (_held, never) = mpsc::channel::<()>();
            let _ = never.recv_timeout(Duration::from_secs(2));
            None
        });
        let started = std::time::Instant::now();
        let (one, two) = tokio::join!(check(&endless), check(&endless));
        for given_up in [one, two] {
            assert!(matches!(given_up, Err(Failure::Refused(Refusal::BadFile))));
        }
        // Both benches are taken as long as the work goes on: memory stays bounded.
        assert!(matches!(check(&endless).await, Err(Failure::Fault(_))));
        assert!(started.elapsed() < Duration::from_secs(2));
        let later = Workshop { patience: Duration::from_secs(20), work: |_, _, _| Some(vec![1]), ..endless };
        assert!(check(&later).await.is_ok(), "and free when it has ended");
    }
}
