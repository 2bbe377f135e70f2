//! Who headquarters is: one key, one log epoch and one writer's epoch for all its processes.

use ed25519_dalek::VerifyingKey;
use yadori_ledger::id::{ActorId, NodeId};

use super::{from_sql, to_sql};
use crate::chance;
use crate::store::{Db, StoreError, Tx, params, statements};

statements! {
    READ = "select node, log_epoch, actor_epoch from ours where only_row = 1";
    MAKE = "insert into ours (only_row, node, log_epoch, actor_epoch, lamport) values (1, $1, $2, 0, 0)
            on conflict (only_row) do nothing";
    TICK = "update ours set lamport = case when lamport < $1 then $1 else lamport end + 1
             where only_row = 1 returning lamport";
    RENEW = "update ours set log_epoch = $1, actor_epoch = actor_epoch + 1 where only_row = 1";
}

/// What all headquarters processes over one database have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ours {
    pub(crate) actor: ActorId,
    /// The writer's epoch.
    pub(crate) epoch: u32,
    pub(crate) log_epoch: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum OursError {
    #[error(
        "the database belongs to headquarters {stored}, the identity is {given}; use the identity that it was made with"
    )]
    AnotherKey { stored: NodeId, given: NodeId },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ours {
    /// Reads who headquarters is; a new database becomes that of `key`.
    pub(crate) async fn open(db: &Db, key: &VerifyingKey) -> Result<Self, OursError> {
        let given = NodeId::of(key);
        let epoch = to_sql(chance::epoch());
        let row = db
            .write(|tx| async move {
                tx.run(MAKE, params![given.as_bytes(), epoch]).await?;
                tx.one(READ, params![]).await
            })
            .await?;
        let stored = NodeId::new(row.get("node")?);
        if stored != given {
            return Err(OursError::AnotherKey { stored, given });
        }
        let epoch = u32::try_from(row.get::<i64>("actor_epoch")?)
            .map_err(|_| StoreError::Damaged("actor_epoch"))?;
        let log_epoch = from_sql(row.get("log_epoch")?);
        Ok(Self {
            actor: ActorId::of(key, epoch),
            epoch,
            log_epoch,
        })
    }
}

/// After the database was restored from a backup: nodes have seen a future that it has not. New
/// epochs make them stream what is missing, and keep two different changes from having one name.
pub async fn renew(db: &Db) -> Result<(), StoreError> {
    let epoch = to_sql(chance::epoch());
    db.write(|tx| async move { tx.run(RENEW, params![epoch]).await })
        .await
        .map(drop)
}

/// The next Lamport counter, later than `known`.
pub(crate) async fn tick(tx: &Tx, known: u64) -> Result<u64, StoreError> {
    tx.one(TICK, params![to_sql(known)])
        .await?
        .get("lamport")
        .map(from_sql)
}
