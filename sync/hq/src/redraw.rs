//! Draws all rows anew from the changes: after an update that reads documents otherwise, or when
//! rows are doubted. Pages go on; each household is right again as its turn comes.

use yadori_ledger::id::{ActorId, DocId};

use crate::drawn::Drawn;
use crate::ground::{self, GroundError};
use crate::store::{Db, Tx, params, statements};

statements! {
    NEXT = "select doc from doc where doc > $1 order by doc limit $2";
}

/// Documents in one transaction.
const DOCUMENTS_AT_ONCE: i64 = 50;

/// Redraws every document; returns how many.
pub async fn redraw(db: &Db) -> Result<u64, GroundError> {
    let (mut count, mut after) = (0, Vec::new());
    loop {
        let from = &after;
        let drawn = db.write(|tx| async move { some(&tx, from).await }).await?;
        count += drawn.len() as u64;
        match drawn.into_iter().next_back() {
            Some(last) => after = last.as_bytes().to_vec(),
            None => return Ok(count),
        }
    }
}

async fn some(tx: &Tx, after: &[u8]) -> Result<Vec<DocId>, GroundError> {
    let rows = tx.rows(NEXT, params![after, DOCUMENTS_AT_ONCE]).await?;
    let mut drawn = Vec::new();
    for row in rows {
        let doc = DocId::from_bytes(&row.get::<Vec<u8>>("doc")?)?;
        one(tx, doc).await?;
        drawn.push(doc);
    }
    Ok(drawn)
}

async fn one(tx: &Tx, doc: DocId) -> Result<(), GroundError> {
    ground::lock(tx, doc).await?;
    // Nothing is written with it, so any actor will do.
    if let Some(document) = ground::document(tx, doc, ActorId::new([0; 16])).await? {
        Drawn::of(&document)?.store(tx, doc).await?;
    }
    Ok(())
}
