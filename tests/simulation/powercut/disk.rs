//! A disk that loses power: what was flushed is there; of the rest, each write may be there, or
//! not, or in part.
//!
//! It believes what the kernel was told. A card that lies about flushing is another matter; only
//! cutting the power of a real one can show that.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::rngs::StdRng;

use super::trace::{Call, Event};

/// What a disk writes in one piece. A larger write can be torn between two of them.
const SECTOR_BYTES: usize = 512;

/// How many of a hundred unflushed writes that did arrive are torn.
const TORN_PERCENT: u32 = 20;

/// Which flushes the disk hears. Other than all: what the store would be if it did not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flushes {
    All,
    /// As with `synchronous = NORMAL`: the log in front of the file is not flushed at a commit.
    NotOfTheLog,
    /// As with `synchronous = OFF`.
    None,
}

/// The files of one folder, by name.
pub(crate) type Image = BTreeMap<String, Vec<u8>>;

pub(crate) struct Disk {
    flushes: Flushes,
    files: Vec<File>,
    /// Which file has which name now, and which after the last flush of the folder.
    names: BTreeMap<String, usize>,
    names_flushed: BTreeMap<String, usize>,
    names_pending: Vec<(usize, Naming)>,
    clock: usize,
}

#[derive(Default)]
struct File {
    flushed: Vec<u8>,
    pending: Vec<(usize, Change)>,
}

#[derive(Clone)]
enum Naming {
    Create(String, usize),
    Unlink(String),
}

enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Disk {
    pub(crate) fn new(flushes: Flushes) -> Self {
        Self {
            flushes,
            files: Vec::new(),
            names: BTreeMap::new(),
            names_flushed: BTreeMap::new(),
            names_pending: Vec::new(),
            clock: 0,
        }
    }

    pub(crate) fn take(&mut self, event: &Event) {
        match &event.call {
            Call::Create { name } => self.create(name),
            Call::Write {
                name,
                offset,
                bytes,
            } => self.change(name, Change::Write(*offset, bytes.clone())),
            Call::Truncate { name, length } => self.change(name, Change::Truncate(*length)),
            Call::Unlink { name } => self.unlink(name),
            Call::Sync { name } => self.flush(name, event.began_at),
            Call::SyncFolder => self.flush_names(event.began_at),
            Call::Told(_) => {}
        }
        self.clock += 1;
    }

    fn create(&mut self, name: &str) {
        if self.names.contains_key(name) {
            return;
        }
        let file = self.files.len();
        self.files.push(File::default());
        self.names.insert(name.to_owned(), file);
        self.names_pending
            .push((self.clock, Naming::Create(name.to_owned(), file)));
    }

    fn unlink(&mut self, name: &str) {
        self.names.remove(name);
        self.names_pending
            .push((self.clock, Naming::Unlink(name.to_owned())));
    }

    fn change(&mut self, name: &str, change: Change) {
        let file = *self
            .names
            .get(name)
            .unwrap_or_else(|| panic!("{name} was written before it was made"));
        self.files[file].pending.push((self.clock, change));
    }

    /// Everything that had been written when the flush was asked for.
    fn flush(&mut self, name: &str, began_at: usize) {
        let deaf = match self.flushes {
            Flushes::All => false,
            Flushes::NotOfTheLog => name.ends_with("-wal"),
            Flushes::None => true,
        };
        if let (false, Some(file)) = (deaf, self.names.get(name)) {
            self.files[*file].flush(began_at);
        }
    }

    fn flush_names(&mut self, began_at: usize) {
        if self.flushes == Flushes::None {
            return;
        }
        let count = self.names_pending.partition_point(|(at, _)| *at < began_at);
        for (_, naming) in self.names_pending.drain(..count) {
            naming.apply(&mut self.names_flushed);
        }
    }

    /// What is found after the power comes back: one of the many possible.
    pub(crate) fn cut(&self, chance: &mut StdRng) -> Image {
        let mut names = self.names_flushed.clone();
        for (_, naming) in &self.names_pending {
            if chance.random() {
                naming.clone().apply(&mut names);
            }
        }
        names
            .into_iter()
            .map(|(name, file)| (name, self.files[file].cut(chance)))
            .collect()
    }
}

