//! The other side of the comparison: Automerge's own sync, one document a household, all documents
//! pipelined, each with the state that both sides saved after the last time.

use automerge::sync::{State, SyncDoc};
use automerge::{ActorId, AutoCommit, Change};

/// One document on both sides, in agreement.
struct Pair {
    ours: AutoCommit,
    theirs: AutoCommit,
    our_state: State,
    their_state: State,
}

pub(super) struct Cost {
    pub(super) bytes: usize,
    pub(super) message_count: usize,
    /// Waves of messages in one direction.
    pub(super) flight_count: usize,
}

/// Syncs documents that both sides hold and of which ours have gained `edits`: (document, change).
/// `documents` are the raw changes of each, genesis first.
pub(super) fn cost_of_edits(documents: &[Vec<Vec<u8>>], edits: &[(usize, Vec<u8>)]) -> Cost {
    let mut pairs: Vec<Pair> = documents
        .iter()
        .map(|changes| Pair::agreed(changes))
        .collect();
    for pair in &mut pairs {
        pair.exchange(&mut |_| {});
        // What is saved between two connections is what `State::encode` keeps.
        pair.our_state = saved(&pair.our_state);
        pair.their_state = saved(&pair.their_state);
    }
    for (at, change) in edits {
        apply(&mut pairs[*at].ours, change);
    }
    total(&mut pairs)
}

/// Syncs documents that only we hold.
pub(super) fn cost_of_new(documents: &[Vec<Vec<u8>>]) -> Cost {
    let mut pairs: Vec<Pair> = documents
        .iter()
        .map(|changes| Pair::only_ours(changes))
        .collect();
    total(&mut pairs)
}

fn total(pairs: &mut [Pair]) -> Cost {
    let mut cost = Cost {
        bytes: 0,
        message_count: 0,
        flight_count: 0,
    };
    for pair in pairs {
        let flights = pair.exchange(&mut |bytes| {
            cost.bytes += bytes;
            cost.message_count += 1;
        });
        cost.flight_count = cost.flight_count.max(flights);
    }
    cost
}

impl Pair {
    fn agreed(changes: &[Vec<u8>]) -> Self {
        Self {
            theirs: document(changes, 2),
            ..Self::only_ours(changes)
        }
    }

    fn only_ours(changes: &[Vec<u8>]) -> Self {
        Self {
            ours: document(changes, 1),
            theirs: document(&[], 2),
            our_state: State::new(),
            their_state: State::new(),
        }
    }

    /// Messages until neither side has one. Says how many flights that took.
    fn exchange(&mut self, count: &mut dyn FnMut(usize)) -> usize {
        let mut flights = 0;
        loop {
            let out = self.ours.sync().generate_sync_message(&mut self.our_state);
            if let Some(message) = &out {
                flights += 1;
                count(message.clone().encode().len());
                let message = message.clone();
                self.theirs
                    .sync()
                    .receive_sync_message(&mut self.their_state, message)
                    .expect("our own message");
            }
            let back = self
                .theirs
                .sync()
                .generate_sync_message(&mut self.their_state);
            if let Some(message) = &back {
                flights += 1;
                count(message.clone().encode().len());
                let message = message.clone();
                self.ours
                    .sync()
                    .receive_sync_message(&mut self.our_state, message)
                    .expect("our own message");
            }
            if out.is_none() && back.is_none() {
                return flights;
            }
        }
    }
}

fn saved(state: &State) -> State {
    State::decode(&state.encode()).expect("our own state")
}

fn document(changes: &[Vec<u8>], side: u8) -> AutoCommit {
    let mut document = AutoCommit::new().with_actor(ActorId::from(vec![side; 16]));
    for change in changes {
        apply(&mut document, change);
    }
    document
}

fn apply(document: &mut AutoCommit, change: &[u8]) {
    let change = Change::from_bytes(change.to_vec()).expect("our own change");
    document.apply_changes([change]).expect("our own change");
}
