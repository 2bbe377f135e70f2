//! Accepts connections, a bounded number at once, and holds one conversation on each.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{Instrument, info, info_span, warn};
use yadori_ledger::frame::Refused;
use yadori_ledger::session::{Party, Session};
use yadori_transport::accept::accept;
use yadori_transport::drive::{Limits, Summary, converse};
use yadori_transport::frames::Wire;
use yadori_transport::{FlooredClock, Identity, Link, PeerIdentity, Role};

use super::Towards;
use crate::ground::Peer;
use crate::hq::Hq;
use crate::node::{self, Digest};

/// Conversations at once. Each holds one frame and one batch: at most some 5 MiB, and usually far
/// less; 3,185 shelters that speak every few minutes need fewer.
const CONVERSATIONS_MAX: usize = 128;

/// A connection beyond these waits this long in the kernel's queue before we look again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long conversations may go on after the shutdown began; what is committed stays anyway.
const GRACE: Duration = Duration::from_secs(5);

/// Our end of every conversation.
pub(crate) struct Intake {
    pub(crate) hq: Arc<Hq>,
    pub(crate) identity: Identity,
    pub(crate) tls_clock: Arc<FlooredClock>,
}

/// Serves nodes until `ending` says so.
pub(crate) async fn listen(
    listener: TcpListener,
    intake: Intake,
    mut ending: watch::Receiver<bool>,
) -> Result<(), yadori_transport::tls::TlsError> {
    let tls = yadori_transport::tls::server_config(&intake.identity, Arc::clone(&intake.tls_clock))?;
    let desk = Arc::new(Desk { hq: intake.hq, key: intake.identity.signing_key().clone() });
    let permits = Arc::new(Semaphore::new(CONVERSATIONS_MAX));
    let mut open = JoinSet::new();
    loop {
        let (permit, stream) = tokio::select! {
            next = next(&listener, &permits) => next,
            _ = ending.wait_for(|ending| *ending) => break,
            Some(_) = open.join_next() => continue,
        };
        let (desk, tls) = (Arc::clone(&desk), Arc::clone(&tls));
        open.spawn(async move {
            let _permit = permit;
            match accept(stream, &tls).await {
                Ok(link) => desk.serve(link).await,
                Err(error) => warn!(%error, "a caller was not let in"),
            }
        });
    }
    let all_done = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all_done).await.is_err() {
        warn!("conversations were cut by the shutdown; the nodes go on from what was committed");
    }
    Ok(())
}

async fn next(listener: &TcpListener, permits: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream) {
    loop {
        let permit = Arc::clone(permits).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                // Frames are written whole; waiting for more only delays. A caller that is gone
                // already is found out by the handshake.
                drop(stream.set_nodelay(true));
                return (permit, stream);
            }
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

struct Desk {
    hq: Arc<Hq>,
    key: SigningKey,
}

impl Desk {
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, link: Link<S>) {
        let span = info_span!("intake", node.id = %link.peer.node);
        let Link { stream, peer, .. } = link;
        async {
            let mut wire = Wire::new(stream);
            match self.admitted(&peer).await {
                Some(peer) => self.converse(&mut wire, peer).await,
                None => wire.refuse(Refused::NotAdmitted).await,
            }
            wire.close().await;
        }
        .instrument(span)
        .await;
    }

    /// Trust is the list of nodes, not the certificate: striking a node off works at once.
    async fn admitted(&self, peer: &PeerIdentity) -> Option<Peer> {
        if peer.role != Role::Node {
            warn!("a caller that is no node was turned away");
            return None;
        }
        match node::admitted(&self.hq, peer.node).await {
            Ok(Some(peer)) => Some(peer),
            Ok(None) => {
                warn!("a node that is not on the list was turned away; admit it with `yadori-hq admit`");
                None
            }
            Err(error) => {
                warn!(%error, "the list of nodes could not be read");
                None
            }
        }
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(&self, wire: &mut Wire<S>, peer: Peer) {
        let (node, their_key) = (peer.node, peer.key);
        let party = Party { key: self.key.clone(), epoch: self.hq.ours.epoch };
        let mut session = Session::callee(party, their_key);
        let store = Towards { hq: Arc::clone(&self.hq), peer };
        let done = converse(&mut session, wire, &store, &Limits::default()).await;
        let outcome = session.outcome();
        match done {
            Ok(Summary { traffic, .. }) => info!(
                sent_count = outcome.sent_count,
                received_count = outcome.received_count,
                quarantined_count = outcome.quarantined_count,
                sent_bytes = traffic.sent_bytes,
                received_bytes = traffic.received_bytes,
                agreed = outcome.agreed,
                "a node was here"
            ),
            Err(error) => warn!(%error, received_count = outcome.received_count, "a conversation ended early"),
        }
        let digest = if outcome.agreed { Digest::Equal } else { Digest::Open };
        if let Err(error) = node::digest_told(&self.hq, node, digest).await {
            warn!(%error, "the end of a conversation could not be noted");
        }
    }
}
