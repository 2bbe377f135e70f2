//! What this node is to its own store: who it is, what time it is, and the numbers it gives out.
//!
//! Numbers are taken from memory, and the highest is written in the same transaction as whatever
//! used them: after a power cut no number of an acknowledged change is given a second time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use rusqlite::{Connection, OptionalExtension, params};
use yadori_ledger::clock::{By, Stamp};
use yadori_ledger::id::{ActorId, CardNumber, NodeCode, NodeId, ShelterId};

use super::{Draw, StoreError, StoreOptions};
use crate::clock::Clock;

pub(super) struct Node {
    pub(super) id: NodeId,
    /// The writer's epoch.
    pub(super) epoch: u32,
    /// Names the logs: peers start over when it changes.
    pub(super) log_epoch: u64,
    pub(super) actor: ActorId,
    pub(super) shelter: ShelterId,
    pub(super) draw: Draw,
    code: NodeCode,
    clock: Arc<dyn Clock>,
    /// Signed, as SQL integers are; never negative.
    lamport: AtomicI64,
    card_next: AtomicU32,
}

impl Node {
    /// Reads the node's row, or makes it in a new file.
    pub(super) fn load(db: &Connection, options: StoreOptions) -> Result<Self, StoreError> {
        let id = NodeId::of(&options.key);
        db.execute(
            "insert into node (only_row, id, epoch, log_epoch, lamport, card_next)
             values (1, ?1, ?2, ?3, 0, 1) on conflict do nothing",
            params![id.as_bytes(), options.epoch, options.random.cast_signed()],
        )?;
        begin_epoch(db, &options)?;
        let (epoch, log_epoch, lamport, card_next) = db
            .query_row(
                "select epoch, log_epoch, lamport, card_next from node where id = ?1",
                [id.as_bytes()],
                |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?)),
            )
            .optional()?
            .ok_or_else(|| StoreError::Foreign(id.to_string()))?;
        Ok(Self {
            id,
            epoch,
            log_epoch: log_epoch.cast_unsigned(),
            actor: ActorId::of(&options.key, epoch),
            shelter: options.shelter,
            draw: options.draw,
            code: options.code,
            clock: options.clock,
            lamport: AtomicI64::new(lamport),
            card_next: AtomicU32::new(card_next),
        })
    }

    pub(super) fn stamp(&self, by: By) -> Stamp {
        Stamp {
            wall_s: self.clock.wall_s(),
            quality: self.clock.quality(),
            by,
            lamport: self.lamport.fetch_add(1, Ordering::Relaxed).unsigned_abs() + 1,
        }
    }

    /// Whatever is stamped from now on comes after what was seen.
    pub(super) fn saw(&self, lamport: u64) {
        self.lamport
            .fetch_max(lamport.min(LAMPORT_MAX) as i64, Ordering::Relaxed);
    }

    pub(super) fn next_card(&self) -> Result<CardNumber, StoreError> {
        let number = self.card_next.fetch_add(1, Ordering::Relaxed);
        CardNumber::new(self.code, number).ok_or(StoreError::CardsUsedUp)
    }

    /// Part of every commit: no number that the commit uses is above what this writes.
    pub(super) fn save_counters(&self, db: &Connection) -> Result<(), StoreError> {
        let lamport = self.lamport.load(Ordering::Relaxed);
        let card_next = self.card_next.load(Ordering::Relaxed);
        db.prepare_cached(
            "update node set lamport = max(lamport, ?1), card_next = max(card_next, ?2)
              where lamport < ?1 or card_next < ?2",
        )?
        .execute(params![lamport, card_next])?;
        Ok(())
    }
}

/// After a restore (`epoch` was raised in the settings) the file is not the continuation of what
/// peers have read: they and we start over.
fn begin_epoch(db: &Connection, options: &StoreOptions) -> Result<(), StoreError> {
    let began = db.execute(
        "update node set epoch = ?1, log_epoch = ?2 where epoch < ?1",
        params![options.epoch, options.random.cast_signed()],
    )?;
    if began > 0 {
        db.execute_batch("delete from peer; delete from peer_log;")?;
    }
    Ok(())
}

/// A peer's counter beyond this is nonsense; following it would use up our own.
const LAMPORT_MAX: u64 = 1 << 62;
