//! `node.toml` and `hq.toml`: what the two programs read when they start.
//!
//! Written as text with its explanations, because a technician reads and changes it by hand.

use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;
use serde::Deserialize;
use yadori_ledger::id::{NodeCode, ShelterId};

use crate::files::{self, NewFile, SECRET};
use crate::{Authority, Identity, ProvisionError, WebCertificate};

const NODE: &str = "node.toml";
const HQ: &str = "hq.toml";

/// Seconds between two signs of life to headquarters.
const HEARTBEAT_S: u32 = 60;

#[derive(Clone, Debug)]
pub struct NodeSettings {
    pub shelter_id: ShelterId,
    pub shelter_name: String,
    /// The first three letters of every card number that this node gives out.
    pub node_code: NodeCode,
    pub data_dir: PathBuf,
    /// Plain HTTP for a screen attached to the node; only on its own address.
    pub desk_http: SocketAddr,
    pub desk_https: Option<SocketAddr>,
    pub portal_http: SocketAddr,
    /// `host:port`; resolved at each call.
    pub hq_address: String,
    pub hq_key: VerifyingKey,
}

#[derive(Clone, Debug)]
pub struct HqSettings {
    pub store: HqStore,
    pub intake: SocketAddr,
    /// Plain HTTP; only on headquarters' own address.
    pub console_http: SocketAddr,
    pub console_https: Option<SocketAddr>,
}

/// Where the central database is.
#[derive(Clone, Debug)]
pub enum HqStore {
    Directory(PathBuf),
    Postgres(String),
}

impl NodeSettings {
    /// Writes everything a node starts from; refused when any of it exists already.
    pub fn save(
        &self,
        dir: &Path,
        authority: &Authority,
        identity: &Identity,
        web: &WebCertificate,
    ) -> Result<(), ProvisionError> {
        save(dir, NODE, &self.to_string(), authority, identity, web)
    }

    /// One line by which headquarters admits the node in `dir`: key, shelter id, code, shelter name.
    pub fn admission_line(dir: &Path) -> Result<String, ProvisionError> {
        let path = dir.join(NODE);
        let text = files::read(path.clone(), "Name the directory that `node init` wrote.")?;
        let told: Told =
            toml::from_str(&text).map_err(|cause| ProvisionError::Settings { path, cause })?;
        let key = hex(&crate::public_key(dir)?);
        Ok(format!(
            "{key} {} {} {}",
            told.shelter_id, told.node_code, told.shelter_name
        ))
    }
}

#[derive(Deserialize)]
struct Told {
    shelter_id: ShelterId,
    shelter_name: String,
    node_code: String,
}

impl HqSettings {
    /// Writes everything headquarters starts from; refused when any of it exists already.
    pub fn save(
        &self,
        dir: &Path,
        authority: &Authority,
        identity: &Identity,
        web: &WebCertificate,
    ) -> Result<(), ProvisionError> {
        save(dir, HQ, &self.to_string(), authority, identity, web)
    }
}

fn save(
    dir: &Path,
    name: &str,
    settings: &str,
    authority: &Authority,
    identity: &Identity,
    web: &WebCertificate,
) -> Result<(), ProvisionError> {
    let [key, certificate] = identity.files();
    // Secret, because `postgres_url` may hold a password.
    let settings = NewFile {
        name,
        text: settings,
        mode: SECRET,
    };
    files::write_new(
        dir,
        &[
            key,
            certificate,
            authority.certificate_file(),
            web.file(),
            settings,
        ],
    )
}

impl Display for NodeSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# A node of Yadori. Written by `yadori-provision node init`; may be changed by hand.\n"
        )?;
        line(f, "shelter_id", self.shelter_id.as_str())?;
        line(f, "shelter_name", &self.shelter_name)?;
        writeln!(
            f,
            "\n# The first letters of this node's card numbers; never the same on two nodes."
        )?;
        line(f, "node_code", self.node_code)?;
        writeln!(f, "\n# Everything that must survive a power cut.")?;
        line(f, "data_dir", self.data_dir.display())?;
        writeln!(
            f,
            "\n# Where the pages answer. Plain HTTP for staff only on 127.0.0.1."
        )?;
        line(f, "desk_http", self.desk_http)?;
        optional(f, "desk_https", self.desk_https)?;
        line(f, "portal_http", self.portal_http)?;
        writeln!(
            f,
            "\n# Headquarters: where it is, and the key by which it is known."
        )?;
        line(f, "hq_address", &self.hq_address)?;
        line(f, "hq_key", hex(&self.hq_key))?;
        writeln!(f, "heartbeat_s = {HEARTBEAT_S}")
    }
}

impl Display for HqSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Headquarters of Yadori. Written by `yadori-provision hq init`; may be changed by hand.\n"
        )?;
        writeln!(f, "# One of the two: data_dir (embedded) or postgres_url.")?;
        match &self.store {
            HqStore::Directory(dir) => line(f, "data_dir", dir.display())?,
            HqStore::Postgres(url) => line(f, "postgres_url", url)?,
        }
        writeln!(f, "\n# Where nodes call, and where officers' pages answer.")?;
        line(f, "intake", self.intake)?;
        line(f, "console_http", self.console_http)?;
        optional(f, "console_https", self.console_https)
    }
}

fn line(f: &mut fmt::Formatter<'_>, key: &str, value: impl Display) -> fmt::Result {
    writeln!(f, "{key} = {}", toml::Value::String(value.to_string()))
}

fn optional(f: &mut fmt::Formatter<'_>, key: &str, value: Option<SocketAddr>) -> fmt::Result {
    match value {
        Some(value) => line(f, key, value),
        None => writeln!(f, "# {key} = \"0.0.0.0:8443\""),
    }
}

fn hex(key: &VerifyingKey) -> String {
    key.as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
