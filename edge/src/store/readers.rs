//! Read-only connections for pages. They see the last commit and never hold up the writer.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::StoreError;

/// More would wait for the same few cores.
const CONNECTIONS: usize = 4;

/// Reads that may wait for a connection; a page takes about a millisecond.
const READS_WAITING_MAX: usize = 512;

/// A statement of a page that a migration elsewhere holds up waits this long.
const BUSY_MS: u64 = 5_000;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connections = (0..CONNECTIONS)
            .map(|_| connect(path))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            idle: Arc::new(Mutex::new(connections)),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            queue: Arc::new(Semaphore::new(READS_WAITING_MAX)),
        })
    }

    /// Runs `look` on a blocking thread, within one snapshot of the store.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _waiting = self
            .queue
            .try_acquire()
            .map_err(|_| StoreError::Overloaded)?;
        let place = self
            .places
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closing)?;
        let idle = self.idle.clone();
        let looked = spawn_blocking(move || {
            let lent = Lent::from(idle)?;
            let snapshot = lent.get()?.unchecked_transaction()?;
            let found = look(&snapshot);
            snapshot.finish()?;
            drop(lent);
            drop(place);
            found
        });
        looked
            .await
            .map_err(|stopped| StoreError::Panicked(stopped.to_string()))?
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    db.pragma_update(None, "query_only", true)?;
    db.set_prepared_statement_cache_capacity(super::file::STATEMENTS_KEPT);
    Ok(db)
}

/// A connection that goes back to the others even when the reader panics.
struct Lent {
    db: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Lent {
    fn from(idle: Arc<Mutex<Vec<Connection>>>) -> Result<Self, StoreError> {
        let db = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Self { db, idle })
    }

    fn get(&self) -> Result<&Connection, StoreError> {
        self.db.as_ref().ok_or(StoreError::Overloaded)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(db);
        }
    }
}
