//! What a document already holds, as far as a new change can be wrong about it.
//!
//! A change is held only against the changes that it builds on, never against others that happen
//! to be here: so every node comes to the same answer, in whatever order things reach it. The one
//! exception is a number used twice by a copied card, where the first to come stays.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::ops::{Op, OpRef, Written};
use super::{Refusal, Scanned};
use crate::document::ID_KEY;
use crate::id::{ActorId, ChangeHash, DocId};

pub(super) struct History {
    id: DocId,
    genesis: ChangeHash,
    /// Every change, and how far it reaches back.
    reaches: HashMap<ChangeHash, Reach>,
    heads: BTreeSet<ChangeHash>,
    seqs: HashSet<(ActorId, u64)>,
    written: HashMap<OpId, Cell>,
}

/// An operation: its number, then its writer.
type OpId = (u64, ActorId);

/// A key in a map; `None` is the root.
type Place = (Option<OpId>, Box<str>);

/// The newest of each writer's work that a change builds on, itself included.
pub(super) type Reach = BTreeMap<ActorId, Newest>;

#[derive(Clone, Copy, Default)]
pub(super) struct Newest {
    seq: u64,
    counter: u64,
}

struct Cell {
    place: Place,
    is_map: bool,
}

impl History {
    pub(super) fn new(id: DocId, genesis: &Scanned<'_>) -> Result<Self, Refusal> {
        let mut history = Self {
            id,
            genesis: genesis.about.hash,
            reaches: HashMap::new(),
            heads: BTreeSet::new(),
            seqs: HashSet::new(),
            written: HashMap::new(),
        };
        history.add(genesis)?;
        Ok(history)
    }

    pub(super) fn holds(&self, hash: &ChangeHash) -> bool {
        self.reaches.contains_key(hash)
    }

    /// The changes that no other builds on, sorted.
    pub(super) fn heads(&self) -> Vec<ChangeHash> {
        self.heads.iter().copied().collect()
    }

    pub(super) fn is_ready(&self, change: &Scanned<'_>) -> bool {
        change.about.deps.iter().all(|dep| self.holds(dep))
    }

    /// Takes a change as part of the document. All that it builds on must be here.
    pub(super) fn add(&mut self, change: &Scanned<'_>) -> Result<(), Refusal> {
        let (about, mut reach) = (&change.about, self.reach(change));
        for op in change.ops() {
            let op = op?;
            self.written.insert(change.own(&op), change.cell(&op));
        }
        let counter = about.start_op + u64::from(about.ops_count) - 1;
        let seq = about.seq;
        reach.insert(about.actor, Newest { seq, counter });
        self.reaches.insert(about.hash, reach);
        self.heads.retain(|head| !about.deps.contains(head));
        self.heads.insert(about.hash);
        self.seqs.insert((about.actor, about.seq));
        Ok(())
    }

    /// Whether a change may join. All that it builds on must be here.
    pub(super) fn judge(&self, change: &Scanned<'_>) -> Result<(), Refusal> {
        let about = &change.about;
        if about.deps.is_empty() {
            return Err(Refusal::ForeignGenesis);
        }
        if self.seqs.contains(&(about.actor, about.seq)) {
            return Err(Refusal::DuplicateSeq);
        }
        let reach = self.reach(change);
        if about.seq != reach.get(&about.actor).map_or(0, |newest| newest.seq) + 1 {
            return Err(Refusal::SeqGap);
        }
        // Exactly the next number: one leap to the end of the range would silence every writer.
        let counter = reach.values().map(|newest| newest.counter).max();
        if about.start_op != counter.unwrap_or(0) + 1 {
            return Err(Refusal::CounterGap);
        }
        self.judge_ops(change, &reach)
    }

    fn judge_ops(&self, change: &Scanned<'_>, reach: &Reach) -> Result<(), Refusal> {
        let first = change.about.deps == [self.genesis];
        let mut names_document = false;
        let mut own = HashMap::new();
        for op in change.ops() {
            let op = op?;
            let cell = change.cell(&op);
            let held = |id: OpId| {
                let before = self.written.get(&id).filter(|_| reaches(reach, &id));
                own.get(&id).or(before).ok_or(Refusal::DanglingReference)
            };
            match cell.place.0 {
                None if first => names_document |= self.names_document(&op)?,
                Some(object) if held(object)?.is_map => {}
                _ => return Err(Refusal::OutsideContainers),
            }
            for replaced in &op.replaces {
                if held(change.op_id(*replaced))?.place != cell.place {
                    return Err(Refusal::DanglingReference);
                }
            }
            own.insert(change.own(&op), cell);
        }
        if first && !names_document {
            Err(Refusal::ForeignDocument)
        } else {
            Ok(())
        }
    }

    /// What the first change writes beside the containers is the document's id, and nothing else.
    fn names_document(&self, op: &Op<'_>) -> Result<bool, Refusal> {
        match (op.key, &op.value) {
            (ID_KEY, Written::Bytes(id)) if *id == self.id.as_bytes() => Ok(true),
            (ID_KEY, _) => Err(Refusal::ForeignDocument),
            _ => Err(Refusal::OutsideContainers),
        }
    }

    fn reach(&self, change: &Scanned<'_>) -> Reach {
        let mut reach = Reach::new();
        for before in change
            .about
            .deps
            .iter()
            .filter_map(|dep| self.reaches.get(dep))
        {
            for (actor, newest) in before {
                let known = reach.entry(*actor).or_default();
                *known = Newest {
                    seq: known.seq.max(newest.seq),
                    counter: known.counter.max(newest.counter),
                };
            }
        }
        reach
    }
}

fn reaches(reach: &Reach, (counter, actor): &OpId) -> bool {
    reach
        .get(actor)
        .is_some_and(|newest| *counter <= newest.counter)
}

impl Scanned<'_> {
    fn own(&self, op: &Op<'_>) -> OpId {
        (op.counter, self.about.actor)
    }

    fn op_id(&self, reference: OpRef) -> OpId {
        (reference.counter, self.actors[reference.actor])
    }

    fn cell(&self, op: &Op<'_>) -> Cell {
        let place = (op.object.map(|object| self.op_id(object)), op.key.into());
        Cell {
            place,
            is_map: op.value == Written::Map,
        }
    }
}
