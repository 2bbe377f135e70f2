//! Headquarters: intake, central database, console.
//!
//! A node's changes come in through `intake`, are kept by `ground`, and drawn into rows by
//! `registry` and `aid`; the console shows the rows. All state is in the database ([`store`]):
//! several processes may run side by side over one PostgreSQL.

mod aid;
mod chance;
pub mod clock;
pub mod config;
mod drawn;
mod ground;
mod hq;
mod i18n;
mod intake;
mod membership;
pub mod node;
pub mod officer;
mod own;
mod quarantine;
mod readlog;
mod redraw;
mod registry;
pub mod shelter;
pub mod store;
#[cfg(test)]
mod testing;
mod web;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::{info, warn};
use yadori_transport::tls::TlsError;
use yadori_transport::{FlooredClock, Identity};

use clock::Clock;
use ground::Ours;
use hq::Hq;
use intake::Intake;
use officer::{PasswordDesk, PasswordError};
use store::{Db, Sql};

pub use ground::{OursError, renew};
pub use redraw::redraw;
pub use web::ConsoleConfig;

/// What a headquarters process runs on.
pub struct Config {
    /// Open, its tables of the newest shape.
    pub db: Db,
    pub identity: Identity,
    pub console: ConsoleConfig,
}

/// Where it listens; tests bind port 0.
pub struct Listeners {
    /// Officers' browsers: plain HTTP, for localhost or a proxy that speaks HTTPS.
    pub console: TcpListener,
    /// Nodes.
    pub intake: TcpListener,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Ours(#[from] OursError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("the console stopped: {0}")]
    Console(#[from] std::io::Error),
}

/// How long open pages may take after the shutdown began.
const GRACE: Duration = Duration::from_secs(5);

/// Serves officers and nodes until `shutdown` completes, then lets both finish what they are at.
pub async fn run(
    config: Config,
    listeners: Listeners,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let Config { db, identity, console } = config;
    let ours = Ours::open(&db, &identity.verifying_key()).await?;
    let tls_clock = Arc::new(FlooredClock::new({
        let clock = clock.clone();
        move || clock.now_s()
    }));
    let hq = Hq::new(db, clock, ours);
    let (end, ending) = watch::channel(false);
    let intake = intake::listen(listeners.intake, Intake { hq: Arc::clone(&hq), identity, tls_clock }, ending.clone());
    let console = serve_console(listeners.console, console_router(hq, console)?, ending);
    let ended = async {
        shutdown.await;
        info!("headquarters is closing");
        // Both listeners hold the other end until they are done.
        end.send_replace(true);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        done = async { tokio::try_join!(async { intake.await.map_err(RunError::from) }, console) } => done.map(drop),
        () = ended => Ok(()),
    }
}

fn console_router(hq: Arc<Hq>, config: ConsoleConfig) -> Result<Router, RunError> {
    let passwords = Arc::new(PasswordDesk::open()?);
    let app = web::App { hq, passwords, behind_proxy: config.behind_proxy };
    let features = Router::new()
        .route("/", get(web::home))
        .merge(officer::router())
        .merge(shelter::router())
        .merge(registry::router())
        .merge(aid::router())
        .merge(quarantine::router())
        .merge(readlog::router());
    Ok(web::router(app, config, features))
}

async fn serve_console(
    listener: TcpListener,
    router: Router,
    mut ending: watch::Receiver<bool>,
) -> Result<(), RunError> {
    let mut told = ending.clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        // The sender lives as long as the process runs.
        drop(told.wait_for(|ending| *ending).await);
    });
    let overdue = async {
        drop(ending.wait_for(|ending| *ending).await);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving.into_future() => Ok(served?),
        () = overdue => {
            warn!("pages were cut by the shutdown");
            Ok(())
        }
    }
}

/// Every statement of the crate, for the test that tries them all on both databases.
pub fn statements() -> impl Iterator<Item = Sql> {
    officer::statements()
        .chain(ground::statements())
        .chain(registry::statements())
        .chain(aid::statements())
        .chain(shelter::statements())
        .chain([readlog::STATEMENTS, web::STATEMENTS, intake::STATEMENTS, node::STATEMENTS].into_iter().flatten().copied())
        .chain([quarantine::STATEMENTS, redraw::STATEMENTS].into_iter().flatten().copied())
}
