//! The form of a change, by itself.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, Change, ObjType, ROOT, ScalarValue};
use proptest::prelude::*;

use super::super::*;
use super::forge::{
    ACTION, Forge, INSERT, KEY, OBJECT_ACTOR, OBJECT_COUNTER, REPLACED_ACTOR, REPLACED_COUNT,
    REPLACED_COUNTER, VALUE, VALUE_META, prefixed, run, signed, unsigned,
};
use super::story;
use crate::document::genesis;
use crate::id::DocKind;

#[test]
fn what_our_documents_write_passes_and_says_the_same_as_automerge() {
    for (hash, bytes) in story() {
        let inspected = inspect(&bytes).unwrap();
        assert_eq!(inspected.hash, hash);
        assert_same(&inspected, &Change::from_bytes(bytes).unwrap());
    }
}

#[test]
fn every_genesis_passes() {
    for kind in DocKind::ALL {
        let genesis = genesis(kind);
        assert_same(&inspect(genesis.raw_bytes()).unwrap(), genesis);
    }
}

fn assert_same(inspected: &Inspected, change: &Change) {
    assert_eq!(inspected.hash.as_bytes(), &change.hash().0);
    assert_eq!(inspected.actor.as_bytes(), change.actor_id().to_bytes());
    assert_eq!(
        (inspected.seq, inspected.start_op),
        (change.seq(), change.start_op().get())
    );
    assert_eq!(
        (inspected.time_s, inspected.message.as_deref()),
        (change.timestamp(), change.message())
    );
    assert!(
        inspected
            .deps
            .iter()
            .map(ChangeHash::as_bytes)
            .eq(change.deps().iter().map(|dep| &dep.0))
    );
    assert_eq!(inspected.ops_count as usize, change.len());
}

