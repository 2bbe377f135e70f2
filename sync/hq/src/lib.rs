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
mod headquarters;
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
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::{info, warn};
use yadori_transport::tls::TlsError;
use yadori_transport::{FlooredClock, Identity, SecureListener};

use clock::Clock;
use hq::Hq;
use intake::Intake;
use officer::{PasswordDesk, PasswordError};
use store::{Db, Sql};
use web::Caller;

pub use ground::{GroundError, OursError, renew};
pub use headquarters::Headquarters;
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
    /// Officers' browsers on this machine, or a proxy that speaks HTTPS.
    pub console: TcpListener,
    /// Nodes.
    pub intake: TcpListener,
}

/// Officers' browsers from elsewhere.
pub struct Secure {
    pub listener: TcpListener,
    pub tls: Arc<rustls::ServerConfig>,
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
    serve(config, listeners, None, clock, shutdown).await
}

/// The same, with a console over HTTPS beside the plain one.
pub async fn serve(
    config: Config,
    listeners: Listeners,
    secure: Option<Secure>,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let tls_clock = Arc::new(FlooredClock::new({
        let clock = clock.clone();
        move || clock.now_s()
    }));
    let opened = Headquarters::open(config.db, &config.identity.verifying_key(), clock).await?;
    let hq = opened.0;
    let (end, ending) = watch::channel(false);
    let router = console_router(Arc::clone(&hq), config.console)?;
    let identity = config.identity;
    let intake = intake::listen(
        listeners.intake,
        Intake {
            hq,
            identity,
            tls_clock,
        },
        ending.clone(),
    );
    let plain = pages(listeners.console, router.clone(), ending.clone());
    let secure = secure_pages(secure, router, ending);
    let serving = async { tokio::try_join!(async { Ok(intake.await?) }, plain, secure).map(drop) };
    tokio::pin!(serving);
    tokio::select! {
        done = &mut serving => return done,
        () = shutdown => info!("headquarters is closing"),
    }
    end.send_replace(true);
    serving.await
}

fn console_router(hq: Arc<Hq>, config: ConsoleConfig) -> Result<Router, RunError> {
    let passwords = Arc::new(PasswordDesk::open()?);
    let app = web::App {
        hq,
        passwords,
        behind_proxy: config.behind_proxy,
    };
    let features = Router::new()
        .merge(officer::router())
        .merge(shelter::router())
        .merge(registry::router())
        .merge(aid::router())
        .merge(quarantine::router())
        .merge(readlog::router());
    Ok(web::router(app, config, features))
}

async fn secure_pages(
    secure: Option<Secure>,
    router: Router,
    ending: watch::Receiver<bool>,
) -> Result<(), RunError> {
    match secure {
        Some(Secure { listener, tls }) => {
            pages(SecureListener::over(listener, tls)?, router, ending).await
        }
        None => Ok(()),
    }
}

/// Shows pages until the end, and a little longer to whoever waits for one.
async fn pages<L>(
    listener: L,
    router: Router,
    mut ending: watch::Receiver<bool>,
) -> Result<(), RunError>
where
    L: Listener<Addr = SocketAddr>,
    Caller: for<'a> Connected<IncomingStream<'a, L>>,
{
    let mut told = ending.clone();
    let service = router.into_make_service_with_connect_info::<Caller>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        // An error would mean that the sender is gone: the end as well.
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
        .chain(
            [
                readlog::STATEMENTS,
                web::STATEMENTS,
                intake::STATEMENTS,
                node::STATEMENTS,
            ]
            .into_iter()
            .flatten()
            .copied(),
        )
        .chain(
            [
                headquarters::STATEMENTS,
                quarantine::STATEMENTS,
                redraw::STATEMENTS,
            ]
            .into_iter()
            .flatten()
            .copied(),
        )
}
