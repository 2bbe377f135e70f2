//! What every part of headquarters works with.

use std::sync::Arc;

use crate::clock::Clock;
use crate::ground::Ours;
use crate::store::Db;

/// Headquarters; clones are cheap.
#[derive(Clone)]
pub(crate) struct Hq {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) ours: Ours,
}

impl Hq {
    pub(crate) fn new(db: Db, clock: Clock, ours: Ours) -> Arc<Self> {
        Arc::new(Self { db, clock, ours })
    }
}
