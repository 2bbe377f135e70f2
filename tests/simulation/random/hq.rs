//! Headquarters in the simulation: the real store, without its doors.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use yadori_hq::Headquarters;
use yadori_hq::clock::Clock;
use yadori_hq::node::{NewNode, admit};
use yadori_hq::store::Db;
use yadori_ledger::document::Document;
use yadori_ledger::id::{DocId, DocKind, ShelterId};
use yadori_ledger::session::Party;
use yadori_transport::drive::Store;

use super::node::{Node, in_memory};

/// An ordinary evening in 2026; headquarters' clock is right.
const NOW_S: i64 = 1_795_000_000;

pub(super) struct Hq {
    key: SigningKey,
    folder: TempDir,
    generation: u32,
    held: Option<Headquarters>,
}

impl Hq {
    pub(super) async fn open(nodes: &[Node]) -> Self {
        let mut hq = Self {
            key: SigningKey::from_bytes(&[9; 32]),
            folder: in_memory(),
            generation: 0,
            held: None,
        };
        let db = hq.start().await;
        for (at, node) in nodes.iter().enumerate() {
            let new = NewNode {
                key: node.key.verifying_key(),
                shelter: node.shelter.clone(),
                code: format!("N{at:02}").parse().expect("a node code"),
                name: format!("shelter {at}"),
            };
            admit(&db, &new, NOW_S)
                .await
                .expect("nobody else has this key");
        }
        hq
    }

    async fn start(&mut self) -> Db {
        let db = Db::sqlite(&self.file()).await.expect("the file is whole");
        db.migrate().await.expect("tables");
        let clock = Clock::new(|| NOW_S);
        let held = Headquarters::open(db.clone(), &self.key.verifying_key(), clock)
            .await
            .expect("its own database");
        self.held = Some(held);
        db
    }

    /// The process dies: what was not in the file is gone, and nothing is tidied up.
    pub(super) async fn power_cut(&mut self) {
        let old = self.file();
        self.generation += 1;
        for suffix in ["", "-wal"] {
            let from = PathBuf::from(format!("{}{suffix}", old.display()));
            if from.exists() {
                std::fs::copy(&from, format!("{}{suffix}", self.file().display()))
                    .expect("memory is enough");
            }
        }
        self.held = None;
        drop(self.start().await);
    }

    fn file(&self) -> PathBuf {
        self.folder
            .path()
            .join(format!("hq-{}.db", self.generation))
    }

    fn held(&self) -> &Headquarters {
        self.held.as_ref().expect("headquarters is on")
    }

    pub(super) fn key(&self) -> &SigningKey {
        &self.key
    }

    pub(super) fn party(&self) -> Party {
        Party {
            key: self.key.clone(),
            epoch: self.held().epoch(),
        }
    }

    pub(super) async fn peer(&self, node: &Node) -> impl Store + use<> {
        let towards = self
            .held()
            .towards(node.store().node_id())
            .await
            .expect("a sound database");
        towards.expect("admitted at the start")
    }

    /// An officer sends a household on, if there is one.
    pub(super) async fn send(&self, pick: usize, to: &ShelterId) {
        let known = self.households().await;
        if !known.is_empty() {
            self.held()
                .send(known[pick % known.len()], to)
                .await
                .expect("it is known");
        }
    }

    pub(super) async fn households(&self) -> Vec<DocId> {
        self.held()
            .documents(DocKind::Household)
            .await
            .expect("a sound database")
    }

    pub(super) async fn document(&self, id: DocId) -> Document {
        self.held()
            .document(id)
            .await
            .expect("a sound database")
            .expect("it was listed")
    }

    pub(super) async fn people_rows(&self) -> usize {
        usize::try_from(self.held().people_count().await.expect("a sound database"))
            .expect("a count")
    }

    pub(super) async fn quarantined(&self) -> i64 {
        self.held()
            .quarantined_count()
            .await
            .expect("a sound database")
    }
}
