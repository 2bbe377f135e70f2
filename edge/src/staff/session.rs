//! Sessions in the store, so that nobody signs in anew because the node was restarted.
//!
//! When the disk is full, sessions are kept in memory: reading must go on.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{OptionalExtension, params};
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, Error};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use crate::store::{Store, StoreError};
use crate::web::App;

/// A tablet that lies unused this long asks for the PIN again.
pub const IDLE_MAX: Duration = Duration::minutes(15);

/// A shift. Whoever works longer signs in a second time.
pub const SIGNED_IN_MAX: Duration = Duration::hours(12);

/// How often a session notes that it is in use: each note is a flush of the disk.
pub const NOTED_EVERY: Duration = Duration::minutes(1);

/// Sessions kept in memory on a full disk; more desks than a shelter has.
const SPARE_MAX: usize = 64;

/// The layer that gives every request its session.
pub fn layer(app: &App) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions {
        store: app.store.clone(),
        spare: Arc::default(),
    })
    .with_name("desk")
    .with_same_site(SameSite::Strict)
    .with_http_only(true)
    .with_secure(app.https)
    .with_expiry(Expiry::OnInactivity(IDLE_MAX))
}

/// Sessions, in the store's own table.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    spare: Arc<Mutex<HashMap<Id, Record>>>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = session_store::Result<T>> + Send + 'a>>;

impl SessionStore for Sessions {
    fn create<'a, 'b, 'c>(&'a self, record: &'b mut Record) -> Answer<'c, ()>
    where
        'a: 'c,
        'b: 'c,
    {
        // The id has 128 random bits: it is not taken.
        Box::pin(self.keep(record.clone()))
    }

    fn save<'a, 'b, 'c>(&'a self, record: &'b Record) -> Answer<'c, ()>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(self.keep(record.clone()))
    }

    fn load<'a, 'b, 'c>(&'a self, id: &'b Id) -> Answer<'c, Option<Record>>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(self.find(*id))
    }

    fn delete<'a, 'b, 'c>(&'a self, id: &'b Id) -> Answer<'c, ()>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(self.remove(*id))
    }
}

impl Sessions {
    async fn keep(&self, record: Record) -> session_store::Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let (id, expires_s) = (record.id.to_string(), record.expiry_date.unix_timestamp());
        let now_s = OffsetDateTime::now_utc().unix_timestamp();
        let written = self
            .store
            .write(move |tx| {
                tx.execute("delete from session where expires_s < ?1", [now_s])?;
                tx.execute(
                    "insert into session (id, data, expires_s) values (?1, ?2, ?3)
                     on conflict (id) do update
                        set data = excluded.data, expires_s = excluded.expires_s",
                    params![id, data, expires_s],
                )?;
                Ok(())
            })
            .await;
        match written {
            Ok(()) => {
                self.spared(|spare| spare.remove(&record.id));
                Ok(())
            }
            Err(StoreError::Full) => self.keep_spare(record),
            Err(error) => Err(Error::Backend(error.to_string())),
        }
    }

    fn keep_spare(&self, record: Record) -> session_store::Result<()> {
        let now = OffsetDateTime::now_utc();
        self.spared(|spare| {
            spare.retain(|_, kept| kept.expiry_date > now);
            if spare.len() >= SPARE_MAX && !spare.contains_key(&record.id) {
                return Err(Error::Backend(
                    "too many sessions while the disk is full".into(),
                ));
            }
            spare.insert(record.id, record);
            Ok(())
        })
    }

    async fn find(&self, id: Id) -> session_store::Result<Option<Record>> {
        let now = OffsetDateTime::now_utc();
        if let Some(record) = self.spared(|spare| spare.get(&id).cloned()) {
            return Ok((record.expiry_date > now).then_some(record));
        }
        let key = id.to_string();
        let found: Option<(String, i64)> = self
            .store
            .read(move |db| {
                Ok(db
                    .prepare_cached(
                        "select data, expires_s from session where id = ?1 and expires_s > ?2",
                    )?
                    .query_row(params![key, now.unix_timestamp()], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()?)
            })
            .await
            .map_err(|error| Error::Backend(error.to_string()))?;
        let Some((data, expires_s)) = found else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(expires_s).unwrap_or(now);
        Ok(Some(Record {
            id,
            data,
            expiry_date,
        }))
    }

    async fn remove(&self, id: Id) -> session_store::Result<()> {
        self.spared(|spare| spare.remove(&id));
        let key = id.to_string();
        let removed = self
            .store
            .write(move |tx| Ok(tx.execute("delete from session where id = ?1", [key])?))
            .await;
        removed
            .map(|_| ())
            .map_err(|error| Error::Backend(error.to_string()))
    }

    fn spared<T>(&self, look: impl FnOnce(&mut HashMap<Id, Record>) -> T) -> T {
        look(&mut self.spare.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
