//! Officers' sessions in the database, so that any headquarters process can answer the next page
//! and a restart signs nobody out. The key is a hash: a stolen copy of the database opens no
//! session.

use std::pin::Pin;

use sha2::{Digest, Sha256};
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::store::{Db, StoreError, params, statements};

statements! {
    LOAD = "select data, expires_s from session where id = $1 and expires_s > $2";
    SAVE = "insert into session (id, data, expires_s) values ($1, $2, $3)
            on conflict (id) do update set data = excluded.data, expires_s = excluded.expires_s";
    DELETE = "delete from session where id = $1";
    DELETE_EXPIRED = "delete from session where expires_s <= $1";
}

#[derive(Clone)]
pub(crate) struct Sessions {
    db: Db,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    async fn keep(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data)
            .map_err(|error| Error::Encode(error.to_string()))?;
        let (id, expires_s) = (hashed(record.id), record.expiry_date.unix_timestamp());
        let (id, data) = (&id, &data);
        self.db
            .write(|tx| async move {
                tx.run(DELETE_EXPIRED, params![now_s()]).await?;
                tx.run(SAVE, params![id, data, expires_s]).await
            })
            .await
            .map(drop)
            .map_err(backend)
    }

    async fn find(&self, id: Id) -> Result<Option<Record>> {
        let key = hashed(id);
        let found = self
            .db
            .read(|tx| async move { tx.row(LOAD, params![key, now_s()]).await })
            .await;
        let Some(row) = found.map_err(backend)? else {
            return Ok(None);
        };
        let data: String = row.get("data").map_err(backend)?;
        let expires_s: i64 = row.get("expires_s").map_err(backend)?;
        Ok(Some(Record {
            id,
            data: serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?,
            expiry_date: OffsetDateTime::from_unix_timestamp(expires_s)
                .map_err(|error| Error::Decode(error.to_string()))?,
        }))
    }

    async fn forget(&self, id: Id) -> Result<()> {
        let key = &hashed(id);
        let done = self
            .db
            .write(|tx| async move { tx.run(DELETE, params![key]).await })
            .await;
        done.map(drop).map_err(backend)
    }
}

type Pending<'f, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'f>>;

/// As `async_trait` would write it.
impl SessionStore for Sessions {
    fn create<'s, 'r, 'f>(&'s self, record: &'r mut Record) -> Pending<'f, ()>
    where
        's: 'f,
        'r: 'f,
        Self: 'f,
    {
        // Ids are 128 random bits: a collision does not happen.
        Box::pin(self.keep(record))
    }

    fn save<'s, 'r, 'f>(&'s self, record: &'r Record) -> Pending<'f, ()>
    where
        's: 'f,
        'r: 'f,
        Self: 'f,
    {
        Box::pin(self.keep(record))
    }

    fn load<'s, 'i, 'f>(&'s self, id: &'i Id) -> Pending<'f, Option<Record>>
    where
        's: 'f,
        'i: 'f,
        Self: 'f,
    {
        Box::pin(self.find(*id))
    }

    fn delete<'s, 'i, 'f>(&'s self, id: &'i Id) -> Pending<'f, ()>
    where
        's: 'f,
        'i: 'f,
        Self: 'f,
    {
        Box::pin(self.forget(*id))
    }
}

fn hashed(id: Id) -> [u8; 32] {
    Sha256::digest(id.0.to_be_bytes()).into()
}

/// The session layer counts in the machine's time, so expiry is judged by it too.
fn now_s() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

fn backend(error: StoreError) -> Error {
    Error::Backend(error.to_string())
}
