//! Chance is handed in, so that a run can be repeated from its seed.

use crate::secret::sha256;
use std::sync::atomic::{AtomicU64, Ordering};

pub trait Random: Send + Sync {
    fn fill(&self, out: &mut [u8]);
}

impl dyn Random + '_ {
    pub fn array<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// The operating system's source.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) {
        // It fails only where the operating system has no randomness at all: then nothing here is safe.
        aws_lc_rs::rand::fill(out).expect("the operating system gives random bytes");
    }
}

/// The same bytes for the same seed: for the demo's data and for tests. Never for secrets that guard
/// anything real.
pub struct SeededRandom {
    seed: [u8; 32],
    drawn: AtomicU64,
}

impl SeededRandom {
    pub fn new(seed: &str) -> SeededRandom {
        SeededRandom { seed: sha256(seed.as_bytes()), drawn: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let n = self.drawn.fetch_add(1, Ordering::Relaxed);
            let mut block = [0; 40];
            block[..32].copy_from_slice(&self.seed);
            block[32..].copy_from_slice(&n.to_be_bytes());
            chunk.copy_from_slice(&sha256(&block)[..chunk.len()]);
        }
    }
}

/// Letters and digits to be read out: none that looks like another.
pub fn readable(random: &dyn Random, letters: usize) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let one = || char::from(LETTERS[usize::from(random.array::<1>()[0] & 31)]);
    std::iter::repeat_with(one).take(letters).collect()
}
