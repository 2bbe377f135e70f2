//! Why the store could not do what was asked, as an answer for whoever must act.

use std::sync::Arc;

use rusqlite::ErrorCode;
use yadori_ledger::document::DocumentError;

#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the node is busy: nothing was saved, send it again in a moment")]
    Overloaded,
    #[error("the disk is full: nothing was saved; reading goes on. Free space or change the disk")]
    Full,
    #[error(
        "the store's file is damaged: stop the node and restore it from headquarters or a sibling"
    )]
    Damaged,
    #[error("the disk failed: nothing was saved. Change the disk or card")]
    Disk(#[source] Arc<rusqlite::Error>),
    #[error("the store is closing: nothing was saved, send it again when the node is back")]
    Closing,
    #[error("another process has this store open: stop it first")]
    Taken,
    #[error("this data folder belongs to another node ({0}): use its own folder for each node")]
    Foreign(String),
    #[error("this node has given out all of its card numbers: give it a new node code")]
    CardsUsedUp,
    #[error("{0} is not in this store")]
    Unknown(String),
    #[error("a document could not be read or written: {0}")]
    Document(String),
    #[error("the change was stopped by an error in the program: {0}")]
    Panicked(String),
    #[error("a file of the store could not be opened: {0}")]
    File(#[source] Arc<std::io::Error>),
    #[error("the store's tables could not be brought up to date: {0}")]
    Migration(String),
    #[error("a statement failed: {0}")]
    Sql(#[source] Arc<rusqlite::Error>),
}

impl StoreError {
    /// Whether nothing can be written at all, whatever is tried next.
    pub fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Full | Self::Damaged | Self::Disk(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error
            .sqlite_error()
            .map(|cause| (cause.code, cause.extended_code))
        {
            Some((ErrorCode::DiskFull, _)) => Self::Full,
            // The shared-memory file could not grow: on a full disk this comes before DiskFull.
            Some((_, rusqlite::ffi::SQLITE_IOERR_SHMSIZE)) => Self::Full,
            Some((ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)) => Self::Damaged,
            Some((ErrorCode::SystemIoFailure, _)) => Self::Disk(Arc::new(error)),
            _ => Self::Sql(Arc::new(error)),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::Full,
            std::io::ErrorKind::WouldBlock => Self::Taken,
            _ => Self::File(Arc::new(error)),
        }
    }
}

impl From<refinery::Error> for StoreError {
    fn from(error: refinery::Error) -> Self {
        Self::Migration(error.to_string())
    }
}

impl From<DocumentError> for StoreError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error.to_string())
    }
}
