//! The answering end. Whether a peer is admitted is for the caller to say, who has the list.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::link::{Link, LinkError, within};

/// Links open at once: two nodes in each of Tokyo's 3,185 shelters. More wait in the system's queue.
const LINKS_MAX: usize = 8_192;

/// When the system can open no more sockets, asking again at once only makes it worse.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Proves both ends of a connection that came in. Run it in a task of its own: a peer that is slow
/// to shake hands must not keep others waiting.
pub async fn accept<S>(stream: S, config: &Arc<ServerConfig>) -> Result<Link<S>, LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let acceptor = TlsAcceptor::from(Arc::clone(config));
    Link::over(within(acceptor.accept(stream)).await?.into())
}

/// Answers every link with `handle`, each in its own task, for as long as it is polled; dropping it
/// ends them all, which loses nothing that was acknowledged. Whatever goes wrong with one link is
/// logged here, once, and touches no other.
pub async fn serve<H, F, E>(listener: TcpListener, config: Arc<ServerConfig>, handle: H)
where
    H: Fn(Link<TcpStream>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send + 'static,
{
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            Some(ended) = links.join_next() => report(ended),
            arrived = listener.accept(), if links.len() < LINKS_MAX => match arrived {
                Ok((stream, address)) => {
                    links.spawn(answer(stream, address, Arc::clone(&config), handle.clone()));
                }
                Err(error) => pause(&error).await,
            },
        }
    }
}

async fn answer<H, F, E>(
    stream: TcpStream,
    address: SocketAddr,
    config: Arc<ServerConfig>,
    handle: H,
) where
    H: Fn(Link<TcpStream>) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "frames may be delayed on this link");
    }
    let link = match accept(stream, &config).await {
        Ok(link) => link,
        Err(error) => return tracing::warn!(peer.address = %address, %error, "a link was refused"),
    };
    let peer = link.peer;
    if let Err(error) = handle(link).await {
        tracing::warn!(peer.address = %address, peer.node = %peer.node, %error, "a link was dropped");
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a link's task panicked; the others go on");
    }
}

async fn pause(error: &io::Error) {
    tracing::error!(%error, "no connection can be accepted; trying again");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}
