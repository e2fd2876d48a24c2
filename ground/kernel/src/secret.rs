//! Secrets: types that cannot be printed, and tokens of which only a hash is ever stored.

use crate::Random;
use zeroize::Zeroizing;

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}

/// Compares in a time that tells nothing about where two texts differ.
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// A text that must not reach a log: it has neither `Debug` nor `Display`, and is wiped when dropped.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    pub fn new(text: String) -> SecretText {
        SecretText(Zeroizing::new(text))
    }
    /// The text itself. Every use of this is a place to look at twice.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// As [`SecretText`], for keys.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    pub fn new(bytes: Vec<u8>) -> SecretBytes {
        SecretBytes(Zeroizing::new(bytes))
    }
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

/// What a token is for; its prefix is part of the token, so one kind never passes for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    Session,
    Device,
    Link,
    /// Of the management API.
    Key,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            TokenKind::Session => "gs",
            TokenKind::Device => "gd",
            TokenKind::Link => "gl",
            TokenKind::Key => "gk",
        }
    }
}

/// A random token: prefix, 256 bits, and a checksum that refuses a mangled one without a look-up.
///
/// ```
/// use kernel::{SystemRandom, Token, TokenKind};
/// let token = Token::new(TokenKind::Link, &SystemRandom);
/// assert!(Token::read(TokenKind::Link, token.reveal()).is_some());
/// assert!(Token::read(TokenKind::Session, token.reveal()).is_none());
/// ```
#[derive(Clone)]
pub struct Token(SecretText);

/// What the database keeps of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

const HEX: &[u8; 16] = b"0123456789abcdef";

fn hex(bytes: &[u8], out: &mut String) {
    for b in bytes {
        out.push(HEX[usize::from(b >> 4)] as char);
        out.push(HEX[usize::from(b & 15)] as char);
    }
}

impl Token {
    const BODY: usize = 64;
    const CHECK: usize = 6;

    pub fn new(kind: TokenKind, random: &dyn Random) -> Token {
        let mut text = String::with_capacity(80);
        text.push_str(kind.prefix());
        text.push('_');
        hex(&random.array::<32>(), &mut text);
        let check = sha256(text.as_bytes());
        hex(&check[..Self::CHECK / 2], &mut text);
        Token(SecretText::new(text))
    }

    /// Reads what a client sent: constant work, no database, and `None` for anything we never made.
    pub fn read(kind: TokenKind, text: &str) -> Option<Token> {
        let body = text.strip_prefix(kind.prefix())?.strip_prefix('_')?;
        if body.len() != Self::BODY + Self::CHECK || !body.bytes().all(|b| HEX.contains(&b)) {
            return None;
        }
        let (head, check) = text.split_at(text.len() - Self::CHECK);
        let mut expected = String::with_capacity(Self::CHECK);
        hex(&sha256(head.as_bytes())[..Self::CHECK / 2], &mut expected);
        (expected == check).then(|| Token(SecretText::new(text.to_owned())))
    }

    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash(sha256(self.0.reveal().as_bytes()))
    }

    /// A second secret that only the holder of this token can name, for the forms on their pages.
    pub fn derive(&self, purpose: &str) -> String {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.0.reveal().as_bytes());
        let tag = aws_lc_rs::hmac::sign(&key, purpose.as_bytes());
        let mut text = String::with_capacity(32);
        hex(&tag.as_ref()[..16], &mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn t11_a_mangled_token_is_refused_before_any_look_up() {
        let token = Token::new(TokenKind::Session, &SeededRandom::new("t"));
        let text = token.reveal();
        assert!(Token::read(TokenKind::Session, text).is_some_and(|t| t.hash() == token.hash()));
        for i in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[i] ^= 1;
            let bent = String::from_utf8(bytes).unwrap_or_default();
            assert!(Token::read(TokenKind::Session, &bent).is_none(), "flip at {i}");
            assert!(Token::read(TokenKind::Session, &text[..i]).is_none(), "cut at {i}");
        }
        assert!(Token::read(TokenKind::Session, &"x".repeat(10_000)).is_none());
        assert!(Token::read(TokenKind::Link, text).is_none());
    }
}
