//! A change and the document that it wants to join.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, Change, ObjId, ROOT, ReadDoc};
use proptest::prelude::*;

use super::super::*;
use super::forge::{
    Forge, OBJECT_ACTOR, OBJECT_COUNTER, REPLACED_ACTOR, REPLACED_COUNT, REPLACED_COUNTER, run,
};
use super::{desk, household, onto, open, story, write};
use crate::document::{Container, Document, genesis};
use crate::id::{DocId, DocKind};

type Announced = (ChangeHash, Vec<u8>);

fn bytes(changes: &[Announced]) -> Vec<Vec<u8>> {
    changes.iter().map(|(_, bytes)| bytes.clone()).collect()
}

fn hashes(changes: &[Announced]) -> Vec<ChangeHash> {
    changes.iter().map(|(hash, _)| *hash).collect()
}

fn take(stored: &[Announced], incoming: &[Announced]) -> Absorbed {
    absorb(household(), desk(9), &bytes(stored), incoming.to_vec())
}

fn announced(bytes: Vec<u8>) -> Announced {
    (inspect(&bytes).unwrap().hash, bytes)
}

#[track_caller]
fn assert_refused(stored: &[Announced], change: Announced, refusal: Refusal) {
    let absorbed = take(stored, std::slice::from_ref(&change));
    assert_eq!(absorbed.refused, [(change.0, refusal)]);
    assert!(absorbed.landed.is_empty() && absorbed.waiting.is_empty());
    assert_eq!(
        absorbed.document.unwrap().heads(),
        open(desk(9), &bytes(stored)).heads()
    );
}

#[test]
fn a_whole_story_lands_dependencies_first() {
    let mut backwards = story();
    backwards.reverse();
    let absorbed = take(&[], &backwards);
    assert_eq!(absorbed.landed.len(), 5);
    assert_eq!(
        (absorbed.landed[0], absorbed.landed[4]),
        (backwards[4].0, backwards[0].0)
    );
    let told = absorbed
        .document
        .unwrap()
        .told(Container::Facts, "p1.place")
        .unwrap();
    assert_eq!(
        told.iter()
            .map(|answer| answer.value.as_str())
            .collect::<Vec<_>>(),
        ["gym"]
    );
}

#[test]
fn a_change_waits_for_its_dependency_and_lands_when_it_comes() {
    let story = story();
    let early = take(&story[..1], &story[3..4]);
    assert_eq!((early.landed, early.waiting), (vec![], vec![story[3].0]));

    let late = take(&story[..1], &story[1..4]);
    assert_eq!(late.landed.len(), 3);
    assert!(late.waiting.is_empty() && late.refused.is_empty());
}

#[test]
fn what_is_already_stored_is_passed_over() {
    let story = story();
    let absorbed = take(&story[..3], &story[..4]);
    assert_eq!(absorbed.landed, [story[3].0]);
    let household = genesis(DocKind::Household).raw_bytes().to_vec();
    assert!(take(&story, &[announced(household)]).refused.is_empty());
}

#[test]
fn the_store_may_be_read_in_any_order_and_hold_the_genesis() {
    let story = story();
    let mut stored = story[..4].to_vec();
    stored.reverse();
    stored.push(announced(genesis(DocKind::Household).raw_bytes().to_vec()));
    assert_eq!(take(&stored, &story).landed, [story[4].0]);
}

#[test]
fn a_poisoned_change_blocks_only_what_builds_on_it() {
    let story = story();
    let mut poisoned = story.clone();
    let last = poisoned[1].1.len() - 1;
    poisoned[1].1[last] ^= 1;
    let absorbed = take(&[], &poisoned);
    assert_eq!(absorbed.landed, [story[0].0, story[2].0]);
    assert_eq!(absorbed.refused, [(story[1].0, Refusal::WrongChecksum)]);
    let mut waiting = hashes(&story[3..]);
    waiting.sort_unstable();
    let mut waited = absorbed.waiting;
    waited.sort_unstable();
    assert_eq!(waited, waiting);
}

#[test]
fn a_change_announced_under_another_hash_is_refused() {
    let story = story();
    assert_refused(&[], (story[1].0, story[0].1.clone()), Refusal::WrongHash);
}

#[test]
fn a_store_that_makes_no_document_judges_nothing() {
    let story = story();
    let absorbed = absorb(household(), desk(9), &[vec![1, 2, 3]], story.clone());
    assert!(absorbed.document.is_none());
    assert_eq!(absorbed.waiting.len(), story.len());
}

