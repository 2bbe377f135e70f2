//! Headquarters without its doors: the store towards one node, and what officers decide. The
//! listeners and the console stand on it; a simulation uses it alone.

use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use yadori_ledger::document::Document;
use yadori_ledger::id::{DocId, DocKind, NodeId, ShelterId};
use yadori_transport::drive::Store;

use crate::clock::Clock;
use crate::ground::{self, GroundError, Ours, OursError};
use crate::hq::Hq;
use crate::intake::Towards;
use crate::store::{Db, Sql, StoreError, params, statements};
use crate::{membership, node, own};

statements! {
    DOCUMENTS = "select doc from doc d
                  where d.kind = $1
                    and exists (select 1 from change c where c.doc = d.doc and c.state = 0)
                  order by d.doc";
    PEOPLE = "select count(*) as n from person where active = 1";
    QUARANTINED = "select count(*) as n from change where state = 2";
}

/// Clones are cheap.
#[derive(Clone)]
pub struct Headquarters(pub(crate) Arc<Hq>);

impl Headquarters {
    /// Headquarters of this key over an open database; a new database becomes its own.
    pub async fn open(db: Db, key: &VerifyingKey, clock: Clock) -> Result<Self, OursError> {
        let ours = Ours::open(&db, key).await?;
        Ok(Self(Arc::new(Hq { db, clock, ours })))
    }

    /// The writer's epoch, with which a session signs.
    pub fn epoch(&self) -> u32 {
        self.0.ours.epoch
    }

    /// The store as a conversation with this node sees it; `None` when the node is not admitted.
    pub async fn towards(&self, node: NodeId) -> Result<Option<impl Store + use<>>, StoreError> {
        let peer = node::admitted(&self.0, node).await?;
        Ok(peer.map(|peer| Towards {
            hq: Arc::clone(&self.0),
            peer,
        }))
    }

    /// Sends a household to a shelter that expects it. `Some(false)` when it belonged to it already;
    /// `None` when there is no such document.
    pub async fn send(&self, doc: DocId, to: &ShelterId) -> Result<Option<bool>, GroundError> {
        membership::send(&self.0, doc, to, i64::from(own::HEADQUARTERS)).await
    }

    /// The documents of a kind, by id.
    pub async fn documents(&self, kind: DocKind) -> Result<Vec<DocId>, GroundError> {
        let read = self
            .0
            .db
            .read(|tx| async move { tx.rows(DOCUMENTS, params![kind as u8]).await });
        let rows = read.await?;
        rows.iter()
            .map(|row| Ok(DocId::from_bytes(&row.get::<Vec<u8>>("doc")?)?))
            .collect()
    }

    /// A document as all that has landed makes it.
    pub async fn document(&self, id: DocId) -> Result<Option<Document>, GroundError> {
        let hq = &self.0;
        let read = hq
            .db
            .read(|tx| async move { ground::document(&tx, id, hq.ours.actor).await });
        read.await
    }

    /// Rows of people whose entry stands: somebody who stands in two households counts twice here.
    pub async fn people_count(&self) -> Result<i64, StoreError> {
        self.count(PEOPLE).await
    }

    /// Changes that were refused.
    pub async fn quarantined_count(&self) -> Result<i64, StoreError> {
        self.count(QUARANTINED).await
    }

    async fn count(&self, sql: Sql) -> Result<i64, StoreError> {
        let read = self
            .0
            .db
            .read(|tx| async move { tx.one(sql, params![]).await });
        read.await?.get("n")
    }
}
