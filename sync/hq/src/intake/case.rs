//! What a batch brings to one document: what may be tried with it, what is held back before, and
//! what becomes of the rest.

use std::collections::BTreeMap;

use yadori_ledger::guard::{self, Absorbed, Refusal};
use yadori_ledger::id::{ActorId, ChangeHash, DocId, DocKind, ShelterId};
use yadori_ledger::session::Incoming;

use super::policy::{Held, judge};
use crate::drawn::Drawn;
use crate::ground::{GroundError, Peer, State, Stored};

pub(super) struct Case<'a> {
    pub(super) doc: DocId,
    came: &'a [(ChangeHash, Vec<u8>)],
    stored: Vec<Stored>,
    /// Who wrote what came and is not applied yet; `None` when the bytes do not tell.
    actors: BTreeMap<ChangeHash, Option<ActorId>>,
    /// To be tried with the document.
    pub(super) tried: Vec<ChangeHash>,
    pub(super) held: Vec<(ChangeHash, Held)>,
    /// Joined the document before, in a log that the node reads or not.
    pub(super) applied: Vec<ChangeHash>,
}

/// What became of the changes that were tried.
pub(super) struct Landing {
    pub(super) landed: Vec<ChangeHash>,
    pub(super) waiting: Vec<ChangeHash>,
    pub(super) refused: Vec<(ChangeHash, Refusal)>,
    pub(super) drawn: Option<Drawn>,
}

impl<'a> Case<'a> {
    /// Decides about each change as far as that is possible without the document.
    pub(super) fn sort(
        peer: &Peer,
        incoming: &Incoming,
        doc: DocId,
        came: &'a [(ChangeHash, Vec<u8>)],
        stored: Vec<Stored>,
        is_member: bool,
    ) -> Self {
        let (actors, tried, held, applied) = (BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        let mut case = Self {
            doc,
            came,
            stored,
            actors,
            tried,
            held,
            applied,
        };
        for (hash, bytes) in came {
            if case
                .stored(*hash)
                .is_some_and(|known| known.state == State::Applied)
            {
                case.applied.push(*hash);
                continue;
            }
            let judged = judge(peer, incoming.scope, incoming.epoch, doc.kind().ok(), bytes);
            case.actors.insert(*hash, judged.actor);
            match judged.held.or((!is_member).then_some(Held::OutsideScope)) {
                Some(held) => case.held.push((*hash, held)),
                None => case.tried.push(*hash),
            }
        }
        case
    }

    pub(super) fn stored(&self, hash: ChangeHash) -> Option<&Stored> {
        self.stored.iter().find(|known| known.hash == hash)
    }

    /// The bytes and writer of a change that this batch brought and that was not applied before.
    pub(super) fn came_now(&self, hash: ChangeHash) -> Option<(&'a [u8], Option<ActorId>)> {
        let actor = self.actors.get(&hash)?;
        let (_, bytes) = self.came.iter().find(|(came, _)| *came == hash)?;
        Some((bytes, *actor))
    }

    pub(super) fn new_count(&self) -> u64 {
        self.came
            .iter()
            .filter(|(hash, _)| self.stored(*hash).is_none())
            .count() as u64
    }

    /// How many changes the document is made of so far: the place of the next.
    pub(super) fn landed_count(&self) -> i64 {
        i64::try_from(self.in_state(State::Applied).count()).unwrap_or(i64::MAX)
    }

    fn in_state(&self, state: State) -> impl Iterator<Item = &Stored> {
        self.stored
            .iter()
            .filter(move |change| change.state == state)
    }

    /// Lets the changes join their document, with those that waited; on a thread where that may
    /// take long.
    pub(super) async fn absorb(&self, actor: ActorId) -> Result<Landing, GroundError> {
        let doc = self.doc;
        let applied: Vec<_> = self
            .in_state(State::Applied)
            .map(|change| change.bytes.clone())
            .collect();
        let incoming = self.incoming();
        let absorbing = tokio::task::spawn_blocking(move || {
            let Absorbed {
                document,
                landed,
                waiting,
                refused,
            } = guard::absorb(doc, actor, &applied, incoming);
            let drawn = document.as_ref().map(Drawn::of).transpose()?;
            Ok(Landing {
                landed,
                waiting,
                refused,
                drawn,
            })
        });
        absorbing.await.map_err(|_| GroundError::Interrupted)?
    }

    fn incoming(&self) -> Vec<(ChangeHash, Vec<u8>)> {
        let came = self
            .came
            .iter()
            .filter(|(hash, _)| self.tried.contains(hash))
            .cloned();
        let waited = self
            .in_state(State::Waiting)
            .filter(|change| !self.tried.contains(&change.hash));
        came.chain(waited.map(|change| (change.hash, change.bytes.clone())))
            .collect()
    }

    /// A new ledger must be of the node's own shelter.
    pub(super) fn misplaced(&self, landing: &Landing, shelter: &ShelterId) -> Option<Held> {
        let is_new_ledger = self.landed_count() == 0 && self.doc.kind() == Ok(DocKind::Ledger);
        let is_here = match &landing.drawn {
            Some(drawn) => drawn.shelters() == std::slice::from_ref(shelter),
            None => true,
        };
        (is_new_ledger && !landing.landed.is_empty() && !is_here).then_some(Held::OutsideScope)
    }
}
