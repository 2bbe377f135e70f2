//! Bytes on the wire: one frame is a version, a kind, a length and a body.
//!
//! Layout: version u8, kind u8, body length u32 little-endian, body (postcard). Everything is
//! bounded before it is allocated.

mod payload;

use serde::{Deserialize, Serialize};

use crate::session::{Lane, Positions, Scope};

pub use payload::{Payload, hash_of};

/// The protocol's version: the first byte of every frame.
pub const VERSION: u8 = 1;

pub const HEADER_BYTES: usize = 6;

/// The largest frame body. A batch is cut at 16 KiB; the rest is room for one change of the largest
/// size that the guard admits.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// Where a batch is cut: what a broken link sends again at most.
pub const BATCH_BYTES_MAX: usize = 16 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Hello(Hello),
    Batch(Box<Batch>),
    Ack(Ack),
    /// The sender has sent everything; here is its digest.
    Standing(StandingFrame),
    /// Both hold the same; the conversation is over.
    Equal(Equal),
    /// The digests differ: both stream everything.
    Differs,
    /// The peer broke the protocol; the conversation is over.
    Refused(Refused),
}

/// What a side knows and holds at the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The epoch of the sender's log.
    pub our_epoch: u64,
    /// The epoch of the receiver's log that `cursor` is a place in; 0 when it never read it.
    pub your_epoch: u64,
    /// How far the sender has read the receiver's logs.
    pub cursor: Positions,
    /// Batches that follow in the same flight, before the sender waits.
    pub following_count: u8,
    /// What the sender holds, when the flight brings all that the receiver lacks.
    pub standing: Option<StandingFrame>,
}

/// Everything was sent up to `upto`; the last batch in each log ended `beyond` before that, the rest
/// being what the receiver itself had sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingFrame {
    pub digest: [u8; 16],
    pub upto: Positions,
    pub beyond: Positions,
    /// How far the sender has read the receiver's logs: the digest counts that much of them.
    pub cursor: Positions,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub scope: Scope,
    pub lane: Lane,
    /// The batch covers the sender's log after `after` up to `upto`.
    pub after: u64,
    pub upto: u64,
    /// The author's epoch, and its signature over the ordered list of (document, hash).
    pub epoch: u32,
    #[serde(with = "signature")]
    pub signature: [u8; 64],
    pub payload: Payload,
}

/// Shows places and sizes only.
impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Batch({:?}, {:?}, {}..{}, {:?})",
            self.scope, self.lane, self.after, self.upto, self.payload
        )
    }
}

/// What the sender has committed of the receiver's logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    pub cursor: Positions,
    /// The sender compared digests, found them equal and is finished.
    pub agreed: bool,
}

/// Everything of the receiver's logs is committed, and nothing is left to send up to `upto`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equal {
    pub our_epoch: u64,
    pub cursor: Positions,
    pub upto: Positions,
}

/// Why a peer was refused; for its log. Numbered by position: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    Version,
    Malformed,
    TooLarge,
    Signature,
    OutOfTurn,
    NotAdmitted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error(
        "the peer speaks protocol version {0}, this side speaks {VERSION}: update the older one"
    )]
    Version(u8),
    #[error("a frame of unknown kind {0}")]
    Kind(u8),
    #[error("a frame of {0} bytes is larger than {FRAME_BYTES_MAX}")]
    TooLarge(u64),
    #[error("a frame's body cannot be read")]
    Malformed,
    #[error("a batch unpacks to more than {} bytes", Payload::RAW_BYTES_MAX)]
    Bomb,
    #[error("a batch's signature is not its author's")]
    Signature,
    #[error("a frame came out of turn")]
    OutOfTurn,
    #[error("the peer refused this side: {0:?}")]
    RefusedByPeer(Refused),
}

impl FrameError {
    /// What the peer is told.
    pub fn refusal(&self) -> Refused {
        match self {
            Self::Version(_) => Refused::Version,
            Self::TooLarge(_) | Self::Bomb => Refused::TooLarge,
            Self::Kind(_) | Self::Malformed => Refused::Malformed,
            Self::Signature => Refused::Signature,
            Self::OutOfTurn | Self::RefusedByPeer(_) => Refused::OutOfTurn,
        }
    }
}

/// The kind and body length that a header announces, checked before a byte of the body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub kind: u8,
    pub body_bytes: usize,
}

