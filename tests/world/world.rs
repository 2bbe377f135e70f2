//! The whole: headquarters, shelters, a link from each, and one clock for all.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use yadori_edge::clock::{Clock, ManualClock, SystemClock};
use yadori_hq::config::Database;
use yadori_hq::node::{self, NewNode};
use yadori_hq::shelter::{self, NewShelter};
use yadori_hq::store::Db;
use yadori_ledger::id::ShelterId;
use yadori_provision::{
    Authority, HqSettings, HqStore, Identity, NodeSettings, Role, WebCertificate, new_key,
};

use crate::headquarters::{Headquarters, Ports};
use crate::proxy::{Link, Shape};
use crate::shelters::Shelter;
use crate::site::{self, Site};

/// Long enough for hundreds of households on a slow link and a busy machine; a test that waits
/// longer has found a bug.
pub const TELLING_TAKES_MAX: Duration = Duration::from_secs(120);

/// On a slow or paid link: a sign of life that does not crowd out what is to be told.
const PAID_HEARTBEAT: Duration = Duration::from_secs(5);

/// What kind of world.
pub struct Plan {
    /// Made if it is not there; a world of before goes on in it.
    pub folder: PathBuf,
    /// None: SQLite in the folder.
    pub postgres_url: Option<String>,
    pub shelters: Vec<&'static Shelter>,
    pub shape: Shape,
    /// None: the machine's clock.
    pub clock: Option<ManualClock>,
    pub ports: WorldPorts,
    /// The longest silence of a node towards headquarters. None: short on a local network, where
    /// a test waits for visits; longer where bytes are paid for.
    pub heartbeat: Option<Duration>,
    pub seed: u64,
}

/// Ports that are wanted; 0 is any. The n-th shelter's are n higher, if they are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct WorldPorts {
    pub hq: Ports,
    pub desk: u16,
    pub portal: u16,
}

pub struct World {
    pub hq: Headquarters,
    pub sites: Vec<Site>,
    pub clock: Arc<dyn Clock>,
}

impl Plan {
    /// Shelters on a local network, any ports.
    pub fn new(folder: &Path, shelters: &[&'static Shelter]) -> Self {
        Self {
            folder: folder.to_owned(),
            postgres_url: None,
            shelters: shelters.to_vec(),
            shape: Shape::LAN,
            clock: None,
            ports: WorldPorts::default(),
            heartbeat: None,
            seed: 1,
        }
    }

    fn database(&self) -> Database {
        match &self.postgres_url {
            Some(url) => Database::Postgres(url.clone()),
            None => Database::Sqlite(self.folder.join("hq/hq.db")),
        }
    }

    fn heartbeat(&self) -> Duration {
        let by_shape = if self.shape == Shape::LAN {
            site::HEARTBEAT
        } else {
            PAID_HEARTBEAT
        };
        self.heartbeat.unwrap_or(by_shape)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        match &self.clock {
            Some(manual) => Arc::new(manual.clone()),
            None => Arc::new(SystemClock),
        }
    }
}

impl World {
    /// Makes identities, lists and folders as a technician would. Nothing runs yet.
    pub async fn make(plan: Plan) -> Self {
        let clock = plan.clock();
        let hq_folder = plan.folder.join("hq");
        let is_new = !hq_folder.exists();
        let hq = Headquarters::new(
            &hq_folder,
            plan.database(),
            Arc::clone(&clock),
            plan.ports.hq,
        )
        .await;
        if is_new {
            provision(&plan, &hq);
        }
        let db = hq.open_database().await;
        hq.hire(&db).await;
        let mut sites = Vec::new();
        for (number, shelter) in plan.shelters.iter().enumerate() {
            let folder = site::folder(&plan.folder, number);
            admit(&db, &folder, shelter, number, clock.wall_s()).await;
            let link = Link::open(hq.intake, plan.shape, plan.seed + number as u64).await;
            let link = link.expect("a port is free");
            sites
                .push(Site::new(shelter, folder, link, Arc::clone(&clock), plan.heartbeat()).await);
        }
        Self { hq, sites, clock }
    }

    /// Starts everything in this process.
    pub async fn start(&mut self) {
        self.hq.start().await;
        for site in &mut self.sites {
            site.start().await;
        }
    }

    /// Waits until headquarters has everything from everybody, and everybody everything from it.
    pub async fn agrees(&self) {
        // The second time brings to each what the others told the first time.
        for site in self.sites.iter().chain(&self.sites) {
            site.is_told(TELLING_TAKES_MAX).await;
        }
    }

    pub async fn stop(&mut self) {
        for site in &mut self.sites {
            site.stop().await;
        }
        self.hq.stop().await;
    }
}

/// One authority for headquarters and all nodes; its key is not kept.
fn provision(plan: &Plan, hq: &Headquarters) {
    let authority = Authority::make("Yadori").expect("random numbers");
    let hq_identity = identity(&authority, Role::Hq);
    let web = web(&authority);
    let store = match &plan.postgres_url {
        Some(url) => HqStore::Postgres(url.clone()),
        None => HqStore::Directory(hq.folder.clone()),
    };
    let settings = HqSettings {
        store,
        intake: hq.intake,
        console_http: hq.console,
        console_https: None,
    };
    settings
        .save(&hq.folder, &authority, &hq_identity, &web)
        .expect("an empty folder");
    for (number, shelter) in plan.shelters.iter().enumerate() {
        let folder = site::folder(&plan.folder, number);
        let settings = NodeSettings {
            shelter_id: shelter.common_id.parse().expect("the list has sound ids"),
            shelter_name: shelter.name.to_owned(),
            node_code: site::code(number),
            data_dir: folder.join("data"),
            desk_http: door(plan.ports.desk, number),
            desk_https: None,
            portal_http: door(plan.ports.portal, number),
            hq_address: hq.intake.to_string(),
            hq_key: hq_identity.verifying_key(),
        };
        settings
            .save(&folder, &authority, &identity(&authority, Role::Node), &web)
            .expect("an empty folder");
    }
}

fn identity(authority: &Authority, role: Role) -> Identity {
    let key = new_key().expect("random numbers");
    Identity::make(authority, role, key).expect("a sound authority")
}

fn web(authority: &Authority) -> WebCertificate {
    WebCertificate::make(authority, &[], OffsetDateTime::now_utc()).expect("a sound authority")
}

fn door(first: u16, number: usize) -> SocketAddr {
    let port = if first == 0 {
        0
    } else {
        first + u16::try_from(number).expect("few shelters")
    };
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// Puts the shelter and its node on headquarters' lists.
async fn admit(db: &Db, folder: &Path, shelter: &Shelter, number: usize, now_s: i64) {
    let id: ShelterId = shelter.common_id.parse().expect("the list has sound ids");
    let e6 = |degrees: f64| (degrees * 1e6).round() as i64;
    let listed = NewShelter {
        id: id.clone(),
        name: shelter.name.to_owned(),
        address: shelter.address.to_owned(),
        position_e6: Some((e6(shelter.latitude), e6(shelter.longitude))),
    };
    shelter::add(db, &[listed])
        .await
        .expect("the list takes it");
    let key = yadori_provision::public_key(folder).expect("provisioned");
    let new = NewNode {
        key,
        shelter: id,
        code: site::code(number),
        name: shelter.name.to_owned(),
    };
    node::admit(db, &new, now_s)
        .await
        .expect("the code is free");
}
