//! A store in memory: enough for two of them to come to agree over a real link.

use std::sync::{Arc, Mutex};

use ed25519_dalek::{SigningKey, VerifyingKey};
use yadori_ledger::frame::hash_of;
use yadori_ledger::id::{ChangeKey, DocId, DocKind};
use yadori_ledger::session::{
    Answer, Committed, Entry, Greeting, Incoming, Lane, Need, Party, Positions, Range, Scope,
    Session, Standing, Sum, fingerprint,
};
use yadori_transport::drive::{Store, StoreError};

/// Large and without pattern, so that batches are as many and as full as they can be.
const CHANGE_BYTES: usize = 1_000;

#[derive(Clone)]
pub(crate) struct Shelf(Arc<Mutex<Held>>);

struct Held {
    epoch: u64,
    greeting: (Option<u64>, Positions, Positions),
    entries: Vec<Kept>,
}

struct Kept {
    key: ChangeKey,
    bytes: Vec<u8>,
    from_peer: bool,
}

impl Shelf {
    pub(crate) fn new(epoch: u64) -> Self {
        let greeting = (None, Positions::default(), Positions::default());
        Self(Arc::new(Mutex::new(Held {
            epoch,
            greeting,
            entries: Vec::new(),
        })))
    }

    pub(crate) fn write(&self, numbers: std::ops::Range<u32>) {
        let mut held = self.0.lock().unwrap();
        for number in numbers {
            let bytes = noise(number);
            let mut random = [0; 15];
            random[..4].copy_from_slice(&number.to_le_bytes());
            let key = ChangeKey {
                doc: DocId::new(DocKind::Household, random),
                hash: hash_of(&bytes),
            };
            held.entries.push(Kept {
                key,
                bytes,
                from_peer: false,
            });
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().entries.len()
    }
}

impl Store for Shelf {
    async fn answer(&self, need: Need) -> Result<Answer, StoreError> {
        tokio::task::yield_now().await; // a store is never instant
        let mut held = self.0.lock().map_err(|_| "a test failed before")?;
        Ok(held.answer(need))
    }
}

impl Held {
    fn answer(&mut self, need: Need) -> Answer {
        match need {
            Need::Greeting => {
                let (their_epoch, cursor, seen) = self.greeting;
                Answer::Greeting(Greeting {
                    our_epoch: self.epoch,
                    their_epoch,
                    cursor,
                    seen,
                })
            }
            Need::Standing { seen } => Answer::Standing(self.standing(&seen)),
            Need::Range {
                scope,
                lane,
                after,
                bytes_max,
                all,
            } => Answer::Range(if in_use(scope, lane) {
                self.range(after, bytes_max, all)
            } else {
                empty()
            }),
            Need::Commit(incoming) => Answer::Committed(self.commit(incoming)),
            Need::Seen(seen) => {
                self.greeting.2 = seen;
                Answer::Done
            }
            Need::Advance {
                their_epoch,
                cursor,
                seen,
            } => {
                self.greeting = (Some(their_epoch), cursor, seen);
                Answer::Done
            }
            Need::Differs => Answer::Done,
        }
    }

    fn standing(&self, seen: &Positions) -> Standing {
        let mut standing = Standing {
            held: Default::default(),
            lacking: Default::default(),
            upto: self.end(),
        };
        let seen = seen.at(Scope::Shelter, Lane::People);
        for (position, kept) in (1..).zip(&self.entries) {
            add(&mut standing.held[0], kept);
            if position > seen && !kept.from_peer {
                add(&mut standing.lacking[0], kept);
            }
        }
        standing
    }

    fn end(&self) -> Positions {
        let mut end = Positions::default();
        end.set(Scope::Shelter, Lane::People, self.entries.len() as u64);
        end
    }

    fn range(&self, after: u64, bytes_max: usize, all: bool) -> Range {
        let mut range = Range {
            entries: Vec::new(),
            upto: self.entries.len() as u64,
        };
        let mut bytes = 0;
        for (position, kept) in (1..)
            .zip(&self.entries)
            .skip(usize::try_from(after).unwrap())
        {
            if bytes >= bytes_max {
                range.upto = position - 1;
                break;
            }
            if all || !kept.from_peer {
                bytes += kept.bytes.len();
                range.entries.push(Entry {
                    position,
                    key: kept.key,
                    bytes: kept.bytes.clone(),
                });
            }
        }
        range
    }

    fn commit(&mut self, incoming: Incoming) -> Committed {
        let mut committed = Committed::default();
        for (key, bytes) in incoming.changes {
            if self.entries.iter().all(|kept| kept.key != key) {
                self.entries.push(Kept {
                    key,
                    bytes,
                    from_peer: true,
                });
                committed.new_count += 1;
            }
        }
        self.greeting.0 = Some(incoming.their_epoch);
        self.greeting
            .1
            .set(incoming.scope, incoming.lane, incoming.cursor);
        committed
    }
}

fn in_use(scope: Scope, lane: Lane) -> bool {
    (scope, lane) == (Scope::Shelter, Lane::People)
}

fn empty() -> Range {
    Range {
        entries: Vec::new(),
        upto: 0,
    }
}

fn add(sum: &mut Sum, kept: &Kept) {
    sum.add(fingerprint(&kept.key));
}

fn noise(number: u32) -> Vec<u8> {
    let mut state = u64::from(number) + 0x9e37_79b9_7f4a_7c15;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..CHANGE_BYTES / 8).flat_map(|_| next()).collect()
}

pub(crate) fn caller(key: &SigningKey, theirs: VerifyingKey) -> Session {
    Session::caller(
        Party {
            key: key.clone(),
            epoch: 0,
        },
        theirs,
    )
}

pub(crate) fn callee(key: &SigningKey, theirs: VerifyingKey) -> Session {
    Session::callee(
        Party {
            key: key.clone(),
            epoch: 0,
        },
        theirs,
    )
}
