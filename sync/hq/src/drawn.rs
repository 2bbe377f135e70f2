//! Rows that are drawn from a document. Making them needs no database and may take a while, so it
//! is done beside the transaction; storing them is done inside.

use yadori_ledger::document::{Document, DocumentError};
use yadori_ledger::id::{DocId, DocKind, ShelterId};

use crate::aid::{self, Share};
use crate::registry;
use crate::store::{StoreError, Tx};

/// What a document looks like on the console.
pub(crate) enum Drawn {
    Household(registry::Drawn),
    Day(aid::Drawn),
    Finding(aid::DrawnFinding),
    /// A kind that no page shows yet; its changes travel all the same.
    Nothing,
}

impl Drawn {
    pub(crate) fn of(document: &Document) -> Result<Self, DocumentError> {
        Ok(match document.id().kind()? {
            DocKind::Household => Self::Household(registry::Drawn::of(document)?),
            DocKind::Ledger => Self::Day(aid::Drawn::of(document)?),
            DocKind::Finding => Self::Finding(aid::DrawnFinding::of(document)?),
            DocKind::Shelter
            | DocKind::Notice
            | DocKind::Request
            | DocKind::Link
            | DocKind::Municipality => Self::Nothing,
        })
    }

    /// The shelters that the document itself concerns.
    pub(crate) fn shelters(&self) -> &[ShelterId] {
        match self {
            Self::Household(drawn) => &drawn.shelters,
            Self::Day(drawn) => drawn.shelter.as_slice(),
            Self::Finding(drawn) => &drawn.shelters,
            Self::Nothing => &[],
        }
    }

    /// Replaces the document's rows. Tells which shares must be compared with other ledgers.
    pub(crate) async fn store(&self, tx: &Tx, doc: DocId) -> Result<Vec<Share>, StoreError> {
        match self {
            Self::Household(drawn) => drawn.store(tx, doc).await.map(|()| Vec::new()),
            Self::Day(drawn) => drawn.store(tx, doc).await,
            Self::Finding(drawn) => drawn.store(tx, doc).await.map(|()| Vec::new()),
            Self::Nothing => Ok(Vec::new()),
        }
    }
}
