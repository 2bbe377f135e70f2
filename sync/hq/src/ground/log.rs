//! What each scope got, by urgency and in order, and the digest of it.
//!
//! Only applied changes are in a log, each once in a scope. What a node sent and what did not (yet)
//! join a document is withheld: it counts towards that node alone, so that the digests agree, and
//! travels to nobody.

use yadori_ledger::id::{ChangeHash, ChangeKey, DocId, NodeId};
use yadori_ledger::session::{
    Entry as RangeEntry, Lane, Positions, Range, Scope, Standing, Sum, fingerprint,
};

use super::peer::Peer;
use super::{from_sql, to_sql};
use crate::store::{Row, StoreError, Tx, params, statements};

statements! {
    TAKE = "insert into log_next (scope, lane, next) values ($1, $2, cast($3 as bigint) + 1)
            on conflict (scope, lane) do update set next = log_next.next + cast($3 as bigint)
            returning next - cast($3 as bigint) as first";
    APPEND = "insert into log (scope, lane, seq, doc, hash, origin, fingerprint)
              values ($1, $2, $3, $4, $5, $6, $7)";
    ENSURE_DIGEST = "insert into scope_digest (scope, digest, count) values ($1, $2, 0)
                     on conflict (scope) do nothing";
    LOCK_DIGEST = "update scope_digest set count = count + $2 where scope = $1 returning digest";
    SET_DIGEST = "update scope_digest set digest = $2 where scope = $1";
    DIGEST = "select digest, count from scope_digest where scope = $1";
    END = "select next - 1 as last from log_next where scope = $1 and lane = $2";
    WITHHELD = "select fingerprint from withheld where node = $1 and scope = $2";
    LACKING = "select fingerprint from log
                where scope = $1 and lane = $2 and seq > $3 and (origin is null or origin <> $4)";
    RANGE = "select l.seq, l.doc, l.hash, c.bytes
               from log l join change c on c.doc = l.doc and c.hash = l.hash
              where l.scope = $1 and l.lane = $2 and l.seq > $3
                and (l.origin is null or l.origin <> $4 or $5 = 1)
              order by l.seq
              limit $6";
}

/// Rows asked for at once: households of some 700 bytes, and many more hand-outs, fill the bytes
/// that a session asks for.
const RANGE_ROWS_MAX: i64 = 256;

/// One change that a scope gets.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) scope: String,
    pub(crate) lane: Lane,
    pub(crate) key: ChangeKey,
    pub(crate) origin: Option<NodeId>,
}

/// Appends to the logs, in the given order within each. Comes last in a transaction: from here
/// on everybody who writes to the same shelter waits for its end.
pub(crate) async fn append(tx: &Tx, mut entries: Vec<Entry>) -> Result<(), StoreError> {
    entries.sort_by(|a, b| (&a.scope, a.lane).cmp(&(&b.scope, b.lane)));
    for of_scope in entries.chunk_by(|a, b| a.scope == b.scope) {
        for of_lane in of_scope.chunk_by(|a, b| a.lane == b.lane) {
            append_to_lane(tx, of_lane).await?;
        }
        add_to_digest(tx, of_scope).await?;
    }
    Ok(())
}

async fn append_to_lane(tx: &Tx, entries: &[Entry]) -> Result<(), StoreError> {
    let Some(Entry { scope, lane, .. }) = entries.first() else {
        return Ok(());
    };
    let first: i64 = tx
        .one(
            TAKE,
            params![scope, *lane as u8, to_sql(entries.len() as u64)],
        )
        .await?
        .get("first")?;
    let rows = (first..)
        .zip(entries)
        .map(|(seq, Entry { key, origin, .. })| {
            let print = fingerprint(key).to_be_bytes();
            let (doc, hash, origin) = (
                key.doc.as_bytes(),
                key.hash.as_bytes(),
                origin.map(|node| *node.as_bytes()),
            );
            params![scope, *lane as u8, seq, doc, hash, origin, print].to_vec()
        });
    tx.run_each(APPEND, rows.collect()).await
}

