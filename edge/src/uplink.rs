//! Visits headquarters: when there is something to tell, and at least once per heartbeat.
//!
//! Knows when to call and what a call cost. What is said is the ledger's session's business, and
//! what is stored the store's. The registration desk never waits for any of this.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::{SigningKey, VerifyingKey};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_rustls::TlsStream;
use tracing::Instrument;
use yadori_ledger::id::NodeId;
use yadori_ledger::session::{Outcome, Party, Session};
use yadori_transport::LinkError;
use yadori_transport::dial::{Callee, dial};
use yadori_transport::drive::{ConverseError, Limits, converse};
use yadori_transport::frames::Wire;

use crate::clock::Clock;
use crate::store::contact::{self, Visit};
use crate::store::sync::Peer;
use crate::store::{Contact, Store};

/// Whom to call, as whom, and how often.
pub struct Uplink {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub key: SigningKey,
    pub tls: Arc<ClientConfig>,
    pub hq_address: String,
    pub hq_key: VerifyingKey,
    pub heartbeat: Duration,
    pub limits: Limits,
}

/// Families come in bursts: what is registered within this time shares one batch and one flight.
const GATHER: Duration = Duration::from_secs(1);

/// The first wait after a call that failed; doubled with each further one.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A link that comes back unannounced is found within this time.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);

type HqWire = Wire<TlsStream<TcpStream>>;

#[derive(Debug, thiserror::Error)]
enum VisitError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Converse(#[from] ConverseError),
}

impl Uplink {
    /// Visits for as long as it is polled; only while `open` says that there is a link. When the
    /// link closes in the middle of a visit, the visit ends there and the rest follows later.
    pub async fn run(self, mut open: watch::Receiver<bool>) {
        loop {
            if open.wait_for(|open| *open).await.is_err() {
                return;
            }
            tokio::select! {
                () = self.visit_again_and_again() => {}
                closed = open.wait_for(|open| !*open) => {
                    if closed.is_err() {
                        return;
                    }
                    tracing::info!("the link is closed");
                }
            }
        }
    }

    async fn visit_again_and_again(&self) {
        let mut committed = self.store.committed();
        let mut wire = None;
        let mut failed_count = 0;
        loop {
            let span = tracing::info_span!("uplink", hq = %NodeId::of(&self.hq_key));
            let waited_count = self.waiting_count().await;
            match self.visit(&mut wire).instrument(span).await {
                Some(outcome) => {
                    failed_count = 0;
                    // What waited and was not sent will not be sent by calling again at once.
                    let known = if outcome.sent_count == 0 {
                        waited_count
                    } else {
                        0
                    };
                    self.wait_for_something_to_tell(&mut committed, known).await;
                }
                None => {
                    failed_count += 1;
                    sleep(retry_after(self.store.node_id(), failed_count)).await;
                }
            }
        }
    }

    /// Until more than `known` waits, or the heartbeat is due. Not everything that is committed is
    /// for headquarters: signing in is not, nor is the note about the last visit.
    async fn wait_for_something_to_tell(&self, committed: &mut watch::Receiver<u64>, known: i64) {
        let due = Instant::now() + self.heartbeat;
        loop {
            committed.mark_unchanged();
            if self.waiting_count().await > known {
                return sleep(GATHER.min(due.saturating_duration_since(Instant::now()))).await;
            }
            match timeout_at(due, committed.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return sleep_until(due).await,
                Err(_) => return,
            }
        }
    }

    async fn waiting_count(&self) -> i64 {
        match self.store.read(Contact::read).await {
            Ok(contact) => contact.waiting_count,
            Err(error) => {
                tracing::error!(%error, "what is waiting could not be counted");
                0
            }
        }
    }

    /// One conversation, over the link of the last one if it still stands. `None` when it did not
    /// come to its end.
    async fn visit(&self, wire: &mut Option<HqWire>) -> Option<Outcome> {
        let began = Instant::now();
        let mut visit = Visit::default();
        let mut went = Ok(());
        // A link that was kept may have died unnoticed; that is no reason to wait.
        let calls = if wire.is_some() { 2 } else { 1 };
        for _ in 0..calls {
            went = self.call(wire, &mut visit).await;
            if went.is_ok() || visit.outcome.is_some() {
                break;
            }
        }
        log(&visit, &went, began.elapsed());
        self.note(visit).await;
        went.ok().and(visit.outcome)
    }

