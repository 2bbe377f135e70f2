//! Digests of sets of changes: equal sets have equal sums, in whatever order they came.

use std::ops::{AddAssign, SubAssign};

use serde::{Deserialize, Serialize};

use crate::id::ChangeKey;

/// The context under which fingerprints are keyed, so that they are no other protocol's hashes.
const CONTEXT: &str = "yadori 2026 set fingerprint 1";

/// A sum modulo 2^128 of fingerprints, and how many. Adding and taking away commute, so a store
/// keeps it up to date one change at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    pub digest: u128,
    pub count: u64,
}

impl Sum {
    pub fn add(&mut self, fingerprint: u128) {
        self.digest = self.digest.wrapping_add(fingerprint);
        self.count += 1;
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.digest = self.digest.wrapping_add(other.digest);
        self.count += other.count;
    }
}

impl SubAssign for Sum {
    /// What is taken away must have been added; a peer's false claim wraps and is then unequal.
    fn sub_assign(&mut self, other: Self) {
        self.digest = self.digest.wrapping_sub(other.digest);
        self.count = self.count.wrapping_sub(other.count);
    }
}

/// The fingerprint of a change, over its document and hash together.
pub fn fingerprint(key: &ChangeKey) -> u128 {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher
        .update(key.doc.as_bytes())
        .update(key.hash.as_bytes());
    truncated(&hasher)
}

/// One digest for all scopes of a conversation: what travels.
pub fn composite(sums: [Sum; 2]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("yadori 2026 composite digest 1");
    for sum in sums {
        hasher
            .update(&sum.digest.to_le_bytes())
            .update(&sum.count.to_le_bytes());
    }
    truncated(&hasher).to_le_bytes()
}

fn truncated(hasher: &blake3::Hasher) -> u128 {
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    u128::from_le_bytes(bytes)
}
