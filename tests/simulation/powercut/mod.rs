//! The power goes, at any moment, and comes back: no registration that a desk was told is kept
//! may be missing, and the database must be whole.
//!
//! The real store runs once under strace. Its system calls are replayed to random moments on a
//! disk that keeps what was flushed and does what it likes with the rest; each result is opened
//! by the real store again. The last tests leave flushes out, to show that the trial can fail.

#![allow(clippy::unwrap_used, reason = "a failed step of a test may end it")]
#![allow(
    clippy::print_stdout,
    reason = "how many cuts ended how is worth seeing"
)]

mod disk;
mod trace;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use disk::{Disk, Flushes, Image};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use trace::{Call, Event};
use yadori_edge::store::Commits;
use yadori_tests::{effort, store};

/// Enough to fill the log in front of the file more than once, so that it is folded in between.
const REGISTRATIONS: usize = 400;

/// An error of the database may quote a whole migration.
const SHOWN_CHARS_MAX: usize = 300;

const SEED: u64 = 20_261_122;

static RECORD: LazyLock<Vec<Event>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let writer = Path::new(env!("CARGO_BIN_EXE_powercut-writer"));
    trace::record(writer, &[path, &REGISTRATIONS.to_string()], folder.path())
});

#[test]
fn no_registration_that_was_told_to_be_kept_is_lost_in_a_power_cut() {
    let found = Trial::of(Flushes::All).run(effort::amount(1_000, 50_000));
    assert_eq!(
        (found.lost, found.damaged, found.partial),
        (0, 0, 0),
        "{:?}",
        found.first
    );
}

#[test]
fn a_power_cut_while_the_file_is_made_leaves_one_that_opens() {
    let first_told = RECORD
        .iter()
        .position(|event| matches!(event.call, Call::Told(_)))
        .unwrap();
    let found = Trial {
        flushes: Flushes::All,
        moments: 0..first_told,
    }
    .run(effort::amount(300, 10_000));
    assert_eq!(
        (found.lost, found.damaged, found.partial),
        (0, 0, 0),
        "{:?}",
        found.first
    );
}

#[test]
fn without_any_flush_registrations_are_lost_or_the_file_is_damaged() {
    let found = Trial::of(Flushes::None).run(50);
    assert!(
        found.lost + found.damaged > 0,
        "the trial cannot fail, so it shows nothing"
    );
}

#[test]
fn with_a_log_that_is_not_flushed_at_each_commit_registrations_are_lost() {
    let found = Trial::of(Flushes::NotOfTheLog).run(100);
    assert!(found.lost > 0, "the trial cannot fail, so it shows nothing");
}

/// How many cuts ended how.
#[derive(Debug, Default)]
struct Found {
    cuts: usize,
    /// Something that was told to be kept is missing.
    lost: usize,
    /// The store could not be opened, or is not whole.
    damaged: usize,
    /// A registration is there in part.
    partial: usize,
    first: Option<String>,
}

/// Power cuts at random moments of the record.
struct Trial {
    flushes: Flushes,
    moments: Range<usize>,
}

impl Trial {
    fn of(flushes: Flushes) -> Self {
        let told = RECORD
            .iter()
            .filter(|event| matches!(event.call, Call::Told(_)))
            .count();
        assert_eq!(told, REGISTRATIONS, "the writer tells each registration");
        Self {
            flushes,
            moments: 0..RECORD.len() + 1,
        }
    }

    fn run(self, cuts: usize) -> Found {
        let mut chance = StdRng::seed_from_u64(SEED);
        let mut moments: Vec<_> = (0..cuts)
            .map(|_| chance.random_range(self.moments.clone()))
            .collect();
        moments.sort_unstable();
        let (mut disk, mut replayed) = (Disk::new(self.flushes), 0);
        let mut found = Found::default();
        for moment in moments {
            RECORD[replayed..moment]
                .iter()
                .for_each(|event| disk.take(event));
            replayed = moment;
            found.add(moment, look(&disk.cut(&mut chance), &kept(moment)));
        }
        println!(
            "{:?}: {} cuts, {} lost, {} damaged",
            self.flushes, found.cuts, found.lost, found.damaged
        );
        found
    }
}

