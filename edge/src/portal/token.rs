//! What a family has typed so far, signed and carried by its own browser: the node keeps nothing
//! until the family is registered.
//!
//! The signature only keeps the node from trusting what it did not check; it hides nothing.

use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use yadori_ledger::id::DocId;

/// Half an hour is long enough to find a phone number, and short enough that a forgotten tab does
/// not register a family a second time the next day.
const GOOD_FOR_S: i64 = 30 * 60;

const MARK_BYTES: usize = 32;

/// The answers so far, each as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    /// The household that this form makes: sent twice, it is the same family.
    pub(super) form: DocId,
    pub(super) since_s: i64,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) people: u8,
    #[serde(default)]
    pub(super) needs: String,
}

/// The number of a family that registered itself a moment ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbered {
    pub(super) card: String,
    pub(super) people: u8,
    pub(super) since_s: i64,
}

/// What a token may say: something that was begun at a moment.
pub(super) trait Begun: Serialize + DeserializeOwned {
    /// Keeps one sort of token from being read as another.
    const CONTEXT: &'static str;
    fn since_s(&self) -> i64;
}

impl Begun for Draft {
    const CONTEXT: &'static str = "yadori portal draft 1";
    fn since_s(&self) -> i64 {
        self.since_s
    }
}

impl Begun for Numbered {
    const CONTEXT: &'static str = "yadori portal number 1";
    fn since_s(&self) -> i64 {
        self.since_s
    }
}

/// Signs for this node.
pub(super) fn sealed<T: Begun>(secret: &[u8; 32], what: &T) -> String {
    let body = serde_json::to_vec(what).expect("a token is plain data");
    let mut bytes = mark::<T>(secret, &body).as_bytes().to_vec();
    bytes.extend(body);
    BASE64URL_NOPAD.encode(&bytes)
}

/// What this node signed a short while ago; `None` for anything else.
pub(super) fn opened<T: Begun>(secret: &[u8; 32], token: &str, now_s: i64) -> Option<T> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
    let (signed, body) = bytes.split_at_checked(MARK_BYTES)?;
    let signed = blake3::Hash::from_bytes(signed.try_into().ok()?);
    // Comparing two hashes takes the same time wherever they differ.
    if signed != mark::<T>(secret, body) {
        return None;
    }
    let what: T = serde_json::from_slice(body).ok()?;
    let age_s = now_s.checked_sub(what.since_s())?;
    (0..=GOOD_FOR_S).contains(&age_s).then_some(what)
}

fn mark<T: Begun>(secret: &[u8; 32], body: &[u8]) -> blake3::Hash {
    let key = blake3::derive_key(T::CONTEXT, secret);
    blake3::keyed_hash(&key, body)
}

#[cfg(test)]
mod tests {
    use yadori_ledger::id::DocKind;

    use super::*;

    const SECRET: [u8; 32] = [5; 32];

    fn draft() -> Draft {
        let form = DocId::new(DocKind::Household, [1; 15]);
        Draft {
            form,
            since_s: 1_000,
            names: vec!["山田 花子".into()],
            people: 4,
            needs: "w".into(),
        }
    }

    #[test]
    fn a_draft_comes_back_as_it_was_for_half_an_hour() {
        let token = sealed(&SECRET, &draft());
        assert_eq!(opened(&SECRET, &token, 1_000), Some(draft()));
        assert_eq!(opened(&SECRET, &token, 1_000 + GOOD_FOR_S), Some(draft()));
        assert_eq!(opened::<Draft>(&SECRET, &token, 1_001 + GOOD_FOR_S), None);
        assert_eq!(opened::<Draft>(&SECRET, &token, 999), None);
    }

    #[test]
    fn what_this_node_did_not_sign_is_nothing() {
        let token = sealed(&SECRET, &draft());
        let mut changed = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        for at in 0..changed.len() {
            changed[at] ^= 1;
            assert_eq!(
                opened::<Draft>(&SECRET, &BASE64URL_NOPAD.encode(&changed), 1_000),
                None
            );
            changed[at] ^= 1;
        }
        assert_eq!(opened::<Draft>(&[6; 32], &token, 1_000), None);
        assert_eq!(opened::<Numbered>(&SECRET, &token, 1_000), None);
        for garbage in ["", "a", "!!!", "AAAA"] {
            assert_eq!(opened::<Draft>(&SECRET, garbage, 1_000), None);
        }
    }
}