impl Header {
    pub fn parse(bytes: [u8; HEADER_BYTES]) -> Result<Self, FrameError> {
        let [version, kind, a, b, c, d] = bytes;
        let length = u32::from_le_bytes([a, b, c, d]);
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        match usize::try_from(length) {
            Ok(body_bytes) if body_bytes <= FRAME_BYTES_MAX => Ok(Self { kind, body_bytes }),
            _ => Err(FrameError::TooLarge(u64::from(length))),
        }
    }
}

impl Frame {
    /// Header and body.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION, self.kind(), 0, 0, 0, 0];
        out = match self {
            Self::Hello(body) => postcard::to_extend(body, out),
            Self::Batch(body) => postcard::to_extend(body, out),
            Self::Ack(body) => postcard::to_extend(body, out),
            Self::Standing(body) => postcard::to_extend(body, out),
            Self::Equal(body) => postcard::to_extend(body, out),
            Self::Differs => Ok(out),
            Self::Refused(body) => postcard::to_extend(body, out),
        }
        .expect("a frame is plain data");
        let length =
            u32::try_from(out.len() - HEADER_BYTES).expect("batches are cut far below 4 GiB");
        out[2..HEADER_BYTES].copy_from_slice(&length.to_le_bytes());
        out
    }

    pub fn decode(header: Header, body: &[u8]) -> Result<Self, FrameError> {
        Ok(match header.kind {
            1 => Self::Hello(read(body)?),
            2 => Self::Batch(read(body)?),
            3 => Self::Ack(read(body)?),
            4 => Self::Standing(read(body)?),
            5 => Self::Equal(read(body)?),
            6 if body.is_empty() => Self::Differs,
            7 => Self::Refused(read(body)?),
            kind => return Err(FrameError::Kind(kind)),
        })
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Hello(_) => 1,
            Self::Batch(_) => 2,
            Self::Ack(_) => 3,
            Self::Standing(_) => 4,
            Self::Equal(_) => 5,
            Self::Differs => 6,
            Self::Refused(_) => 7,
        }
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, FrameError> {
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok(value),
        _ => Err(FrameError::Malformed),
    }
}

/// serde has no arrays of 64, so a signature is written as its two halves.
mod signature {
    use serde::de::Deserializer;
    use serde::{Deserialize, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 64], to: S) -> Result<S::Ok, S::Error> {
        let halves: [[u8; 32]; 2] =
            std::array::from_fn(|half| std::array::from_fn(|at| bytes[half * 32 + at]));
        halves.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 64], D::Error> {
        let halves = <[[u8; 32]; 2]>::deserialize(from)?;
        Ok(std::array::from_fn(|at| halves[at / 32][at % 32]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ChangeKey, DocId, DocKind};

    fn batch() -> Frame {
        let doc = DocId::new(DocKind::Household, [1; 15]);
        let bytes = vec![7; 300];
        let key = ChangeKey {
            doc,
            hash: hash_of(&bytes),
        };
        let payload = Payload::pack(&[(key, bytes)]);
        Frame::Batch(Box::new(Batch {
            scope: Scope::Shelter,
            lane: Lane::People,
            after: 3,
            upto: 4,
            epoch: 0,
            signature: [9; 64],
            payload,
        }))
    }

    fn decode(bytes: &[u8]) -> Result<Frame, FrameError> {
        let (header, body) = bytes.split_first_chunk::<HEADER_BYTES>().unwrap();
        Frame::decode(Header::parse(*header)?, body)
    }

    #[test]
    fn a_frame_reads_back_as_it_was_written() {
        let frames = [
            batch(),
            Frame::Differs,
            Frame::Ack(Ack {
                cursor: Positions::default(),
                agreed: true,
            }),
        ];
        for frame in frames {
            assert_eq!(decode(&frame.encode()), Ok(frame));
        }
    }

    #[test]
    fn a_frame_of_another_version_or_too_large_is_refused_before_its_body_is_read() {
        assert_eq!(
            Header::parse([9, 1, 0, 0, 0, 0]),
            Err(FrameError::Version(9))
        );
        assert_eq!(
            Header::parse([VERSION, 1, 255, 255, 255, 255]),
            Err(FrameError::TooLarge(u64::from(u32::MAX)))
        );
        assert_eq!(
            decode(&[VERSION, 77, 0, 0, 0, 0]),
            Err(FrameError::Kind(77))
        );
    }

    #[test]
    fn a_frame_cut_at_any_byte_or_with_bytes_behind_it_is_malformed() {
        let whole = batch().encode();
        for cut in HEADER_BYTES..whole.len() {
            assert_eq!(decode(&whole[..cut]), Err(FrameError::Malformed));
        }
        assert_eq!(
            decode(&[whole, vec![0]].concat()),
            Err(FrameError::Malformed)
        );
    }
}
