//! A whole node: store, doors and uplink, started together and stopped together.

use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use yadori_transport::drive::Limits;
use yadori_transport::tls::{self, TlsError};
use yadori_transport::{FlooredClock, Identity, IdentityError, SecureListener};

use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Store, StoreError, StoreOptions, ground};
use crate::uplink::Uplink;
use crate::web::{self, App, Setting};

/// A running node. Dropped, it stops at once, as in a power cut; [`stop`](Self::stop) lets pages
/// that are being answered finish.
pub struct Node {
    pub store: Store,
    pub addresses: Addresses,
    /// Whether there is a link to headquarters to be tried; open at first.
    pub link: watch::Sender<bool>,
    stopping: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Where the doors are; a port that was given as 0 is the real one here.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    pub desk_http: SocketAddr,
    pub desk_https: Option<SocketAddr>,
    pub portal_http: SocketAddr,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{name} = \"{address}\" cannot be listened on: {cause}. Change it in node.toml, or stop what uses it"
    )]
    Listen {
        name: &'static str,
        address: SocketAddr,
        cause: io::Error,
    },
    #[error("desk_https needs web.pem beside node.toml: {0}. Make it with `yadori-provision web`")]
    Web(io::Error),
    #[error("data_dir = \"{0}\" cannot be made: {1}. Change it in node.toml")]
    DataDir(String, io::Error),
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

/// Pages that are being answered get this long before a stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

impl Node {
    pub async fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let identity = Identity::read(&config.folder)?;
        let store = open_store(config, &identity, clock.clone())?;
        let (link, open) = watch::channel(true);
        let (stopping, stop) = watch::channel(false);
        let mut doors = Doors {
            tasks: JoinSet::new(),
            stop,
        };

        let app = App::new(store.clone(), clock.clone(), setting(config, &identity));
        let desk_http = doors
            .open("desk_http", config.desk_http, web::desk(app.clone()))
            .await?;
        let desk_https = match config.desk_https {
            Some(address) => Some(
                doors
                    .open_secure(config, address, web::desk(app.over_tls()))
                    .await?,
            ),
            None => None,
        };
        let portal_http = doors
            .open("portal_http", config.portal_http, web::portal(app))
            .await?;
        let Doors { mut tasks, .. } = doors;
        tasks.spawn(uplink(config, &identity, store.clone(), clock)?.run(open));

        let addresses = Addresses {
            desk_http,
            desk_https,
            portal_http,
        };
        tracing::info!(node = %store.node_id(), desk = %desk_http, portal = %portal_http, "the node is open");
        Ok(Self {
            store,
            addresses,
            link,
            stopping,
            tasks,
        })
    }

    /// Waits until a door or the uplink ends, which they do not by themselves.
    pub async fn ended(&mut self) {
        self.tasks.join_next().await;
    }

    /// Closes the doors, lets what is being answered finish, and closes the store.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        drop(self.link);
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WITHIN, finished).await.is_err() {
            tracing::warn!("some pages were cut off");
        }
        self.tasks.shutdown().await;
        tracing::info!("the node is closed");
    }
}

/// The store of a node, for running it and for the command line beside it.
pub fn open_store(
    config: &Config,
    identity: &Identity,
    clock: Arc<dyn Clock>,
) -> Result<Store, StartError> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data_dir);
    made.map_err(|cause| StartError::DataDir(config.data_dir.display().to_string(), cause))?;
    let (key, shelter) = (identity.verifying_key(), config.shelter_id.clone());
    let mut options = StoreOptions::new(key, shelter, config.node_code, clock, web::draw);
    options.epoch = config.epoch;
    options.commits = config.commits;
    options.random = getrandom::u64().map_err(StartError::Random)?.max(1); // 0 means "never read"
    Ok(Store::open(&config.data_dir.join("node.db"), options)?)
}

/// Looks at everything that is needed to run. Says how many changes the store holds.
pub async fn check(config: &Config, clock: Arc<dyn Clock>) -> Result<i64, StartError> {
    let identity = Identity::read(&config.folder)?;
    let tls_clock = Arc::new(FlooredClock::system());
    tls::client_config(&identity, tls_clock)?;
    if config.desk_https.is_some() {
        web_config(config)?;
    }
    let store = open_store(config, &identity, clock)?;
    Ok(store.read(ground::verify).await?)
}

fn setting(config: &Config, identity: &Identity) -> Setting {
    let secret = blake3::derive_key(
        "yadori 2026 portal state 1",
        &identity.signing_key().to_bytes(),
    );
    Setting {
        shelter_name: config.shelter_name.clone(),
        secret,
    }
}

fn uplink(
    config: &Config,
    identity: &Identity,
    store: Store,
    clock: Arc<dyn Clock>,
) -> Result<Uplink, StartError> {
    let tls_clock = FlooredClock::new({
        let clock = clock.clone();
        move || clock.wall_s()
    });
    Ok(Uplink {
        store,
        clock,
        key: identity.signing_key().clone(),
        tls: tls::client_config(identity, Arc::new(tls_clock))?,
        hq_address: config.hq_address.clone(),
        hq_key: config.hq_key,
        heartbeat: config.heartbeat,
        limits: Limits::default(),
    })
}

fn web_config(config: &Config) -> Result<Arc<rustls::ServerConfig>, StartError> {
    let pem = std::fs::read_to_string(config.folder.join("web.pem")).map_err(StartError::Web)?;
    Ok(tls::desk_config(&pem)?)
}

struct Doors {
    tasks: JoinSet<()>,
    stop: watch::Receiver<bool>,
}

impl Doors {
    async fn open(
        &mut self,
        name: &'static str,
        address: SocketAddr,
        pages: Router,
    ) -> Result<SocketAddr, StartError> {
        let (listener, address) = listen(name, address).await?;
        let serving = axum::serve(
            listener,
            pages.into_make_service_with_connect_info::<SocketAddr>(),
        );
        let serving = serving.with_graceful_shutdown(self.stopped()).into_future();
        self.tasks.spawn(async move { served(name, serving.await) });
        Ok(address)
    }

    async fn open_secure(
        &mut self,
        config: &Config,
        address: SocketAddr,
        pages: Router,
    ) -> Result<SocketAddr, StartError> {
        let name = "desk_https";
        let tls = web_config(config)?;
        let (listener, address) = listen(name, address).await?;
        let refused = |cause| StartError::Listen {
            name,
            address,
            cause,
        };
        let serving = axum::serve(SecureListener::over(listener, tls).map_err(refused)?, pages);
        let serving = serving.with_graceful_shutdown(self.stopped()).into_future();
        self.tasks.spawn(async move { served(name, serving.await) });
        Ok(address)
    }

    fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stop = self.stop.clone();
        async move { drop(stop.wait_for(|stop| *stop).await) }
    }
}

async fn listen(
    name: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let refused = |cause| StartError::Listen {
        name,
        address,
        cause,
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = Listener::local_addr(&listener).map_err(refused)?;
    Ok((listener, bound))
}

fn served(door: &str, ended: io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(door, %error, "a door closed");
    }
}
