//! A shelter's node: the real store on a real file, and what desks do with it.

use std::path::PathBuf;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use yadori_edge::clock::{Clock, ManualClock};
use yadori_edge::store::{Lane, Store, StoreError, StoreOptions, Tx};
use yadori_ledger::clock::By;
use yadori_ledger::document::Document;
use yadori_ledger::id::{CardNumber, DocId, DocKind, EventId, PersonId, ShelterId};
use yadori_ledger::registry::{
    self, Answer, Fact, Household, NewHousehold, NewPerson, Origin, Place, Subject, Whereabouts,
};
use yadori_ledger::session::Party;
use yadori_ledger::words::SupportNeeds;

/// An ordinary evening in 2026.
const START_S: i64 = 1_795_000_000;

pub(super) struct Node {
    pub(super) key: SigningKey,
    pub(super) shelter: ShelterId,
    pub(super) clock: ManualClock,
    at: usize,
    folder: TempDir,
    generation: u32,
    store: Option<Store>,
}

impl Node {
    pub(super) fn open(at: usize, shelter: ShelterId) -> Self {
        let number = u8::try_from(at).expect("a handful of nodes");
        let mut node = Self {
            key: SigningKey::from_bytes(&[10 + number; 32]),
            shelter,
            clock: ManualClock::at(START_S),
            at,
            folder: in_memory(),
            generation: 0,
            store: None,
        };
        node.start();
        node
    }

    pub(super) fn store(&self) -> &Store {
        self.store.as_ref().expect("the node is on")
    }

    pub(super) fn party(&self) -> Party {
        Party {
            key: self.key.clone(),
            epoch: self.store().epoch(),
        }
    }

    /// The process dies: what was not in the file is gone, and nothing is tidied up.
    pub(super) fn power_cut(&mut self) {
        let old = self.file();
        self.generation += 1;
        for suffix in ["", "-wal"] {
            let from = PathBuf::from(format!("{}{suffix}", old.display()));
            if from.exists() {
                std::fs::copy(&from, format!("{}{suffix}", self.file().display()))
                    .expect("memory is enough");
            }
        }
        self.store = None;
        self.start();
    }

    fn file(&self) -> PathBuf {
        self.folder
            .path()
            .join(format!("node-{}.db", self.generation))
    }

    fn start(&mut self) {
        let code = format!("N{:02}", self.at).parse().expect("a node code");
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let mut options = StoreOptions::new(
            self.key.verifying_key(),
            self.shelter.clone(),
            code,
            clock,
            yadori_edge::web::draw,
        );
        options.random = 1_000 + self.at as u64;
        self.store = Some(Store::open(&self.file(), options).expect("the file is whole"));
    }

    /// Registers a family; once this returns it is acknowledged.
    pub(super) async fn register(
        &self,
        id: DocId,
        numbers: &mut Numbers,
        people: u8,
    ) -> CardNumber {
        let card = self.store().next_card().expect("cards are left");
        let new = NewHousehold {
            id,
            card,
            shelter: self.shelter.clone(),
            origin: Origin::Desk,
            people: (0..people)
                .map(|_| NewPerson::unknown(numbers.person()))
                .collect(),
            needs: SupportNeeds::default(),
            place: self.place(0),
            place_event: numbers.event(),
            more: Vec::new(),
        };
        self.write(move |tx| {
            let registered = registry::register(&new, tx.actor(), &tx.stamp(By::staff(1)))?;
            tx.keep(&registered.document, &registered.change, Lane::People)?;
            Ok(())
        })
        .await;
        card
    }

    /// Tells a fact about a family's first person. `false` when it stood already.
    pub(super) async fn tell(&self, id: DocId, fact: Fact, value: String) -> bool {
        self.amend(id, Lane::Emergency, move |document| {
            let first = Household::read(document)?.people[0].id;
            Ok(registry::amend(
                document,
                &[Answer {
                    subject: Subject::Person(first),
                    fact,
                    value,
                }],
            )?)
        })
        .await
    }

    pub(super) async fn join(&self, id: DocId, person: PersonId) {
        self.amend(id, Lane::People, move |document| {
            Ok(registry::amend(
                document,
                &NewPerson::unknown(person).answers(),
            )?)
        })
        .await;
    }

