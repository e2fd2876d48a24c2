//! Seals what must be readable again: envelope encryption under a master key that the database never sees.

use crate::{Db, params};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use kernel::{Fault, Random, SecretBytes, Time, sha256};
use std::sync::Arc;

/// Why a vault cannot be opened, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error(
        "this is no master key: give lines of 64 hexadecimal digits; the first seals, the others only open"
    )]
    Format,
    #[error(
        "the database is sealed under master key {0}, which was not given: find it, or restore a backup of its time"
    )]
    Missing(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The keys as the operator gave them: the first seals, all open.
#[derive(Clone)]
pub struct MasterKeys(Vec<SecretBytes>);

impl MasterKeys {
    pub fn parse(text: &str) -> Result<MasterKeys, VaultError> {
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let keys = lines.map(|l| unhex(l).filter(|k| k.len() == 32).map(SecretBytes::new));
        let keys: Option<Vec<_>> = keys.collect();
        keys.filter(|k| !k.is_empty()).map(MasterKeys).ok_or(VaultError::Format)
    }
    /// A new key, as the text to keep.
    pub fn fresh(random: &dyn Random) -> String {
        hex(&random.array::<32>()) + "\n"
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok()))
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[derive(Clone)]
pub struct Vault {
    keys: Arc<Vec<(Kid, SecretBytes)>>,
}

type Kid = [u8; 8];
const VERSION: u8 = 1;

struct KeyLength;
impl hkdf::KeyType for KeyLength {
    fn len(&self) -> usize {
        32
    }
}

impl Vault {
    pub fn new(keys: &MasterKeys) -> Vault {
        let with_ids = keys.0.iter().map(|k| {
            let mut kid = Kid::default();
            kid.copy_from_slice(&sha256(&[b"kid", k.reveal()].concat())[..8]);
            (kid, k.clone())
        });
        Vault { keys: Arc::new(with_ids.collect()) }
    }

    fn key_for(master: &SecretBytes, purpose: &str) -> Result<LessSafeKey, Fault> {
        let broken = |_| Fault::internal("a key could not be derived");
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"guildhall").extract(master.reveal());
        let mut bytes = [0; 32];
        let info = [purpose.as_bytes()];
        prk.expand(&info, KeyLength).and_then(|okm| okm.fill(&mut bytes)).map_err(broken)?;
        UnboundKey::new(&AES_256_GCM, &bytes).map(LessSafeKey::new).map_err(broken)
    }

    /// Seals for one purpose and one row: moved to another row it does not open.
    pub fn seal(
        &self,
        random: &dyn Random,
        purpose: &str,
        row: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let (kid, master) = self.keys.first().ok_or_else(|| Fault::internal("no master key"))?;
        let nonce: [u8; NONCE_LEN] = random.array();
        let mut text = plain.to_vec();
        Self::key_for(master, purpose)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(row.as_bytes()),
                &mut text,
            )
            .map_err(|_| Fault::internal("sealing failed"))?;
        Ok([&[VERSION][..], kid, &nonce, &text].concat())
    }

    /// Whether it is sealed under the key that seals today.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        let first = self.keys.first();
        first.is_some_and(|(kid, _)| sealed.first() == Some(&VERSION) && sealed.get(1..9) == Some(&kid[..]))
    }

    /// Whether older keys were given that only open: then what they sealed is to be sealed anew.
    pub fn has_older_keys(&self) -> bool {
        self.keys.len() > 1
    }

    /// The same text under the key that seals today; `None` if it is under that one already.
    pub fn renew(
        &self,
        random: &dyn Random,
        purpose: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, Fault> {
        if self.is_current(sealed) {
            return Ok(None);
        }
        let plain = self.open(purpose, row, sealed)?;
        self.seal(random, purpose, row, plain.reveal()).map(Some)
    }

    /// Forgets the proofs of older keys: the database needs them no longer.
    pub async fn forget_older(&self, db: &Db) -> Result<u64, Fault> {
        let kid = self.keys.first().map(|(kid, _)| hex(kid)).unwrap_or_default();
        db.write(move |tx| tx.change(&DELETE_PROOFS, params![&kid])).await
    }

    pub fn open(&self, purpose: &str, row: &str, sealed: &[u8]) -> Result<SecretBytes, Fault> {
        let broken =
            || Fault::internal(format!("{purpose} of {row} does not open: wrong master key, or changed"));
        let (head, rest) = sealed.split_at_checked(9).ok_or_else(broken)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let (_, master) =
            self.keys.iter().find(|(kid, _)| head[0] == VERSION && kid == &head[1..]).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut text = text.to_vec();
        let plain = Self::key_for(master, purpose)?
            .open_in_place(nonce, Aad::from(row.as_bytes()), &mut text)
            .map_err(|_| broken())?
            .to_vec();
        Ok(SecretBytes::new(plain))
    }

    /// Whether anything was ever sealed here.
    pub fn is_in_use(look: &mut crate::Look<'_>) -> Result<bool, Fault> {
        Ok(look.one::<(String,)>(&FIND_ANY_PROOF, &[])?.is_some())
    }

    fn opens(&self, proofs: &[(String, Vec<u8>)]) -> Result<(), VaultError> {
        let closed = proofs.iter().find(|(kid, proof)| self.open("proof", kid, proof).is_err());
        closed.map_or(Ok(()), |(kid, _)| Err(VaultError::Missing(kid.clone())))
    }

    /// Whether the keys that these rows were sealed under are all here.
    pub(crate) fn check(&self, look: &mut crate::Look<'_>) -> Result<(), VaultError> {
        let known: Vec<(String, Vec<u8>)> = look.all(&FIND_PROOFS, &[])?;
        self.opens(&known)
    }

    /// Checks at start that every key which the database was sealed under is here, and notes a new one.
    pub async fn prove(&self, db: &Db, random: &dyn Random, now: Time) -> Result<(), VaultError> {
        let known: Vec<(String, Vec<u8>)> =
            db.read(|look| look.all(&FIND_PROOFS, &[])).await.map_err(VaultError::Fault)?;
        self.opens(&known)?;
        let kid = self.keys.first().map(|(kid, _)| hex(kid)).ok_or(VaultError::Format)?;
        if known.iter().all(|(k, _)| *k != kid) {
            let proof = self.seal(random, "proof", &kid, b"guildhall")?;
            db.write(move |tx| tx.change(&INSERT_PROOF, params![&kid, &proof, now]))
                .await
                .map_err(VaultError::Fault)?;
        }
        Ok(())
    }
}

