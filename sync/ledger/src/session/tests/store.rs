//! A store in memory that answers a session's needs as a real one must.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range as Numbers;

use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::frame::hash_of;
use crate::id::{ChangeKey, DocId, DocKind};
use crate::session::machine::Party;
use crate::session::*;

type Log = (Scope, Lane);

#[derive(Clone)]
struct Logged {
    position: u64,
    key: ChangeKey,
    origin: Option<u8>,
}

#[derive(Clone, Default)]
struct Peer {
    epoch: Option<u64>,
    cursor: Positions,
    seen: Positions,
}

#[derive(Clone)]
pub(super) struct Memory {
    pub(super) name: u8,
    epoch: u64,
    changes: BTreeMap<ChangeKey, Vec<u8>>,
    logs: BTreeMap<Log, Vec<Logged>>,
    peers: BTreeMap<u8, Peer>,
    pub(super) differs_count: usize,
}

fn change(n: u32) -> Vec<u8> {
    // Long and random enough that a few hundred make several batches.
    let mut bytes = vec![0; 200];
    blake3::Hasher::new()
        .update(&n.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}

pub(super) fn key(n: u32) -> ChangeKey {
    ChangeKey {
        doc: DocId::new(DocKind::Household, [1; 15]),
        hash: hash_of(&change(n)),
    }
}

impl Memory {
    pub(super) fn new(name: u8) -> Self {
        Self {
            name,
            epoch: u64::from(name) * 1_000_003,
            changes: BTreeMap::new(),
            logs: BTreeMap::new(),
            peers: BTreeMap::new(),
            differs_count: 0,
        }
    }

    pub(super) fn party(&self) -> Party {
        Party {
            key: SigningKey::from_bytes(&[self.name; 32]),
            epoch: 0,
        }
    }

    pub(super) fn key(&self) -> VerifyingKey {
        self.party().key.verifying_key()
    }

    pub(super) fn write(&mut self, numbers: Numbers<u32>, lane: Lane) {
        for n in numbers {
            self.keep(key(n), change(n), (Scope::Shelter, lane), None);
        }
    }

    pub(super) fn held(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn holds(&self, key: &ChangeKey) -> bool {
        self.changes.contains_key(key)
    }

    /// Rot: a change is gone and nobody noticed.
    pub(super) fn forget(&mut self, key: &ChangeKey) {
        self.changes.remove(key);
        for log in self.logs.values_mut() {
            log.retain(|logged| logged.key != *key);
        }
    }

    /// A new epoch, as after starting from an old copy.
    pub(super) fn restored(&mut self) {
        self.epoch += 1;
    }

    fn keep(&mut self, key: ChangeKey, bytes: Vec<u8>, log: Log, origin: Option<u8>) -> bool {
        if self.changes.contains_key(&key) {
            return false;
        }
        self.changes.insert(key, bytes);
        let log = self.logs.entry(log).or_default();
        let position = log.last().map_or(0, |logged| logged.position) + 1;
        log.push(Logged {
            position,
            key,
            origin,
        });
        true
    }

    pub(super) fn answer(&mut self, peer: u8, need: Need) -> Answer {
        match need {
            Need::Greeting => {
                let known = self.peers.entry(peer).or_default();
                Answer::Greeting(Greeting {
                    our_epoch: self.epoch,
                    their_epoch: known.epoch,
                    cursor: known.cursor,
                    seen: known.seen,
                })
            }
            Need::Standing { seen } => Answer::Standing(self.standing(peer, seen)),
            Need::Range {
                scope,
                lane,
                after,
                bytes_max,
                all,
            } => Answer::Range(self.range(peer, (scope, lane), after, bytes_max, all)),
            Need::Commit(incoming) => {
                let log = (incoming.scope, incoming.lane);
                let known = self.peers.entry(peer).or_default();
                known.epoch = Some(incoming.their_epoch);
                known.cursor.set(log.0, log.1, incoming.cursor);
                let kept = incoming
                    .changes
                    .into_iter()
                    .map(|(key, bytes)| self.keep(key, bytes, log, Some(peer)));
                let new_count = kept.filter(|new| *new).count() as u64;
                Answer::Committed(Committed {
                    new_count,
                    quarantined_count: 0,
                })
            }
            Need::Seen(seen) => {
                self.peers.entry(peer).or_default().seen = seen;
                Answer::Done
            }
            Need::Advance {
                their_epoch,
                cursor,
                seen,
            } => {
                self.peers.insert(
                    peer,
                    Peer {
                        epoch: Some(their_epoch),
                        cursor,
                        seen,
                    },
                );
                Answer::Done
            }
            Need::Differs => {
                self.differs_count += 1;
                Answer::Done
            }
        }
    }

    fn standing(&self, peer: u8, seen: Positions) -> Standing {
        let mut standing = Standing {
            held: Default::default(),
            lacking: Default::default(),
            upto: Positions::default(),
        };
        for ((scope, lane), log) in &self.logs {
            standing.upto.set(
                *scope,
                *lane,
                log.last().map_or(0, |logged| logged.position),
            );
            for logged in log {
                standing.held[*scope as usize].add(fingerprint(&logged.key));
                if logged.position > seen.at(*scope, *lane) && logged.origin != Some(peer) {
                    standing.lacking[*scope as usize].add(fingerprint(&logged.key));
                }
            }
        }
        standing
    }

    fn range(&self, peer: u8, log: Log, after: u64, bytes_max: usize, all: bool) -> Range {
        let mut range = Range {
            entries: Vec::new(),
            upto: after,
        };
        let mut bytes = 0;
        let mut met = BTreeSet::new();
        for logged in self
            .logs
            .get(&log)
            .into_iter()
            .flatten()
            .filter(|logged| logged.position > after)
        {
            if bytes >= bytes_max {
                break;
            }
            range.upto = logged.position;
            if (all || logged.origin != Some(peer)) && met.insert(logged.key) {
                let change = self.changes[&logged.key].clone();
                bytes += change.len();
                range.entries.push(Entry {
                    position: logged.position,
                    key: logged.key,
                    bytes: change,
                });
            }
        }
        range
    }
}