/// What a desk may have been told before the power went: `doc card`.
fn kept(moment: usize) -> BTreeSet<&'static str> {
    let told = RECORD.iter().filter(|event| event.began_at < moment);
    told.filter_map(|event| {
        if let Call::Told(line) = &event.call {
            Some(line.as_str())
        } else {
            None
        }
    })
    .collect()
}

enum Flaw {
    Lost(String),
    Damaged(String),
    Partial(String),
}

impl Found {
    fn add(&mut self, moment: usize, looked: Result<(), Flaw>) {
        self.cuts += 1;
        let (count, what) = match looked {
            Ok(()) => return,
            Err(Flaw::Lost(what)) => (&mut self.lost, what),
            Err(Flaw::Damaged(what)) => (&mut self.damaged, what),
            Err(Flaw::Partial(what)) => (&mut self.partial, what),
        };
        *count += 1;
        let what: String = what.chars().take(SHOWN_CHARS_MAX).collect();
        self.first
            .get_or_insert(format!("seed {SEED}, after {moment} calls: {what}"));
    }
}

/// Memory where there is such a folder: thousands of small files are flushed here for nothing.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// Opens the image as a node would after the cut, and compares.
fn look(image: &Image, kept: &BTreeSet<&str>) -> Result<(), Flaw> {
    let folder = scratch();
    for (name, bytes) in image {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let store = store::open(folder.path(), Commits::Grouped)
        .map_err(|error| Flaw::Damaged(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let standing = runtime
        .block_on(store.read(|db| Ok(Standing::read(db)?)))
        .map_err(|error| Flaw::Damaged(error.to_string()))?;
    standing.judge(kept)
}

/// What is found in the store.
struct Standing {
    integrity: String,
    /// `doc card` of every household that has both its change and its rows.
    households: BTreeSet<String>,
    /// Changes without their rows, or not in the log that peers read, or the reverse.
    torn: i64,
}

impl Standing {
    fn read(db: &rusqlite::Connection) -> rusqlite::Result<Self> {
        let integrity = db.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
        let mut households = db.prepare(
            "select household.doc, card from household join change using (doc) where change.state = 0",
        )?;
        let households = households
            .query_map([], |row| {
                Ok(format!(
                    "{} {}",
                    doc(&row.get::<_, Vec<u8>>(0)?),
                    row.get::<_, String>(1)?
                ))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let torn = db.query_row(TORN, [], |row| row.get(0))?;
        Ok(Self {
            integrity,
            households,
            torn,
        })
    }

    fn judge(&self, kept: &BTreeSet<&str>) -> Result<(), Flaw> {
        if self.integrity != "ok" {
            return Err(Flaw::Damaged(self.integrity.clone()));
        }
        if self.torn > 0 {
            return Err(Flaw::Partial(format!(
                "{} rows without their other half",
                self.torn
            )));
        }
        match kept.iter().find(|line| !self.households.contains(**line)) {
            Some(line) => Err(Flaw::Lost((*line).to_owned())),
            None => Ok(()),
        }
    }
}

/// A registration is a change, its place in the log and its rows: all or none.
const TORN: &str = "
    select (select count(*) from change where doc not in (select doc from household))
         + (select count(*) from change where (doc, hash) not in (select doc, hash from log))
         + (select count(*) from household where doc not in (select doc from change))
         + (select count(*) from household where doc not in (select doc from person))";

fn doc(bytes: &[u8]) -> String {
    yadori_ledger::id::DocId::from_bytes(bytes)
        .map(|id| id.to_string())
        .unwrap_or_default()
}
