//! What every part of headquarters works with.

use crate::clock::Clock;
use crate::ground::Ours;
use crate::store::Db;

pub(crate) struct Hq {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) ours: Ours,
}
