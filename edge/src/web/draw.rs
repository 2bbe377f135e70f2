//! Which feature draws the rows of which kind of document; given to the store at opening.

use yadori_ledger::document::Document;
use yadori_ledger::id::DocKind;

use crate::store::{StoreError, Tx};
use crate::{aid, registry};

/// Draws the rows of one document. Kinds that no page shows yet have none.
pub fn draw(tx: &Tx<'_>, document: &Document) -> Result<(), StoreError> {
    match document.id().kind() {
        Ok(DocKind::Household) => registry::draw::draw(tx, document),
        Ok(DocKind::Ledger) => aid::draw::draw(tx, document),
        Ok(DocKind::Finding) => aid::draw::draw_finding(tx, document),
        Ok(
            DocKind::Shelter
            | DocKind::Notice
            | DocKind::Request
            | DocKind::Link
            | DocKind::Municipality,
        )
        | Err(_) => Ok(()),
    }
}
