//! The embedded database: one writing connection, a few reading ones, each used by one
//! transaction at a time. SQLite's calls block, so each runs on tokio's blocking threads.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Statement};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Row, Sql, StoreError, Value};

/// Console pages are short reads; more connections would only hold more cache.
const READERS_COUNT: usize = 4;

/// How long to wait for another process (`yadori-hq officer add` beside a running server).
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Statements kept prepared on each connection; more than the crate has.
const STATEMENTS_CACHED: usize = 256;

#[derive(Clone)]
pub(super) struct Sqlite {
    writer: Arc<Pool>,
    readers: Arc<Pool>,
}

struct Pool {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

/// A connection that returns to its pool when dropped, wherever that happens.
struct Lease {
    connection: Option<Connection>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

/// A transaction under way. `None` while a statement runs, and for ever if its thread died.
pub(super) struct Tx {
    lease: Option<Lease>,
}

impl Sqlite {
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_owned();
        blocking(move || {
            let writer = connect(&path, OpenFlags::default())?;
            writer.pragma_update(None, "journal_mode", "wal")?;
            // A commit that was answered must survive a power cut.
            writer.pragma_update(None, "synchronous", "full")?;
            let readers = (0..READERS_COUNT)
                .map(|_| connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Self {
                writer: Pool::of(vec![writer]),
                readers: Pool::of(readers),
            })
        })
        .await
    }

    pub(super) async fn begin_write(&self) -> Result<Tx, StoreError> {
        // Takes the write lock at once, so that reading first and writing later cannot fail.
        Tx::begin(&self.writer, "begin immediate").await
    }

    pub(super) async fn begin_read(&self) -> Result<Tx, StoreError> {
        Tx::begin(&self.readers, "begin").await
    }

    /// Runs something that needs the bare writing connection (migrations).
    pub(super) async fn with_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lease = Pool::lease(&self.writer).await?;
        blocking(move || work(lease.connection_mut()?)).await
    }
}

impl Tx {
    async fn begin(pool: &Arc<Pool>, begin: &'static str) -> Result<Self, StoreError> {
        let lease = Pool::lease(pool).await?;
        let mut tx = Self { lease: Some(lease) };
        tx.on_connection(move |db| Ok(db.execute_batch(begin)?))
            .await?;
        Ok(tx)
    }

    pub(super) async fn rows(
        &mut self,
        sql: Sql,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let params = params.to_vec();
        self.on_connection(move |db| rows(db, sql, &params)).await
    }

    pub(super) async fn run(&mut self, sql: Sql, params: &[Value]) -> Result<u64, StoreError> {
        let params = params.to_vec();
        self.on_connection(move |db| run(db, sql, &params)).await
    }

    pub(super) async fn run_each(
        &mut self,
        sql: Sql,
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        let all =
            move |db: &Connection| rows.iter().try_for_each(|row| run(db, sql, row).map(drop));
        self.on_connection(all).await
    }

    #[cfg(test)]
    pub(super) async fn prepare(&mut self, sql: Sql) -> Result<(), StoreError> {
        self.on_connection(move |db| Ok(db.prepare(sql.text).map(drop)?))
            .await
    }

    pub(super) async fn end(&mut self, how: &'static str) -> Result<(), StoreError> {
        self.on_connection(move |db| Ok(db.execute_batch(how)?))
            .await
    }

    async fn on_connection<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lease = self.lease.take().ok_or(StoreError::Interrupted)?;
        let (lease, made) = blocking(move || {
            let made = work(lease.connection_mut()?);
            Ok((lease, made))
        })
        .await?;
        self.lease = Some(lease);
        made
    }
}

impl Pool {
    fn of(connections: Vec<Connection>) -> Arc<Self> {
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            idle: Mutex::new(connections),
        })
    }

    async fn lease(pool: &Arc<Self>) -> Result<Lease, StoreError> {
        let permit = Arc::clone(&pool.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Interrupted)?;
        let connection = pool.idle().pop();
        Ok(Lease {
            connection,
            pool: Arc::clone(pool),
            _permit: permit,
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    fn connection_mut(&mut self) -> Result<&mut Connection, StoreError> {
        self.connection.as_mut().ok_or(StoreError::Interrupted)
    }
}

impl Drop for Lease {
    /// A transaction that was dropped half-way (a visitor hung up) is undone before anybody
    /// else gets the connection.
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("rollback")
        {
            tracing::error!(%error, "a transaction could not be undone");
        }
        self.pool.idle().push(connection);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| StoreError::Interrupted)?
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

fn run(db: &Connection, sql: Sql, params: &[Value]) -> Result<u64, StoreError> {
    let mut statement = db.prepare_cached(sql.text)?;
    if statement.column_count() > 0 {
        return Err(StoreError::AnswersRows(sql.name));
    }
    bind(&mut statement, sql, params)?;
    Ok(statement.raw_execute()? as u64)
}

fn rows(db: &Connection, sql: Sql, params: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = db.prepare_cached(sql.text)?;
    bind(&mut statement, sql, params)?;
    let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
    let mut answer = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = answer.next()? {
        let values = (0..columns.len())
            .map(|index| value(row.get_ref(index)?))
            .collect::<Result<Vec<_>, _>>()?;
        rows.push(Row {
            columns: Arc::clone(&columns),
            values,
        });
    }
    Ok(rows)
}

/// `$1` is a *named* parameter in SQLite, numbered by first appearance; so it is bound by name,
/// and SQLite's own tokenizer decides what is a parameter and what is text in quotes.
fn bind(statement: &mut Statement<'_>, sql: Sql, params: &[Value]) -> Result<(), StoreError> {
    if statement.parameter_count() != params.len() {
        return Err(StoreError::Parameters(sql.name));
    }
    for (index, param) in params.iter().enumerate() {
        let index = statement
            .parameter_index(&format!("${}", index + 1))?
            .ok_or(StoreError::Parameters(sql.name))?;
        match param {
            Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null)?,
            Value::Int(number) => statement.raw_bind_parameter(index, number)?,
            Value::Text(text) => statement.raw_bind_parameter(index, text)?,
            Value::Blob(bytes) => statement.raw_bind_parameter(index, bytes)?,
        }
    }
    Ok(())
}

fn value(found: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => {
            Value::Text(String::from_utf8(bytes.to_vec()).map_err(|_| StoreError::Kind)?)
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        // No column of ours is a fraction; a statement that makes one is a mistake.
        ValueRef::Real(_) => return Err(StoreError::Kind),
    })
}
