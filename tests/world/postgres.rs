//! PostgreSQL for tests: a cluster of our own in a temporary folder, and a fresh database for
//! each test in it.
//!
//! A test gets its database from [`Database::fresh`], in the cluster that `HQ_POSTGRES_URL`
//! names; `cargo suite` starts one and sets the variable.

use std::env;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand::distr::{Alphanumeric, SampleString};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Names the cluster that tests may make databases in.
pub const URL_VARIABLE: &str = "HQ_POSTGRES_URL";

/// A cluster answers in about a second; a loaded machine gets this long.
const START_WAITS_MAX: Duration = Duration::from_secs(60);

/// After this long without a clean stop the cluster is killed; it is thrown away anyway.
const STOP_WAITS_MAX: Duration = Duration::from_secs(15);

/// The account that Debian's package makes. PostgreSQL refuses to run as root.
const UNPRIVILEGED: &str = "postgres";

#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    #[error("PostgreSQL is not installed; type: apt-get install postgresql")]
    Missing,
    #[error("{0} failed:\n{1}")]
    Failed(&'static str, String),
    #[error("PostgreSQL did not answer; its log:\n{0}")]
    Silent(String),
    #[error("the folder or process of the cluster could not be made")]
    Io(#[from] io::Error),
    #[error("PostgreSQL refused")]
    Refused(#[from] tokio_postgres::Error),
}

/// A running cluster; dropping it stops it and removes its folder.
pub struct Cluster {
    server: Child,
    url: String,
    _folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and starts it on a free port of this machine.
    pub fn start() -> Result<Self, PostgresError> {
        let programs = programs().ok_or(PostgresError::Missing)?;
        let folder = tempfile::Builder::new()
            .prefix("yadori-postgres-")
            .tempdir()?;
        let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
        fs::write(folder.path().join("password"), &password)?;
        give_away(folder.path())?;
        init(&programs, folder.path())?;
        let port = free_port()?;
        let server = serve(&programs, folder.path(), port)?;
        let url = format!("postgres://yadori:{password}@127.0.0.1:{port}/postgres");
        let mut cluster = Self {
            server,
            url,
            _folder: folder,
        };
        cluster.wait(&programs, port)?;
        Ok(cluster)
    }

    /// With the password, for [`URL_VARIABLE`].
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait(&mut self, programs: &Path, port: u16) -> Result<(), PostgresError> {
        let began = Instant::now();
        while began.elapsed() < START_WAITS_MAX && self.server.try_wait()?.is_none() {
            let ready = Command::new(programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
                .status()?;
            if ready.success() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self._folder.path().join("log")).unwrap_or_default();
        Err(PostgresError::Silent(log))
    }

    /// SIGINT is PostgreSQL's fast stop. Failing to stop cleanly is no reason to fail a test.
    fn stop(&mut self) {
        let pid = self.server.id().to_string();
        drop(Command::new("kill").args(["-INT", &pid]).status());
        let began = Instant::now();
        while began.elapsed() < STOP_WAITS_MAX {
            if !matches!(self.server.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The folder with `initdb`: the newest that Debian has installed, or one on the path.
fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = debian
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path(),
            ))
        })
        .max_by_key(|(version, _)| *version)
        .map(|(_, path)| path.join("bin"));
    let on_path = env::split_paths(&env::var_os("PATH")?).collect::<Vec<_>>();
    newest
        .into_iter()
        .chain(on_path)
        .find(|folder| folder.join("initdb").exists())
}

/// Whether `cargo suite` can start a cluster here.
pub fn installed() -> bool {
    programs().is_some()
}

/// A command as the unprivileged account if we are root. It ends when we do, even if we are
/// killed and cannot say goodbye.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args([
            "--reuid",
            UNPRIVILEGED,
            "--regid",
            UNPRIVILEGED,
            "--clear-groups",
        ]);
    }
    command
        .args(["--pdeathsig", "INT", "--"])
        .arg(program)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

fn give_away(folder: &Path) -> Result<(), PostgresError> {
    if is_root() {
        done(
            "chown",
            Command::new("chown").args(["-R", UNPRIVILEGED]).arg(folder),
        )?;
    }
    Ok(())
}

fn init(programs: &Path, folder: &Path) -> Result<(), PostgresError> {
    let mut command = unprivileged(&programs.join("initdb"));
    command
        .args([
            "--locale=C",
            "--encoding=UTF8",
            "--username=yadori",
            "--auth=scram-sha-256",
        ])
        .arg(format!("--pwfile={}", folder.join("password").display()))
        .arg(folder.join("data"))
        .current_dir(folder);
    done("initdb", &mut command)
}

fn done(name: &'static str, command: &mut Command) -> Result<(), PostgresError> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(PostgresError::Failed(
        name,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}

/// Nothing holds the port between here and the start of the server; a thief makes the start
/// fail loudly.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// `fsync` stays on: what the tests say about durability is said about a real server.
fn serve(programs: &Path, folder: &Path, port: u16) -> io::Result<Child> {
    let log = fs::File::create(folder.join("log"))?;
    let settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
    ];
    let mut command = unprivileged(&programs.join("postgres"));
    command
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string()]);
    for setting in settings {
        command.args(["-c", setting]);
    }
    // A group of its own: Ctrl-C at the terminal reaches us, and we stop it when we are done.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .current_dir(folder)
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}

/// An empty database of one test; dropping it removes it.
pub struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// A new database in the cluster that `HQ_POSTGRES_URL` names, or None if it names none.
    pub async fn fresh() -> Result<Option<Self>, PostgresError> {
        let Ok(server) = env::var(URL_VARIABLE) else {
            return Ok(None);
        };
        let letters = Alphanumeric
            .sample_string(&mut rand::rng(), 12)
            .to_lowercase();
        let name = format!("yadori_{letters}");
        order(&server, &format!("create database {name}")).await?;
        let url = format!(
            "{}/{name}",
            server
                .rsplit_once('/')
                .map_or(server.as_str(), |(host, _)| host)
        );
        Ok(Some(Self { server, name, url }))
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    /// On a thread of its own, because a test's runtime may be ending. A database that stays
    /// goes with the cluster.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let remover = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let removal = format!("drop database if exists {name} with (force)");
            runtime
                .block_on(order(&server, &removal))
                .map_err(io::Error::other)
        });
        drop(remover.join());
    }
}

async fn order(server: &str, sql: &str) -> Result<(), PostgresError> {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await?;
    let carrying = tokio::spawn(connection);
    client.batch_execute(sql).await?;
    drop(client);
    drop(carrying.await);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fresh_database_is_empty_and_sorts_by_code_point() {
        let Some(database) = Database::fresh().await.unwrap() else {
            return;
        };
        let (client, connection) = tokio_postgres::connect(database.url(), NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let row = client
            .query_one("select count(*), current_setting('fsync'), 'B' < 'a' from pg_tables where schemaname = 'public'", &[])
            .await
            .unwrap();
        assert_eq!(
            (
                row.get::<_, i64>(0),
                row.get::<_, &str>(1),
                row.get::<_, bool>(2)
            ),
            (0, "on", true)
        );
    }
}
