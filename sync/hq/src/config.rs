//! The settings of a headquarters process, read once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::store::{Db, StoreError};
use crate::web::ConsoleConfig;

/// Where the central database is.
#[derive(Clone, Debug)]
pub enum Database {
    /// One file on this machine.
    Sqlite(PathBuf),
    /// `postgres://…`; several processes may share it.
    Postgres(String),
}

impl Database {
    /// Opens it and brings its tables to the newest shape.
    pub async fn open(&self) -> Result<Db, StoreError> {
        let db = match self {
            Self::Sqlite(path) => Db::sqlite(path).await?,
            Self::Postgres(url) => Db::postgres(url).await?,
        };
        db.migrate().await?;
        Ok(db)
    }
}

/// `hq.toml`.
#[derive(Debug)]
pub struct Settings {
    pub database: Database,
    /// The directory with identity.pem, identity.key.pem and authority.pem.
    pub identity: PathBuf,
    pub console_listen: SocketAddr,
    pub intake_listen: SocketAddr,
    pub console: ConsoleConfig,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{} cannot be read: {cause}", .path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    #[error("{} is not as it should be: {cause}", .path.display())]
    Parse { path: PathBuf, cause: toml::de::Error },
    #[error("`database` is `sqlite:` and a path, or a `postgres://` address")]
    Database,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    database: String,
    identity: PathBuf,
    console_listen: SocketAddr,
    intake_listen: SocketAddr,
    #[serde(default = "yes")]
    secure_cookies: bool,
    #[serde(default)]
    behind_proxy: bool,
}

fn yes() -> bool {
    true
}

impl Settings {
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| SettingsError::Read { path: path.to_owned(), cause })?;
        let written: Written =
            toml::from_str(&text).map_err(|cause| SettingsError::Parse { path: path.to_owned(), cause })?;
        let Written { secure_cookies, behind_proxy, .. } = written;
        Ok(Self {
            database: database(&written.database)?,
            identity: written.identity,
            console_listen: written.console_listen,
            intake_listen: written.intake_listen,
            console: ConsoleConfig { secure_cookies, behind_proxy },
        })
    }
}

fn database(written: &str) -> Result<Database, SettingsError> {
    match (written.strip_prefix("sqlite:"), written.starts_with("postgres")) {
        (Some(path), _) => Ok(Database::Sqlite(path.into())),
        (None, true) => Ok(Database::Postgres(written.to_owned())),
        (None, false) => Err(SettingsError::Database),
    }
}
