//! How far this node and a peer have read each other.

use rusqlite::{Connection, OptionalExtension, params};
use yadori_ledger::id::{NodeId, ShelterId};
use yadori_ledger::session::{Greeting, Lane, Positions, Scope};

use crate::store::{StoreError, scope_name};

pub(super) fn greeting(
    db: &Connection,
    shelter: &ShelterId,
    peer: NodeId,
    log_epoch: u64,
) -> Result<Greeting, StoreError> {
    let mut greeting = Greeting {
        our_epoch: log_epoch,
        their_epoch: epoch(db, peer)?,
        cursor: Positions::default(),
        seen: Positions::default(),
    };
    let mut rows = db.prepare_cached(
        "select cursor_in, acked from peer_log where node = ?1 and scope = ?2 and lane = ?3",
    )?;
    for (scope, lane) in Positions::logs() {
        let at = params![peer.as_bytes(), scope_name(scope, shelter), lane as u8];
        let found = rows
            .query_row(at, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
            .optional()?;
        let (cursor, seen) = found.unwrap_or_default();
        greeting.cursor.set(scope, lane, cursor.cast_unsigned());
        greeting.seen.set(scope, lane, seen.cast_unsigned());
    }
    Ok(greeting)
}

fn epoch(db: &Connection, peer: NodeId) -> Result<Option<u64>, StoreError> {
    let epoch = db
        .prepare_cached("select log_epoch from peer where node = ?1")?
        .query_row([peer.as_bytes()], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(epoch.map(i64::cast_unsigned))
}

/// The peer has committed our logs up to here.
pub(super) fn seen(
    db: &Connection,
    shelter: &ShelterId,
    peer: NodeId,
    seen: &Positions,
) -> Result<(), StoreError> {
    let mut write = db.prepare_cached(
        "insert into peer_log (node, scope, lane, acked) values (?1, ?2, ?3, ?4)
         on conflict (node, scope, lane) do update set acked = excluded.acked",
    )?;
    for (scope, lane) in Positions::logs() {
        let acked = seen.at(scope, lane).cast_signed();
        write.execute(params![
            peer.as_bytes(),
            scope_name(scope, shelter),
            lane as u8,
            acked
        ])?;
    }
    Ok(())
}

/// We have read the peer's logs up to here.
pub(super) fn advance(
    db: &Connection,
    shelter: &ShelterId,
    peer: NodeId,
    their_epoch: u64,
    cursor: &Positions,
) -> Result<(), StoreError> {
    begin(db, peer, their_epoch)?;
    for (scope, lane) in Positions::logs() {
        advance_one(
            db,
            scope_name(scope, shelter),
            lane,
            peer,
            cursor.at(scope, lane),
        )?;
    }
    Ok(())
}

/// As [`advance`], for the one log that a batch is from.
pub(super) fn advance_log(
    db: &Connection,
    shelter: &ShelterId,
    peer: NodeId,
    their_epoch: u64,
    (scope, lane, cursor): (Scope, Lane, u64),
) -> Result<(), StoreError> {
    begin(db, peer, their_epoch)?;
    advance_one(db, scope_name(scope, shelter), lane, peer, cursor)
}

/// Places in logs of another epoch mean nothing any more.
fn begin(db: &Connection, peer: NodeId, their_epoch: u64) -> Result<(), StoreError> {
    if epoch(db, peer)? == Some(their_epoch) {
        return Ok(());
    }
    db.prepare_cached(
        "insert into peer (node, log_epoch) values (?1, ?2)
         on conflict (node) do update set log_epoch = excluded.log_epoch",
    )?
    .execute(params![peer.as_bytes(), their_epoch.cast_signed()])?;
    db.prepare_cached("update peer_log set cursor_in = 0 where node = ?1")?
        .execute([peer.as_bytes()])?;
    Ok(())
}

fn advance_one(
    db: &Connection,
    scope: &str,
    lane: Lane,
    peer: NodeId,
    cursor: u64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert into peer_log (node, scope, lane, cursor_in) values (?1, ?2, ?3, ?4)
         on conflict (node, scope, lane) do update set cursor_in = excluded.cursor_in",
    )?
    .execute(params![
        peer.as_bytes(),
        scope,
        lane as u8,
        cursor.cast_signed()
    ])?;
    Ok(())
}
