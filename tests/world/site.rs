//! One shelter of the world: its node with everything that node has in life (identity, settings
//! file, data on disk), and its link to headquarters.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use yadori_edge::clock::Clock;
use yadori_edge::staff::{self, Role};
use yadori_edge::store::{Contact, Store};
use yadori_edge::{Config, Node, open_store};
use yadori_ledger::id::NodeCode;
use yadori_transport::Identity;

use crate::process::{self, Process};
use crate::proxy::Link;
use crate::shelters::Shelter;
use crate::visitor::Visitor;

/// Who may sign in at every desk of the world.
pub const LEAD: Person = Person {
    name: "佐藤 恵",
    secret: "204816",
};
pub const STAFF: Person = Person {
    name: "高橋 誠",
    secret: "731905",
};

/// Somebody who signs in, with a PIN or a password.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub name: &'static str,
    pub secret: &'static str,
}

/// The longest silence of a node on a local network.
pub const HEARTBEAT: Duration = Duration::from_millis(250);

/// How often a waiting test looks again.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub struct Site {
    pub shelter: &'static Shelter,
    pub link: Link,
    pub folder: PathBuf,
    clock: Arc<dyn Clock>,
    heartbeat: Duration,
    running: Running,
    is_open: bool,
}

enum Running {
    Stopped,
    /// In this process, with the world's clock.
    Here(Box<Node>),
    /// In a process of its own, with the machine's clock: it can be killed.
    Apart(Box<Process>),
}

impl Site {
    /// A node whose folder has been provisioned, with its list of staff, not running yet.
    pub(crate) async fn new(
        shelter: &'static Shelter,
        folder: PathBuf,
        link: Link,
        clock: Arc<dyn Clock>,
        heartbeat: Duration,
    ) -> Self {
        let site = Self {
            shelter,
            link,
            folder,
            clock,
            heartbeat,
            running: Running::Stopped,
            is_open: true,
        };
        site.hire().await;
        site
    }

    /// Nobody is added twice when the folder is an old one.
    async fn hire(&self) {
        let config = self.config();
        let identity = Identity::read(&config.folder).expect("provisioned");
        let store =
            open_store(&config, &identity, Arc::clone(&self.clock)).expect("a sound folder");
        for (person, role) in [(LEAD, Role::Lead), (STAFF, Role::Staff)] {
            let (name, pin) = (
                person.name.parse().expect("a name"),
                person.secret.parse().expect("a PIN"),
            );
            if let Err(error) = staff::add(&store, &name, &pin, role).await {
                assert!(matches!(error, staff::roll::AddError::Taken), "{error}");
            }
        }
    }

    fn config(&self) -> Config {
        let mut config = Config::read(&self.folder.join("node.toml")).expect("provisioned");
        config.hq_address = self.link.address().to_string();
        config.heartbeat = self.heartbeat;
        config
    }

    /// Starts the node in this process.
    pub async fn start(&mut self) {
        let node = Node::start(&self.config(), Arc::clone(&self.clock))
            .await
            .expect("the node starts");
        node.link.send_replace(self.is_open);
        self.running = Running::Here(Box::new(node));
    }

    /// Starts the node in a process of its own, so that it can be killed.
    pub async fn start_apart(&mut self) {
        let arguments = process::Edge {
            folder: self.folder.clone(),
            hq_address: self.link.address().to_string(),
        };
        let mut process = Process::start(&arguments.into()).await;
        process
            .tell(if self.is_open { "open" } else { "shut" })
            .await;
        self.running = Running::Apart(Box::new(process));
    }

    /// Lets what is being answered finish.
    pub async fn stop(&mut self) {
        match std::mem::replace(&mut self.running, Running::Stopped) {
            Running::Stopped => {}
            Running::Here(node) => node.stop().await,
            Running::Apart(process) => process.stop().await,
        }
    }

    /// `kill -9` for a node in a process of its own; in this process, everything is dropped at once.
    pub async fn kill(&mut self) {
        match std::mem::replace(&mut self.running, Running::Stopped) {
            Running::Stopped => {}
            Running::Here(node) => drop(node),
            Running::Apart(process) => process.kill().await,
        }
    }

    /// The link is gone, and the node knows it as from a modem.
    pub async fn cut_off(&mut self) {
        self.link.cut();
        self.tell_link(false).await;
    }

    /// The link is back, and the node is told.
    pub async fn reconnect(&mut self) {
        self.link.mend();
        self.tell_link(true).await;
    }

    async fn tell_link(&mut self, is_open: bool) {
        self.is_open = is_open;
        match &mut self.running {
            Running::Stopped => {}
            Running::Here(node) => drop(node.link.send_replace(is_open)),
            Running::Apart(process) => process.tell(if is_open { "open" } else { "shut" }).await,
        }
    }

    /// The desk's address of the running node; another after each start.
    pub fn desk(&self) -> SocketAddr {
        match &self.running {
            Running::Stopped => panic!("the node of {} is not running", self.shelter.name),
            Running::Here(node) => node.addresses.desk_http,
            Running::Apart(process) => process.addresses.desk,
        }
    }

    pub fn portal(&self) -> SocketAddr {
        match &self.running {
            Running::Stopped => panic!("the node of {} is not running", self.shelter.name),
            Running::Here(node) => node.addresses.portal_http,
            Running::Apart(process) => process.addresses.portal,
        }
    }

    /// A browser in which `person` is signed in at the desk.
    pub async fn sign_in(&self, person: Person) -> Visitor {
        let visitor = Visitor::at(self.desk());
        let form = [("staff_name", person.name), ("staff_pin", person.secret)];
        let answer = visitor.post("/sign-in", &form).await;
        assert_eq!(
            (answer.status, answer.path.as_str()),
            (200, "/"),
            "{}",
            answer.gist()
        );
        visitor
    }

    /// The store of the node that runs in this process.
    pub fn store(&self) -> Store {
        match &self.running {
            Running::Here(node) => node.store.clone(),
            Running::Stopped | Running::Apart(_) => {
                panic!("the node of {} does not run here", self.shelter.name)
            }
        }
    }

    /// The node's data as it stands on disk, read from outside.
    pub fn database(&self) -> Connection {
        let file = self.config().data_dir.join("node.db");
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the node has run")
    }

    /// How the node stands with headquarters.
    pub fn contact(&self) -> Contact {
        Contact::read(&self.database()).expect("one row")
    }

    /// Waits until headquarters has confirmed everything, and both found that they hold the same
    /// after `since_visits` visits.
    pub async fn is_told(&self, within: Duration) {
        let began = tokio::time::Instant::now();
        let visits = self.contact().visits;
        loop {
            let contact = self.contact();
            // One whole visit from now on, so that what headquarters had to say has arrived too.
            if contact.waiting_count == 0 && contact.visits > visits + 1 {
                return;
            }
            assert!(
                began.elapsed() < within,
                "{} has not told headquarters: {contact:?}",
                self.shelter.name
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// What the card numbers of the world's nodes begin with.
pub(crate) fn code(number: usize) -> NodeCode {
    const LETTERS: &[u8] = b"ACDEFGHJKMNPQRTVWXY";
    let (first, second) = (
        LETTERS[number / LETTERS.len() % LETTERS.len()],
        LETTERS[number % LETTERS.len()],
    );
    format!("K{}{}", char::from(first), char::from(second))
        .parse()
        .expect("letters that codes may have")
}

/// The folder of one node in the world's folder.
pub(crate) fn folder(world: &Path, number: usize) -> PathBuf {
    world.join(format!("node-{}", number + 1))
}