async fn add_to_digest(tx: &Tx, entries: &[Entry]) -> Result<(), StoreError> {
    let Some(Entry { scope, .. }) = entries.first() else {
        return Ok(());
    };
    tx.run(ENSURE_DIGEST, params![scope, 0_u128.to_be_bytes()])
        .await?;
    let locked = tx
        .one(LOCK_DIGEST, params![scope, to_sql(entries.len() as u64)])
        .await?;
    let mut digest = u128::from_be_bytes(locked.get("digest")?);
    for entry in entries {
        digest = digest.wrapping_add(fingerprint(&entry.key));
    }
    tx.run(SET_DIGEST, params![scope, digest.to_be_bytes()])
        .await
        .map(drop)
}

/// What is held towards this node, where the logs end, and what a reader at `seen` lacks; all of
/// one moment, because the transaction reads one picture.
pub(crate) async fn standing(
    tx: &Tx,
    peer: &Peer,
    seen: Positions,
) -> Result<Standing, StoreError> {
    let (mut held, mut lacking, mut upto) = (
        [Sum::default(); 2],
        [Sum::default(); 2],
        Positions::default(),
    );
    for scope in Scope::ALL {
        held[scope as usize] = held_towards(tx, peer, scope).await?;
        for lane in Lane::ALL {
            upto.set(scope, lane, end(tx, peer.scope_name(scope), lane).await?);
            let after = seen.at(scope, lane);
            if after < upto.at(scope, lane) {
                add_lacking(tx, peer, (scope, lane), after, &mut lacking[scope as usize]).await?;
            }
        }
    }
    Ok(Standing {
        held,
        lacking,
        upto,
    })
}

async fn held_towards(tx: &Tx, peer: &Peer, scope: Scope) -> Result<Sum, StoreError> {
    let name = peer.scope_name(scope);
    let mut held = match tx.row(DIGEST, params![name]).await? {
        Some(row) => Sum {
            digest: u128::from_be_bytes(row.get("digest")?),
            count: from_sql(row.get("count")?),
        },
        None => Sum::default(),
    };
    for row in tx
        .rows(WITHHELD, params![peer.node.as_bytes(), name])
        .await?
    {
        held.add(print(&row)?);
    }
    Ok(held)
}

async fn add_lacking(
    tx: &Tx,
    peer: &Peer,
    (scope, lane): (Scope, Lane),
    after: u64,
    lacking: &mut Sum,
) -> Result<(), StoreError> {
    let values = params![
        peer.scope_name(scope),
        lane as u8,
        to_sql(after),
        peer.node.as_bytes()
    ];
    for row in tx.rows(LACKING, values).await? {
        lacking.add(print(&row)?);
    }
    Ok(())
}

fn print(row: &Row) -> Result<u128, StoreError> {
    row.get("fingerprint").map(u128::from_be_bytes)
}

async fn end(tx: &Tx, scope: &str, lane: Lane) -> Result<u64, StoreError> {
    let row = tx.row(END, params![scope, lane as u8]).await?;
    row.map_or(Ok(0), |row| row.get("last").map(from_sql))
}

/// The entries of one log after a position that this node did not send itself (unless `all`).
pub(crate) async fn range(
    tx: &Tx,
    peer: &Peer,
    (scope, lane): (Scope, Lane),
    after: u64,
    bytes_max: usize,
    all: bool,
) -> Result<Range, StoreError> {
    let name = peer.scope_name(scope);
    let values = params![
        name,
        lane as u8,
        to_sql(after),
        peer.node.as_bytes(),
        all,
        RANGE_ROWS_MAX
    ];
    let rows = tx.rows(RANGE, values).await?;
    let is_all = (rows.len() as i64) < RANGE_ROWS_MAX;
    let (mut entries, mut upto, mut bytes_count) = (Vec::new(), after, 0);
    for row in rows {
        let bytes: Vec<u8> = row.get("bytes")?;
        if !entries.is_empty() && bytes_count + bytes.len() > bytes_max {
            return Ok(Range { entries, upto });
        }
        bytes_count += bytes.len();
        upto = from_sql(row.get("seq")?);
        entries.push(RangeEntry {
            position: upto,
            key: key(&row)?,
            bytes,
        });
    }
    if is_all {
        upto = end(tx, name, lane).await?.max(upto);
    }
    Ok(Range { entries, upto })
}

fn key(row: &Row) -> Result<ChangeKey, StoreError> {
    let doc = DocId::from_bytes(&row.get::<Vec<u8>>("doc")?)
        .map_err(|_| StoreError::Damaged("log.doc"))?;
    Ok(ChangeKey {
        doc,
        hash: ChangeHash::new(row.get("hash")?),
    })
}
