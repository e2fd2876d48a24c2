//! Password hashing: argon2id on a bounded pool, so that a flood of sign-ins costs a fixed amount of
//! memory and never a thread that answers others.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use kernel::{Fault, Random, same_bytes};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// 19 MiB, two passes: the floor of today's advice.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// How many may wait for a place; the next is turned away instead of being kept for minutes.
const QUEUE: usize = 256;

#[derive(Clone)]
pub struct Hasher {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// The blocks of earlier computations, kept so that none asks the system for 19 MiB again.
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
    memory_kib: u32,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok()).collect()
}

impl Hasher {
    pub fn new(at_once: usize) -> Hasher {
        Hasher::with_memory(at_once, MEMORY_KIB)
    }

    /// Cheaper hashes, for tests and for the demo's own people.
    pub fn with_memory(at_once: usize, memory_kib: u32) -> Hasher {
        Hasher {
            places: Arc::new(Semaphore::new(at_once.max(1))),
            waiting: Arc::new(Semaphore::new(QUEUE)),
            memory: Arc::default(),
            memory_kib,
        }
    }

    async fn compute(
        &self,
        password: String,
        salt: Vec<u8>,
        memory_kib: u32,
        passes: u32,
    ) -> Result<[u8; 32], Fault> {
        let _queued =
            self.waiting.try_acquire().map_err(|_| Fault::unavailable("too many wait to sign in"))?;
        let place =
            self.places.clone().acquire_owned().await.map_err(|_| Fault::unavailable("closing down"))?;
        let memory = self.memory.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            let failed = |e: argon2::Error| Fault::internal(e.to_string());
            let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(failed)?;
            let blocks = params.block_count();
            let kept = memory.lock().ok().and_then(|mut m| m.pop());
            let mut room = kept.filter(|r| r.len() >= blocks).unwrap_or_else(|| vec![Block::new(); blocks]);
            let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let mut out = [0; 32];
            let ran = argon.hash_password_into_with_memory(
                password.as_bytes(),
                &salt,
                &mut out,
                &mut room[..blocks],
            );
            // One is kept: an idle house does not sit on more.
            if let Ok(mut m) = memory.lock()
                && m.is_empty()
            {
                m.push(room);
            }
            ran.map_err(failed).map(|()| out)
        });
        done.await.map_err(|e| Fault::internal(e.to_string()))?
    }

    /// `argon2id$<KiB>$<passes>$<salt>$<hash>`.
    pub async fn hash(&self, random: &dyn Random, password: &str) -> Result<String, Fault> {
        let salt: [u8; 16] = random.array();
        let hash = self.compute(password.to_owned(), salt.to_vec(), self.memory_kib, PASSES).await?;
        Ok(format!("argon2id${}${PASSES}${}${}", self.memory_kib, hex(&salt), hex(&hash)))
    }

    /// Whether the password is the one. Without a hash it works as long, and says no.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, Fault> {
        let Some(stored) = stored else {
            self.compute(password.to_owned(), vec![7; 16], self.memory_kib, PASSES).await?;
            return Ok(false);
        };
        let bad = || Fault::internal("a stored password hash cannot be read");
        let parts: Vec<&str> = stored.split('$').collect();
        let ["argon2id", memory, passes, salt, hash] = parts[..] else { return Err(bad()) };
        let (memory, passes) = (memory.parse().map_err(|_| bad())?, passes.parse().map_err(|_| bad())?);
        let (salt, hash) = (unhex(salt).ok_or_else(bad)?, unhex(hash).ok_or_else(bad)?);
        let computed = self.compute(password.to_owned(), salt, memory, passes).await?;
        Ok(same_bytes(&computed, &hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SystemRandom;

    #[tokio::test]
    async fn s6_every_byte_of_a_long_password_counts() {
        let h = Hasher::with_memory(2, 64);
        let long = "x".repeat(1_000) + "\0é";
        let stored = h.hash(&SystemRandom, &long).await.unwrap();
        assert!(h.verify(&long, Some(&stored)).await.unwrap());
        assert!(!h.verify(&(long.clone() + "y"), Some(&stored)).await.unwrap());
        assert!(!h.verify(&long[..999], Some(&stored)).await.unwrap());
        assert!(!h.verify(&long, None).await.unwrap());
        assert!(!stored.contains("xxx"));
    }

    /// W16: five hundred at once are computed two at a time, and those past the queue are turned away.
    #[tokio::test(flavor = "multi_thread")]
    async fn w16_a_flood_is_bounded() {
        let h = Hasher::with_memory(2, 64);
        let stored = h.hash(&SystemRandom, "correct horse").await.unwrap();
        let tasks: Vec<_> = (0..500)
            .map(|_| {
                let (h, stored) = (h.clone(), stored.clone());
                tokio::spawn(async move { h.verify("correct horse", Some(&stored)).await })
            })
            .collect();
        let (mut good, mut away) = (0, 0);
        for t in tasks {
            match t.await.unwrap() {
                Ok(true) => good += 1,
                Ok(false) => panic!("the password is right"),
                Err(fault) => {
                    assert_eq!(fault.kind, kernel::FaultKind::Unavailable);
                    away += 1;
                }
            }
        }
        assert_eq!(good + away, 500);
        assert!(good >= QUEUE, "{good} were served");
        assert!(h.memory.lock().unwrap().len() <= 1, "memory is not piled up");
    }
}
