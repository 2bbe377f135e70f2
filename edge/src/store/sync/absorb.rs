//! Takes in what a peer sent: the guard judges every change before the document engine sees it;
//! what it refuses is kept apart with the reason and blocks nothing else.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::params;
use yadori_ledger::document::{Document, NewChange};
use yadori_ledger::event;
use yadori_ledger::guard::{self, Absorbed};
use yadori_ledger::id::{ChangeHash, ChangeKey, DocId, NodeId};
use yadori_ledger::session::{Committed, Incoming};

use super::places;
use crate::store::ground::{self, Kept, State};
use crate::store::{StoreError, Tx, scope_name};

/// One batch, in one transaction: the changes, the rows drawn from them, and our place in the
/// peer's log.
pub(super) fn commit(
    tx: &Tx<'_>,
    peer: NodeId,
    incoming: &Incoming,
) -> Result<Committed, StoreError> {
    let mut by_doc: BTreeMap<DocId, Vec<&(ChangeKey, Vec<u8>)>> = BTreeMap::new();
    for change in &incoming.changes {
        by_doc.entry(change.0.doc).or_default().push(change);
    }
    let mut committed = Committed::default();
    for (doc, changes) in by_doc {
        let arrived = Arrived {
            tx,
            peer,
            incoming,
            doc,
        };
        arrived.take_in(&changes, &mut committed)?;
    }
    let place = (incoming.scope, incoming.lane, incoming.cursor);
    places::advance_log(tx, tx.shelter(), peer, incoming.their_epoch, place)?;
    Ok(committed)
}

/// What arrived for one document.
struct Arrived<'a> {
    tx: &'a Tx<'a>,
    peer: NodeId,
    incoming: &'a Incoming,
    doc: DocId,
}

impl Arrived<'_> {
    fn take_in(
        &self,
        changes: &[&(ChangeKey, Vec<u8>)],
        committed: &mut Committed,
    ) -> Result<(), StoreError> {
        let mut bytes_of = self.with_state(1)?; // those that wait may be ready now
        for (key, bytes) in changes {
            if self.is_held(key.hash)? {
                self.tell_scope(key.hash)?;
            } else {
                committed.new_count += 1;
                bytes_of.insert(key.hash, bytes.clone());
            }
        }
        if bytes_of.is_empty() {
            return Ok(());
        }
        let stored: Vec<Vec<u8>> = self.with_state(0)?.into_values().collect();
        let judged = guard::absorb(
            self.doc,
            self.tx.actor(),
            &stored,
            bytes_of.clone().into_iter().collect(),
        );
        self.store(judged, &bytes_of, committed)
    }

    fn store(
        &self,
        judged: Absorbed,
        bytes_of: &BTreeMap<ChangeHash, Vec<u8>>,
        committed: &mut Committed,
    ) -> Result<(), StoreError> {
        for hash in &judged.landed {
            self.keep(*hash, &bytes_of[hash], State::Applied)?;
        }
        for hash in &judged.waiting {
            self.keep(*hash, &bytes_of[hash], State::Waiting)?;
        }
        for (hash, refusal) in &judged.refused {
            tracing::warn!(peer = %self.peer, doc = %self.doc, reason = refusal.key(), "a change is quarantined");
            self.keep(
                *hash,
                &bytes_of[hash],
                State::Quarantined(refusal.key().into()),
            )?;
            committed.quarantined_count += 1;
        }
        match judged.document {
            Some(document) if !judged.landed.is_empty() => self.show(&document),
            Some(_) => Ok(()),
            None => {
                tracing::error!(doc = %self.doc, "what is stored makes no document: its changes wait");
                Ok(())
            }
        }
    }

    fn keep(&self, hash: ChangeHash, bytes: &[u8], state: State) -> Result<(), StoreError> {
        let change = NewChange {
            key: ChangeKey {
                doc: self.doc,
                hash,
            },
            bytes: bytes.to_vec(),
        };
        let actor = guard::inspect(bytes).ok().map(|about| about.actor);
        let scope = scope_name(self.incoming.scope, self.tx.shelter());
        let (lane, origin) = (self.incoming.lane, Some(self.peer));
        ground::keep(
            self.tx,
            &Kept {
                change: &change,
                actor,
                scope,
                lane,
                origin,
                state,
            },
        )?;
        Ok(())
    }

    /// A change that another scope brought, or that came once more.
    fn tell_scope(&self, hash: ChangeHash) -> Result<(), StoreError> {
        let scope = scope_name(self.incoming.scope, self.tx.shelter());
        let key = ChangeKey {
            doc: self.doc,
            hash,
        };
        crate::store::log::append(self.tx, scope, self.incoming.lane, key, Some(self.peer))
    }

    /// Draws the document, and goes on in the order of time from what it says.
    fn show(&self, document: &Document) -> Result<(), StoreError> {
        let events = event::read::<()>(document)?;
        self.tx.saw(event::lamport_max(&events.known));
        self.tx.execute_batch("savepoint drawing")?;
        let drawn = catch_unwind(AssertUnwindSafe(|| self.tx.draw(document)));
        let drawn = drawn.unwrap_or_else(|_| Err(StoreError::Panicked("drawing".into())));
        match drawn {
            Ok(()) => {}
            Err(error) if error.is_of_the_disk() => return Err(error),
            // A page that cannot show one document must not stop the others from arriving.
            Err(error) => {
                tracing::error!(doc = %self.doc, %error, "a document is stored but its rows cannot be drawn");
                self.tx.execute_batch("rollback to drawing")?;
            }
        }
        self.tx.execute_batch("release drawing")?;
        Ok(())
    }

    fn is_held(&self, hash: ChangeHash) -> Result<bool, StoreError> {
        let held = self
            .tx
            .prepare_cached("select 1 from change where doc = ?1 and hash = ?2")?
            .exists(params![self.doc.as_bytes(), hash.as_bytes()])?;
        Ok(held)
    }

    fn with_state(&self, state: u8) -> Result<BTreeMap<ChangeHash, Vec<u8>>, StoreError> {
        let found = self
            .tx
            .prepare_cached("select hash, bytes from change where doc = ?1 and state = ?2")?
            .query_map(params![self.doc.as_bytes(), state], |row| {
                Ok((ChangeHash::new(row.get(0)?), row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        Ok(found)
    }
}
