//! One conversation between two stores, without I/O: what a node and headquarters say to each other
//! until both hold the same changes.
//!
//! Each side keeps a log of what it holds per (scope, lane) and remembers how far the other has
//! read. The caller greets with its cursors, one digest of everything, and in the same flight what
//! the other most urgently lacks; when that was all, the answer is one short frame: one round trip.
//! A digest that differs is reported and healed by streaming everything, once.
//!
//! The session asks for what it needs ([`Need`]) and is told ([`Answer`]); it never loads the set.
//! Lost, doubled or late frames cannot make a cursor skip a change: a batch says where it starts,
//! and only a batch that starts where the reader stands moves the reader's cursor.

mod digest;
mod machine;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::frame::{Frame, FrameError};
use crate::id::ChangeKey;

pub use digest::{Sum, composite, fingerprint};
pub use machine::{Party, Session};

/// How urgently a change travels; less is sooner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Lane {
    /// Emergency and medical.
    Emergency = 0,
    /// People and where they are.
    People = 1,
    /// Aid and needs.
    Aid = 2,
    /// The rest, in which unconfirmed portal entries travel.
    Rest = 3,
}

impl Lane {
    pub const ALL: [Self; 4] = [Self::Emergency, Self::People, Self::Aid, Self::Rest];

    /// What a newer version may add is not urgent.
    pub fn from_code(code: u8) -> Self {
        Self::ALL
            .into_iter()
            .find(|lane| *lane as u8 == code)
            .unwrap_or(Self::Rest)
    }
}

/// Which set of changes: the two that a node and headquarters have in common. Which shelter the
/// first one is follows from the node's certificate, so it is not said on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Scope {
    /// What the node's shelter needs.
    Shelter = 0,
    /// What all shelters share: notices, the municipality's rules.
    Shared = 1,
}

impl Scope {
    pub const ALL: [Self; 2] = [Self::Shelter, Self::Shared];
}

/// A place in each log: the number of the last entry read, 0 before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Positions([[u64; 4]; 2]);

impl Positions {
    pub fn at(&self, scope: Scope, lane: Lane) -> u64 {
        self.0[scope as usize][lane as usize]
    }

    pub fn set(&mut self, scope: Scope, lane: Lane, position: u64) {
        self.0[scope as usize][lane as usize] = position;
    }

    /// Every log, most urgent first.
    pub fn logs() -> impl Iterator<Item = (Scope, Lane)> {
        Lane::ALL
            .into_iter()
            .flat_map(|lane| Scope::ALL.into_iter().map(move |scope| (scope, lane)))
    }
}

/// What the session must be told to go on. One is open at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// What is remembered of this peer. → [`Answer::Greeting`]
    Greeting,
    /// The sums over everything held, where the logs end, and the sums over what a reader who
    /// stands at `seen` lacks, all at one moment. → [`Answer::Standing`]
    Standing { seen: Positions },
    /// The entries of one log after a position, at most about `bytes_max` of changes but at least
    /// one, in order. Left out: what came from the peer (unless `all`), what the same peer gets
    /// through a more urgent lane, what is quarantined. → [`Answer::Range`]
    Range {
        scope: Scope,
        lane: Lane,
        after: u64,
        bytes_max: usize,
        all: bool,
    },
    /// Keep what arrived, in one transaction; answer after the commit. → [`Answer::Committed`]
    Commit(Incoming),
    /// The peer has committed our logs up to here. → [`Answer::Done`]
    Seen(Positions),
    /// Our cursors into the peer's logs, whose epoch is this, and its cursors into ours.
    /// → [`Answer::Done`]
    Advance {
        their_epoch: u64,
        cursor: Positions,
        seen: Positions,
    },
    /// The digests differ although each says it has all: report it loudly. → [`Answer::Done`]
    Differs,
}

/// What arrived in one batch.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    pub scope: Scope,
    pub lane: Lane,
    /// The epoch of the peer's log, and where our cursor into that scope and lane stands after this
    /// batch; kept in the same transaction as the changes.
    pub their_epoch: u64,
    pub cursor: u64,
    /// The author's epoch and signature over the keys in this order; already verified.
    pub epoch: u32,
    pub signature: [u8; 64],
    /// Raw, uninspected changes, each with the hash of its bytes.
    pub changes: Vec<(ChangeKey, Vec<u8>)>,
}

/// Shows counts only.
impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Incoming({:?}, {:?}, to {}, {} changes)",
            self.scope,
            self.lane,
            self.cursor,
            self.changes.len()
        )
    }
}

#[derive(Clone, Debug)]
pub enum Answer {
    Greeting(Greeting),
    Standing(Standing),
    Range(Range),
    Committed(Committed),
    Done,
}

/// What a store remembers of a peer.
#[derive(Clone, Copy, Debug)]
pub struct Greeting {
    /// Random, new whenever our log is not the continuation of what peers have read.
    pub our_epoch: u64,
    /// The epoch of the peer's log that `cursor` is a place in.
    pub their_epoch: Option<u64>,
    /// How far we have read the peer's logs.
    pub cursor: Positions,
    /// How far the peer has read ours, as far as we know.
    pub seen: Positions,
}

#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Over everything held, by scope.
    pub held: [Sum; 2],
    /// Over what the reader lacks and did not send itself, each change once, by scope.
    pub lacking: [Sum; 2],
    /// Where the logs end.
    pub upto: Positions,
}

/// One change at its place in a log.
#[derive(Clone)]
pub struct Entry {
    pub position: u64,
    pub key: ChangeKey,
    pub bytes: Vec<u8>,
}

#[derive(Clone)]
pub struct Range {
    /// By position, ascending.
    pub entries: Vec<Entry>,
    /// The position of the last entry read, including those left out; the end of the log when there
    /// are no more.
    pub upto: u64,
}

/// Shows counts only.
impl std::fmt::Debug for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Range({} changes up to {})",
            self.entries.len(),
            self.upto
        )
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Committed {
    /// Not held before.
    pub new_count: u64,
    pub quarantined_count: u64,
}

#[derive(Debug)]
pub enum Input {
    Frame(Frame),
    Answer(Answer),
}

#[derive(Debug)]
pub enum Output {
    Send(Frame),
    Need(Need),
    /// The peer broke the protocol: tell it, log the reason once, close.
    Refuse(FrameError),
    /// Nothing more to say in this conversation.
    Finished(Outcome),
}

/// How a conversation ended; numbers for the log and the staff page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub sent_count: u64,
    pub received_count: u64,
    pub quarantined_count: u64,
    /// Both digests were compared and found equal.
    pub agreed: bool,
    /// The digests differed at some moment, and everything was streamed.
    pub streamed_all: bool,
}
