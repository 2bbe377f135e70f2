//! A node or headquarters in a process of its own, because only a process can be killed.
//!
//! The program is `world-process` of this package; it runs the same code as the real programs,
//! says on its output where its doors are, and ends when its input does, so it is never left over.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use yadori_hq::config::Database;

/// A debug build on a busy machine opens its doors within this time.
const START_TAKES_MAX: Duration = Duration::from_secs(30);

const STOP_TAKES_MAX: Duration = Duration::from_secs(15);

/// Names the program when the caller is not a test of this package.
const PROGRAM_VARIABLE: &str = "YADORI_WORLD_PROCESS";

pub struct Process {
    child: Child,
    input: ChildStdin,
    pub(crate) addresses: Addresses,
}

/// What the process says when its doors are open. Headquarters has none that are not known.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Addresses {
    pub desk: SocketAddr,
    pub portal: SocketAddr,
}

pub(crate) struct Edge {
    pub(crate) folder: PathBuf,
    pub(crate) hq_address: String,
}

pub(crate) struct Hq {
    pub(crate) folder: PathBuf,
    pub(crate) database: String,
    pub(crate) intake: SocketAddr,
    pub(crate) console: SocketAddr,
}

pub(crate) struct Arguments(Vec<OsString>);

impl From<Edge> for Arguments {
    fn from(edge: Edge) -> Self {
        Self(vec![
            "edge".into(),
            edge.folder.into(),
            edge.hq_address.into(),
        ])
    }
}

impl From<Hq> for Arguments {
    fn from(hq: Hq) -> Self {
        let (intake, console) = (hq.intake.to_string(), hq.console.to_string());
        Self(vec![
            "hq".into(),
            hq.folder.into(),
            hq.database.into(),
            intake.into(),
            console.into(),
        ])
    }
}

impl Process {
    pub(crate) async fn start(arguments: &Arguments) -> Self {
        let mut command = Command::new(program());
        command
            .args(&arguments.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .expect("world-process is built with the tests");
        let input = child.stdin.take().expect("it was asked for");
        let mut lines = BufReader::new(child.stdout.take().expect("it was asked for")).lines();
        let first = tokio::time::timeout(START_TAKES_MAX, lines.next_line()).await;
        let first = first
            .expect("it opens its doors in time")
            .expect("text")
            .expect("it did not end");
        let addresses = serde_json::from_str(&first).expect("its addresses");
        Self {
            child,
            input,
            addresses,
        }
    }

    /// `open` or `shut`: whether there is a link to be tried.
    pub(crate) async fn tell(&mut self, word: &str) {
        self.input
            .write_all(format!("{word}\n").as_bytes())
            .await
            .expect("it listens");
    }

    pub(crate) async fn stop(self) {
        let Self {
            mut child, input, ..
        } = self;
        drop(input);
        let ended = tokio::time::timeout(STOP_TAKES_MAX, child.wait()).await;
        ended.expect("it stops in time").expect("it was ours");
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it was running");
    }
}

/// Beside the test binary or the program that asks: `target/debug/deps/..` or `target/debug`.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os(PROGRAM_VARIABLE) {
        return named.into();
    }
    let here = std::env::current_exe().expect("a program has a path");
    let folders = here.ancestors().skip(1).take(2).map(Path::to_owned);
    let found = folders
        .map(|folder| folder.join("world-process"))
        .find(|program| program.exists());
    found.expect("world-process is built with the tests")
}

/// A database in one word, for the command line.
pub(crate) fn written(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.clone(),
    }
}

/// The reverse of what `written` writes.
pub fn database(written: &str) -> Database {
    match written.strip_prefix("sqlite:") {
        Some(path) => {
            Database::Sqlite(PathBuf::from_str(path).unwrap_or_else(|never| match never {}))
        }
        None => Database::Postgres(written.to_owned()),
    }
}
