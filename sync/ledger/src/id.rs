//! Identities. All of them are made from bits that the caller brings.

mod card;

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, Encoding, HEXLOWER, HEXLOWER_PERMISSIVE, Specification};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use card::{CardError, CardNumber, NodeCode};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("not an id: its length or letters are wrong")]
    Malformed,
    #[error("the id is of a kind that this version does not know")]
    UnknownKind,
}

/// What a document is about; the first byte of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DocKind {
    /// One family: the unit of moving, consent and erasure.
    Household = 1,
    /// Hand-outs and stock movements of one shelter and opened day.
    Ledger = 2,
    /// Facility, stock rights and desks of one shelter.
    Shelter = 3,
    /// One announcement.
    Notice = 4,
    /// One request for aid.
    Request = 5,
    /// A double hand-out or likely duplicate that headquarters publishes to those concerned.
    Finding = 6,
    /// Two records that a person says are one (`same_as`).
    Link = 7,
    /// Form definition, catalogue and rules of a municipality.
    Municipality = 8,
}

impl DocKind {
    pub const ALL: [Self; 8] = [
        Self::Household,
        Self::Ledger,
        Self::Shelter,
        Self::Notice,
        Self::Request,
        Self::Finding,
        Self::Link,
        Self::Municipality,
    ];

    pub fn from_code(code: u8) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|kind| *kind as u8 == code)
            .ok_or(IdError::UnknownKind)
    }
}

/// A document: its kind, then 120 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DocId([u8; 16]);

impl DocId {
    pub fn new(kind: DocKind, random: [u8; 15]) -> Self {
        let mut bytes = [kind as u8; 16];
        bytes[1..].copy_from_slice(&random);
        Self(bytes)
    }

    /// `Err` when the length is wrong or the kind unknown.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
        let bytes: [u8; 16] = bytes.try_into().map_err(|_| IdError::Malformed)?;
        DocKind::from_code(bytes[0])?;
        Ok(Self(bytes))
    }

    pub fn kind(&self) -> Result<DocKind, IdError> {
        DocKind::from_code(self.0[0])
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The household's short name in a day's ledger, which must not name a family (DESIGN §3.10).
    pub fn pseudonym(&self) -> u64 {
        let digest = Sha256::new()
            .chain_update(b"yadori pseudonym 1")
            .chain_update(self.0)
            .finalize();
        u64::from_be_bytes(first(&digest))
    }
}

/// Lower-case base32 without letters that are taken for digits.
fn base32() -> Encoding {
    let mut letters = Specification::new();
    letters.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    letters
        .encoding()
        .expect("32 distinct letters are an encoding")
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32().encode(&self.0))
    }
}

impl fmt::Debug for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocId({self})")
    }
}

impl FromStr for DocId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bytes = base32()
            .decode(text.to_ascii_lowercase().as_bytes())
            .map_err(|_| IdError::Malformed)?;
        Self::from_bytes(&bytes)
    }
}

/// 64 random bits: unique within a document by far, and among three million people with a chance
/// of about one in four million that any two agree.
macro_rules! short_id {
    ($name:ident, $about:literal) => {
        #[doc = $about]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(u64);

        impl $name {
            pub fn from_bytes(random: [u8; 8]) -> Self {
                Self(u64::from_be_bytes(random))
            }

            pub fn to_bytes(self) -> [u8; 8] {
                self.0.to_be_bytes()
            }

            /// For SQL, whose integers are signed.
            pub fn to_i64(self) -> i64 {
                i64::from_be_bytes(self.to_bytes())
            }

            pub fn from_i64(stored: i64) -> Self {
                Self::from_bytes(stored.to_be_bytes())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&BASE64URL_NOPAD.encode(&self.to_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let bytes = BASE64URL_NOPAD
                    .decode(text.as_bytes())
                    .map_err(|_| IdError::Malformed)?;
                Ok(Self::from_bytes(
                    bytes.try_into().map_err(|_| IdError::Malformed)?,
                ))
            }
        }
    };
}

short_id!(
    PersonId,
    "A person, in whichever household document they stand."
);
short_id!(EventId, "Something that happened, within one document.");

macro_rules! hex_id {
    ($name:ident, $bytes:literal, $about:literal) => {
        #[doc = $about]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name([u8; $bytes]);

        impl $name {
            pub const fn new(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
                bytes.try_into().map(Self).map_err(|_| IdError::Malformed)
            }

            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let bytes = HEXLOWER_PERMISSIVE
                    .decode(text.as_bytes())
                    .map_err(|_| IdError::Malformed)?;
                Self::from_bytes(&bytes)
            }
        }
    };
}

