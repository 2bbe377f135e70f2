//! The node's memory: one SQLite file, one writer, many readers.
//!
//! Knows nothing about people or aid. Features bring their own SQL and documents; this module
//! brings the transaction and the promise that what was acknowledged is on disk.
//!
//! Ground truth is the raw changes ([`ground`]). Every other row is drawn from them by the
//! [`Draw`] given at opening and can be thrown away and drawn again.

pub mod contact;
mod error;
mod file;
pub mod ground;
mod log;
mod node;
mod readers;
pub mod sync;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use rusqlite::Connection;
use tokio::sync::watch;
use yadori_ledger::clock::{By, Stamp};
use yadori_ledger::document::Document;
use yadori_ledger::id::{ActorId, CardNumber, NodeCode, NodeId, ShelterId};
use yadori_ledger::session::Scope;

use crate::clock::Clock;
use node::Node;
use readers::Readers;
use writer::Writer;

pub use contact::Contact;
pub use error::StoreError;
pub use file::STORE_BYTES_MAX;
pub use writer::{Commits, GROUP_JOBS_MAX, JOBS_WAITING_MAX};
pub use yadori_ledger::session::Lane;

/// Redraws the rows of one document, whatever its kind. Called in the transaction of every change;
/// must give the same rows for the same document, and replace those that are there.
pub type Draw = fn(&Tx<'_>, &Document) -> Result<(), StoreError>;

/// What a store is opened with.
pub struct StoreOptions {
    pub key: VerifyingKey,
    pub shelter: ShelterId,
    pub code: NodeCode,
    /// The writer's epoch: raised by one when the node was restored or its card copied, because a
    /// writer that writes twice under one number is a permanent error.
    pub epoch: u32,
    /// Names the logs if the file or the epoch is new.
    pub random: u64,
    pub clock: Arc<dyn Clock>,
    pub draw: Draw,
    pub commits: Commits,
    pub bytes_max: i64,
}

impl StoreOptions {
    /// A first epoch, grouped commits and the usual bound.
    pub fn new(
        key: VerifyingKey,
        shelter: ShelterId,
        code: NodeCode,
        clock: Arc<dyn Clock>,
        draw: Draw,
    ) -> Self {
        let (epoch, random, commits) = (0, 1, Commits::Grouped);
        Self {
            key,
            shelter,
            code,
            epoch,
            random,
            clock,
            draw,
            commits,
            bytes_max: STORE_BYTES_MAX,
        }
    }
}

/// Cheap to clone. The last one to go finishes what waits and closes the file.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

/// Fields are dropped in this order: the writer, last to close, folds the log into the file, which
/// stays locked until then.
struct Inner {
    readers: Readers,
    writer: Writer,
    node: Arc<Node>,
    _lock: File,
}

impl Store {
    /// Opens or makes the file. Blocks for as long as the look for damage takes.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let lock = file::lock(path)?;
        let db = file::open(path, options.bytes_max)?;
        let commits = options.commits;
        let node = Arc::new(Node::load(&db, options)?);
        let readers = Readers::open(path)?;
        let writer = Writer::start(db, node.clone(), commits)?;
        Ok(Self(Arc::new(Inner {
            readers,
            writer,
            node,
            _lock: lock,
        })))
    }

    /// Runs `work` in a transaction and answers when it is on disk. If `work` fails, nothing of it
    /// is stored.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.writer.write(work).await
    }

    /// Runs `look` over one snapshot of what is committed.
    pub async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.readers.read(look).await
    }

    /// The time and place in the order of a change that is made now.
    pub fn stamp(&self, by: By) -> Stamp {
        self.0.node.stamp(by)
    }

    /// A card number that was never given. Saved with the next commit, so use it in one.
    pub fn next_card(&self) -> Result<CardNumber, StoreError> {
        self.0.node.next_card()
    }

    /// Who writes the changes of this store.
    pub fn actor(&self) -> ActorId {
        self.0.node.actor
    }

    pub fn node_id(&self) -> NodeId {
        self.0.node.id
    }

    /// The writer's epoch, under which batches are signed.
    pub fn epoch(&self) -> u32 {
        self.0.node.epoch
    }

    /// Random: names the logs; peers start over when it changes.
    pub fn log_epoch(&self) -> u64 {
        self.0.node.log_epoch
    }

    pub fn shelter(&self) -> &ShelterId {
        &self.0.node.shelter
    }

    /// How many commits reached the disk since opening.
    pub fn commits(&self) -> u64 {
        self.0.writer.commits()
    }

    /// Changes after every commit, for whoever waits for something to send.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.0.writer.committed()
    }

    /// Draws every derived row anew, after a migration or a change of how pages are drawn.
    pub async fn redraw_all(&self) -> Result<u64, StoreError> {
        self.write(ground::redraw_all).await
    }
}

/// A transaction, as features see it: the tables, and the node's hand for writing documents.
pub struct Tx<'a> {
    db: &'a Connection,
    node: &'a Node,
}

impl<'a> Tx<'a> {
    fn new(db: &'a Connection, node: &'a Node) -> Self {
        Self { db, node }
    }

    pub fn stamp(&self, by: By) -> Stamp {
        self.node.stamp(by)
    }

    /// Whatever is stamped from now on comes after this.
    pub fn saw(&self, lamport: u64) {
        self.node.saw(lamport);
    }

    pub fn next_card(&self) -> Result<CardNumber, StoreError> {
        self.node.next_card()
    }

    pub fn actor(&self) -> ActorId {
        self.node.actor
    }

    pub fn node_id(&self) -> NodeId {
        self.node.id
    }

    pub fn shelter(&self) -> &ShelterId {
        &self.node.shelter
    }
}

/// How a scope is named in the tables.
fn scope_name(scope: Scope, shelter: &ShelterId) -> &str {
    match scope {
        Scope::Shelter => shelter.as_str(),
        Scope::Shared => "shared",
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}
