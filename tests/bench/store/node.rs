//! The node that is measured: this same program in another process, killed at the end.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};
use yadori_edge::clock::SystemClock;
use yadori_edge::staff::{self, Role};
use yadori_edge::store::Commits;
use yadori_edge::{Config, Node};
use yadori_provision::{Authority, Identity, NodeSettings, Role as Peer, WebCertificate, new_key};

use super::Failure;

/// Tells the other process which node it is.
const FOLDER: &str = "YADORI_MEASURED_NODE";
const EACH: &str = "YADORI_MEASURED_EACH";

pub(super) const STAFF_NAME: &str = "受付";
pub(super) const STAFF_PIN: &str = "204816";

/// The file in which the node says where its desk is.
const ADDRESS: &str = "address";
const STARTS_WITHIN: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
pub(super) struct Flush {
    pub(super) name: &'static str,
    pub(super) added_ms: u32,
}

/// What this process was asked to be, when it is the measured node.
pub(super) fn asked() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// Runs the node until this process is killed.
pub(super) async fn serve<T>(folder: PathBuf) -> Result<T, Failure> {
    let mut config = Config::read(&folder.join("node.toml"))?;
    if env::var_os(EACH).is_some() {
        config.commits = Commits::Each;
    }
    let node = Node::start(&config, Arc::new(SystemClock)).await?;
    node.link.send_replace(false);
    staff::add(
        &node.store,
        &STAFF_NAME.parse()?,
        &STAFF_PIN.parse()?,
        Role::Lead,
    )
    .await?;
    let written = folder.join("address.new");
    fs::write(&written, node.addresses.desk_http.to_string())?;
    fs::rename(written, folder.join(ADDRESS))?;
    std::future::pending().await
}

pub(super) struct Measured {
    pub(super) desk: SocketAddr,
    process: Child,
    folder: TempDir,
}

impl Measured {
    pub(super) async fn start(flush: Flush, commits: Commits) -> Result<Self, Failure> {
        // Beside the program: a temporary folder may be in memory, where a flush costs nothing.
        let program = env::current_exe()?;
        let folder = TempDir::new_in(program.parent().unwrap_or(Path::new(".")))?;
        provision(folder.path())?;
        let mut command = Command::new(program);
        command
            .arg("store")
            .env(FOLDER, folder.path())
            .stdout(Stdio::null());
        if commits == Commits::Each {
            command.env(EACH, "1");
        }
        if flush.added_ms > 0 {
            command
                .env("LD_PRELOAD", slow_sync(folder.path())?)
                .env("SLOWSYNC_MS", flush.added_ms.to_string());
        }
        let mut process = command.spawn()?;
        match desk(folder.path()).await {
            Ok(desk) => Ok(Self {
                desk,
                process,
                folder,
            }),
            Err(error) => {
                process.kill()?;
                Err(error)
            }
        }
    }

    /// The most memory that the node held at any time.
    pub(super) fn rss_bytes_max(&self) -> Result<u64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .ok_or("no VmHWM in status")?;
        Ok(peak.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// Kills the node in the middle of what it does. Says which households its disk holds.
    pub(super) async fn cut_power(mut self) -> Result<HashSet<Vec<u8>>, Failure> {
        self.process.kill()?;
        self.process.wait()?;
        let store = rusqlite::Connection::open(self.folder.path().join("data/node.db"))?;
        let whole: String = store.query_row("pragma integrity_check", [], |row| row.get(0))?;
        if whole != "ok" {
            return Err(format!("the store is damaged: {whole}").into());
        }
        let mut households = store.prepare("select doc from household")?;
        let kept = households
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(kept)
    }
}

/// A run that fails must not leave a node behind.
impl Drop for Measured {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn provision(folder: &Path) -> Result<(), Failure> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let authority = Authority::make("measure")?;
    let identity = Identity::make(&authority, Peer::Node, new_key()?)?;
    let settings = NodeSettings {
        shelter_id: "L0000000000001".parse()?,
        shelter_name: "第一小学校".into(),
        node_code: "M01".parse()?,
        data_dir: "data".into(),
        desk_http: any,
        desk_https: None,
        portal_http: any,
        hq_address: "127.0.0.1:9".into(),
        hq_key: new_key()?.verifying_key(),
    };
    let web = WebCertificate::make(&authority, &[], OffsetDateTime::now_utc())?;
    settings.save(folder, &authority, &identity, &web)?;
    Ok(())
}

async fn desk(folder: &Path) -> Result<SocketAddr, Failure> {
    let until = Instant::now() + STARTS_WITHIN;
    while Instant::now() < until {
        if let Ok(address) = fs::read_to_string(folder.join(ADDRESS)) {
            return Ok(address.parse()?);
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err("the measured node did not start: run it alone to see why".into())
}

/// Compiles the slow flush; a C compiler is there, because SQLite was compiled with it.
fn slow_sync(folder: &Path) -> Result<PathBuf, Failure> {
    let (source, library) = (folder.join("slowsync.c"), folder.join("slowsync.so"));
    fs::write(&source, include_str!("../slowsync.c"))?;
    let made = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .status()?;
    if made.success() {
        Ok(library)
    } else {
        Err("slowsync.c was not compiled".into())
    }
}
