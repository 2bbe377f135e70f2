//! What the store tells a peer: where it stands, and what the peer lacks.

use rusqlite::{Connection, Row, named_params};
use yadori_ledger::id::{ChangeHash, ChangeKey, DocId, NodeId, ShelterId};
use yadori_ledger::session::{Entry, Lane, Positions, Range, Scope, Standing, Sum};

use crate::store::{StoreError, log, scope_name};

/// Everything held, where the logs end, and what a reader who stands at `seen` lacks and did not
/// send itself.
pub(super) fn standing(
    db: &Connection,
    shelter: &ShelterId,
    peer: NodeId,
    seen: &Positions,
) -> Result<Standing, StoreError> {
    let mut upto = Positions::default();
    for (scope, lane) in Positions::logs() {
        upto.set(
            scope,
            lane,
            log::end(db, scope_name(scope, shelter), lane)?.cast_unsigned(),
        );
    }
    let [own, shared] = Scope::ALL;
    Ok(Standing {
        held: [
            log::held(db, scope_name(own, shelter))?,
            log::held(db, scope_name(shared, shelter))?,
        ],
        lacking: [
            lacking(db, shelter, own, peer, seen)?,
            lacking(db, shelter, shared, peer, seen)?,
        ],
        upto,
    })
}

fn lacking(
    db: &Connection,
    shelter: &ShelterId,
    scope: Scope,
    peer: NodeId,
    seen: &Positions,
) -> Result<Sum, StoreError> {
    let mut rows = db.prepare_cached(
        "with seen (lane, upto) as (values (0, :seen_0), (1, :seen_1), (2, :seen_2), (3, :seen_3))
         select distinct l.doc, l.hash, l.fingerprint
           from seen s
           join log l on l.scope = :scope and l.lane = s.lane and l.seq > s.upto
           join change c on c.doc = l.doc and c.hash = l.hash
          where l.origin is not :peer and c.state <> 2
            and not exists (select 1 from log e join seen t on t.lane = e.lane and e.seq <= t.upto
                             where e.scope = l.scope and e.doc = l.doc and e.hash = l.hash)",
    )?;
    let seen = Lane::ALL.map(|lane| seen.at(scope, lane).cast_signed());
    let found = rows.query_map(
        named_params! {
            ":scope": scope_name(scope, shelter), ":peer": peer.as_bytes(),
            ":seen_0": seen[0], ":seen_1": seen[1], ":seen_2": seen[2], ":seen_3": seen[3],
        },
        |row| row.get::<_, [u8; 16]>(2),
    )?;
    let mut sum = Sum::default();
    for fingerprint in found {
        sum.add(u128::from_be_bytes(fingerprint?));
    }
    Ok(sum)
}

/// Which part of which log is wanted.
pub(super) struct Asked {
    pub(super) scope: Scope,
    pub(super) lane: Lane,
    pub(super) after: u64,
    pub(super) bytes_max: usize,
    /// What came from this node is left out.
    pub(super) except: Option<NodeId>,
    /// Where the logs end, as far as this conversation is concerned.
    pub(super) upto: Positions,
}

/// The entries after a position, in order, up to a size but at least one.
pub(super) fn range(
    db: &Connection,
    shelter: &ShelterId,
    asked: &Asked,
) -> Result<Range, StoreError> {
    let Asked { scope, lane, .. } = *asked;
    let end = |lane| asked.upto.at(scope, lane).cast_signed();
    // A change that stands in a more urgent lane as well is sent there.
    let mut statement = db.prepare_cached(
        "with upto (lane, seq) as (values (0, :upto_0), (1, :upto_1), (2, :upto_2))
         select l.seq, l.doc, l.hash, c.bytes
           from log l join change c on c.doc = l.doc and c.hash = l.hash
          where l.scope = :scope and l.lane = :lane and l.seq > :after and l.seq <= :end
            and c.state <> 2 and (:except is null or l.origin is not :except)
            and not exists (select 1 from log e join upto u on u.lane = e.lane and e.seq <= u.seq
                             where e.scope = l.scope and e.doc = l.doc and e.hash = l.hash
                               and e.lane < l.lane)
          order by l.seq",
    )?;
    let mut rows = statement.query(named_params! {
        ":scope": scope_name(scope, shelter),
        ":lane": lane as u8,
        ":after": asked.after.cast_signed(),
        ":end": end(lane),
        ":except": asked.except.as_ref().map(NodeId::as_bytes),
        ":upto_0": end(Lane::Emergency), ":upto_1": end(Lane::People), ":upto_2": end(Lane::Aid),
    })?;
    let mut range = Range {
        entries: Vec::new(),
        upto: asked.after,
    };
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        bytes += entry.bytes.len();
        if bytes > asked.bytes_max && !range.entries.is_empty() {
            return Ok(range);
        }
        range.upto = entry.position;
        range.entries.push(entry);
    }
    range.upto = asked.after.max(asked.upto.at(scope, lane));
    Ok(range)
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let doc = DocId::from_bytes(&row.get::<_, [u8; 16]>(1)?);
    let doc = doc.map_err(|error| StoreError::Document(error.to_string()))?;
    let key = ChangeKey {
        doc,
        hash: ChangeHash::new(row.get(2)?),
    };
    Ok(Entry {
        position: row.get::<_, i64>(0)?.cast_unsigned(),
        key,
        bytes: row.get(3)?,
    })
}
