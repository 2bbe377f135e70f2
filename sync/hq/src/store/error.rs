//! Why the database did not do what was asked. The texts hold names of statements and columns
//! and codes, never values: values are people.

use rusqlite::ErrorCode;
use tokio_postgres::error::SqlState;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk of the database is full; free space, nothing was stored in part")]
    Full,
    #[error("SQLite failed: {0}")]
    Sqlite(rusqlite::Error),
    /// Without the server's `DETAIL`, which repeats the values of the row.
    #[error("PostgreSQL failed ({code}): {message}")]
    Postgres { code: String, message: String },
    #[error("no connection to the database could be had; check its address and that it runs")]
    Pool,
    #[error("the PostgreSQL database is not in UTF-8; create it with `encoding 'UTF8'`")]
    Encoding,
    #[error("the tables could not be brought to the newest shape: {0}")]
    Migrate(String),
    #[error("text with a NUL character cannot be stored")]
    Nul,
    #[error("column `{0}` is missing or of another kind")]
    Column(&'static str),
    #[error("the answer has a kind of value that the store does not know")]
    Kind,
    #[error("statement `{0}` was given the wrong number of parameters")]
    Parameters(&'static str),
    #[error("statement `{0}` answers rows; ask for them")]
    AnswersRows(&'static str),
    #[error("statement `{0}` should have answered a row")]
    Missing(&'static str),
    #[error("what is stored under `{0}` cannot be read back")]
    Damaged(&'static str),
    #[error("the transaction was interrupted")]
    Interrupted,
}

impl StoreError {
    /// Another process won a race; the same work may succeed when tried again.
    pub(super) fn is_conflict(&self) -> bool {
        match self {
            Self::Postgres { code, .. } => {
                code == SqlState::T_R_SERIALIZATION_FAILURE.code()
                    || code == SqlState::T_R_DEADLOCK_DETECTED.code()
            }
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy),
            _ => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(told) if *told.code() == SqlState::DISK_FULL => Self::Full,
            Some(told) => Self::Postgres {
                code: told.code().code().to_owned(),
                message: told.message().to_owned(),
            },
            None => Self::Postgres {
                code: "client".to_owned(),
                message: error.to_string(),
            },
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => error.into(),
            _ => Self::Pool,
        }
    }
}