    pub(super) async fn move_to(&self, id: DocId, event: EventId, to: usize) {
        let place = self.place(to);
        let lamport = self.store().stamp(By::staff(1)).lamport;
        self.amend(id, Lane::People, move |document| {
            Ok(usize::from(registry::arrive(
                document,
                event,
                lamport,
                &[],
                &place,
            )?))
        })
        .await;
    }

    /// Settles the first disagreement about a fact by its last answer.
    pub(super) async fn settle(&self, id: DocId) -> Option<String> {
        let household = self.household(id).await;
        let disputed =
            household
                .disagreements()
                .into_iter()
                .find_map(|disputed| match disputed.question {
                    registry::Question::Fact(fact) => {
                        Some((disputed.subject, fact, disputed.answers))
                    }
                    registry::Question::Place => None,
                });
        let (subject, fact, answers) = disputed?;
        let chosen = answers.last().expect("at least two").value.clone();
        let value = chosen.clone();
        self.amend(id, Lane::People, move |document| {
            Ok(usize::from(registry::settle(
                document, subject, fact, &value,
            )?))
        })
        .await;
        Some(chosen)
    }

    pub(super) async fn household(&self, id: DocId) -> Household {
        self.read(move |tx| Ok(Household::read(&tx.document(id)?)?))
            .await
    }

    pub(super) async fn document(&self, id: DocId) -> Document {
        self.read(move |tx| tx.document(id)).await
    }

    /// The households that this node holds, in the order of their ids.
    pub(super) async fn households(&self) -> Vec<DocId> {
        let docs = self.store().read(|db| {
            let mut rows =
                db.prepare("select distinct doc from change where state = 0 order by doc")?;
            Ok(rows
                .query_map([], |row| row.get::<_, Vec<u8>>(0))?
                .collect::<Result<Vec<_>, _>>()?)
        });
        let docs = docs.await.expect("reading goes on");
        let docs = docs
            .iter()
            .map(|doc| DocId::from_bytes(doc).expect("our own id"));
        docs.filter(|doc| doc.kind() == Ok(DocKind::Household))
            .collect()
    }

    fn place(&self, to: usize) -> Place {
        let whereabouts = [Whereabouts::Shelter, Whereabouts::Car, Whereabouts::Home][to % 3];
        Place {
            whereabouts,
            shelter: Some(self.shelter.clone()),
            detail: None,
        }
    }

    /// Changes one family's document in one transaction. `false` when nothing changed.
    async fn amend(
        &self,
        id: DocId,
        lane: Lane,
        change: impl FnOnce(&mut Document) -> Result<usize, StoreError> + Send + 'static,
    ) -> bool {
        self.write(move |tx| {
            let mut document = tx.document(id)?;
            if change(&mut document)? == 0 {
                return Ok(false);
            }
            Ok(tx
                .record(&mut document, &tx.stamp(By::staff(1)), lane)?
                .is_some())
        })
        .await
    }

    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store()
            .write(job)
            .await
            .expect("the desk's write is kept")
    }

    /// Documents are read where they are written: in a transaction.
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.write(job).await
    }
}

/// Files in memory where there is such a place: this test is about crashes, not about disks.
pub(super) fn in_memory() -> TempDir {
    let shm = std::path::Path::new("/dev/shm");
    let made = if shm.is_dir() {
        tempfile::tempdir_in(shm)
    } else {
        tempfile::tempdir()
    };
    made.expect("a folder")
}

/// Ids that nobody has used yet, the same in every run.
#[derive(Default)]
pub(super) struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> [u8; 8] {
        self.0 += 1;
        // Spread over the whole range, as random ids are.
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()
    }

    pub(super) fn person(&mut self) -> PersonId {
        PersonId::from_bytes(self.next())
    }

    pub(super) fn event(&mut self) -> EventId {
        EventId::from_bytes(self.next())
    }

    pub(super) fn household(&mut self) -> DocId {
        let mut random = [0; 15];
        random[..8].copy_from_slice(&self.next());
        DocId::new(DocKind::Household, random)
    }
}
