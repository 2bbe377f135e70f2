//! PostgreSQL: connections from a pool, statements prepared once on each, values in binary.
//! Several headquarters processes may share one database.

use std::sync::Arc;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use futures_util::future::try_join_all;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, NoTls, Statement};

use super::{Row, Sql, StoreError, Value};

/// Enough for two cores of console and intake; the database allows 100 by default and several
/// processes share it.
const CONNECTIONS_MAX: usize = 16;

/// A commit that was answered must be on the database's disk; a page that takes longer than
/// this is no use to anybody; a process that hangs must not hold row locks for ever.
const CONNECTION_SETTINGS: &str = "set synchronous_commit = on;
     set statement_timeout = '60s';
     set lock_timeout = '30s';
     set idle_in_transaction_session_timeout = '120s'";

#[derive(Clone)]
pub(super) struct Postgres {
    pool: Pool,
}

/// A transaction under way; `None` once it has ended.
pub(super) struct Tx {
    client: Option<Object>,
}

impl Postgres {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let config: Config = url.parse()?;
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let settings = Hook::async_fn(|client, _| {
            Box::pin(async move {
                client
                    .batch_execute(CONNECTION_SETTINGS)
                    .await
                    .map_err(HookError::Backend)
            })
        });
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS_MAX)
            .post_create(settings)
            .build()
            .map_err(|_| StoreError::Pool)?;
        let opened = Self { pool };
        opened.check_encoding().await?;
        Ok(opened)
    }

    /// Names are UTF-8; another encoding would change or refuse them.
    async fn check_encoding(&self) -> Result<(), StoreError> {
        let row = self
            .client()
            .await?
            .query_one("select getdatabaseencoding()::text", &[])
            .await?;
        match row.get::<_, String>(0).as_str() {
            "UTF8" => Ok(()),
            _ => Err(StoreError::Encoding),
        }
    }

    pub(super) async fn client(&self) -> Result<Object, StoreError> {
        Ok(self.pool.get().await?)
    }

    pub(super) async fn begin_write(&self) -> Result<Tx, StoreError> {
        self.begin("begin isolation level read committed").await
    }

    pub(super) async fn begin_read(&self) -> Result<Tx, StoreError> {
        self.begin("begin isolation level repeatable read, read only")
            .await
    }

    async fn begin(&self, begin: &str) -> Result<Tx, StoreError> {
        let client = self.client().await?;
        let tx = Tx {
            client: Some(client),
        };
        tx.client()?.batch_execute(begin).await?;
        Ok(tx)
    }
}

impl Tx {
    pub(super) async fn rows(
        &mut self,
        sql: Sql,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql.text).await?;
        let columns: Arc<[String]> = statement
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let answer = client
            .query(&statement, &borrowed(sql, params, statement.params())?)
            .await?;
        answer
            .iter()
            .map(|row| {
                let values = (0..columns.len())
                    .map(|index| Ok(row.try_get::<_, Value>(index)?))
                    .collect::<Result<Vec<_>, StoreError>>()?;
                Ok(Row {
                    columns: Arc::clone(&columns),
                    values,
                })
            })
            .collect()
    }

    pub(super) async fn run(&mut self, sql: Sql, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.statement_without_answer(sql).await?;
        let params = borrowed(sql, params, statement.params())?;
        Ok(self.client()?.execute(&statement, &params).await?)
    }

    /// The driver sends all before it waits for the first answer.
    pub(super) async fn run_each(
        &mut self,
        sql: Sql,
        rows: &[Vec<Value>],
    ) -> Result<(), StoreError> {
        let statement = self.statement_without_answer(sql).await?;
        let client = self.client()?;
        let params = rows
            .iter()
            .map(|row| borrowed(sql, row, statement.params()));
        let params = params.collect::<Result<Vec<_>, _>>()?;
        try_join_all(
            params
                .iter()
                .map(|params| client.execute(&statement, params)),
        )
        .await?;
        Ok(())
    }

    async fn statement_without_answer(&self, sql: Sql) -> Result<Statement, StoreError> {
        let statement = self.client()?.prepare_cached(sql.text).await?;
        match statement.columns() {
            [] => Ok(statement),
            _ => Err(StoreError::AnswersRows(sql.name)),
        }
    }

    #[cfg(test)]
    pub(super) async fn prepare(&mut self, sql: Sql) -> Result<(), StoreError> {
        let statement = self.client()?.prepare(sql.text).await?;
        let readable =
            |column: &tokio_postgres::Column| <Value as FromSql<'_>>::accepts(column.type_());
        if statement.columns().iter().all(readable) {
            Ok(())
        } else {
            Err(StoreError::Kind)
        }
    }

    pub(super) async fn end(&mut self, how: &str) -> Result<(), StoreError> {
        self.client()?.batch_execute(how).await?;
        // Only a connection whose transaction has ended goes back to the pool.
        drop(self.client.take());
        Ok(())
    }

    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or(StoreError::Interrupted)
    }
}

impl Drop for Tx {
    /// A transaction that was dropped half-way (a visitor hung up) takes its connection with
    /// it: the server undoes it, and nobody inherits it from the pool.
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

fn borrowed<'a>(
    sql: Sql,
    params: &'a [Value],
    wanted: &[Type],
) -> Result<Vec<&'a (dyn ToSql + Sync)>, StoreError> {
    if params.len() != wanted.len() {
        return Err(StoreError::Parameters(sql.name));
    }
    Ok(params
        .iter()
        .map(|param| param as &(dyn ToSql + Sync))
        .collect())
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Self::Int(number) => number.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Blob(bytes) => bytes.to_sql_checked(ty, out),
        }
    }

    /// What fits is known only with the value; `to_sql` checks it.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(
        ty: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(ty, raw)?.into()),
            Type::BYTEA => Self::Blob(Vec::from_sql(ty, raw)?),
            _ => Self::Text(String::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    /// A sum without its cast is `numeric` and is refused here, not on the day it overflows.
    fn accepts(ty: &Type) -> bool {
        [
            Type::INT8,
            Type::INT4,
            Type::BOOL,
            Type::BYTEA,
            Type::TEXT,
            Type::VARCHAR,
        ]
        .contains(ty)
    }
}
