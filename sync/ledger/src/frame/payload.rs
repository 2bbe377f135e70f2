//! The changes of a batch, packed: raw Automerge changes under one zstd frame.

use std::fmt;
use std::io::Read;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{ChangeHash, ChangeKey, DocId};

use super::FrameError;

/// Dense enough that the next level saves under 2 % and costs twice the time.
const ZSTD_LEVEL: i32 = 15;

/// Magic and checksum in front of what a change's hash is taken over.
const UNHASHED_BYTES: usize = 8;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload(Vec<u8>);

/// Shows the size only.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

impl Payload {
    /// What a batch may unpack to. Sixty-four changes of the guard's largest size.
    pub const RAW_BYTES_MAX: usize = 4 * 1024 * 1024;

    pub fn pack(changes: &[(ChangeKey, Vec<u8>)]) -> Self {
        let listed: Vec<(DocId, &[u8])> = changes
            .iter()
            .map(|(key, bytes)| (key.doc, bytes.as_slice()))
            .collect();
        let raw = postcard::to_extend(&listed, Vec::new()).expect("changes are plain data");
        Self(
            zstd::bulk::compress(&raw, ZSTD_LEVEL)
                .expect("compressing from memory to memory cannot fail"),
        )
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The changes, each with the hash of its bytes; stops at the limit, whatever the bytes claim.
    pub fn unpack(&self) -> Result<Vec<(ChangeKey, Vec<u8>)>, FrameError> {
        let raw = self.inflate()?;
        let listed = match postcard::take_from_bytes::<Vec<(DocId, Vec<u8>)>>(&raw) {
            Ok((listed, [])) => listed,
            _ => return Err(FrameError::Malformed),
        };
        listed
            .into_iter()
            .map(|(doc, bytes)| keyed(doc, bytes))
            .collect()
    }

    fn inflate(&self) -> Result<Vec<u8>, FrameError> {
        let mut raw = Vec::new();
        let decoder = zstd::Decoder::new(self.0.as_slice()).map_err(|_| FrameError::Malformed)?;
        let limit = u64::try_from(Self::RAW_BYTES_MAX).expect("a limit in MiB") + 1;
        decoder
            .take(limit)
            .read_to_end(&mut raw)
            .map_err(|_| FrameError::Malformed)?;
        if raw.len() > Self::RAW_BYTES_MAX {
            Err(FrameError::Bomb)
        } else {
            Ok(raw)
        }
    }
}

fn keyed(doc: DocId, bytes: Vec<u8>) -> Result<(ChangeKey, Vec<u8>), FrameError> {
    doc.kind().map_err(|_| FrameError::Malformed)?;
    Ok((
        ChangeKey {
            doc,
            hash: hash_of(&bytes),
        },
        bytes,
    ))
}

/// The hash that a raw change of these bytes has, if it is one.
pub fn hash_of(change: &[u8]) -> ChangeHash {
    let hashed = change.get(UNHASHED_BYTES..).unwrap_or_default();
    ChangeHash::new(Sha256::digest(hashed).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_frame_that_unpacks_to_gigabytes_stops_at_the_limit() {
        let bomb = Payload(zstd::bulk::compress(&vec![0; Payload::RAW_BYTES_MAX + 1], 19).unwrap());
        assert!(bomb.len() < 1_000);
        assert_eq!(bomb.unpack(), Err(FrameError::Bomb));
        assert_eq!(Payload(vec![1, 2, 3]).unpack(), Err(FrameError::Malformed));
    }
}