#[test]
fn a_change_of_another_document_or_of_none_is_refused() {
    let other = DocId::new(DocKind::Household, [8; 15]);
    let theirs = write(
        &mut Document::create(other, desk(1)).unwrap(),
        &[("p1.name", "別")],
    );
    assert_refused(
        &[],
        (theirs.key.hash, theirs.bytes),
        Refusal::ForeignDocument,
    );

    let nameless = write(&mut open(desk(1), &[]), &[("p1.name", "誰")]);
    assert_refused(
        &[],
        (nameless.key.hash, nameless.bytes),
        Refusal::ForeignDocument,
    );

    let shelter = genesis(DocKind::Shelter).raw_bytes().to_vec();
    assert_refused(&story(), announced(shelter), Refusal::ForeignGenesis);
}

#[test]
fn two_changes_under_one_number_are_a_copied_card() {
    let story = story();
    let copy = write(
        &mut open(desk(2), &bytes(&story[..1])),
        &[("p1.place", "copied")],
    );
    let copy = (copy.key.hash, copy.bytes);
    assert_refused(&story[..3], copy.clone(), Refusal::DuplicateSeq);

    let either = take(&story[..1], &[story[1].clone(), copy.clone()]);
    let or = take(&story[..1], &[copy, story[1].clone()]);
    assert_eq!((either.landed.len(), either.refused.len()), (1, 1));
    assert_eq!((either.landed, either.refused), (or.landed, or.refused));
}

/// What a writer does who goes round our own code, on top of a story.
fn around(
    actor: ActorId,
    stored: &[Announced],
    go: impl FnOnce(&mut Automerge, &ObjId),
) -> Announced {
    let mut auto =
        Automerge::new().with_actor(automerge::ActorId::from(actor.as_bytes().as_slice()));
    let stored = stored
        .iter()
        .map(|(_, bytes)| Change::from_bytes(bytes.clone()).unwrap());
    auto.apply_changes(
        [genesis(DocKind::Household).clone()]
            .into_iter()
            .chain(stored)
            .collect::<Vec<_>>(),
    )
    .unwrap();
    let (_, facts) = auto.get(ROOT, "facts").unwrap().unwrap();
    go(&mut auto, &facts);
    announced(auto.get_last_local_change().unwrap().raw_bytes().to_vec())
}

fn put(auto: &mut Automerge, object: &ObjId, key: &str, value: &str) {
    let mut transaction = auto.transaction();
    transaction.put(object, key, value).unwrap();
    transaction.commit_with(CommitOptions::default().with_time(0));
}

#[test]
fn nobody_writes_beside_the_containers() {
    let story = story();
    let hides_all = around(desk(4), &story, |auto, _| put(auto, &ROOT, "facts", "gone"));
    assert_refused(&story, hides_all, Refusal::OutsideContainers);
    let renames = around(desk(4), &story, |auto, _| put(auto, &ROOT, "id", "other"));
    assert_refused(&story, renames, Refusal::OutsideContainers);
}

