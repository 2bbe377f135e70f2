//! Lets changes join a document: those that are ready, dependencies first.
//!
//! The form of a change and its fit to the document are known before Automerge sees it, so
//! Automerge should never fail. When it does all the same, the panic ends here, and the changes
//! join one at a time, so that the one at fault is found and the others land. The panic hook is
//! the program's own and still runs: a program that keeps its log free of people installs one that
//! prints the place only.

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
    let begin = || Absorbing::new(id, actor, stored).ok();
    let absorbed = begin().and_then(|absorbing| absorbing.together(&incoming));
    absorbed
        .or_else(|| begin()?.one_by_one(&incoming))
        .unwrap_or_else(|| Absorbed {
            document: None,
            landed: Vec::new(),
            waiting: incoming.keys().copied().collect(),
            refused: Vec::new(),
        })
}

struct Absorbing<'a> {
    id: DocId,
    actor: ActorId,
    history: History,
    /// What the document is made of: stored, then landed.
    good: Vec<&'a [u8]>,
    landed: Vec<ChangeHash>,
    waiting: Vec<ChangeHash>,
    refused: Vec<(ChangeHash, Refusal)>,
}

impl<'a> Absorbing<'a> {
    fn new(id: DocId, actor: ActorId, stored: &'a [Vec<u8>]) -> Result<Self, Refusal> {
        let kind = id.kind().map_err(|_| Refusal::ForeignGenesis)?;
        let mut history = History::new(id, &Scanned::of(genesis(kind).raw_bytes())?)?;
        let known = stored
            .iter()
            .map(|bytes| Scanned::of(bytes))
            .collect::<Result<Vec<_>, _>>()?;
        for change in in_causal_order(known) {
            if !history.holds(&change.about.hash) {
                history.add(&change)?;
            }
        }
        let good = stored.iter().map(Vec::as_slice).collect();
        Ok(Self {
            id,
            actor,
            history,
            good,
            landed: Vec::new(),
            waiting: Vec::new(),
            refused: Vec::new(),
        })
    }

    /// Hands all that is fit to the engine at once: thirty times as fast for a long history.
    /// `None` when the engine fails, or ends up with another document than was judged.
    fn together(mut self, incoming: &'a BTreeMap<ChangeHash, Vec<u8>>) -> Option<Absorbed> {
        for change in self.in_form(incoming) {
            if self.is_fit(&change) {
                self.land(&change, incoming);
            }
        }
        let document = self.open()?;
        (document.heads() == self.history.heads()).then(|| self.done(document))
    }

    /// Hands changes to the engine one at a time. `None` when what is good makes no document.
    fn one_by_one(mut self, incoming: &'a BTreeMap<ChangeHash, Vec<u8>>) -> Option<Absorbed> {
        let mut document = self.open()?;
        for change in self.in_form(incoming) {
            if !self.is_fit(&change) {
                continue;
            }
            match apply(&mut document, &incoming[&change.about.hash]) {
                Ok(()) => self.land(&change, incoming),
                Err(refusal) => {
                    self.refused.push((change.about.hash, refusal));
                    // Half a change may be in it now.
                    document = self.open()?;
                }
            }
        }
        Some(self.done(document))
    }

    /// The new ones that are in form, dependencies first.
    fn in_form(&mut self, incoming: &'a BTreeMap<ChangeHash, Vec<u8>>) -> Vec<Scanned<'a>> {
        let mut changes = Vec::new();
        for (hash, bytes) in incoming
            .iter()
            .filter(|(hash, _)| !self.history.holds(hash))
        {
            match Scanned::of(bytes) {
                Ok(change) if change.about.hash == *hash => changes.push(change),
                Ok(_) => self.refused.push((*hash, Refusal::WrongHash)),
                Err(refusal) => self.refused.push((*hash, refusal)),
            }
        }
        in_causal_order(changes)
    }

    fn is_fit(&mut self, change: &Scanned<'_>) -> bool {
        let hash = change.about.hash;
        if !self.history.is_ready(change) {
            self.waiting.push(hash);
            return false;
        }
        let judged = self.history.judge(change);
        self.refused
            .extend(judged.err().map(|refusal| (hash, refusal)));
        judged.is_ok()
    }

    fn land(&mut self, change: &Scanned<'_>, incoming: &'a BTreeMap<ChangeHash, Vec<u8>>) {
        let hash = change.about.hash;
        self.history
            .add(change)
            .expect("its operations were read before");
        self.good.push(&incoming[&hash]);
        self.landed.push(hash);
    }

    fn open(&self) -> Option<Document> {
        catch_unwind(AssertUnwindSafe(|| {
            Document::open(self.id, self.actor, &self.good)
        }))
        .ok()?
        .ok()
    }

    fn done(self, document: Document) -> Absorbed {
        Absorbed {
            document: Some(document),
            landed: self.landed,
            waiting: self.waiting,
            refused: self.refused,
        }
    }
}

fn apply(document: &mut Document, bytes: &[u8]) -> Result<(), Refusal> {
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

/// Sorts so that every change comes after those of them that it builds on.
fn in_causal_order(changes: Vec<Scanned<'_>>) -> Vec<Scanned<'_>> {
    let place: HashMap<_, _> = changes
        .iter()
        .enumerate()
        .map(|(at, change)| (change.about.hash, at))
        .collect();
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

#[cfg(test)]
mod tests {
    use super::super::tests::forge::{Forge, OBJECT_ACTOR, OBJECT_COUNTER, run};
    use super::super::tests::{desk, household, onto, story};
    use super::*;

    fn begin(stored: &[Vec<u8>]) -> Absorbing<'_> {
        Absorbing::new(household(), desk(9), stored).unwrap()
    }

    #[test]
    fn a_panic_of_the_engine_ends_here() {
        let story = story();
        let stored: Vec<_> = story.iter().map(|(_, bytes)| bytes.clone()).collect();
        // Into a map made by a writer of whom nothing is here; no judgement is asked.
        let stray = Forge {
            others: vec![vec![77; 16]],
            ..onto(&story)
        };
        let stray = stray
            .with(OBJECT_ACTOR, run(1, &[1]))
            .with(OBJECT_COUNTER, run(1, &[1]))
            .bytes();

        let mut absorbing = begin(&stored);
        let mut document = absorbing.open().unwrap();
        assert_eq!(apply(&mut document, &stray), Err(Refusal::EnginePanicked));
        assert_eq!(
            apply(&mut absorbing.open().unwrap(), &[1]),
            Err(Refusal::EngineRefused)
        );
        absorbing.good.push(&stray);
        assert!(absorbing.open().is_none());
    }

    #[test]
    fn what_joins_one_by_one_is_what_joins_together() {
        let incoming: BTreeMap<_, _> = story().into_iter().skip(1).collect();
        let stored = vec![story()[0].1.clone()];
        let (fast, slow) = (
            begin(&stored).together(&incoming).unwrap(),
            begin(&stored).one_by_one(&incoming).unwrap(),
        );
        assert_eq!((fast.landed.len(), &fast.landed), (4, &slow.landed));
        assert_eq!(
            fast.document.unwrap().heads(),
            slow.document.unwrap().heads()
        );
    }
}
