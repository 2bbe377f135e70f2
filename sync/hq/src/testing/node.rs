//! A shelter's node in memory: documents, logs and a conversation with headquarters over a pipe.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use ed25519_dalek::{SigningKey, VerifyingKey};
use yadori_ledger::clock::{By, Stamp, TimeQuality};
use yadori_ledger::document::{Document, NewChange};
use yadori_ledger::id::{
    ActorId, CardNumber, ChangeKey, DocId, DocKind, EventId, NodeId, PersonId, ShelterId,
};
use yadori_ledger::registry::{NewHousehold, NewPerson, Origin, Place, Whereabouts, register};
use yadori_ledger::session::{
    Answer, Committed, Entry, Greeting, Lane, Need, Outcome, Party, Positions, Range, Scope,
    Session, Standing, Sum, fingerprint,
};
use yadori_ledger::words::{Birth, SupportNeeds};
use yadori_transport::drive::{Limits, Store, StoreError, converse};
use yadori_transport::frames::Wire;

/// A node under test.
pub(crate) struct TestNode {
    pub(crate) key: SigningKey,
    pub(crate) shelter: ShelterId,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    changes: BTreeMap<ChangeKey, Vec<u8>>,
    logs: BTreeMap<(Scope, Lane), Vec<Logged>>,
    hq_epoch: Option<u64>,
    cursor: Positions,
    seen: Positions,
    drawn: u32,
}

#[derive(Clone, Copy)]
struct Logged {
    key: ChangeKey,
    from_hq: bool,
}

impl TestNode {
    pub(crate) fn new(number: u8, shelter: &str) -> Self {
        let key = SigningKey::from_bytes(&[number; 32]);
        Self {
            key,
            shelter: shelter.parse().unwrap(),
            inner: Mutex::new(Inner::default()),
        }
    }

    pub(crate) fn id(&self) -> NodeId {
        NodeId::of(&self.key.verifying_key())
    }

    pub(crate) fn actor(&self) -> ActorId {
        ActorId::of(&self.key.verifying_key(), 0)
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            wall_s: 1_795_311_060,
            quality: TimeQuality::Network,
            by: By::staff(3),
            lamport: self.draw().into(),
        }
    }

    /// A number that this node has not given out before.
    pub(crate) fn draw(&self) -> u32 {
        let mut inner = self.inner();
        inner.drawn += 1;
        inner.drawn
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [self.key.to_bytes()[0]; N];
        bytes[N - 4..].copy_from_slice(&self.draw().to_be_bytes());
        bytes
    }

    /// Registers a household of named people; tells its id.
    pub(crate) fn register(&self, people: &[(&str, &str)]) -> DocId {
        let (id, change) = self.registration(people);
        self.keep(change, Lane::People);
        id
    }

    pub(crate) fn registration(&self, people: &[(&str, &str)]) -> (DocId, NewChange) {
        let id = DocId::new(DocKind::Household, self.random());
        let new = NewHousehold {
            id,
            card: CardNumber::new("K7F".parse().unwrap(), self.draw()).unwrap(),
            shelter: self.shelter.clone(),
            origin: Origin::Desk,
            people: people
                .iter()
                .map(|(name, birth)| self.person(name, birth))
                .collect(),
            needs: SupportNeeds::default(),
            place: self.place(Whereabouts::Shelter),
            place_event: EventId::from_bytes(self.random()),
            more: Vec::new(),
        };
        (
            id,
            register(&new, self.actor(), &self.stamp()).unwrap().change,
        )
    }

    fn person(&self, name: &str, birth: &str) -> NewPerson {
        let name = Some(name.parse().unwrap());
        let birth = Some(Birth::from_stored(birth).unwrap());
        NewPerson {
            name,
            birth,
            ..NewPerson::unknown(PersonId::from_bytes(self.random()))
        }
    }

    pub(crate) fn place(&self, whereabouts: Whereabouts) -> Place {
        Place {
            whereabouts,
            shelter: Some(self.shelter.clone()),
            detail: None,
        }
    }

    /// Writes to a document as this node has it.
    pub(crate) fn edit(&self, id: DocId, write: impl FnOnce(&mut Document)) -> NewChange {
        let mut document = self.document(id);
        write(&mut document);
        let change = document
            .commit(&self.stamp())
            .unwrap()
            .expect("something was written");
        self.keep(change.clone(), Lane::People);
        change
    }

    pub(crate) fn document(&self, id: DocId) -> Document {
        let changes: Vec<_> = {
            let inner = self.inner();
            inner
                .changes
                .iter()
                .filter(|(key, _)| key.doc == id)
                .map(|(_, bytes)| bytes.clone())
                .collect()
        };
        Document::open(id, self.actor(), changes).unwrap()
    }

    pub(crate) fn holds(&self, doc: DocId) -> bool {
        self.inner().changes.keys().any(|key| key.doc == doc)
    }

    pub(crate) fn docs(&self, kind: DocKind) -> Vec<DocId> {
        let mut docs: Vec<_> = self
            .inner()
            .changes
            .keys()
            .map(|key| key.doc)
            .filter(|doc| doc.kind() == Ok(kind))
            .collect();
        docs.dedup();
        docs
    }

    pub(crate) fn keep(&self, change: NewChange, lane: Lane) {
        self.inner()
            .keep(change.key, change.bytes, (Scope::Shelter, lane), false);
    }

    /// As if headquarters' answers had all been lost.
    pub(crate) fn forget_what_headquarters_has(&self) {
        self.inner().seen = Positions::default();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// One conversation with headquarters over a pipe.
    pub(crate) async fn meet(&self, hq_key: VerifyingKey, hq: (Session, impl Store)) -> Outcome {
        let (here, there) = tokio::io::duplex(64 * 1024);
        let mut session = Session::caller(
            Party {
                key: self.key.clone(),
                epoch: 0,
            },
            hq_key,
        );
        let (mut hq_session, hq_store) = hq;
        let (mut here, mut there, limits) = (Wire::new(here), Wire::new(there), Limits::default());
        let (ours, theirs) = tokio::join!(
            converse(&mut session, &mut here, self, &limits),
            converse(&mut hq_session, &mut there, &hq_store, &limits),
        );
        theirs.unwrap();
        ours.unwrap().outcome
    }
}

