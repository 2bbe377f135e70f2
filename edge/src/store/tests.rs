//! The store's promises, each on a real file.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Waker};

use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use yadori_ledger::document::NewChange;
use yadori_ledger::frame::hash_of;
use yadori_ledger::id::{ChangeKey, DocId, DocKind, EventId, PersonId};
use yadori_ledger::registry::{
    self, Fact, NewHousehold, NewPerson, Origin, Place, Registered, Subject, Whereabouts,
};
use yadori_ledger::words::SupportNeeds;

use super::*;
use crate::clock::ManualClock;

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_power_cut() {
    let home = Home::new();
    let store = home.open();
    let doc = household(&store, 1).await.unwrap();
    let (actor, found) = (store.actor(), home.as_a_power_cut_leaves_it());
    let after_the_cut = found.open();
    let people = after_the_cut
        .read(move |db| ground::document(db, doc, actor))
        .await
        .unwrap();
    assert_eq!(registry::Household::read(&people).unwrap().people.len(), 1);
}

#[tokio::test]
async fn a_job_that_fails_is_undone_alone() {
    let home = Home::new();
    let store = home.open();
    let hold = Hold::on(&store).await;
    let good = queue(&store, |tx| note(tx, "good"));
    let bad = queue(&store, |tx| {
        note(tx, "bad").and(Err(StoreError::Unknown("x".into())))
    });
    let panics = queue(&store, |tx| {
        note(tx, "panics").map(|()| panic!("a mistake in a feature"))
    });
    let late = queue(&store, |tx| note(tx, "late"));
    hold.release().await;

    assert!(good.await.is_ok());
    assert!(matches!(bad.await, Err(StoreError::Unknown(_))));
    assert!(matches!(panics.await, Err(StoreError::Panicked(_))));
    assert!(late.await.is_ok());
    assert_eq!(notes(&store).await, ["good", "late"]);
}

#[tokio::test]
async fn sixty_four_writers_share_their_commits() {
    let home = Home::new();
    let store = home.open();
    let hold = Hold::on(&store).await;
    let before = store.commits();
    let all: Vec<_> = (0..64)
        .map(|n| queue(&store, move |tx| note(tx, &format!("{n:02}"))))
        .collect();
    hold.release().await;
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(notes(&store).await.len(), 64);
    assert!(
        store.commits() - before <= 4,
        "{} commits",
        store.commits() - before
    );
}

#[tokio::test]
async fn one_commit_each_is_there_to_compare_with() {
    let home = Home::new();
    let mut options = home.options();
    options.commits = Commits::Each;
    let store = home.open_with(options);
    for n in 0..5 {
        store
            .write(move |tx| note(tx, &n.to_string()))
            .await
            .unwrap();
    }
    assert_eq!(store.commits(), 5);
}

