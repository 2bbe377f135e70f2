//! Documents and their raw changes.

use yadori_ledger::document::Document;
use yadori_ledger::id::{ActorId, ChangeHash, ChangeKey, DocId, NodeId};
use yadori_ledger::session::{Lane, fingerprint};

use super::{GroundError, lane_of};
use crate::store::{Row, StoreError, Tx, params, statements};

statements! {
    ENSURE = "insert into doc (doc, kind) values ($1, $2) on conflict (doc) do nothing";
    LOCK = "update doc set rev = rev + 1 where doc = $1 returning rev";
    OF_DOCUMENT = "select hash, bytes, lane, origin, state, landed from change
                    where doc = $1 order by landed asc nulls last, hash";
    LANDED = "select hash, lane, origin from change where doc = $1 and state = 0 order by landed";
    KEEP = "insert into change (doc, hash, bytes, actor, lane, origin, batch, state, reason, landed, arrived_s)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict (doc, hash) do update set
                actor = excluded.actor, lane = excluded.lane, origin = excluded.origin,
                batch = excluded.batch, state = excluded.state, reason = excluded.reason,
                landed = excluded.landed";
    JUDGE = "update change set state = $3, reason = $4, landed = $5 where doc = $1 and hash = $2";
    WITHHOLD = "insert into withheld (node, scope, doc, hash, fingerprint) values ($1, $2, $3, $4, $5)
                on conflict (node, scope, doc, hash) do nothing";
}

/// What became of a change. The numbers stand in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Applied = 0,
    /// Something that it builds on is not here yet.
    Waiting = 1,
    Quarantined = 2,
}

/// A change as the table has it.
pub(crate) struct Stored {
    pub(crate) hash: ChangeHash,
    pub(crate) bytes: Vec<u8>,
    pub(crate) state: State,
    pub(crate) lane: Lane,
    pub(crate) origin: Option<NodeId>,
}

/// A change to store.
pub(crate) struct Kept<'a> {
    pub(crate) key: ChangeKey,
    pub(crate) bytes: &'a [u8],
    /// `None` when the bytes do not even tell that.
    pub(crate) actor: Option<ActorId>,
    pub(crate) lane: Lane,
    /// The node that sent it; `None` for our own.
    pub(crate) origin: Option<NodeId>,
    pub(crate) batch: Option<i64>,
    pub(crate) state: State,
    pub(crate) reason: Option<&'a str>,
    /// Its place among those that joined the document.
    pub(crate) landed: Option<i64>,
    pub(crate) arrived_s: i64,
}

/// Takes the document's row lock; nobody else writes it until this transaction ends.
pub(crate) async fn lock(tx: &Tx, doc: DocId) -> Result<(), StoreError> {
    tx.run(ENSURE, params![doc.as_bytes(), doc.as_bytes()[0]])
        .await?;
    tx.one(LOCK, params![doc.as_bytes()]).await.map(drop)
}

/// All changes of a document, those that landed first and in that order.
pub(crate) async fn of_document(tx: &Tx, doc: DocId) -> Result<Vec<Stored>, StoreError> {
    let rows = tx.rows(OF_DOCUMENT, params![doc.as_bytes()]).await?;
    rows.iter().map(stored).collect()
}

fn stored(row: &Row) -> Result<Stored, StoreError> {
    let state = match row.get::<i64>("state")? {
        0 => State::Applied,
        1 => State::Waiting,
        _ => State::Quarantined,
    };
    Ok(Stored {
        hash: ChangeHash::new(row.get("hash")?),
        bytes: row.get("bytes")?,
        state,
        lane: lane_of(row.get("lane")?),
        origin: origin(row)?,
    })
}

/// The document that the applied changes make, as `actor` would go on writing it.
pub(crate) async fn document(
    tx: &Tx,
    id: DocId,
    actor: ActorId,
) -> Result<Option<Document>, GroundError> {
    let landed = applied(of_document(tx, id).await?);
    if landed.is_empty() {
        return Ok(None);
    }
    Ok(Some(Document::open(id, actor, landed)?))
}

/// The bytes of those changes that joined the document.
pub(crate) fn applied(stored: Vec<Stored>) -> Vec<Vec<u8>> {
    let landed = stored
        .into_iter()
        .filter(|change| change.state == State::Applied);
    landed.map(|change| change.bytes).collect()
}

/// The applied changes of a document without their bytes, causes before effects.
pub(crate) async fn landed(
    tx: &Tx,
    doc: DocId,
) -> Result<Vec<(ChangeHash, Lane, Option<NodeId>)>, StoreError> {
    let rows = tx.rows(LANDED, params![doc.as_bytes()]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                ChangeHash::new(row.get("hash")?),
                lane_of(row.get("lane")?),
                origin(row)?,
            ))
        })
        .collect()
}

pub(super) fn origin(row: &Row) -> Result<Option<NodeId>, StoreError> {
    Ok(row.get::<Option<[u8; 16]>>("origin")?.map(NodeId::new))
}

/// Stores a change, or the new verdict on one that is stored.
pub(crate) async fn keep(tx: &Tx, kept: Kept<'_>) -> Result<(), StoreError> {
    let values = params![
        kept.key.doc.as_bytes(),
        kept.key.hash.as_bytes(),
        kept.bytes,
        kept.actor.map(|actor| *actor.as_bytes()),
        kept.lane as u8,
        kept.origin.map(|node| *node.as_bytes()),
        kept.batch,
        kept.state as u8,
        kept.reason,
        kept.landed,
        kept.arrived_s,
    ];
    tx.run(KEEP, values).await.map(drop)
}

/// The new verdict on a change that waited.
pub(crate) async fn land(
    tx: &Tx,
    key: ChangeKey,
    state: State,
    reason: Option<&str>,
    landed: Option<i64>,
) -> Result<(), StoreError> {
    let values = params![
        key.doc.as_bytes(),
        key.hash.as_bytes(),
        state as u8,
        reason,
        landed
    ];
    tx.run(JUDGE, values).await.map(drop)
}

/// Remembers that a node has a change that is in no log of this scope.
pub(crate) async fn withhold(
    tx: &Tx,
    node: NodeId,
    scope: &str,
    key: ChangeKey,
) -> Result<(), StoreError> {
    let print = fingerprint(&key).to_be_bytes();
    let values = params![
        node.as_bytes(),
        scope,
        key.doc.as_bytes(),
        key.hash.as_bytes(),
        print
    ];
    tx.run(WITHHOLD, values).await.map(drop)
}
