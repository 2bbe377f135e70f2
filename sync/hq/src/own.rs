//! What headquarters itself writes into documents: an officer's choice between two answers, a
//! finding. It goes the same way as what comes in: change, logs, rows, all in one transaction.

use yadori_ledger::clock::{By, Stamp, TimeQuality};
use yadori_ledger::document::{Document, NewChange};
use yadori_ledger::id::DocId;
use yadori_ledger::session::Lane;

use crate::drawn::Drawn;
use crate::ground::{self, Entry, GroundError, Kept, State, Why};
use crate::hq::Hq;
use crate::membership;
use crate::store::Tx;

/// The officer's number in what headquarters writes by itself.
pub(crate) const HEADQUARTERS: u32 = 0;

/// A document under its row lock.
pub(crate) struct Open {
    /// `None` when nothing of it is stored.
    pub(crate) known: Option<Document>,
    pub(crate) landed_count: i64,
}

/// Locks a document and reads it as our own actor would go on writing it.
pub(crate) async fn open(tx: &Tx, hq: &Hq, id: DocId) -> Result<Open, GroundError> {
    ground::lock(tx, id).await?;
    let landed = ground::applied(ground::of_document(tx, id).await?);
    let landed_count = i64::try_from(landed.len()).unwrap_or(i64::MAX);
    let known = match landed_count {
        0 => None,
        _ => Some(Document::open(id, hq.ours.actor, landed)?),
    };
    Ok(Open {
        known,
        landed_count,
    })
}

/// The stamp of our next change, later than all that the document knows.
pub(crate) async fn stamp(
    tx: &Tx,
    hq: &Hq,
    by: By,
    lamport_known: u64,
) -> Result<Stamp, GroundError> {
    let lamport = ground::tick(tx, lamport_known).await?;
    Ok(Stamp {
        wall_s: hq.clock.now_s(),
        quality: TimeQuality::Hq,
        by,
        lamport,
    })
}

/// Keeps a change that `document` holds already. The caller appends the entries, last of all.
pub(crate) async fn keep(
    tx: &Tx,
    hq: &Hq,
    document: &Document,
    change: &NewChange,
    (lane, landed): (Lane, i64),
    why: Why,
) -> Result<Vec<Entry>, GroundError> {
    let arrived_s = hq.clock.now_s();
    let kept = Kept {
        key: change.key,
        bytes: &change.bytes,
        actor: Some(hq.ours.actor),
        lane,
        origin: None,
        batch: None,
        state: State::Applied,
        reason: None,
        landed: Some(landed),
        arrived_s,
    };
    ground::keep(tx, kept).await?;
    let drawn = Drawn::of(document)?;
    drawn.store(tx, document.id()).await?;
    let fresh = [(change.key.hash, lane, None)];
    Ok(membership::spread(
        tx,
        document.id(),
        &fresh,
        drawn.shelters(),
        None,
        why,
        arrived_s,
    )
    .await?)
}