#[tokio::test]
async fn a_queue_that_is_full_says_so_at_once() {
    let home = Home::new();
    let store = home.open();
    let hold = Hold::on(&store).await;
    let waiting: Vec<_> = (0..JOBS_WAITING_MAX)
        .map(|_| queue(&store, |_| Ok(())))
        .collect();
    assert!(matches!(
        store.write(|_| Ok(())).await,
        Err(StoreError::Overloaded)
    ));
    hold.release().await;
    for one in waiting {
        one.await.unwrap();
    }
    store.write(|_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_reading_goes_on_and_room_heals_it() {
    let home = Home::new();
    let mut options = home.options();
    options.bytes_max = 512 * 1024;
    let store = home.open_with(options);
    let mut saved = 0;
    let told = loop {
        match store.write(|tx| note(tx, &"x".repeat(10_000))).await {
            Ok(()) => saved += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(told, StoreError::Full), "{told}");
    assert!(matches!(
        household(&store, 1).await,
        Ok(_) | Err(StoreError::Full)
    ));
    assert_eq!(notes(&store).await.len(), saved);

    store
        .write(|tx| Ok(tx.execute("delete from note where rowid % 2", [])?))
        .await
        .unwrap();
    store
        .write(|tx| note(tx, &"y".repeat(10_000)))
        .await
        .unwrap();
    household(&store, 2).await.unwrap();
}

#[tokio::test]
async fn numbers_go_on_after_a_power_cut_and_none_is_given_twice() {
    let home = Home::new();
    let store = home.open();
    let (stamp, card) = store
        .write(|tx| Ok((tx.stamp(By::portal()).lamport, tx.next_card()?.number())))
        .await
        .unwrap();
    let found = home.as_a_power_cut_leaves_it();
    let later = found.open();
    assert_eq!((stamp, card), (1, 1));
    assert_eq!(later.stamp(By::portal()).lamport, 2);
    assert_eq!(later.next_card().unwrap().number(), 2);
}

#[tokio::test]
async fn the_same_change_is_kept_once_and_the_same_bytes_in_two_documents_twice() {
    let home = Home::new();
    let store = home.open();
    let keep = |n: u8| {
        store.write(move |tx| {
            let scope = tx.shelter().as_str();
            let state = ground::State::Quarantined("made-up".into());
            let (actor, lane) = (Some(tx.actor()), Lane::People);
            ground::keep(
                tx,
                &ground::Kept {
                    change: &raw(n),
                    actor,
                    scope,
                    lane,
                    origin: None,
                    state,
                },
            )
        })
    };
    assert!(keep(1).await.unwrap());
    assert!(!keep(1).await.unwrap());
    assert!(keep(2).await.unwrap());
    let held = store.read(|db| log::held(db, SHELTER)).await.unwrap();
    assert_eq!(held.count, 2);
}

#[tokio::test]
async fn an_urgent_change_takes_what_it_builds_on_with_it() {
    let home = Home::new();
    let store = home.open();
    let doc = household(&store, 1).await.unwrap();
    household(&store, 2).await.unwrap();
    store
        .write(move |tx| amend(tx, doc, "090-1111-2222", Lane::Emergency))
        .await
        .unwrap();

    let urgent = store
        .read(|db| {
            let mut rows = db.prepare(
                "select c.at from log l join change c using (doc, hash)
                                        where l.lane = 0 order by l.seq",
            )?;
            Ok(rows
                .query_map([], |row| row.get(0))?
                .collect::<Result<Vec<i64>, _>>()?)
        })
        .await
        .unwrap();
    assert_eq!(urgent, [1, 3]);
    assert_eq!(
        store.read(|db| log::held(db, SHELTER)).await.unwrap().count,
        3
    );
    assert_eq!(store.read(Contact::read).await.unwrap().waiting_count, 3);
}

#[tokio::test]
async fn a_change_and_the_rows_drawn_from_it_are_stored_together_and_can_be_redrawn() {
    let home = Home::new();
    let store = home.open();
    let doc = household(&store, 1).await.unwrap();
    store
        .write(move |tx| amend(tx, doc, "090-1111-2222", Lane::People))
        .await
        .unwrap();
    assert_eq!(notes(&store).await, ["090-1111-2222"]);
    assert_eq!(
        store.read(move |db| ground::rev(db, doc)).await.unwrap(),
        Some(2)
    );

    store
        .write(|tx| Ok(tx.execute("delete from note", [])?))
        .await
        .unwrap();
    assert_eq!(store.redraw_all().await.unwrap(), 1);
    assert_eq!(notes(&store).await, ["090-1111-2222"]);
    assert_eq!(store.read(ground::verify).await.unwrap(), 2);
}

#[tokio::test]
async fn a_second_process_and_another_nodes_key_are_turned_away() {
    let home = Home::new();
    let store = home.open();
    assert!(matches!(
        Store::open(&home.file, home.options()),
        Err(StoreError::Taken)
    ));
    drop(store);
    let mut options = home.options();
    options.key = SigningKey::from_bytes(&[9; 32]).verifying_key();
    assert!(matches!(
        Store::open(&home.file, options),
        Err(StoreError::Foreign(_))
    ));
    home.open();
}

#[tokio::test]
async fn a_raised_epoch_is_a_new_writer_with_new_logs() {
    let home = Home::new();
    let first = home.open();
    let (actor, log_epoch) = (first.actor(), first.0.node.log_epoch);
    drop(first);
    let mut options = home.options();
    (options.epoch, options.random) = (1, 77);
    let second = Store::open(&home.file, options).unwrap();
    assert_eq!(second.epoch(), 1);
    assert_ne!(
        (second.actor(), second.0.node.log_epoch),
        (actor, log_epoch)
    );
}

#[test]
fn a_file_that_is_no_store_is_damaged_and_not_overwritten() {
    let home = Home::new();
    std::fs::write(&home.file, [b'x'; 10_000]).unwrap();
    assert!(matches!(
        Store::open(&home.file, home.options()),
        Err(StoreError::Damaged)
    ));
    assert_eq!(std::fs::read(&home.file).unwrap(), [b'x'; 10_000]);
}

#[test]
fn a_card_that_is_full_during_a_flush_is_told_as_full() {
    let full = |code| {
        StoreError::from(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(code),
            None,
        ))
    };
    assert!(matches!(full(rusqlite::ffi::SQLITE_FULL), StoreError::Full));
    assert!(matches!(
        full(rusqlite::ffi::SQLITE_IOERR_SHMSIZE),
        StoreError::Full
    ));
    assert!(matches!(
        full(rusqlite::ffi::SQLITE_IOERR_WRITE),
        StoreError::Disk(_)
    ));
    assert!(matches!(
        full(rusqlite::ffi::SQLITE_CORRUPT),
        StoreError::Damaged
    ));
}

pub(super) const SHELTER: &str = "L0000000000001";

/// A folder with a store's file in it.
pub(super) struct Home {
    file: PathBuf,
    _dir: TempDir,
}

impl Home {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            file: dir.path().join("store.db"),
            _dir: dir,
        }
    }

    pub(super) fn options(&self) -> StoreOptions {
        let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
        let clock = Arc::new(ManualClock::at(1_800_000_000));
        StoreOptions::new(
            key,
            SHELTER.parse().unwrap(),
            "K7F".parse().unwrap(),
            clock,
            draw,
        )
    }

    pub(super) fn open(&self) -> Store {
        self.open_with(self.options())
    }

    pub(super) fn open_with(&self, options: StoreOptions) -> Store {
        let store = Store::open(&self.file, options).unwrap();
        let made = rusqlite::Connection::open(&self.file).unwrap();
        made.execute_batch("create table if not exists note (doc blob unique, text text)")
            .unwrap();
        store
    }

    /// What the disk holds at this moment, while the store is still open.
    pub(super) fn as_a_power_cut_leaves_it(&self) -> Self {
        let found = Self::new();
        for end in ["", "-wal"] {
            let of = |file: &Path| PathBuf::from(format!("{}{end}", file.display()));
            std::fs::copy(of(&self.file), of(&found.file)).unwrap();
        }
        found
    }
}

