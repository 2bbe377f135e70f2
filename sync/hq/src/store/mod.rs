//! The central database: one SQL text on two drivers, SQLite embedded by default and PostgreSQL
//! for real. Features bring their own statements; this module brings the transaction and hides
//! where the two differ.
//!
//! It knows nothing about people, aid or documents.
//!
//! * Parameters are `$1` on both. Text with NUL is refused on both: PostgreSQL cannot hold it.
//! * Text is compared by its bytes on both (`"C"` in PostgreSQL), so no operating system's idea
//!   of Japanese decides an order. People are found and sorted by folded columns.
//! * A row is locked by writing it: `update doc set rev = rev + 1 where doc = $1 returning rev`.

mod error;
mod migrate;
mod postgres;
mod sqlite;
mod statement;
mod value;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::Mutex;

pub use error::StoreError;
pub use statement::Sql;
pub(crate) use statement::{params, statements};
pub use value::{FromValue, Row, Value};

/// Tries of one transaction that lost a race against another process. Each of them is cheap, and
/// after this many something is wrong that waiting does not mend.
const ATTEMPTS_MAX: u32 = 5;

/// The wait before the second try; it doubles with each further one.
const RETRY_AFTER: Duration = Duration::from_millis(20);

/// A handle on the database; clones share its connections.
#[derive(Clone)]
pub struct Db(Driver);

#[derive(Clone)]
enum Driver {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// The embedded database in one file, made if it is not there.
    pub async fn sqlite(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(Driver::Sqlite(sqlite::Sqlite::open(path).await?)))
    }

    /// `postgres://…` or `host=… dbname=…`; the database must be there and in UTF-8.
    pub async fn postgres(url: &str) -> Result<Self, StoreError> {
        Ok(Self(Driver::Postgres(postgres::Postgres::open(url).await?)))
    }

    /// Brings the tables to the newest shape; safe to run from several processes at once.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.0 {
            Driver::Sqlite(db) => migrate::sqlite(db).await,
            Driver::Postgres(db) => migrate::postgres(db).await,
        }
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing. When another process won
    /// a race, `work` runs again from the start, so it must not keep anything outside.
    ///
    /// An error from the commit itself may mean that the commit happened and only the answer
    /// was lost; what is written here must be safe to write again.
    pub async fn write<T, E, F>(&self, mut work: impl FnMut(Tx) -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        let mut attempt = 1;
        loop {
            let tx = self.begin_write().await?;
            let done = match work(tx.clone()).await {
                Ok(made) => tx.end("commit").await.map(|()| made).map_err(E::from),
                Err(error) => Err(error),
            };
            match done {
                Ok(made) => return Ok(made),
                Err(_) if tx.is_conflicted() && attempt < ATTEMPTS_MAX => drop(tx),
                Err(error) => {
                    tx.undo().await;
                    return Err(error);
                }
            }
            tokio::time::sleep(RETRY_AFTER * 2_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    /// Runs `work` over one unchanging picture of the database.
    pub async fn read<T, E, F>(&self, work: impl FnOnce(Tx) -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        let tx = self.begin_read().await?;
        let made = work(tx.clone()).await;
        tx.undo().await;
        made
    }

    async fn begin_write(&self) -> Result<Tx, StoreError> {
        Ok(Tx::of(match &self.0 {
            Driver::Sqlite(db) => DriverTx::Sqlite(db.begin_write().await?),
            Driver::Postgres(db) => DriverTx::Postgres(db.begin_write().await?),
        }))
    }

    async fn begin_read(&self) -> Result<Tx, StoreError> {
        Ok(Tx::of(match &self.0 {
            Driver::Sqlite(db) => DriverTx::Sqlite(db.begin_read().await?),
            Driver::Postgres(db) => DriverTx::Postgres(db.begin_read().await?),
        }))
    }
}

/// A transaction under way, as the work inside it sees it. What is still undone when the last
/// handle is dropped is undone by the database.
#[derive(Clone)]
pub struct Tx(Arc<Under>);

struct Under {
    driver: Mutex<DriverTx>,
    conflicted: AtomicBool,
}

enum DriverTx {
    Sqlite(sqlite::Tx),
    Postgres(postgres::Tx),
}

impl Tx {
    fn of(driver: DriverTx) -> Self {
        Self(Arc::new(Under {
            driver: Mutex::new(driver),
            conflicted: AtomicBool::new(false),
        }))
    }

    /// All rows of the answer.
    pub async fn rows(&self, sql: Sql, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        refuse_nul(params)?;
        let answer = match &mut *self.0.driver.lock().await {
            DriverTx::Sqlite(tx) => tx.rows(sql, params).await,
            DriverTx::Postgres(tx) => tx.rows(sql, params).await,
        };
        self.watch(answer)
    }

    /// The first row of the answer, if there is one.
    pub async fn row(&self, sql: Sql, params: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// The first row of an answer that always has one (a count, an insert that returns).
    pub async fn one(&self, sql: Sql, params: &[Value]) -> Result<Row, StoreError> {
        self.row(sql, params)
            .await?
            .ok_or(StoreError::Missing(sql.name))
    }

    /// Runs a statement that answers nothing; returns how many rows it touched.
    pub async fn run(&self, sql: Sql, params: &[Value]) -> Result<u64, StoreError> {
        refuse_nul(params)?;
        let touched = match &mut *self.0.driver.lock().await {
            DriverTx::Sqlite(tx) => tx.run(sql, params).await,
            DriverTx::Postgres(tx) => tx.run(sql, params).await,
        };
        self.watch(touched)
    }

    /// Runs a statement once for each row of values, in one round trip.
    pub async fn run_each(&self, sql: Sql, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        for params in &rows {
            refuse_nul(params)?;
        }
        let ran = match &mut *self.0.driver.lock().await {
            DriverTx::Sqlite(tx) => tx.run_each(sql, rows).await,
            DriverTx::Postgres(tx) => tx.run_each(sql, &rows).await,
        };
        self.watch(ran)
    }

    /// Has the database read a statement without running it.
    #[cfg(test)]
    pub(crate) async fn prepare(&self, sql: Sql) -> Result<(), StoreError> {
        match &mut *self.0.driver.lock().await {
            DriverTx::Sqlite(tx) => tx.prepare(sql).await,
            DriverTx::Postgres(tx) => tx.prepare(sql).await,
        }
    }

    fn watch<T>(&self, made: Result<T, StoreError>) -> Result<T, StoreError> {
        if made.as_ref().is_err_and(StoreError::is_conflict) {
            self.0.conflicted.store(true, Relaxed);
        }
        made
    }

    fn is_conflicted(&self) -> bool {
        self.0.conflicted.load(Relaxed)
    }

    async fn end(&self, how: &'static str) -> Result<(), StoreError> {
        let ended = match &mut *self.0.driver.lock().await {
            DriverTx::Sqlite(tx) => tx.end(how).await,
            DriverTx::Postgres(tx) => tx.end(how).await,
        };
        self.watch(ended)
    }

    /// What went wrong before matters more than a failure to undo, which dropping mends.
    async fn undo(&self) {
        if let Err(error) = self.end("rollback").await {
            tracing::debug!(%error, "a transaction was left to be dropped");
        }
    }
}

fn refuse_nul(params: &[Value]) -> Result<(), StoreError> {
    let has_nul = |param: &Value| matches!(param, Value::Text(text) if text.contains('\0'));
    match params.iter().any(has_nul) {
        true => Err(StoreError::Nul),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests;
