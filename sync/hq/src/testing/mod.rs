//! Databases for tests: SQLite always, PostgreSQL when `HQ_POSTGRES_URL` names a database, each
//! test in a schema of its own.

pub(crate) mod browser;
pub(crate) mod node;

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use tempfile::TempDir;

use crate::store::{Db, Sql, StoreError};

pub(crate) struct Bench {
    pub(crate) name: &'static str,
    db: Db,
    _folder: Option<TempDir>,
}

impl Deref for Bench {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Bench {
    pub(crate) fn clone_db(&self) -> Db {
        self.db.clone()
    }

    /// An empty database of each sort that is at hand.
    pub(crate) async fn both() -> Vec<Self> {
        let mut both = vec![Self::sqlite().await];
        both.extend(Self::postgres_only().await);
        both
    }

    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::sqlite(&folder.path().join("hq.sqlite")).await.unwrap();
        db.migrate().await.unwrap();
        Self {
            name: "SQLite",
            db,
            _folder: Some(folder),
        }
    }

    pub(crate) async fn postgres_only() -> Option<Self> {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let url = std::env::var("HQ_POSTGRES_URL").ok()?;
        let schema = format!("t{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Relaxed));
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client
            .batch_execute(&format!("create schema {schema}"))
            .await
            .unwrap();
        let db = Db::postgres(&within(&url, &schema)).await.unwrap();
        db.migrate().await.unwrap();
        Some(Self {
            name: "PostgreSQL",
            db,
            _folder: None,
        })
    }

    pub(crate) async fn try_out(&self, sql: Sql) -> Result<(), StoreError> {
        self.db
            .write(|tx| async move { tx.prepare(sql).await })
            .await
    }
}

fn within(url: &str, schema: &str) -> String {
    match (url.contains("://"), url.contains('?')) {
        (true, false) => format!("{url}?options=-c%20search_path%3D{schema}"),
        (true, true) => format!("{url}&options=-c%20search_path%3D{schema}"),
        (false, _) => format!("{url} options='-c search_path={schema}'"),
    }
}
