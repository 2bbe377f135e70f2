//! Headquarters of the world: its identity, its database (either kind) and its console.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use yadori_edge::clock::Clock;
use yadori_hq::config::Database;
use yadori_hq::officer::{self, Role};
use yadori_hq::store::Db;
use yadori_hq::{Config, ConsoleConfig, Listeners};
use yadori_transport::Identity;

use crate::process::{self, Process};
use crate::site::Person;
use crate::visitor::Visitor;

/// Who may sign in at the console of the world.
pub const OFFICER: Person = Person {
    name: "tanaka",
    secret: "shinsai-honbu-2026",
};

pub struct Headquarters {
    pub folder: PathBuf,
    pub database: Database,
    /// Fixed for the life of the world, because links end there.
    pub intake: SocketAddr,
    pub console: SocketAddr,
    clock: Arc<dyn Clock>,
    running: Running,
}

enum Running {
    Stopped,
    Here {
        stop: oneshot::Sender<()>,
        task: JoinHandle<()>,
    },
    Apart(Box<Process>),
}

impl Headquarters {
    /// Takes two ports; does not run yet.
    pub(crate) async fn new(
        folder: &Path,
        database: Database,
        clock: Arc<dyn Clock>,
        ports: Ports,
    ) -> Self {
        let (intake, console) = (held(ports.intake).await, held(ports.console).await);
        let (intake, console) = (address(&intake), address(&console));
        let (folder, running) = (folder.to_owned(), Running::Stopped);
        Self {
            folder,
            database,
            intake,
            console,
            clock,
            running,
        }
    }

    pub(crate) async fn hire(&self, db: &Db) {
        let password = OFFICER.secret.parse().expect("long enough");
        let added =
            officer::add(db, OFFICER.name, Role::Lead, &password, self.clock.wall_s()).await;
        if let Err(error) = added {
            assert!(matches!(error, officer::AddError::Taken), "{error}");
        }
    }

    pub async fn open_database(&self) -> Db {
        self.database.open().await.expect("the database answers")
    }

    /// What the database holds, seen beside the running headquarters.
    pub async fn held(&self) -> yadori_hq::Headquarters {
        let key = Identity::read(&self.folder)
            .expect("provisioned")
            .verifying_key();
        let clock = yadori_hq::clock::Clock::system();
        yadori_hq::Headquarters::open(self.open_database().await, &key, clock)
            .await
            .expect("its own database")
    }

    /// Starts headquarters in this process.
    pub async fn start(&mut self) {
        let clock = Arc::clone(&self.clock);
        let config = config(&self.folder, &self.database).await;
        let listeners = listeners(self.intake, self.console).await;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let clock = yadori_hq::clock::Clock::new(move || clock.wall_s());
            let stopped = async { drop(stopped.await) };
            yadori_hq::run(config, listeners, clock, stopped)
                .await
                .expect("headquarters runs");
        });
        self.running = Running::Here { stop, task };
    }

    /// Starts headquarters in a process of its own, so that it can be killed.
    pub async fn start_apart(&mut self) {
        let arguments = process::Hq {
            folder: self.folder.clone(),
            database: process::written(&self.database),
            intake: self.intake,
            console: self.console,
        };
        self.running = Running::Apart(Box::new(Process::start(&arguments.into()).await));
    }

    pub async fn stop(&mut self) {
        match std::mem::replace(&mut self.running, Running::Stopped) {
            Running::Stopped => {}
            Running::Here { stop, task } => {
                // If it has ended by itself, the task says why.
                stop.send(()).ok();
                task.await.expect("headquarters ended without a panic");
            }
            Running::Apart(process) => process.stop().await,
        }
    }

    /// `kill -9` for a process of its own; in this process, everything is dropped at once.
    pub async fn kill(&mut self) {
        match std::mem::replace(&mut self.running, Running::Stopped) {
            Running::Stopped => {}
            Running::Here { task, .. } => {
                task.abort();
                assert!(task.await.is_err_and(|ended| ended.is_cancelled()));
            }
            Running::Apart(process) => process.kill().await,
        }
    }

    /// A browser in which `person` is signed in at the console.
    pub async fn sign_in(&self, person: Person) -> Visitor {
        let visitor = Visitor::at(self.console);
        let answer = visitor
            .post(
                "/sign-in",
                &[("name", person.name), ("password", person.secret)],
            )
            .await;
        assert_eq!(
            (answer.status, answer.path.as_str()),
            (200, "/"),
            "{}",
            answer.gist()
        );
        visitor
    }
}

/// Ports that are wanted; 0 is any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    pub intake: u16,
    pub console: u16,
}

pub async fn config(folder: &Path, database: &Database) -> Config {
    Config {
        db: database.open().await.expect("the database answers"),
        identity: Identity::read(folder).expect("provisioned"),
        console: ConsoleConfig {
            secure_cookies: false,
            behind_proxy: false,
        },
    }
}

pub async fn listeners(intake: SocketAddr, console: SocketAddr) -> Listeners {
    let bound = async |address| {
        TcpListener::bind(address)
            .await
            .expect("the port was ours before")
    };
    Listeners {
        console: bound(console).await,
        intake: bound(intake).await,
    }
}

async fn held(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .unwrap_or_else(|error| panic!("port {port}: {error}"))
}

fn address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("it is bound")
}
