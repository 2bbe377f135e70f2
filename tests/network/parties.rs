//! A municipality in memory: its authority, headquarters, nodes, and a wire between them.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use rustls::{ClientConfig, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use yadori_provision::Authority;
use yadori_transport::accept::accept;
use yadori_transport::dial::{Callee, secure};
use yadori_transport::{FlooredClock, Identity, Link, LinkError, tls};

use crate::counted::{Count, Counted};

pub(crate) type NodeEnd = Link<Counted<DuplexStream>>;
pub(crate) type HqEnd = Link<DuplexStream>;

pub(crate) struct Municipality {
    pub(crate) authority: Authority,
    pub(crate) hq: Identity,
}

impl Municipality {
    pub(crate) fn new() -> Self {
        let authority = Authority::make("Chiyoda").unwrap();
        let hq = identity(&authority, yadori_provision::Role::Hq, 1);
        Self { authority, hq }
    }

    pub(crate) fn node(&self, seed: u8) -> Identity {
        identity(&self.authority, yadori_provision::Role::Node, seed)
    }

    pub(crate) fn callee(&self) -> Callee {
        Callee::Hq(self.hq.verifying_key())
    }

    pub(crate) fn intake(&self) -> Arc<ServerConfig> {
        tls::server_config(&self.hq, Arc::new(FlooredClock::system())).unwrap()
    }
}

pub(crate) fn identity(authority: &Authority, role: yadori_provision::Role, seed: u8) -> Identity {
    let made =
        yadori_provision::Identity::make(authority, role, SigningKey::from_bytes(&[seed; 32]))
            .unwrap();
    Identity::from_pem(made.certificate_pem(), made.key_pem(), made.authority_pem()).unwrap()
}

/// It trusts our headquarters, whose authority file was copied, but was made by another authority.
pub(crate) fn stranger(town: &Municipality) -> Identity {
    let other = Authority::make("Chiyoda").unwrap();
    let key = SigningKey::from_bytes(&[9; 32]);
    let made = yadori_provision::Identity::make(&other, yadori_provision::Role::Node, key).unwrap();
    Identity::from_pem(
        made.certificate_pem(),
        made.key_pem(),
        town.authority.certificate_pem(),
    )
    .unwrap()
}

pub(crate) fn caller(node: &Identity) -> Arc<ClientConfig> {
    tls::client_config(node, Arc::new(FlooredClock::system())).unwrap()
}

/// What came of one call, at both ends, with the bytes on the wire.
pub(crate) struct Call {
    pub(crate) node: Result<NodeEnd, LinkError>,
    pub(crate) hq: Result<HqEnd, LinkError>,
    pub(crate) count: Count,
}

pub(crate) async fn call(
    client: &Arc<ClientConfig>,
    callee: &Callee,
    server: &Arc<ServerConfig>,
) -> Call {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (near, count) = Counted::new(near);
    let (node, hq) = tokio::join!(secure(near, callee, client), accept(far, server));
    Call { node, hq, count }
}

impl Call {
    /// One byte each way, so that everything that belongs to the handshake has arrived.
    pub(crate) async fn speak(self) -> Self {
        let (mut node, mut hq) = (self.node.unwrap(), self.hq.unwrap());
        node.stream.write_all(b"?").await.unwrap();
        node.stream.flush().await.unwrap();
        hq.stream.read_u8().await.unwrap();
        hq.stream.write_all(b"!").await.unwrap();
        hq.stream.flush().await.unwrap();
        node.stream.read_u8().await.unwrap();
        Self {
            node: Ok(node),
            hq: Ok(hq),
            count: self.count,
        }
    }
}