/// The newest change that `write` made to a document with one map in it.
fn written(
    write: impl FnOnce(&mut automerge::transaction::Transaction<'_>, &automerge::ObjId),
) -> Vec<u8> {
    let mut auto = Automerge::new().with_actor(automerge::ActorId::from([1_u8; 16].as_slice()));
    let mut first = auto.transaction();
    let map = first.put_object(ROOT, "facts", ObjType::Map).unwrap();
    first.put(&map, "taken", 1).unwrap();
    first.commit();
    let mut second = auto.transaction();
    write(&mut second, &map);
    second.commit_with(CommitOptions::default().with_time(-1).with_message("3s1"));
    auto.get_last_local_change().unwrap().raw_bytes().to_vec()
}

fn scalar() -> impl Strategy<Value = ScalarValue> {
    prop_oneof![
        Just(ScalarValue::Null),
        any::<bool>().prop_map(ScalarValue::Boolean),
        any::<u64>().prop_map(ScalarValue::Uint),
        any::<i64>().prop_map(ScalarValue::Int),
        any::<i64>().prop_map(ScalarValue::Timestamp),
        any::<f64>().prop_map(ScalarValue::F64),
        ".{0,40}".prop_map(|text: String| ScalarValue::Str(text.into())),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(ScalarValue::Bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_scalars_under_any_keys_pass(
        puts in proptest::collection::vec(("[a-f]{1,2}", scalar()), 1..60),
    ) {
        let bytes = written(|transaction, map| {
            for (key, value) in puts {
                transaction.put(map, key, value).unwrap();
            }
            transaction.put(map, "taken", 2).unwrap();
        });
        assert_same(&inspect(&bytes).unwrap(), &Change::from_bytes(bytes).unwrap());
    }
}

#[test]
fn what_documents_of_ours_never_do_is_forbidden() {
    let refused = |write: fn(&mut automerge::transaction::Transaction<'_>, &automerge::ObjId)| {
        inspect(&written(write))
    };
    assert_eq!(
        refused(|t, map| drop(t.put_object(map, "nested", ObjType::Map).unwrap())),
        Err(Refusal::ForbiddenAction)
    );
    assert_eq!(
        refused(|t, map| drop(t.put_object(map, "order", ObjType::List).unwrap())),
        Err(Refusal::ForbiddenAction)
    );
    assert_eq!(
        refused(|t, map| {
            let text = t.put_object(map, "text", ObjType::Text).unwrap();
            t.splice_text(&text, 0, 0, "abc").unwrap();
        }),
        Err(Refusal::ForbiddenAction)
    );
    assert_eq!(
        refused(|t, map| {
            t.put(map, "p1.place", "home").unwrap();
            t.delete(map, "p1.place").unwrap();
        }),
        Err(Refusal::ForbiddenAction)
    );
    assert_eq!(
        refused(|t, map| t.put(map, "count", ScalarValue::counter(1)).unwrap()),
        Err(Refusal::ForbiddenValue)
    );
    assert_eq!(
        refused(|t, map| {
            t.put(map, "count", ScalarValue::counter(1)).unwrap();
            t.increment(map, "count", 2).unwrap();
        }),
        Err(Refusal::ForbiddenAction)
    );
}

#[test]
fn a_change_made_by_hand_passes_so_that_the_tests_below_prove_something() {
    let forged = Forge::nulls(3).bytes();
    assert_same(
        &inspect(&forged).unwrap(),
        &Change::from_bytes(forged).unwrap(),
    );
}

#[track_caller]
fn assert_refused(forge: &Forge, refusal: Refusal) {
    assert_eq!(inspect(&forge.bytes()).unwrap_err(), refusal);
}

#[test]
fn every_cap_holds() {
    assert!(inspect(&Forge::nulls(OPS_MAX as i64).bytes()).is_ok());
    assert_refused(&Forge::nulls(OPS_MAX as i64 + 1), Refusal::TooManyOps);
    assert_refused(
        &Forge {
            deps: (0..65).map(|n| [n; 32]).collect(),
            ..Forge::nulls(1)
        },
        Refusal::TooManyDependencies,
    );
    let others = (2..66).map(|n| vec![n; 16]).collect();
    assert_refused(
        &Forge {
            others,
            ..Forge::nulls(1)
        },
        Refusal::TooManyActors,
    );
    assert_refused(
        &Forge {
            message: vec![b'a'; 65],
            ..Forge::nulls(1)
        },
        Refusal::MessageTooLong,
    );
    assert_refused(
        &Forge {
            extra: vec![b' '; CHANGE_BYTES_MAX],
            ..Forge::nulls(1)
        },
        Refusal::TooLarge,
    );
    let columns = (0..65).map(|n| (n << 4, Vec::new())).collect();
    assert_refused(
        &Forge {
            columns,
            ..Forge::nulls(1)
        },
        Refusal::TooManyColumns,
    );
    assert_refused(
        &Forge::nulls(1).with(KEY, run(1, &prefixed(&[b'k'; 129]))),
        Refusal::BadKey,
    );
    assert_refused(&Forge::nulls(1).with(KEY, run(1, &[0])), Refusal::BadKey);
    let long = unsigned((VALUE_BYTES_MAX + 1) << 4 | 7);
    let value = vec![0; VALUE_BYTES_MAX as usize + 1];
    assert_refused(
        &Forge::nulls(1)
            .with(VALUE_META, run(1, &long))
            .with(VALUE, value),
        Refusal::ValueTooLong,
    );
    let many = Forge {
        start_op: 99,
        ..Forge::nulls(2_000)
    };
    let many = many
        .with(REPLACED_COUNT, run(2_000, &[32]))
        .with(REPLACED_ACTOR, run(64_000, &[0]))
        .with(REPLACED_COUNTER, run(64_000, &[1]));
    assert_refused(&many, Refusal::TooManyRows);
}

#[test]
fn a_header_that_we_never_write_is_refused() {
    assert_refused(
        &Forge {
            deps: vec![[9; 32]; 2],
            ..Forge::nulls(1)
        },
        Refusal::OutOfOrder,
    );
    assert_refused(
        &Forge {
            others: vec![vec![1; 16]],
            ..Forge::nulls(1)
        },
        Refusal::OutOfOrder,
    );
    assert_refused(
        &Forge {
            others: vec![vec![3; 16], vec![2; 16]],
            ..Forge::nulls(1)
        },
        Refusal::OutOfOrder,
    );
    assert_refused(
        &Forge {
            others: vec![vec![2; 16]],
            ..Forge::nulls(1)
        },
        Refusal::UnusedActor,
    );
    assert_refused(
        &Forge {
            actor: vec![1; 15],
            ..Forge::nulls(1)
        },
        Refusal::ActorLength,
    );
    assert_refused(
        &Forge {
            actor: vec![1; 17],
            ..Forge::nulls(1)
        },
        Refusal::ActorLength,
    );
    assert_refused(
        &Forge {
            message: vec![0xff],
            ..Forge::nulls(1)
        },
        Refusal::BadText,
    );
    assert_refused(
        &Forge {
            seq: 0,
            ..Forge::nulls(1)
        },
        Refusal::CounterRange,
    );
    assert_refused(
        &Forge {
            seq: u64::MAX,
            ..Forge::nulls(1)
        },
        Refusal::CounterRange,
    );
    assert_refused(
        &Forge {
            start_op: 0,
            ..Forge::nulls(1)
        },
        Refusal::CounterRange,
    );
    assert_refused(
        &Forge {
            start_op: COUNTER_MAX,
            ..Forge::nulls(1)
        },
        Refusal::CounterRange,
    );
    assert_refused(
        &Forge {
            start_op: u64::MAX,
            ..Forge::nulls(1)
        },
        Refusal::CounterRange,
    );
    assert_refused(
        &Forge {
            extra: vec![1],
            ..Forge::nulls(1)
        },
        Refusal::ExtraBytes,
    );
}

#[test]
fn columns_that_do_not_fit_together_are_refused() {
    for (id, _) in Forge::nulls(2).columns {
        let mut lacking = Forge::nulls(2);
        lacking.columns.retain(|(known, _)| *known != id);
        assert_refused(
            &lacking,
            if id == ACTION {
                Refusal::NoOps
            } else {
                Refusal::UnevenColumns
            },
        );
    }
    assert_refused(
        &Forge {
            columns: Vec::new(),
            ..Forge::nulls(1)
        },
        Refusal::NoOps,
    );
    assert_refused(
        &Forge::nulls(2).with(INSERT, [1, 1]),
        Refusal::ForbiddenAction,
    );
    assert_refused(&Forge::nulls(2).with(INSERT, [3]), Refusal::UnevenColumns);
    assert_refused(
        &Forge::nulls(2).with(ACTION, [0, 2]),
        Refusal::ForbiddenAction,
    );
    assert_refused(
        &Forge::nulls(2).with(0x11, [2, 0]),
        Refusal::ForbiddenAction,
    );
    assert_refused(&Forge::nulls(2).with(0x94, [2]), Refusal::ForbiddenAction);
    assert_refused(&Forge::nulls(2).with(0xc4, [2]), Refusal::UnknownColumn);
    assert_refused(
        &Forge::nulls(2).with(OBJECT_ACTOR, [2, 0]),
        Refusal::UnevenColumns,
    );
    let crossed = Forge {
        start_op: 9,
        ..Forge::nulls(2)
    }
    .with(OBJECT_ACTOR, [0x7f, 0, 0, 1]);
    assert_refused(
        &crossed.with(OBJECT_COUNTER, [0, 1, 0x7f, 1]),
        Refusal::UnevenColumns,
    );
    assert_refused(
        &Forge::nulls(2).with(ACTION, [0x7e, 1, 1]),
        Refusal::NotShortest,
    );
    assert_refused(&Forge::nulls(2).with(VALUE, []), Refusal::NotShortest);
    let mut swapped = Forge::nulls(2);
    swapped.columns.swap(0, 1);
    assert_refused(&swapped, Refusal::ColumnOrder);
    let mut doubled = Forge::nulls(2);
    doubled.columns.insert(0, doubled.columns[0].clone());
    assert_refused(&doubled, Refusal::ColumnOrder);
}

#[test]
fn a_reference_to_what_cannot_be_there_is_refused() {
    let replacing = |actor: u8, counter: i64| {
        let forge = Forge {
            start_op: 5,
            ..Forge::nulls(1)
        };
        let forge = forge
            .with(REPLACED_COUNT, [0x7f, 1])
            .with(REPLACED_ACTOR, [0x7f, actor]);
        forge.with(REPLACED_COUNTER, run(-1, &signed(counter)))
    };
    assert!(inspect(&replacing(0, 4).bytes()).is_ok());
    assert_refused(&replacing(1, 4), Refusal::BadReference);
    for counter in [0, 5, -1, i64::MAX, i64::MIN] {
        assert_refused(&replacing(0, counter), Refusal::BadReference);
    }
    let beyond = Forge::nulls(1)
        .with(OBJECT_ACTOR, run(1, &[0]))
        .with(OBJECT_COUNTER, run(1, &[1]));
    assert_refused(&beyond, Refusal::BadReference);
}

#[test]
fn a_value_that_is_not_what_its_type_says_is_refused() {
    let valued = |kind: u64, bytes: &[u8]| {
        Forge::nulls(1)
            .with(
                VALUE_META,
                run(1, &unsigned((bytes.len() as u64) << 4 | kind)),
            )
            .with(VALUE, bytes)
    };
    assert!(inspect(&valued(7, &[0xff]).bytes()).is_ok());
    assert_refused(&valued(0, &[1]), Refusal::BadValue);
    assert_refused(&valued(3, &[0x80]), Refusal::BadValue);
    assert_refused(&valued(4, &[1, 1]), Refusal::BadValue);
    assert_refused(&valued(5, &[0; 7]), Refusal::BadValue);
    assert_refused(&valued(6, &[0xff]), Refusal::BadText);
    assert_refused(&valued(8, &[1]), Refusal::ForbiddenValue);
    assert_refused(&valued(12, &[1]), Refusal::ForbiddenValue);
    assert_refused(
        &valued(7, &[1]).with(ACTION, run(1, &[3])),
        Refusal::ForbiddenAction,
    );
    assert_refused(&valued(7, &[1]).with(VALUE, [1, 2]), Refusal::UnevenColumns);
}
