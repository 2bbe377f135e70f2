//! The calling end: a TCP connection, then the handshake.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use yadori_ledger::id::NodeId;

use crate::link::{Link, LinkError, within};

/// TCP repeats a lost first packet after 1, 2, 4 and 8 s; a satellite that loses four in a row is down.
pub const CONNECT_MAX: Duration = Duration::from_secs(20);

/// Who is called.
#[derive(Clone, Copy, Debug)]
pub enum Callee {
    /// The key is pinned: no other, even of our own authority, is headquarters.
    Hq(VerifyingKey),
    /// Another node of the same shelter, which names itself by its key.
    Sibling(NodeId),
}

impl Callee {
    fn node(&self) -> NodeId {
        match self {
            Self::Hq(key) => NodeId::of(key),
            Self::Sibling(node) => *node,
        }
    }

    fn name(&self) -> ServerName<'static> {
        let name = match self {
            Self::Hq(_) => "hq.yadori.internal".into(),
            Self::Sibling(node) => format!("{node}.node.yadori.internal"),
        };
        ServerName::try_from(name).expect("a fixed name or 32 hex digits make a DNS name")
    }
}

/// Calls `address` (`host:port`) and proves both ends.
pub async fn dial(
    address: &str,
    callee: &Callee,
    config: &Arc<ClientConfig>,
) -> Result<Link<TcpStream>, LinkError> {
    let unreachable = |cause| LinkError::Unreachable {
        address: address.into(),
        cause,
    };
    let stream = match tokio::time::timeout(CONNECT_MAX, TcpStream::connect(address)).await {
        Ok(connected) => connected.map_err(unreachable)?,
        Err(_) => {
            return Err(LinkError::NoAnswer {
                address: address.into(),
                after: CONNECT_MAX,
            });
        }
    };
    stream.set_nodelay(true).map_err(unreachable)?; // frames are written whole; waiting for more only delays
    secure(stream, callee, config).await
}

/// The handshake alone, over a connection of any kind.
pub async fn secure<S>(
    stream: S,
    callee: &Callee,
    config: &Arc<ClientConfig>,
) -> Result<Link<S>, LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connector = TlsConnector::from(Arc::clone(config));
    let link = Link::over(
        within(connector.connect(callee.name(), stream))
            .await?
            .into(),
    )?;
    if link.peer.node == callee.node() {
        Ok(link)
    } else {
        Err(LinkError::WrongPeer {
            expected: callee.node(),
            found: link.peer.node,
        })
    }
}
