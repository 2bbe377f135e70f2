//! Ground truth at headquarters: raw changes, which scope got them in which order, and how far
//! each node has read. Nothing here knows what a change says or whether it may be taken in.
//!
//! Locks are always taken in the same order, so that two transactions seldom wait for one another
//! in a circle: the node, its documents by id, findings by id, then logs and digests by scope.

mod change;
mod log;
mod membership;
mod ours;
mod peer;

use yadori_ledger::document::DocumentError;
use yadori_ledger::id::IdError;
use yadori_ledger::session::{Lane, Scope};

use crate::store::{Sql, StoreError};

pub(crate) use change::{
    Kept, State, Stored, applied, document, keep, land, landed, lock, of_document, withhold,
};
pub(crate) use log::{Entry, append, range, standing};
pub(crate) use membership::{Why, drop_withheld, enter, is_member, scopes};
pub(crate) use ours::{Ours, tick};
pub use ours::{OursError, renew};
pub(crate) use peer::{Peer, advance, cursor_moved, greeting, seen};

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("a stored id cannot be read: {0}")]
    Id(#[from] IdError),
    #[error("the node is no longer admitted")]
    Revoked,
    #[error("the work on a document was interrupted")]
    Interrupted,
}

/// The scope that all shelters share.
pub(crate) const SHARED: &str = "shared";

/// A scope's name in the tables, as a node of this shelter means it.
pub(crate) fn scope_name(scope: Scope, shelter: &str) -> &str {
    match scope {
        Scope::Shelter => shelter,
        Scope::Shared => SHARED,
    }
}

/// SQL has signed numbers only; positions and epochs keep their bits.
pub(crate) fn to_sql(number: u64) -> i64 {
    number.cast_signed()
}

pub(crate) fn from_sql(number: i64) -> u64 {
    number.cast_unsigned()
}

pub(crate) fn lane_of(stored: i64) -> Lane {
    Lane::from_code(u8::try_from(stored).unwrap_or(u8::MAX))
}

pub(crate) fn statements() -> impl Iterator<Item = Sql> {
    [
        change::STATEMENTS,
        log::STATEMENTS,
        membership::STATEMENTS,
        ours::STATEMENTS,
        peer::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