    async fn call(&self, kept: &mut Option<HqWire>, visit: &mut Visit) -> Result<(), VisitError> {
        let mut wire = match kept.take() {
            Some(wire) => wire,
            None => Wire::new(
                dial(&self.hq_address, &Callee::Hq(self.hq_key), &self.tls)
                    .await?
                    .stream,
            ),
        };
        let ours = Party {
            key: self.key.clone(),
            epoch: self.store.epoch(),
        };
        let mut session = Session::caller(ours, self.hq_key);
        let peer = Peer::new(self.store.clone(), NodeId::of(&self.hq_key));
        let before = wire.traffic();
        let went = converse(&mut session, &mut wire, &peer, &self.limits).await;
        let after = wire.traffic();
        let received_bytes = after.received_bytes - before.received_bytes;
        visit.bytes_sent += after.sent_bytes - before.sent_bytes;
        visit.bytes_received += received_bytes;
        visit.outcome = (received_bytes > 0).then(|| session.outcome());
        match went {
            Ok(_) => {
                *kept = Some(wire);
                Ok(())
            }
            Err(error) => {
                wire.close().await;
                Err(error.into())
            }
        }
    }

    async fn note(&self, visit: Visit) {
        let now_s = self.clock.wall_s();
        if let Err(error) = self
            .store
            .write(move |tx| contact::note(tx, &visit, now_s))
            .await
        {
            tracing::warn!(%error, "a visit could not be noted");
        }
    }
}

/// One line per visit: numbers, never what they are about.
fn log(visit: &Visit, went: &Result<(), VisitError>, took: Duration) {
    let Visit {
        outcome,
        bytes_sent,
        bytes_received,
    } = visit;
    let Outcome {
        sent_count,
        received_count,
        quarantined_count,
        agreed,
        streamed_all,
    } = outcome.unwrap_or_default();
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match went {
        Ok(()) => tracing::info!(
            sent_count,
            received_count,
            quarantined_count,
            agreed,
            streamed_all,
            bytes_sent,
            bytes_received,
            took_ms,
            "headquarters is up to date"
        ),
        Err(error) => tracing::warn!(
            %error,
            sent_count,
            received_count,
            bytes_sent,
            bytes_received,
            took_ms,
            "a visit to headquarters failed"
        ),
    }
}

/// Doubles with every failure, and differs from node to node and from time to time by up to half:
/// after an outage of headquarters three thousand nodes must not call in the same second.
fn retry_after(node: NodeId, failed_count: u32) -> Duration {
    let wait = RETRY_AFTER
        .saturating_mul(1 << failed_count.saturating_sub(1).min(16))
        .min(RETRY_AFTER_MAX);
    let [a, b, ..] = *node.as_bytes();
    let spread = u32::from(
        u16::from_be_bytes([a, b]).wrapping_add((failed_count as u16).wrapping_mul(SPREAD)),
    );
    wait / 2 + wait / 2 * spread / u32::from(u16::MAX)
}

/// 2^16 divided by the golden ratio: consecutive multiples fall far from one another.
const SPREAD: u16 = 40_503;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_lost_headquarters_together_do_not_call_together() {
        let nodes = (0..=255).map(|n| NodeId::new([n; 16]));
        let mut seconds: Vec<_> = nodes.map(|node| retry_after(node, 9).as_secs()).collect();
        assert!(seconds.iter().all(|wait| (150..=300).contains(wait)));
        seconds.sort_unstable();
        seconds.dedup();
        assert!(seconds.len() > 100);
    }

    #[test]
    fn a_node_calls_soon_at_first_and_never_less_often_than_every_five_minutes() {
        let node = NodeId::new([7; 16]);
        assert!(retry_after(node, 1) <= RETRY_AFTER);
        assert!((1..100).all(|failed| retry_after(node, failed) <= RETRY_AFTER_MAX));
    }
}
