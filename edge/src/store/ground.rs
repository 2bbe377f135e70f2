//! Ground truth: the raw changes. Nothing here knows what a change says.

use rusqlite::{Connection, OptionalExtension, params};
use yadori_ledger::clock::Stamp;
use yadori_ledger::document::{Document, NewChange};
use yadori_ledger::frame::hash_of;
use yadori_ledger::id::{ActorId, ChangeHash, ChangeKey, DocId, NodeId};
use yadori_ledger::session::Lane;

use super::{StoreError, Tx, log};

/// What became of a change on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Applied,
    /// What it builds on is not here yet.
    Waiting,
    /// Refused for this reason; kept so that a person can look and nobody sends it again.
    Quarantined(String),
}

impl State {
    fn code(&self) -> i64 {
        match self {
            Self::Applied => 0,
            Self::Waiting => 1,
            Self::Quarantined(_) => 2,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Quarantined(reason) => Some(reason),
            Self::Applied | Self::Waiting => None,
        }
    }
}

/// A change with everything that the store keeps beside it.
pub struct Kept<'a> {
    pub change: &'a NewChange,
    /// `None` when the change cannot be read.
    pub actor: Option<ActorId>,
    pub scope: &'a str,
    pub lane: Lane,
    /// The peer that brought it; `None` when it was written here.
    pub origin: Option<NodeId>,
    pub state: State,
}

impl Tx<'_> {
    /// A new document; its id must be new too.
    pub fn create(&self, id: DocId) -> Result<Document, StoreError> {
        Ok(Document::create(id, self.actor())?)
    }

    /// A stored document, as of this transaction.
    pub fn document(&self, id: DocId) -> Result<Document, StoreError> {
        document(self, id, self.actor())
    }

    /// Closes what was written into `document` into one change, keeps it in the node's own scope
    /// and redraws the document's rows. `None` when nothing was written.
    pub fn record(
        &self,
        document: &mut Document,
        stamp: &Stamp,
        lane: Lane,
    ) -> Result<Option<ChangeKey>, StoreError> {
        let Some(change) = document.commit(stamp)? else {
            return Ok(None);
        };
        self.keep(document, &change, lane)?;
        Ok(Some(change.key))
    }

    /// Keeps a change that was written by this node and is in `document` already, and redraws the
    /// document's rows. Says whether the change was new.
    pub fn keep(
        &self,
        document: &Document,
        change: &NewChange,
        lane: Lane,
    ) -> Result<bool, StoreError> {
        let scope = self.shelter().as_str();
        let actor = Some(self.actor());
        let added = keep(
            self,
            &Kept {
                change,
                actor,
                scope,
                lane,
                origin: None,
                state: State::Applied,
            },
        )?;
        self.draw(document)?;
        Ok(added)
    }

    pub(super) fn draw(&self, document: &Document) -> Result<(), StoreError> {
        (self.node.draw)(self, document)
    }
}

/// The document that the applied changes make, as `actor` would go on writing it.
pub fn document(db: &Connection, id: DocId, actor: ActorId) -> Result<Document, StoreError> {
    let changes = db
        .prepare_cached("select bytes from change where doc = ?1 and state = 0 order by at")?
        .query_map([id.as_bytes()], |row| row.get::<_, Vec<u8>>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    if changes.is_empty() {
        return Err(StoreError::Unknown(id.to_string()));
    }
    Ok(Document::open(id, actor, changes)?)
}

/// How often the document changed here; a page shows it and a form brings it back.
pub fn rev(db: &Connection, id: DocId) -> Result<Option<i64>, StoreError> {
    let found = db
        .prepare_cached("select rev from doc where doc = ?1")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Keeps a change once, however often it comes, and tells its scope. One that was waiting takes its
/// new state, and its place behind what it builds on. Says whether anything is new.
pub fn keep(db: &Connection, kept: &Kept<'_>) -> Result<bool, StoreError> {
    let ChangeKey { doc, hash } = kept.change.key;
    db.prepare_cached("insert into doc (doc, kind) values (?1, ?2) on conflict do nothing")?
        .execute(params![doc.as_bytes(), doc.as_bytes()[0]])?;
    let stored =
        db.prepare_cached(
            "insert into change (doc, hash, bytes, actor, lane, origin, state, reason)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             on conflict (doc, hash) do update
                set state = excluded.state, reason = excluded.reason,
                    at = (select max(at) + 1 from change)
              where change.state = 1 and excluded.state <> 1",
        )?
        .execute(params![
            doc.as_bytes(),
            hash.as_bytes(),
            kept.change.bytes,
            kept.actor.as_ref().map(ActorId::as_bytes),
            kept.lane as u8,
            kept.origin.as_ref().map(NodeId::as_bytes),
            kept.state.code(),
            kept.state.reason(),
        ])? == 1;
    if stored && kept.state == State::Applied {
        db.prepare_cached("update doc set rev = rev + 1 where doc = ?1")?
            .execute([doc.as_bytes()])?;
    }
    enter(db, kept)?;
    Ok(stored)
}

/// Tells a scope that it holds a stored change.
fn enter(db: &Connection, kept: &Kept<'_>) -> Result<(), StoreError> {
    let key = kept.change.key;
    log::promote(db, kept.scope, kept.lane, key.doc)?;
    log::append(db, kept.scope, kept.lane, key, kept.origin)
}

/// Draws every document anew. Says how many.
pub fn redraw_all(tx: &Tx<'_>) -> Result<u64, StoreError> {
    let docs = tx
        .prepare("select distinct doc from change where state = 0 order by doc")?
        .query_map([], |row| row.get::<_, Vec<u8>>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    for doc in &docs {
        let id = DocId::from_bytes(doc).map_err(|error| StoreError::Document(error.to_string()))?;
        tx.draw(&tx.document(id)?)?;
    }
    Ok(docs.len() as u64)
}

/// Compares every change with its hash and every digest with its log; for `yadori-edge check`.
/// Says how many changes there are.
pub fn verify(db: &Connection) -> Result<i64, StoreError> {
    let mut changes = db.prepare("select hash, bytes from change")?;
    let mut rows = changes.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (hash, bytes) = (
            row.get::<_, [u8; 32]>(0)?,
            row.get_ref(1)?.as_blob().unwrap_or_default(),
        );
        if hash_of(bytes) != ChangeHash::new(hash) {
            return Err(StoreError::Damaged);
        }
        count += 1;
    }
    let mut scopes = db.prepare("select scope from scope_digest")?;
    for scope in scopes.query_map([], |row| row.get::<_, String>(0))? {
        if !log::is_sound(db, &scope?)? {
            return Err(StoreError::Damaged);
        }
    }
    Ok(count)
}