hex_id!(
    ChangeHash,
    32,
    "SHA-256 of a raw Automerge change. Names a change only together with its document."
);
hex_id!(
    NodeId,
    16,
    "A node or headquarters: the first half of SHA-256 over its public key."
);
hex_id!(
    ActorId,
    16,
    "A writer of changes: one node in one epoch (DESIGN §3.5)."
);

impl NodeId {
    pub fn of(key: &VerifyingKey) -> Self {
        Self(first(&Sha256::digest(key.as_bytes())))
    }
}

impl ActorId {
    /// A restored or copied node takes the next epoch, because a reused actor is a permanent error.
    pub fn of(key: &VerifyingKey, epoch: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(b"yadori actor 1")
            .chain_update(key.as_bytes())
            .chain_update(epoch.to_le_bytes())
            .finalize();
        Self(first(&digest))
    }
}

fn first<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    taken.copy_from_slice(&digest[..N]);
    taken
}

/// A change's identity. Automerge changes do not contain their document: two empty households
/// made by one writer in one second have the same hash (DESIGN §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChangeKey {
    pub doc: DocId,
    pub hash: ChangeHash,
}

/// 全国共通避難所・避難場所ID such as `E1310100001112`, or `L` and 13 digits for a shelter that is
/// on no list yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShelterId(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shelter id is `E` (national) or `L` (local) and 13 digits")]
pub struct ShelterIdError;

impl ShelterId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShelterId {
    type Err = ShelterIdError;

    fn from_str(text: &str) -> Result<Self, ShelterIdError> {
        let digits = text.strip_prefix(['E', 'L']).ok_or(ShelterIdError)?;
        if digits.len() == 13 && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(ShelterIdError)
        }
    }
}

impl TryFrom<String> for ShelterId {
    type Error = ShelterIdError;

    fn try_from(text: String) -> Result<Self, ShelterIdError> {
        text.parse()
    }
}

impl From<ShelterId> for String {
    fn from(id: ShelterId) -> Self {
        id.0
    }
}

impl fmt::Display for ShelterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_from_its_own_text() {
        let doc = DocId::new(DocKind::Household, [7; 15]);
        assert_eq!(doc.to_string().parse(), Ok(doc));
        let person = PersonId::from_bytes([0xfe; 8]);
        assert_eq!(person.to_string().parse(), Ok(person));
        assert_eq!(PersonId::from_i64(person.to_i64()), person);
        let node = NodeId::new([9; 16]);
        assert_eq!(node.to_string().parse(), Ok(node));
    }

    #[test]
    fn an_id_of_an_unknown_kind_is_not_taken_for_a_document() {
        assert_eq!(DocId::from_bytes(&[99; 16]), Err(IdError::UnknownKind));
        assert_eq!("short".parse::<DocId>(), Err(IdError::Malformed));
    }

    #[test]
    fn a_shelter_id_is_national_or_local() {
        assert!("E1310100001112".parse::<ShelterId>().is_ok());
        assert!("L0000000000001".parse::<ShelterId>().is_ok());
        assert_eq!("1310100001112".parse::<ShelterId>(), Err(ShelterIdError));
        assert_eq!("E13101000011１２".parse::<ShelterId>(), Err(ShelterIdError));
    }
}
