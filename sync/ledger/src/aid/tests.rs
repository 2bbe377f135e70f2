use super::*;
use crate::clock::{By, Stamp, TimeQuality};
use crate::document::Document;
use crate::id::{ActorId, DocId, DocKind};

fn stamp(lamport: u64) -> Stamp {
    Stamp {
        wall_s: 0,
        quality: TimeQuality::None,
        by: By::staff(1),
        lamport,
    }
}

fn event(n: u8) -> EventId {
    EventId::from_bytes([n; 8])
}

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 8])
}

fn lunch() -> Document {
    let id = DocId::new(DocKind::Ledger, [1; 15]);
    let shelter = "E1310100001112".parse().unwrap();
    let (mut document, _) =
        open_day(id, &shelter, "2026-11-22", ActorId::new([1; 16]), &stamp(1)).unwrap();
    open_round(&mut document, event(1), 2, "meal", Slot::Lunch).unwrap();
    document.commit(&stamp(2)).unwrap();
    document
}

fn give(document: &mut Document, at: u8, people: &[PersonId], reason: &str) -> Option<Already> {
    let given = Given {
        round: event(1),
        household: 7,
        people: people.to_vec(),
        reason: reason.into(),
    };
    let already = hand_out(document, event(at), u64::from(at), given).unwrap();
    document.commit(&stamp(u64::from(at))).unwrap();
    already
}

#[test]
fn a_second_share_warns_and_writes_nothing_unless_a_reason_is_given() {
    let mut document = lunch();
    assert!(give(&mut document, 2, &[person(1), person(2)], "").is_none());
    let already = give(&mut document, 3, &[person(2), person(3)], "").unwrap();
    assert_eq!(already.people, [person(2)]);
    assert_eq!(Day::read(&document).unwrap().hand_outs.len(), 1);
    assert!(give(&mut document, 4, &[person(2)], "spilt").is_none());
    assert_eq!(Day::read(&document).unwrap().hand_outs.len(), 2);
}

#[test]
fn a_voided_hand_out_may_be_given_again() {
    let mut document = lunch();
    give(&mut document, 2, &[person(1)], "");
    void(&mut document, event(3), 3, event(2)).unwrap();
    document.commit(&stamp(3)).unwrap();
    assert!(give(&mut document, 4, &[person(1)], "").is_none());
    assert_eq!(Day::read(&document).unwrap().shares().len(), 1);
}

#[test]
fn a_share_is_known_by_person_item_day_and_slot() {
    let mut document = lunch();
    give(&mut document, 2, &[person(1)], "");
    let key = ShareKey {
        person: person(1),
        item: "meal".into(),
        day: "2026-11-22".into(),
        slot: Slot::Lunch,
    };
    assert_eq!(Day::read(&document).unwrap().shares(), [(key, event(2))]);
}
