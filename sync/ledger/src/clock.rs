//! Time as the ledger knows it: an argument, with a note on how far it can be trusted.
//!
//! No wall clock decides anything here (DESIGN §3.7). Order is the Lamport counter; wall time is
//! kept so that a person can read when something was written, and says where it came from.

use std::fmt;
use std::str::FromStr;

/// Where a node's wall time came from, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeQuality {
    /// The node woke without any clock: the time shown is a guess.
    None = 0,
    /// A battery-backed clock on the board.
    Rtc = 1,
    /// Told by a sibling node.
    Peer = 2,
    /// NTP or GNSS.
    Network = 3,
    /// Signed by headquarters.
    Hq = 4,
}

impl TimeQuality {
    /// The quality behind its number; what a newer version may add reads as `None`.
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Rtc,
            2 => Self::Peer,
            3 => Self::Network,
            4 => Self::Hq,
            _ => Self::None,
        }
    }
}

/// Who wrote a change, as a short tag that means something only on the node that wrote it:
/// a staff number such as `s3`, `portal` for an evacuee's own entry, `hq7` for an officer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct By(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a writer's tag is 1 to {} letters a-z and digits", By::CHARS_MAX)]
pub struct ByError;

impl By {
    /// A tag travels with every change; eight bytes name more staff than a city has.
    pub const CHARS_MAX: usize = 8;

    /// An evacuee's own entry, not yet seen by staff.
    pub fn portal() -> Self {
        Self("portal".into())
    }

    /// Staff number `n` of this node.
    pub fn staff(n: u32) -> Self {
        Self(format!("s{}", n % 10_000_000))
    }

    /// Officer number `n` of headquarters.
    pub fn officer(n: u32) -> Self {
        Self(format!("h{}", n % 10_000_000))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for By {
    type Err = ByError;

    fn from_str(tag: &str) -> Result<Self, ByError> {
        let plain = tag
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if plain && (1..=Self::CHARS_MAX).contains(&tag.len()) {
            Ok(Self(tag.into()))
        } else {
            Err(ByError)
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What every change carries about its making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds since 1970 as the node believed; advisory.
    pub wall_s: i64,
    pub quality: TimeQuality,
    pub by: By,
    /// The node's Lamport counter, kept in the same transaction as the change.
    pub lamport: u64,
}

impl Stamp {
    /// The change's message: the quality's digit, then the tag, e.g. `3s7`.
    pub(crate) fn message(&self) -> String {
        format!("{}{}", self.quality as u8, self.by)
    }
}
