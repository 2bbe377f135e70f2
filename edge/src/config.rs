//! `node.toml`: what this node is told about itself, parsed once.
//!
//! Every mistake is told with its line and what to write instead; the identity lies beside it.

use std::fmt::Display;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use data_encoding::HEXLOWER_PERMISSIVE;
use ed25519_dalek::VerifyingKey;
use serde::de::{Deserialize, Deserializer, Error};
use yadori_ledger::id::{NodeCode, ShelterId};
use yadori_ledger::sign::EPOCH_MAX;

use crate::store::Commits;

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub shelter_id: ShelterId,
    #[serde(deserialize_with = "shelter_name")]
    pub shelter_name: String,
    /// The first letters of this node's card numbers.
    #[serde(deserialize_with = "parsed")]
    pub node_code: NodeCode,
    pub data_dir: PathBuf,
    /// Plain HTTP for staff: only to this machine itself.
    #[serde(deserialize_with = "own_address")]
    pub desk_http: SocketAddr,
    /// For tablets; needs `web.pem` beside this file.
    pub desk_https: Option<SocketAddr>,
    pub portal_http: SocketAddr,
    /// `host:port`.
    pub hq_address: String,
    #[serde(deserialize_with = "key")]
    pub hq_key: VerifyingKey,
    /// The longest silence towards headquarters while the link is open.
    #[serde(
        default = "heartbeat",
        rename = "heartbeat_s",
        deserialize_with = "seconds"
    )]
    pub heartbeat: Duration,
    /// The writer's epoch: to be raised by one after `data_dir` was lost or restored.
    #[serde(default, deserialize_with = "epoch")]
    pub epoch: u32,
    /// One commit each is only for measuring what sharing commits brings; no file can ask for it.
    #[serde(skip)]
    pub commits: Commits,
    /// Where this file lies, with the identity and certificates.
    #[serde(skip)]
    pub folder: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{} cannot be read: {cause}. Name the file that `yadori-provision node init` wrote", .path.display())]
    Read {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{}: {cause}\nCorrect that line, or write the file anew with `yadori-provision node init`", .path.display())]
    Line {
        path: PathBuf,
        cause: Box<toml::de::Error>,
    },
}

impl Config {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|cause| ConfigError::Read {
            path: path.into(),
            cause,
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|cause| ConfigError::Line {
            path: path.into(),
            cause: Box::new(cause),
        })?;
        config.folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        // A relative folder is meant from the file, wherever the program was started.
        config.data_dir = config.folder.join(&config.data_dir);
        Ok(config)
    }
}

/// A name is read on a page's first line and on cards.
const SHELTER_NAME_CHARS_MAX: usize = 80;

/// Between a sign of life every second, for tests, and once a day, for the dearest link.
const HEARTBEAT_S: std::ops::RangeInclusive<u64> = 1..=86_400;

fn heartbeat() -> Duration {
    Duration::from_secs(60)
}

fn shelter_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    match name.trim() {
        "" => Err(D::Error::custom(
            "write the shelter's name as people know it",
        )),
        long if long.chars().count() > SHELTER_NAME_CHARS_MAX => Err(D::Error::custom(format!(
            "a shelter's name has at most {SHELTER_NAME_CHARS_MAX} letters"
        ))),
        name => Ok(name.to_owned()),
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

fn own_address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let address = SocketAddr::deserialize(from)?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let wrong =
        "staff sign in here without encryption: write 127.0.0.1, and use desk_https for tablets";
    Err(D::Error::custom(wrong))
}

fn key<'de, D: Deserializer<'de>>(from: D) -> Result<VerifyingKey, D::Error> {
    let text = String::deserialize(from)?;
    let bytes = HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    let key = bytes.and_then(|bytes: [u8; 32]| VerifyingKey::from_bytes(&bytes).ok());
    key.ok_or_else(|| {
        D::Error::custom("write headquarters' public key: the 64 hex digits that `hq init` printed")
    })
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let seconds = u64::deserialize(from)?;
    if HEARTBEAT_S.contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(D::Error::custom(format!(
        "write {} to {} seconds",
        HEARTBEAT_S.start(),
        HEARTBEAT_S.end()
    )))
}

fn epoch<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let epoch = u32::deserialize(from)?;
    if epoch <= EPOCH_MAX {
        return Ok(epoch);
    }
    Err(D::Error::custom(format!(
        "write 0 to {EPOCH_MAX}; beyond, give the node a new identity"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
shelter_id = "E1310100001112"
shelter_name = "第一小学校"
node_code = "K7F"
data_dir = "data"
desk_http = "127.0.0.1:8080"
portal_http = "0.0.0.0:80"
hq_address = "hq.example:7600"
hq_key = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
"#;

    fn read(text: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.toml");
        fs::write(&path, text).unwrap();
        Config::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_settings_file_is_read_from_where_it_lies() {
        let config = read(GOOD).unwrap();
        assert_eq!(config.data_dir, config.folder.join("data"));
        assert_eq!(
            (config.heartbeat, config.epoch),
            (Duration::from_secs(60), 0)
        );
    }

    #[test]
    fn every_wrong_line_is_named_with_what_to_write() {
        let wrong = [
            ("K7F", "K7", "line 4", "three letters"),
            ("E1310100001112", "1310100001112", "line 2", "13 digits"),
            (
                "127.0.0.1:8080",
                "0.0.0.0:8080",
                "line 6",
                "write 127.0.0.1",
            ),
            ("8a88", "", "line 9", "64 hex digits"),
            ("第一小学校", " ", "line 3", "name as people know it"),
            ("portal_http", "portal_htpp", "line 7", "unknown field"),
        ];
        for (good, bad, line, todo) in wrong {
            let told = read(&GOOD.replace(good, bad)).unwrap_err();
            assert!(told.contains(line) && told.contains(todo), "{told}");
        }
    }

    #[test]
    fn a_missing_file_says_who_writes_it() {
        let told = Config::read(Path::new("/nowhere/node.toml"))
            .unwrap_err()
            .to_string();
        assert!(told.contains("yadori-provision node init"), "{told}");
    }
}
