//! Pages over HTTPS, at the desk and at headquarters: shakes hands beside the accepting, so that one
//! slow browser keeps nobody waiting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A tablet at the far end of a gymnasium needs two seconds, a poor mobile line three.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// Handshakes at a time; each costs a signature and some 20 kB.
const HANDSHAKES_MAX: usize = 32;

/// A failing accept means that files or memory ran out; trying at once would only burn time.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

type Secured = (TlsStream<TcpStream>, SocketAddr);

/// Accepts browsers, for `axum::serve`.
pub struct SecureListener {
    address: SocketAddr,
    ready: mpsc::Receiver<Secured>,
    _accepting: JoinSet<()>,
}

impl SecureListener {
    /// `config` is made by [`crate::tls::desk_config`].
    pub fn over(listener: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (secured, ready) = mpsc::channel(HANDSHAKES_MAX);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, TlsAcceptor::from(config), secured));
        Ok(Self {
            address,
            ready,
            _accepting: accepting,
        })
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, secured: mpsc::Sender<Secured>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let mut shaking = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        while shaking.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, from)) => {
                let (acceptor, secured) = (acceptor.clone(), secured.clone());
                shaking.spawn(async move {
                    // A browser that does not trust us yet breaks off here, every time: no news.
                    if let Ok(Ok(stream)) = timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
                        drop(secured.send((stream, from)).await);
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::error!(%error, "a browser's connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
}

impl Listener for SecureListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Secured {
        match self.ready.recv().await {
            Some(secured) => secured,
            // The accepting task lives as long as this value.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