#[test]
fn settling_on_the_answer_in_front_passes() {
    let story = story();
    let front = open(desk(4), &bytes(&story[..3]))
        .told(Container::Facts, "p1.place")
        .unwrap()[0]
        .value
        .clone();
    let settled = write(
        &mut open(desk(4), &bytes(&story[..3])),
        &[("p1.place", &front)],
    );
    let absorbed = take(&story[..3], &[(settled.key.hash, settled.bytes)]);
    assert_eq!(absorbed.landed.len(), 1);
    assert_eq!(
        absorbed
            .document
            .unwrap()
            .told(Container::Facts, "p1.place")
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_writer_must_build_on_its_own_last_change() {
    let story = story();
    let second = around(desk(4), &story, |auto, facts| {
        put(auto, facts, "p1.a", "1");
        put(auto, facts, "p1.b", "2");
    });
    let waits = take(&story, std::slice::from_ref(&second));
    assert_eq!(waits.waiting, [second.0]);

    let mut gap = onto(&story);
    gap.seq = 2;
    assert_refused(&story, announced(gap.bytes()), Refusal::SeqGap);
}

#[test]
fn operation_numbers_neither_leap_nor_step_back() {
    let story = story();
    let good = onto(&story);
    for start_op in [good.start_op - 1, good.start_op + 1, COUNTER_MAX - 1] {
        assert_refused(
            &story,
            announced(
                Forge {
                    start_op,
                    ..onto(&story)
                }
                .bytes(),
            ),
            Refusal::CounterGap,
        );
    }
}

#[test]
fn a_change_refers_to_nothing_but_what_it_builds_on() {
    let story = story();
    let other_actor = |n| vec![vec![n; 16]];
    let into = |others, counter: u8| {
        let forge = Forge {
            others,
            ..onto(&story)
        }
        .with(OBJECT_ACTOR, run(1, &[1]));
        forge.with(OBJECT_COUNTER, run(1, &[counter]))
    };
    let genesis_actor = vec![genesis_actor()];
    assert_eq!(
        take(&story, &[announced(into(genesis_actor.clone(), 1).bytes())])
            .landed
            .len(),
        1
    );
    assert_refused(
        &story,
        announced(into(other_actor(77), 1).bytes()),
        Refusal::DanglingReference,
    );
    assert_refused(
        &story,
        announced(into(genesis_actor.clone(), 8).bytes()),
        Refusal::DanglingReference,
    );
    // The id that the first change wrote is no map.
    assert_refused(
        &story,
        announced(into(other_actor(1), 7).bytes()),
        Refusal::OutsideContainers,
    );
    // Another key than the one that it says it replaces.
    let replacing = into(genesis_actor, 1)
        .with(REPLACED_COUNT, run(1, &[1]))
        .with(REPLACED_ACTOR, run(1, &[1]))
        .with(REPLACED_COUNTER, run(1, &[1]));
    assert_refused(
        &story,
        announced(replacing.bytes()),
        Refusal::DanglingReference,
    );
}

#[test]
fn many_writers_out_of_touch_are_settled_by_one() {
    let story = story();
    let apart: Vec<_> = (10..30)
        .map(|n| {
            write(
                &mut open(desk(n), &bytes(&story)),
                &[("p1.place", &format!("place {n}"))],
            )
        })
        .map(|change| (change.key.hash, change.bytes))
        .collect();
    let all = [story, apart].concat();
    let settled = write(&mut open(desk(1), &bytes(&all)), &[("p1.place", "gym")]);
    let mut scrambled = [all, vec![(settled.key.hash, settled.bytes)]].concat();
    scrambled.sort();
    let absorbed = take(&[], &scrambled);
    assert_eq!(absorbed.landed.len(), scrambled.len());
    assert_eq!(absorbed.document.unwrap().changes().len(), scrambled.len());
}

fn genesis_actor() -> Vec<u8> {
    genesis(DocKind::Household).actor_id().to_bytes().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_order_in_any_portions_gives_the_same_document(
        (order, portion) in (Just((0..5).collect::<Vec<usize>>()).prop_shuffle(), 1..6_usize),
    ) {
        let story = story();
        let (mut stored, mut waiting) = (Vec::new(), Vec::<Announced>::new());
        for places in order.chunks(portion) {
            waiting.extend(places.iter().map(|place| story[*place].clone()));
            let absorbed = take(&stored, &waiting);
            prop_assert!(absorbed.refused.is_empty());
            let landed = |(hash, _): &Announced| absorbed.landed.contains(hash);
            stored.extend(waiting.extract_if(.., |change| landed(change)));
        }
        prop_assert!(waiting.is_empty());
        prop_assert_eq!(open(desk(9), &bytes(&stored)).heads(), open(desk(9), &bytes(&story)).heads());
    }
}

/// Who does what: writes some facts, or hears all that another one knows.
#[derive(Clone, Debug)]
enum Deed {
    Write(usize, Vec<(u8, String)>),
    Hear { who: usize, from: usize },
}

fn deed() -> impl Strategy<Value = Deed> {
    let facts = proptest::collection::vec((0..4_u8, "[あ-う]{0,2}"), 1..5);
    prop_oneof![
        2 => (0..4_usize, facts).prop_map(|(who, facts)| Deed::Write(who, facts)),
        1 => (0..4_usize, 0..4_usize).prop_map(|(who, from)| Deed::Hear { who, from }),
    ]
}

/// What four desks know in the end, each its own part.
fn lived(deeds: &[Deed]) -> [Vec<Announced>; 4] {
    let first = story()[0].clone();
    let mut desks = [0; 4].map(|_| vec![first.clone()]);
    for deed in deeds {
        match deed {
            Deed::Write(who, facts) => {
                let mut document = open(desk(40 + *who as u8), &bytes(&desks[*who]));
                for (key, value) in facts {
                    let _written = document
                        .put(Container::Facts, &format!("p1.{key}"), value)
                        .unwrap();
                }
                let change = document.commit(&super::stamp()).unwrap();
                desks[*who].extend(change.map(|change| (change.key.hash, change.bytes)));
            }
            Deed::Hear { who, from } => {
                let known = hashes(&desks[*who]);
                let news = desks[*from]
                    .iter()
                    .filter(|(hash, _)| !known.contains(hash))
                    .cloned();
                let news: Vec<_> = news.collect();
                desks[*who].extend(news);
            }
        }
    }
    desks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_desks_write_and_hear_all_of_it_lands(deeds in proptest::collection::vec(deed(), 1..25)) {
        let mut all = lived(&deeds).concat();
        all.sort();
        all.dedup();
        let absorbed = take(&[], &all);
        prop_assert_eq!(absorbed.refused, []);
        prop_assert_eq!(absorbed.landed.len(), all.len());
        let document = absorbed.document.unwrap();
        prop_assert_eq!(document.heads(), open(desk(9), &bytes(&all)).heads());
        prop_assert_eq!(document.changes().len(), all.len());
    }
}
