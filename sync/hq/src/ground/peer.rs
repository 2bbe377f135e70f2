//! What is remembered of each node: the epoch of its logs, and how far each side has read.

use ed25519_dalek::VerifyingKey;
use yadori_ledger::id::{NodeId, ShelterId};
use yadori_ledger::session::{Greeting, Lane, Positions, Scope};

use super::{GroundError, Ours, from_sql, lane_of, scope_name, to_sql};
use crate::store::{StoreError, Tx, params, statements};

statements! {
    NODE_EPOCH = "select log_epoch from node where node = $1 and revoked_s is null";
    LOCK_NODE = "update node set last_contact_s = $2 where node = $1 and revoked_s is null returning log_epoch";
    SET_EPOCH = "update node set log_epoch = $2 where node = $1";
    FORGET_CURSORS = "update peer set cursor_in = 0 where node = $1";
    CURSORS = "select lane, cursor_in, acked from peer where node = $1 and scope = $2";
    MOVE_CURSOR = "insert into peer (node, scope, lane, cursor_in, acked) values ($1, $2, $3, $4, 0)
                   on conflict (node, scope, lane) do update set
                       cursor_in = case when peer.cursor_in < excluded.cursor_in
                                        then excluded.cursor_in else peer.cursor_in end";
    SET_ACKED = "insert into peer (node, scope, lane, cursor_in, acked) values ($1, $2, $3, 0, $4)
                 on conflict (node, scope, lane) do update set acked = excluded.acked";
}

/// A node that is connected, proved by its certificate and on the list.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) node: NodeId,
    pub(crate) key: VerifyingKey,
    pub(crate) shelter: ShelterId,
}

impl Peer {
    pub(crate) fn scope_name(&self, scope: Scope) -> &str {
        scope_name(scope, self.shelter.as_str())
    }
}

pub(crate) async fn greeting(tx: &Tx, ours: &Ours, peer: &Peer) -> Result<Greeting, GroundError> {
    let row = tx
        .row(NODE_EPOCH, params![peer.node.as_bytes()])
        .await?
        .ok_or(GroundError::Revoked)?;
    let their_epoch = row.get::<Option<i64>>("log_epoch")?.map(from_sql);
    let (mut cursor, mut seen) = (Positions::default(), Positions::default());
    for scope in Scope::ALL {
        for row in tx
            .rows(
                CURSORS,
                params![peer.node.as_bytes(), peer.scope_name(scope)],
            )
            .await?
        {
            let lane = lane_of(row.get("lane")?);
            cursor.set(scope, lane, from_sql(row.get("cursor_in")?));
            seen.set(scope, lane, from_sql(row.get("acked")?));
        }
    }
    Ok(Greeting {
        our_epoch: ours.log_epoch,
        their_epoch,
        cursor,
        seen,
    })
}

/// We have read the node's log up to here. Also takes the node's row lock, before all others.
pub(crate) async fn cursor_moved(
    tx: &Tx,
    peer: &Peer,
    their_epoch: u64,
    (scope, lane): (Scope, Lane),
    cursor: u64,
    now_s: i64,
) -> Result<(), GroundError> {
    lock_node(tx, peer, their_epoch, now_s).await?;
    move_cursor(tx, peer, (scope, lane), cursor).await?;
    Ok(())
}

/// How far each side has read the other.
pub(crate) async fn advance(
    tx: &Tx,
    peer: &Peer,
    their_epoch: u64,
    cursor: Positions,
    acked: Positions,
    now_s: i64,
) -> Result<(), GroundError> {
    lock_node(tx, peer, their_epoch, now_s).await?;
    for (scope, lane) in Positions::logs() {
        move_cursor(tx, peer, (scope, lane), cursor.at(scope, lane)).await?;
    }
    seen(tx, peer, acked).await?;
    Ok(())
}

/// The node has committed our logs up to here.
pub(crate) async fn seen(tx: &Tx, peer: &Peer, acked: Positions) -> Result<(), StoreError> {
    for (scope, lane) in Positions::logs() {
        let (name, position) = (peer.scope_name(scope), to_sql(acked.at(scope, lane)));
        tx.run(
            SET_ACKED,
            params![peer.node.as_bytes(), name, lane as u8, position],
        )
        .await?;
    }
    Ok(())
}

/// Our place in the node's logs means nothing in logs of another epoch.
async fn lock_node(tx: &Tx, peer: &Peer, their_epoch: u64, now_s: i64) -> Result<(), GroundError> {
    let node = peer.node.as_bytes();
    let row = tx
        .row(LOCK_NODE, params![node, now_s])
        .await?
        .ok_or(GroundError::Revoked)?;
    if row.get::<Option<i64>>("log_epoch")? != Some(to_sql(their_epoch)) {
        tx.run(SET_EPOCH, params![node, to_sql(their_epoch)])
            .await?;
        tx.run(FORGET_CURSORS, params![node]).await?;
    }
    Ok(())
}

async fn move_cursor(
    tx: &Tx,
    peer: &Peer,
    (scope, lane): (Scope, Lane),
    cursor: u64,
) -> Result<(), StoreError> {
    let values = params![
        peer.node.as_bytes(),
        peer.scope_name(scope),
        lane as u8,
        to_sql(cursor)
    ];
    tx.run(MOVE_CURSOR, values).await.map(drop)
}
