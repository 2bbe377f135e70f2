//! What broke Automerge in the laboratory (reliability.md §2, sync.md §2.1) ends at the door.

use std::time::{Duration, Instant};

use automerge::Automerge;
use automerge::Change;

use super::super::*;
use super::forge::{
    ACTION, Forge, INSERT, KEY, REPLACED_COUNT, VALUE_META, reseal, run, sealed, signed, unsigned,
};
use super::{desk, household, story, write};
use crate::document::{Container, Document};
use crate::id::DocKind;

#[test]
fn two_million_nulls_in_111_bytes_are_refused_at_once() {
    let bomb = Forge::nulls(2_000_000).bytes();
    assert!(bomb.len() <= 111, "{} bytes", bomb.len());
    let begun = Instant::now();
    assert_eq!(inspect(&bomb), Err(Refusal::TooManyOps));
    assert!(begun.elapsed() < Duration::from_millis(50));
}

#[test]
fn no_column_may_claim_more_than_there_are_operations() {
    let endless = [vec![0], unsigned(u64::MAX)].concat();
    let begun = Instant::now();
    for column in [KEY, INSERT, ACTION, VALUE_META, REPLACED_COUNT] {
        for claim in [
            run(i64::MAX, &[1, b'k']),
            run(i64::MIN, &[0]),
            endless.clone(),
            unsigned(u64::MAX),
        ] {
            assert!(inspect(&Forge::nulls(2).with(column, claim).bytes()).is_err());
        }
    }
    for column in [0x01, 0x02, 0x71, 0x73] {
        assert!(inspect(&Forge::nulls(2).with(column, endless.clone()).bytes()).is_err());
        assert!(
            inspect(
                &Forge::nulls(2)
                    .with(column, run(i64::MAX, &signed(1)))
                    .bytes()
            )
            .is_err()
        );
    }
    assert!(begun.elapsed() < Duration::from_millis(100));
}

#[test]
fn only_uncompressed_changes_are_taken() {
    let mut long = Document::create(household(), desk(1)).unwrap();
    let bytes = write(&mut long, &[("p1.note", &"a".repeat(400))]).bytes;
    let mut change = Change::from_bytes(bytes).unwrap();
    let compressed = change.bytes().into_owned();
    assert_eq!(compressed[8], 2);
    assert_eq!(inspect(&compressed), Err(Refusal::CompressedChunk));

    let mut auto = Automerge::new();
    auto.apply_changes([crate::document::genesis(DocKind::Household).clone(), change])
        .unwrap();
    assert_eq!(inspect(&auto.save()), Err(Refusal::DocumentChunk));
    let hashes: Vec<_> = auto.get_changes(&[]).iter().map(Change::hash).collect();
    assert_eq!(
        inspect(auto.bundle(hashes).unwrap().bytes()),
        Err(Refusal::BundleChunk)
    );
    assert_eq!(inspect(&sealed(4, &[])), Err(Refusal::UnknownChunk(4)));
    assert_eq!(
        inspect(&Forge::nulls(2).with(KEY | 0x08, [1]).bytes()),
        Err(Refusal::DeflatedColumn)
    );
}

#[test]
fn a_change_cut_anywhere_or_followed_by_anything_is_refused() {
    for (_, bytes) in story() {
        for length in 0..bytes.len() {
            assert!(inspect(&bytes[..length]).is_err());
            let mut cut = bytes[..length].to_vec();
            reseal(&mut cut);
            assert!(inspect(&cut).is_err());
        }
        assert_eq!(
            inspect(&[&bytes[..], &[0]].concat()),
            Err(Refusal::TrailingBytes)
        );
        assert_eq!(
            inspect(&[&bytes[..], &bytes[..]].concat()),
            Err(Refusal::TrailingBytes)
        );
    }
}

#[test]
fn a_flipped_bit_does_not_pass_for_the_change() {
    for (_, bytes) in story() {
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(inspect(&flipped).is_err());
        }
    }
}

/// Whoever wrote it, a change that landed leaves a document that opens and reads, and a change
/// that Automerge would fail on never reaches it: the checksum is recomputed after each mutation.
#[test]
fn mutants_with_a_good_checksum_never_reach_a_panic() {
    let story = story();
    let mut chance = Chance(7);
    let (mut landed, mut mutants) = (0, 0);
    for (at, (_, bytes)) in story.iter().enumerate() {
        let stored: Vec<_> = story[..at].iter().map(|(_, bytes)| bytes.clone()).collect();
        for place in 9..bytes.len() {
            for mutation in 0..6 {
                let mut mutant = bytes.clone();
                mutate(&mut mutant, place, mutation, &mut chance);
                reseal(&mut mutant);
                mutants += 1;
                landed += usize::from(lands_and_reads(&stored, mutant));
            }
        }
    }
    assert!(
        mutants > 5_000 && landed > 100,
        "{mutants} mutants, {landed} landed"
    );
}

fn mutate(mutant: &mut [u8], place: usize, mutation: u64, chance: &mut Chance) {
    match mutation {
        0 => mutant[place] ^= 1,
        1 => mutant[place] ^= 0x80,
        2 => mutant[place] = mutant[place].wrapping_add(1),
        3 => mutant[place] = chance.byte(),
        4 => mutant[place] = [0, 1, 0x7f, 0x80, 0xff][usize::from(chance.byte()) % 5],
        _ => {
            // Two places at once, so that columns can stay of one length.
            let other = 9 + usize::from(chance.byte()) % (mutant.len() - 9);
            mutant.swap(place, other);
        }
    }
}

fn lands_and_reads(stored: &[Vec<u8>], mutant: Vec<u8>) -> bool {
    let Ok(inspected) = inspect(&mutant) else {
        return false;
    };
    let absorbed = absorb(
        household(),
        desk(9),
        stored,
        vec![(inspected.hash, mutant.clone())],
    );
    let failed = |refusal| {
        matches!(
            refusal,
            Refusal::EnginePanicked | Refusal::EngineRefused | Refusal::NotLanded
        )
    };
    assert!(
        !absorbed.refused.iter().any(|(_, refusal)| failed(*refusal)),
        "{:?}",
        absorbed.refused
    );
    let document = absorbed.document.unwrap();
    read(&document);
    if absorbed.landed.is_empty() {
        return false;
    }
    let again = [stored, &[mutant]].concat();
    let reopened = Document::open(household(), desk(9), &again).unwrap();
    assert_eq!(reopened.heads(), document.heads());
    read(&reopened);
    true
}

fn read(document: &Document) {
    for container in Container::of(DocKind::Household) {
        for key in document.keys(*container).unwrap() {
            let _told = document.told(*container, &key).unwrap();
            let _bytes = document.bytes(*container, &key).unwrap();
        }
    }
    let _changes = document.changes();
}

/// A small generator, so that the mutants are the same in every run.
struct Chance(u64);

impl Chance {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u8
    }
}
