//! `hq.toml`, as `yadori-provision hq init` writes it: the settings of a headquarters process, read
//! once. Identity and certificates lie beside it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::store::{Db, StoreError};
use crate::web::ConsoleConfig;

/// The embedded database in `data_dir`.
const DATABASE_FILE: &str = "hq.db";

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

/// `hq.toml`, parsed.
#[derive(Debug)]
pub struct Settings {
    pub database: Database,
    /// Where the file lies, with identity.pem, identity.key.pem, authority.pem and web.pem.
    pub folder: PathBuf,
    pub intake: SocketAddr,
    pub console_http: SocketAddr,
    pub console_https: Option<SocketAddr>,
    pub console: ConsoleConfig,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{} cannot be read: {cause}. Name the file that `yadori-provision hq init` wrote", .path.display())]
    Read {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{}: {cause}\nCorrect that line, or write the file anew with `yadori-provision hq init`", .path.display())]
    Line {
        path: PathBuf,
        cause: Box<toml::de::Error>,
    },
    #[error("name one of `data_dir` and `postgres_url`")]
    Database,
    #[error(
        "`console_http` is plain and answers on this machine's own address (127.0.0.1) only; use `console_https`, or set `behind_proxy` when a proxy of yours speaks HTTPS before it"
    )]
    PlainToOthers,
    #[error("the folder {} cannot be made: {cause}", .path.display())]
    Folder {
        path: PathBuf,
        cause: std::io::Error,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    data_dir: Option<PathBuf>,
    postgres_url: Option<String>,
    intake: SocketAddr,
    console_http: SocketAddr,
    console_https: Option<SocketAddr>,
    /// A proxy that speaks HTTPS stands before `console_http` and adds `X-Forwarded-For`.
    #[serde(default)]
    behind_proxy: bool,
}

impl Settings {
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|cause| SettingsError::Read {
            path: path.to_owned(),
            cause,
        })?;
        let written: Written = toml::from_str(&text).map_err(|cause| SettingsError::Line {
            path: path.to_owned(),
            cause: Box::new(cause),
        })?;
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        written.settings(folder)
    }
}

impl Written {
    fn settings(self, folder: PathBuf) -> Result<Settings, SettingsError> {
        if !self.console_http.ip().is_loopback() && !self.behind_proxy {
            return Err(SettingsError::PlainToOthers);
        }
        let database = match (self.data_dir, self.postgres_url) {
            (Some(dir), None) => Database::Sqlite(made(folder.join(dir))?.join(DATABASE_FILE)),
            (None, Some(url)) => Database::Postgres(url),
            _ => return Err(SettingsError::Database),
        };
        // Browsers also send such cookies to localhost, over plain HTTP.
        let secure_cookies = self.behind_proxy || self.console_https.is_some();
        Ok(Settings {
            database,
            folder,
            intake: self.intake,
            console_http: self.console_http,
            console_https: self.console_https,
            console: ConsoleConfig {
                secure_cookies,
                behind_proxy: self.behind_proxy,
            },
        })
    }
}

fn made(path: PathBuf) -> Result<PathBuf, SettingsError> {
    match std::fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(cause) => Err(SettingsError::Folder { path, cause }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hq.toml");
        std::fs::write(&path, text).unwrap();
        Settings::read(&path)
    }

    const DOORS: &str = "intake = \"0.0.0.0:7070\"\nconsole_http = \"127.0.0.1:8070\"\n";

    #[test]
    fn one_database_is_named() {
        let embedded = read(&format!("data_dir = \"data\"\n{DOORS}")).unwrap();
        assert!(
            matches!(embedded.database, Database::Sqlite(path) if path.ends_with("data/hq.db"))
        );
        let large = read(&format!("postgres_url = \"postgres://db/hq\"\n{DOORS}")).unwrap();
        assert!(matches!(large.database, Database::Postgres(_)));
        assert!(matches!(read(DOORS), Err(SettingsError::Database)));
        assert!(matches!(
            read("intake = 7"),
            Err(SettingsError::Line { .. })
        ));
    }

    #[test]
    fn plain_pages_are_for_this_machine_alone() {
        let open = DOORS.replace("127.0.0.1", "0.0.0.0");
        let open = format!("postgres_url = \"postgres://db/hq\"\n{open}");
        assert!(matches!(read(&open), Err(SettingsError::PlainToOthers)));
        let behind = read(&format!("{open}behind_proxy = true\n")).unwrap();
        assert!(behind.console.secure_cookies);
    }
}