crate::statements! {
    FIND_PROOFS = "SELECT kid, proof FROM master_key";
    FIND_ANY_PROOF = "SELECT kid FROM master_key LIMIT 1";
    DELETE_PROOFS = "DELETE FROM master_key WHERE kid <> $1";
    INSERT_PROOF = "INSERT INTO master_key (kid, proof, at) VALUES ($1, $2, $3) ON CONFLICT (kid) DO NOTHING";
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SystemRandom;

    fn vault() -> Vault {
        Vault::new(&MasterKeys::parse(&MasterKeys::fresh(&SystemRandom)).unwrap())
    }

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let v = vault();
        let sealed = v.seal(&SystemRandom, "totp", "acc_1", b"secret").unwrap();
        assert_eq!(v.open("totp", "acc_1", &sealed).unwrap().reveal(), b"secret");
        assert!(v.open("totp", "acc_2", &sealed).is_err());
        assert!(v.open("other", "acc_1", &sealed).is_err());
        assert!(vault().open("totp", "acc_1", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[i] ^= 1;
            assert!(v.open("totp", "acc_1", &bent).is_err(), "byte {i}");
            assert!(v.open("totp", "acc_1", &sealed[..i]).is_err(), "cut at {i}");
        }
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
    }

    #[test]
    fn an_older_key_still_opens() {
        let (old, new) = (MasterKeys::fresh(&SystemRandom), MasterKeys::fresh(&SystemRandom));
        let sealed =
            Vault::new(&MasterKeys::parse(&old).unwrap()).seal(&SystemRandom, "p", "r", b"x").unwrap();
        let both = Vault::new(&MasterKeys::parse(&format!("# new first\n{new}{old}")).unwrap());
        assert!(both.open("p", "r", &sealed).is_ok());
        for bad in ["", "zz", "00", &"0".repeat(63)] {
            assert!(MasterKeys::parse(bad).is_err(), "{bad}");
        }
    }
}
