//! Where nodes come in: mutual TLS, the list of admitted nodes, then the ledger's session over our
//! database. A change is acknowledged only after the transaction that holds it is on disk.

mod case;
mod keep;
mod listen;
mod policy;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tracing::error;
use yadori_ledger::session::{Answer, Need};
use yadori_transport::drive::{Store, StoreError};

use crate::ground::{self, GroundError, Peer};
use crate::hq::Hq;
use crate::node;

pub(crate) use keep::STATEMENTS;
pub(crate) use listen::{Intake, listen};

/// Headquarters' database as one node's conversation sees it.
pub(crate) struct Towards {
    pub(crate) hq: Arc<Hq>,
    pub(crate) peer: Peer,
}

impl Store for Towards {
    async fn answer(&self, need: Need) -> Result<Answer, StoreError> {
        Ok(self.tell(need).await?)
    }
}

impl Towards {
    async fn tell(&self, need: Need) -> Result<Answer, GroundError> {
        let Self { hq, peer } = self;
        match need {
            Need::Greeting => {
                let greeting = hq
                    .db
                    .read(|tx| async move { ground::greeting(&tx, &hq.ours, peer).await })
                    .await?;
                Ok(Answer::Greeting(greeting))
            }
            Need::Standing { seen } => {
                let standing = hq
                    .db
                    .read(|tx| async move { ground::standing(&tx, peer, seen).await })
                    .await;
                Ok(Answer::Standing(standing?))
            }
            Need::Range {
                scope,
                lane,
                after,
                bytes_max,
                all,
            } => {
                let log = (scope, lane);
                let range = hq.db.read(|tx| async move {
                    ground::range(&tx, peer, log, after, bytes_max, all).await
                });
                Ok(Answer::Range(range.await?))
            }
            Need::Commit(incoming) => Ok(Answer::Committed(keep::keep(hq, peer, &incoming).await?)),
            Need::Seen(acked) => {
                hq.db
                    .write(|tx| async move { ground::seen(&tx, peer, acked).await })
                    .await?;
                Ok(Answer::Done)
            }
            Need::Advance {
                their_epoch,
                cursor,
                seen,
            } => {
                let now_s = hq.clock.now_s();
                let advance = hq.db.write(|tx| async move {
                    ground::advance(&tx, peer, their_epoch, cursor, seen, now_s).await
                });
                advance.await?;
                Ok(Answer::Done)
            }
            Need::Differs => {
                error!(node.id = %peer.node, "digests differ although nothing is missing; everything is streamed once more");
                node::digest_told(hq, peer.node, node::Digest::Differs).await?;
                Ok(Answer::Done)
            }
        }
    }
}