/// Keeps the writer busy, so that what comes meanwhile waits.
struct Hold {
    go: mpsc::Sender<()>,
    held: Queued,
}

impl Hold {
    async fn on(store: &Store) -> Self {
        let (go, gone) = mpsc::channel();
        let (begin, begun) = tokio::sync::oneshot::channel();
        let held = queue(store, move |_| {
            begin.send(()).unwrap();
            gone.recv().unwrap();
            Ok(())
        });
        begun.await.unwrap();
        Self { go, held }
    }

    async fn release(self) {
        self.go.send(()).unwrap();
        self.held.await.unwrap();
    }
}

type Queued = Pin<Box<dyn Future<Output = Result<(), StoreError>>>>;

/// Puts a job into the queue now; its answer can be awaited later.
fn queue(
    store: &Store,
    work: impl FnOnce(&Tx<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Queued {
    let store = store.clone();
    let mut queued: Queued = Box::pin(async move { store.write(work).await });
    assert!(
        queued
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    queued
}

/// The one derived row of these tests: a household's phone number.
fn draw(tx: &Tx<'_>, document: &Document) -> Result<(), StoreError> {
    let household = registry::Household::read(document)?;
    if let Some(phone) = household.text(Fact::Phone) {
        tx.execute(
            "insert into note (doc, text) values (?1, ?2) on conflict (doc) do update set text = excluded.text",
            rusqlite::params![document.id().as_bytes(), phone],
        )?;
    }
    Ok(())
}

fn note(tx: &Tx<'_>, text: &str) -> Result<(), StoreError> {
    tx.execute("insert into note (text) values (?1)", [text])?;
    Ok(())
}

pub(super) async fn notes(store: &Store) -> Vec<String> {
    let read = store.read(|db| {
        let mut rows = db.prepare("select text from note order by text")?;
        Ok(rows
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?)
    });
    read.await.unwrap()
}

pub(super) async fn household(store: &Store, n: u8) -> Result<DocId, StoreError> {
    let id = DocId::new(DocKind::Household, [n; 15]);
    let shelter = store.shelter().clone();
    let place = Place {
        whereabouts: Whereabouts::Shelter,
        shelter: Some(shelter.clone()),
        detail: None,
    };
    let new = NewHousehold {
        id,
        card: store.next_card()?,
        shelter,
        origin: Origin::Desk,
        people: vec![NewPerson::unknown(PersonId::from_bytes([n; 8]))],
        needs: SupportNeeds::default(),
        place,
        place_event: EventId::from_bytes([n; 8]),
        more: Vec::new(),
    };
    let Registered { document, change } =
        registry::register(&new, store.actor(), &store.stamp(By::portal()))?;
    store
        .write(move |tx| tx.keep(&document, &change, Lane::People))
        .await?;
    Ok(id)
}

pub(super) fn amend(tx: &Tx<'_>, doc: DocId, phone: &str, lane: Lane) -> Result<(), StoreError> {
    let mut document = tx.document(doc)?;
    let answer = registry::Answer {
        subject: Subject::Household,
        fact: Fact::Phone,
        value: phone.into(),
    };
    registry::amend(&mut document, &[answer])?;
    tx.record(&mut document, &tx.stamp(By::portal()), lane)?;
    Ok(())
}

/// The same bytes, said to be of document `n`.
pub(super) fn raw(n: u8) -> NewChange {
    let bytes = vec![7; 40];
    let doc = DocId::new(DocKind::Household, [n; 15]);
    NewChange {
        key: ChangeKey {
            doc,
            hash: hash_of(&bytes),
        },
        bytes,
    }
}
