//! Accepts connections, a bounded number at once, and holds one conversation on each.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{Instrument, debug, info, info_span, warn};
use yadori_ledger::frame::Refused;
use yadori_ledger::session::{Outcome, Party, Session};
use yadori_transport::accept::accept;
use yadori_transport::drive::{Limits, Summary, converse};
use yadori_transport::frames::{Traffic, Wire};
use yadori_transport::{FlooredClock, Identity, Link, PeerIdentity, Role};

use super::Towards;
use crate::ground::Peer;
use crate::hq::Hq;
use crate::node::{self, Digest};

/// Links at once: two nodes in each of Tokyo's 3,185 shelters, which keep their links between
/// conversations because a handshake costs more than a conversation. Some 40 kB each.
const LINKS_MAX: usize = 6_400;

/// Conversations at once. Each holds one frame and one batch: at most some 5 MiB, and usually far
/// less. Who waits for a place loses nothing.
const CONVERSATIONS_MAX: usize = 128;

/// A kept link on which nothing is said for this long is given up; nodes speak once a minute, and
/// on the dearest links once in some hours, for which a new link is cheap.
const IDLE_MAX: Duration = Duration::from_secs(600);

/// A failing accept means that files or memory ran out; trying at once would only burn time.
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
    let tls =
        yadori_transport::tls::server_config(&intake.identity, Arc::clone(&intake.tls_clock))?;
    let desk = Arc::new(Desk {
        hq: intake.hq,
        key: intake.identity.signing_key().clone(),
        places: Semaphore::new(CONVERSATIONS_MAX),
    });
    let links = Arc::new(Semaphore::new(LINKS_MAX));
    let mut open = JoinSet::new();
    loop {
        let (place, stream) = tokio::select! {
            next = next(&listener, &links) => next,
            _ = ending.wait_for(|ending| *ending) => break,
            Some(_) = open.join_next() => continue,
        };
        let (desk, tls, ending) = (Arc::clone(&desk), Arc::clone(&tls), ending.clone());
        open.spawn(async move {
            let _place = place;
            match accept(stream, &tls).await {
                Ok(link) => desk.serve(link, ending).await,
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

async fn next(listener: &TcpListener, links: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream) {
    loop {
        let place = Arc::clone(links).acquire_owned().await;
        let place = place.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                // Frames are written whole; waiting for more only delays. A caller that is gone
                // already is found out by the handshake.
                drop(stream.set_nodelay(true));
                return (place, stream);
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
    places: Semaphore,
}

impl Desk {
    /// Conversations on one link, as long as it stands and the node speaks now and then.
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        link: Link<S>,
        mut ending: watch::Receiver<bool>,
    ) {
        let span = info_span!("intake", node.id = %link.peer.node);
        let Link { stream, peer, .. } = link;
        async {
            let mut wire = Wire::new(stream);
            loop {
                let speaks = tokio::select! {
                    speaks = tokio::time::timeout(IDLE_MAX, wire.is_spoken_to()) => matches!(speaks, Ok(Ok(true))),
                    _ = ending.wait_for(|ending| *ending) => false,
                };
                if !speaks || !self.talk(&mut wire, &peer).await {
                    break;
                }
            }
            wire.close().await;
        }
        .instrument(span)
        .await;
    }

    /// One conversation. `false` when there will be no further on this link.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        wire: &mut Wire<S>,
        peer: &PeerIdentity,
    ) -> bool {
        let _place = self
            .places
            .acquire()
            .await
            .expect("the semaphore is never closed");
        match self.admitted(peer).await {
            Some(peer) => self.converse(wire, peer).await,
            None => {
                wire.refuse(Refused::NotAdmitted).await;
                false
            }
        }
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
                warn!(
                    "a node that is not on the list was turned away; admit it with `yadori-hq admit`"
                );
                None
            }
            Err(error) => {
                warn!(%error, "the list of nodes could not be read");
                None
            }
        }
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        wire: &mut Wire<S>,
        peer: Peer,
    ) -> bool {
        let (node, their_key) = (peer.node, peer.key);
        let party = Party {
            key: self.key.clone(),
            epoch: self.hq.ours.epoch,
        };
        let mut session = Session::callee(party, their_key);
        let store = Towards {
            hq: Arc::clone(&self.hq),
            peer,
        };
        let done = converse(&mut session, wire, &store, &Limits::default()).await;
        let outcome = session.outcome();
        let is_whole = done.is_ok();
        match done {
            Ok(Summary { traffic, .. }) => tell(&outcome, traffic),
            Err(error) => {
                warn!(%error, received_count = outcome.received_count, "a conversation ended early")
            }
        }
        let digest = if outcome.agreed {
            Digest::Equal
        } else {
            Digest::Open
        };
        if let Err(error) = node::digest_told(&self.hq, node, digest).await {
            warn!(%error, "the end of a conversation could not be noted");
        }
        is_whole
    }
}

/// A node that only says that it is there says so every minute.
fn tell(outcome: &Outcome, traffic: Traffic) {
    let Traffic {
        sent_bytes,
        received_bytes,
    } = traffic;
    if outcome.sent_count + outcome.received_count == 0 && outcome.agreed {
        debug!(sent_bytes, received_bytes, "a node has nothing new");
        return;
    }
    info!(
        sent_count = outcome.sent_count,
        received_count = outcome.received_count,
        quarantined_count = outcome.quarantined_count,
        sent_bytes,
        received_bytes,
        agreed = outcome.agreed,
        "a node was here"
    );
}