impl Inner {
    fn keep(&mut self, key: ChangeKey, bytes: Vec<u8>, log: (Scope, Lane), from_hq: bool) {
        if self.changes.insert(key, bytes).is_none() {
            self.logs
                .entry(log)
                .or_default()
                .push(Logged { key, from_hq });
        }
    }

    fn standing(&self, seen: Positions) -> Standing {
        let (mut held, mut lacking, mut upto) = (
            [Sum::default(); 2],
            [Sum::default(); 2],
            Positions::default(),
        );
        for ((scope, lane), log) in &self.logs {
            upto.set(*scope, *lane, log.len() as u64);
            for (at, logged) in (1..).zip(log) {
                held[*scope as usize].add(fingerprint(&logged.key));
                if at > seen.at(*scope, *lane) && !logged.from_hq {
                    lacking[*scope as usize].add(fingerprint(&logged.key));
                }
            }
        }
        Standing {
            held,
            lacking,
            upto,
        }
    }

    fn range(&self, log: (Scope, Lane), after: u64, all: bool) -> Range {
        let log = self.logs.get(&log).map(Vec::as_slice).unwrap_or_default();
        let later = (1..)
            .zip(log)
            .filter(|(at, logged)| *at > after && (all || !logged.from_hq));
        let entries = later.map(|(position, logged)| Entry {
            position,
            key: logged.key,
            bytes: self.changes[&logged.key].clone(),
        });
        Range {
            entries: entries.collect(),
            upto: log.len() as u64,
        }
    }

    fn answer(&mut self, need: Need) -> Answer {
        match need {
            Need::Greeting => Answer::Greeting(Greeting {
                our_epoch: 77,
                their_epoch: self.hq_epoch,
                cursor: self.cursor,
                seen: self.seen,
            }),
            Need::Standing { seen } => Answer::Standing(self.standing(seen)),
            Need::Range {
                scope,
                lane,
                after,
                all,
                ..
            } => Answer::Range(self.range((scope, lane), after, all)),
            Need::Commit(incoming) => {
                self.hq_epoch = Some(incoming.their_epoch);
                self.cursor
                    .set(incoming.scope, incoming.lane, incoming.cursor);
                for (key, bytes) in incoming.changes {
                    self.keep(key, bytes, (incoming.scope, incoming.lane), true);
                }
                Answer::Committed(Committed::default())
            }
            Need::Seen(seen) => {
                self.seen = seen;
                Answer::Done
            }
            Need::Advance {
                their_epoch,
                cursor,
                seen,
            } => {
                (self.hq_epoch, self.cursor, self.seen) = (Some(their_epoch), cursor, seen);
                Answer::Done
            }
            Need::Differs => panic!("digests differ"),
        }
    }
}

impl Store for TestNode {
    async fn answer(&self, need: Need) -> Result<Answer, StoreError> {
        tokio::task::yield_now().await;
        Ok(self.inner().answer(need))
    }
}
