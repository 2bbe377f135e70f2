//! The store's side of a conversation with a peer: answers what the ledger's session needs.
//!
//! Knows positions, digests and the guard; not what a change means, and not how bytes travel.

mod absorb;
mod places;
mod tell;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use yadori_ledger::id::NodeId;
use yadori_ledger::session::{Answer, Need, Positions, Standing};
use yadori_transport::drive;

use super::{Store, StoreError, Tx};

/// One peer, for one conversation.
pub struct Peer {
    store: Store,
    node: NodeId,
    /// Where the logs ended when the session last asked. Ranges stop there: what is written while
    /// the conversation goes on is not in the digest that was said, and follows with the next one.
    upto: Mutex<Positions>,
}

impl Peer {
    pub fn new(store: Store, node: NodeId) -> Self {
        Self {
            store,
            node,
            upto: Mutex::default(),
        }
    }

    async fn answer(&self, need: Need) -> Result<Answer, StoreError> {
        let (node, upto) = (self.node, self.upto());
        let shelter = self.store.shelter().clone();
        match need {
            Need::Greeting => {
                let log_epoch = self.store.log_epoch();
                let greeting = move |db: &_| places::greeting(db, &shelter, node, log_epoch);
                Ok(Answer::Greeting(self.store.read(greeting).await?))
            }
            Need::Standing { seen } => {
                let standing = move |db: &_| tell::standing(db, &shelter, node, &seen);
                self.stand(self.store.read(standing).await?)
            }
            Need::Range {
                scope,
                lane,
                after,
                bytes_max,
                all,
            } => {
                let from = if all { None } else { Some(node) };
                let asked = tell::Asked {
                    scope,
                    lane,
                    after,
                    bytes_max,
                    except: from,
                    upto,
                };
                Ok(Answer::Range(
                    self.store
                        .read(move |db| tell::range(db, &shelter, &asked))
                        .await?,
                ))
            }
            Need::Commit(incoming) => {
                let commit = move |tx: &Tx<'_>| absorb::commit(tx, node, &incoming);
                Ok(Answer::Committed(self.store.write(commit).await?))
            }
            Need::Seen(seen) => {
                self.store
                    .write(move |tx| places::seen(tx, &shelter, node, &seen))
                    .await?;
                Ok(Answer::Done)
            }
            Need::Advance {
                their_epoch,
                cursor,
                seen,
            } => {
                let advance = move |tx: &Tx<'_>| {
                    places::advance(tx, &shelter, node, their_epoch, &cursor)?;
                    places::seen(tx, &shelter, node, &seen)
                };
                self.store.write(advance).await?;
                Ok(Answer::Done)
            }
            Need::Differs => {
                tracing::error!(peer = %node, "the digests differ: everything is streamed once more");
                Ok(Answer::Done)
            }
        }
    }

    fn upto(&self) -> Positions {
        *self.upto.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stand(&self, standing: Standing) -> Result<Answer, StoreError> {
        *self.upto.lock().unwrap_or_else(PoisonError::into_inner) = standing.upto;
        Ok(Answer::Standing(standing))
    }
}

impl drive::Store for Peer {
    async fn answer(&self, need: Need) -> Result<Answer, drive::StoreError> {
        Ok(Self::answer(self, need).await?)
    }
}
