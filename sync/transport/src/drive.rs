//! Drives one conversation: passes frames between the link and the session, and what the session
//! needs between it and a store.
//!
//! Knows nothing of SQL and of what a change means. Logs nothing: who called or listened knows the
//! peer, and logs how the conversation ended, once.

mod conversation;
mod outbox;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use yadori_ledger::frame::FrameError;
use yadori_ledger::session::{Answer, Need, Outcome, Session};

use crate::frames::{Traffic, Wire};
use crate::link::LinkError;
use conversation::Conversation;

/// What holds the changes: the node's or headquarters' database.
pub trait Store: Sync {
    /// Answers one need; for [`Need::Commit`] after the transaction is on disk, not before.
    fn answer(&self, need: Need) -> impl Future<Output = Result<Answer, StoreError>> + Send;
}

/// Any store's own error; its text goes to the log.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// What a conversation may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A link on which no byte moves for this long, while one is expected, is dropped.
    pub stall_after: Duration,
}

/// A satellite that hands over or meets heavy rain is back within a minute.
const STALL_AFTER: Duration = Duration::from_secs(90);

impl Default for Limits {
    fn default() -> Self {
        Self {
            stall_after: STALL_AFTER,
        }
    }
}

/// How a conversation went.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    pub outcome: Outcome,
    pub traffic: Traffic,
}

/// Why a conversation ended early. What was committed stays; the next link takes up from there.
#[derive(Debug, thiserror::Error)]
pub enum ConverseError {
    #[error("no byte moved for {} s, so the link was dropped; the rest follows on the next one", .0.as_secs())]
    Stalled(Duration),
    #[error("the peer closed the link before the end; the rest follows on the next one")]
    Closed,
    #[error("the link was cut in the middle of a frame; the rest follows on the next one")]
    Truncated,
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Either side refused the other; the text says which.
    #[error("{0}")]
    Refused(#[from] FrameError),
    #[error(
        "the store failed: {0}; what came since the last commit follows again on the next link"
    )]
    Store(StoreError),
}

/// Talks until both sides hold the same, or the link fails. After an error, `session.outcome()` and
/// `wire.traffic()` tell how far it came; the wire is then of no more use but to be closed, which lets a
/// refusal arrive.
pub async fn converse<S, St>(
    session: &mut Session,
    wire: &mut Wire<S>,
    store: &St,
    limits: &Limits,
) -> Result<Summary, ConverseError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    St: Store,
{
    let before = wire.traffic;
    let mut talk = Conversation::new(session, store);
    match talk.run(wire, limits).await {
        Ok(outcome) => Ok(Summary {
            outcome,
            traffic: wire.traffic.since(before),
        }),
        Err(ConverseError::Refused(error)) => {
            talk.tell(&error, wire).await;
            Err(ConverseError::Refused(error))
        }
        Err(error @ ConverseError::Store(_)) => Err(error),
        Err(error) => match talk.keep_what_arrived(wire).await {
            // The peer's reason says more than that the link then broke.
            Err(refused) => Err(ConverseError::Refused(refused)),
            Ok(()) => Err(error),
        },
    }
}

impl Traffic {
    fn since(self, before: Self) -> Self {
        Self {
            sent_bytes: self.sent_bytes - before.sent_bytes,
            received_bytes: self.received_bytes - before.received_bytes,
        }
    }
}
