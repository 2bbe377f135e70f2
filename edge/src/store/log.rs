//! What this store holds of each scope, by urgency and in order, and its digest.
//!
//! A log is only ever appended to. A change may stand in two lanes: once where it was written, and
//! once before an urgent change that builds on it. The digest counts it once.

use rusqlite::{Connection, OptionalExtension, params};
use yadori_ledger::id::{ChangeHash, ChangeKey, DocId, NodeId};
use yadori_ledger::session::{Lane, Sum, fingerprint};

use super::StoreError;

/// Appends a stored change, unless the scope holds it in this lane or a more urgent one already.
pub(super) fn append(
    db: &Connection,
    scope: &str,
    lane: Lane,
    key: ChangeKey,
    origin: Option<NodeId>,
) -> Result<(), StoreError> {
    let held = most_urgent(db, scope, key)?;
    if held.is_some_and(|held| held <= lane) {
        return Ok(());
    }
    let fingerprint = fingerprint(&key);
    let is_own = held.is_none() && origin.is_none();
    let (position, own) = next_position(db, scope, lane, is_own)?;
    db.prepare_cached(
        "insert into log (scope, lane, seq, doc, hash, origin, fingerprint, own)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        scope,
        lane as u8,
        position,
        key.doc.as_bytes(),
        key.hash.as_bytes(),
        origin.as_ref().map(NodeId::as_bytes),
        fingerprint.to_be_bytes(),
        own,
    ])?;
    if held.is_none() {
        add_to_digest(db, scope, fingerprint)?;
    }
    Ok(())
}

/// An urgent change is of no use without what it builds on: the document's earlier changes that
/// were written here and that no peer has acknowledged go into the urgent lane, ahead of it.
pub(super) fn promote(
    db: &Connection,
    scope: &str,
    lane: Lane,
    doc: DocId,
) -> Result<(), StoreError> {
    let behind = db
        .prepare_cached(
            "select c.hash
               from log l join change c on c.doc = l.doc and c.hash = l.hash
              where l.scope = ?1 and l.doc = ?2 and l.lane > ?3 and l.origin is null
                and not exists (select 1 from peer_log p
                                 where p.scope = l.scope and p.lane = l.lane and p.acked >= l.seq)
              order by c.at",
        )?
        .query_map(params![scope, doc.as_bytes(), lane as u8], |row| row.get(0))?
        .collect::<Result<Vec<[u8; 32]>, _>>()?;
    for hash in behind {
        append(
            db,
            scope,
            lane,
            ChangeKey {
                doc,
                hash: ChangeHash::new(hash),
            },
            None,
        )?;
    }
    Ok(())
}

fn most_urgent(db: &Connection, scope: &str, key: ChangeKey) -> Result<Option<Lane>, StoreError> {
    let lane = db
        .prepare_cached("select min(lane) from log where scope = ?1 and doc = ?2 and hash = ?3")?
        .query_row(
            params![scope, key.doc.as_bytes(), key.hash.as_bytes()],
            |row| row.get::<_, Option<u8>>(0),
        )?;
    Ok(lane.map(Lane::from_code))
}

/// The next place in a log, and how many changes written here stand in it up to that place.
fn next_position(
    db: &Connection,
    scope: &str,
    lane: Lane,
    is_own: bool,
) -> Result<(i64, i64), StoreError> {
    let taken = db
        .prepare_cached(
            "insert into log_next (scope, lane, next, own) values (?1, ?2, 2, ?3)
             on conflict (scope, lane) do update set next = next + 1, own = own + excluded.own
             returning next - 1, own",
        )?
        .query_row(params![scope, lane as u8, is_own], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(taken)
}

/// How many changes written here no peer has acknowledged yet. Costs the same however many they are.
/// One that was sent ahead in a more urgent lane counts until its own lane is acknowledged.
pub(super) fn waiting(db: &Connection) -> Result<i64, StoreError> {
    let count = db
        .prepare_cached(
            "select coalesce(sum(n.own - coalesce(
                        (select l.own from log l
                          where l.scope = n.scope and l.lane = n.lane
                            and l.seq <= (select max(p.acked) from peer_log p
                                           where p.scope = n.scope and p.lane = n.lane)
                          order by l.seq desc limit 1), 0)), 0)
               from log_next n",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(count)
}

/// Where a log ends: the position of its last entry, 0 when it has none.
pub(super) fn end(db: &Connection, scope: &str, lane: Lane) -> Result<i64, StoreError> {
    let next = db
        .prepare_cached("select next from log_next where scope = ?1 and lane = ?2")?
        .query_row(params![scope, lane as u8], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(next.map_or(0, |next| next - 1))
}

fn add_to_digest(db: &Connection, scope: &str, fingerprint: u128) -> Result<(), StoreError> {
    let mut sum = held(db, scope)?;
    sum.add(fingerprint);
    db.prepare_cached(
        "insert into scope_digest (scope, digest, count) values (?1, ?2, ?3)
         on conflict (scope) do update set digest = excluded.digest, count = excluded.count",
    )?
    .execute(params![
        scope,
        sum.digest.to_be_bytes(),
        sum.count.cast_signed()
    ])?;
    Ok(())
}

/// The digest of everything that a scope holds.
pub(super) fn held(db: &Connection, scope: &str) -> Result<Sum, StoreError> {
    let known = db
        .prepare_cached("select digest, count from scope_digest where scope = ?1")?
        .query_row([scope], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, i64>(1)?))
        })
        .optional()?;
    Ok(known.map_or_else(Sum::default, |(digest, count)| Sum {
        digest: u128::from_be_bytes(digest),
        count: count.cast_unsigned(),
    }))
}

/// Whether a scope's digest is that of its log; for `yadori-edge check`.
pub(super) fn is_sound(db: &Connection, scope: &str) -> Result<bool, StoreError> {
    let mut counted = Sum::default();
    let mut rows =
        db.prepare("select distinct doc, hash, fingerprint from log where scope = ?1")?;
    for stored in rows.query_map([scope], |row| row.get::<_, [u8; 16]>(2))? {
        counted.add(u128::from_be_bytes(stored?));
    }
    Ok(counted == held(db, scope)?)
}