impl Naming {
    fn apply(self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create(name, file) => names.insert(name, file),
            Self::Unlink(name) => names.remove(&name),
        };
    }
}

impl File {
    fn flush(&mut self, began_at: usize) {
        let count = self.pending.partition_point(|(at, _)| *at < began_at);
        for (_, change) in self.pending.drain(..count) {
            match change {
                Change::Write(offset, bytes) => write(&mut self.flushed, offset, &bytes),
                Change::Truncate(length) => self.flushed.resize(length, 0),
            }
        }
    }

    fn cut(&self, chance: &mut StdRng) -> Vec<u8> {
        let mut found = self.flushed.clone();
        for (_, change) in &self.pending {
            match change {
                _ if chance.random() => {}
                Change::Truncate(length) => found.resize(*length, 0),
                Change::Write(offset, bytes) => {
                    if chance.random_ratio(TORN_PERCENT, 100) {
                        tear(&mut found, *offset, bytes, chance);
                    } else {
                        write(&mut found, *offset, bytes);
                    }
                }
            }
        }
        found
    }
}

fn write(into: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if into.len() < end {
        into.resize(end, 0);
    }
    into[offset..end].copy_from_slice(bytes);
}

/// Sectors arrive in no order, so any of them may be missing.
fn tear(into: &mut Vec<u8>, offset: usize, bytes: &[u8], chance: &mut StdRng) {
    let mut at = offset;
    while at < offset + bytes.len() {
        let next = ((at / SECTOR_BYTES + 1) * SECTOR_BYTES).min(offset + bytes.len());
        if chance.random() {
            write(into, at, &bytes[at - offset..next - offset]);
        }
        at = next;
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn after(calls: &[Call], flushes: Flushes, seed: u64) -> Image {
        let mut disk = Disk::new(flushes);
        for (began_at, call) in calls.iter().cloned().enumerate() {
            disk.take(&Event { call, began_at });
        }
        disk.cut(&mut StdRng::seed_from_u64(seed))
    }

    fn flushed_and_not() -> Vec<Call> {
        let name = || "db".to_owned();
        vec![
            Call::Create { name: name() },
            Call::Write {
                name: name(),
                offset: 0,
                bytes: vec![1; 4096],
            },
            Call::Sync { name: name() },
            Call::SyncFolder,
            Call::Write {
                name: name(),
                offset: 4096,
                bytes: vec![2; 4096],
            },
        ]
    }

    #[test]
    fn what_was_flushed_is_always_there_and_the_rest_sometimes_and_sometimes_in_part() {
        let mut lengths = std::collections::BTreeSet::new();
        let mut torn = false;
        for seed in 0..200 {
            let db = &after(&flushed_and_not(), Flushes::All, seed)["db"];
            assert_eq!(db[..4096], [1; 4096]);
            lengths.insert(db.len());
            torn |= db[4096..].chunks(SECTOR_BYTES).any(|sector| sector[0] == 0);
        }
        assert!(lengths.contains(&4096) && lengths.contains(&8192) && torn);
    }

    #[test]
    fn a_disk_that_hears_no_flush_may_have_nothing() {
        let lost =
            (0..20).any(|seed| !after(&flushed_and_not(), Flushes::None, seed).contains_key("db"));
        assert!(lost);
    }

    #[test]
    fn a_name_that_was_not_flushed_may_be_missing_or_back() {
        let gone = [flushed_and_not(), vec![Call::Unlink { name: "db".into() }]].concat();
        let there = (0..20)
            .filter(|seed| after(&gone, Flushes::All, *seed).contains_key("db"))
            .count();
        assert!((1..20).contains(&there));
    }

    #[test]
    fn a_flush_covers_only_what_was_written_before_it_was_asked_for() {
        let mut disk = Disk::new(Flushes::All);
        let name = || "db".to_owned();
        disk.take(&Event {
            call: Call::Create { name: name() },
            began_at: 0,
        });
        disk.take(&Event {
            call: Call::Write {
                name: name(),
                offset: 0,
                bytes: vec![1],
            },
            began_at: 1,
        });
        disk.take(&Event {
            call: Call::Sync { name: name() },
            began_at: 1,
        });
        assert!(disk.files[0].flushed.is_empty());
    }
}
