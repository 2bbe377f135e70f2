//! Aid as headquarters sees it: who got which share where, and what was handed out twice.

mod draw;
mod finding;
mod page;

use crate::store::Sql;

pub(crate) use draw::{Drawn, Share};
pub(crate) use finding::{DrawnFinding, look_for_doubles};
pub(crate) use page::router;

pub(crate) fn statements() -> impl Iterator<Item = Sql> {
    [draw::STATEMENTS, finding::STATEMENTS, page::STATEMENTS]
        .into_iter()
        .flatten()
        .copied()
}
