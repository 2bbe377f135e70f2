//! Lets changes join a document: those that are ready, one at a time, dependencies first.
//!
//! The form of a change and its fit to the document are known before Automerge sees it, so
//! Automerge should never fail. When it does all the same, the panic ends here and the document is
//! built again from what is known to be good. The panic hook is the program's own and still runs:
//! a program that keeps its log free of people installs one that prints the place only.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::Change;

use super::history::History;
use super::{Refusal, Scanned};
use crate::document::{Document, DocumentError, genesis};
use crate::id::{ActorId, ChangeHash, DocId};

/// What became of the changes. One that was already stored is in none of the lists.
pub struct Absorbed {
    /// With all that landed. `None` when what is stored makes no document: nothing was judged
    /// then, and all that came in waits until the store was redrawn.
    pub document: Option<Document>,
    /// Dependencies first: to be stored in this order.
    pub landed: Vec<ChangeHash>,
    /// Fit to be looked at again when more has come: something they build on is not here.
    pub waiting: Vec<ChangeHash>,
    pub refused: Vec<(ChangeHash, Refusal)>,
}

/// Lets `incoming` join the document that `stored` makes.
///
/// `stored` are this document's applied changes, in any order, with or without the genesis.
/// `incoming` are changes as announced, with those that waited before. Each comes once.
pub fn absorb(
    id: DocId,
    actor: ActorId,
    stored: &[Vec<u8>],
    incoming: Vec<(ChangeHash, Vec<u8>)>,
) -> Absorbed {
    // By hash, so that of two changes under one number the same one lands on every node.
    let incoming: BTreeMap<_, _> = incoming.into_iter().collect();
    match Absorbing::open(id, actor, stored) {
        Ok(absorbing) => absorbing.run(&incoming),
        Err(_) => Absorbed {
            document: None,
            landed: Vec::new(),
            waiting: incoming.into_keys().collect(),
            refused: Vec::new(),
        },
    }
}

struct Absorbing<'a> {
    id: DocId,
    actor: ActorId,
    history: History,
    /// What the document is made of: stored, then landed.
    good: Vec<&'a [u8]>,
    /// `None` once it could not be built again.
    document: Option<Document>,
}

impl<'a> Absorbing<'a> {
    fn open(id: DocId, actor: ActorId, stored: &'a [Vec<u8>]) -> Result<Self, Refusal> {
        let kind = id.kind().map_err(|_| Refusal::ForeignGenesis)?;
        let mut history = History::new(id, &Scanned::of(genesis(kind).raw_bytes())?)?;
        let known = stored.iter().map(|bytes| Scanned::of(bytes)).collect::<Result<Vec<_>, _>>()?;
        for change in in_causal_order(known) {
            if !history.holds(&change.about.hash) {
                history.add(&change)?;
            }
        }
        let good: Vec<_> = stored.iter().map(Vec::as_slice).collect();
        let document = open(id, actor, &good);
        if document.is_none() {
            return Err(Refusal::EngineRefused);
        }
        Ok(Self { id, actor, history, good, document })
    }

    fn run(mut self, incoming: &'a BTreeMap<ChangeHash, Vec<u8>>) -> Absorbed {
        let (mut landed, mut waiting, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        let mut changes = Vec::new();
        for (hash, bytes) in incoming.iter().filter(|(hash, _)| !self.history.holds(hash)) {
            match Scanned::of(bytes) {
                Ok(change) if change.about.hash == *hash => changes.push(change),
                Ok(_) => refused.push((*hash, Refusal::WrongHash)),
                Err(refusal) => refused.push((*hash, refusal)),
            }
        }
        for change in in_causal_order(changes) {
            let hash = change.about.hash;
            if self.document.is_none() || !self.history.is_ready(&change) {
                waiting.push(hash);
                continue;
            }
            match self.land(&change, &incoming[&hash]) {
                Ok(()) => landed.push(hash),
                Err(refusal) => refused.push((hash, refusal)),
            }
        }
        Absorbed { document: self.document, landed, waiting, refused }
    }

    fn land(&mut self, change: &Scanned<'a>, bytes: &'a [u8]) -> Result<(), Refusal> {
        self.history.judge(change)?;
        if let Err(refusal) = self.apply(bytes) {
            // Half a change may be in it now.
            self.document = open(self.id, self.actor, &self.good);
            return Err(refusal);
        }
        self.good.push(bytes);
        self.history.add(change)
    }

    fn apply(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let document = self.document.as_mut().ok_or(Refusal::NotLanded)?;
        let applied = catch_unwind(AssertUnwindSafe(|| {
            let change = Change::from_bytes(bytes.to_vec()).map_err(|_| DocumentError::StoredChange)?;
            document.apply(change)
        }));
        match applied {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Refusal::NotLanded),
            Ok(Err(_)) => Err(Refusal::EngineRefused),
            Err(_) => Err(Refusal::EnginePanicked),
        }
    }
}

fn open(id: DocId, actor: ActorId, changes: &[&[u8]]) -> Option<Document> {
    catch_unwind(AssertUnwindSafe(|| Document::open(id, actor, changes))).ok()?.ok()
}

/// Sorts so that every change comes after those of them that it builds on.
fn in_causal_order(changes: Vec<Scanned<'_>>) -> Vec<Scanned<'_>> {
    let place: HashMap<_, _> = changes.iter().enumerate().map(|(at, change)| (change.about.hash, at)).collect();
    let mut builders = vec![Vec::new(); changes.len()];
    let mut missing = vec![0_usize; changes.len()];
    for (at, change) in changes.iter().enumerate() {
        for dep in change.about.deps.iter().filter_map(|dep| place.get(dep)) {
            builders[*dep].push(at);
            missing[at] += 1;
        }
    }
    let mut ready: VecDeque<_> = (0..changes.len()).filter(|at| missing[*at] == 0).collect();
    let mut unsorted: Vec<_> = changes.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(unsorted.len());
    while let Some(at) = ready.pop_front() {
        sorted.extend(unsorted[at].take());
        for builder in &builders[at] {
            missing[*builder] -= 1;
            if missing[*builder] == 0 {
                ready.push_back(*builder);
            }
        }
    }
    sorted
}
