use super::*;
use crate::clock::{By, Stamp, TimeQuality};
use crate::document::Document;
use crate::id::{ActorId, CardNumber, DocId, DocKind, EventId, PersonId, ShelterId};
use crate::words::SupportNeeds;

const GYM: ActorId = ActorId::new([1; 16]);
const CAR_PARK: ActorId = ActorId::new([2; 16]);

fn stamp(lamport: u64) -> Stamp {
    Stamp {
        wall_s: 1_700_000_000,
        quality: TimeQuality::Rtc,
        by: By::staff(3),
        lamport,
    }
}

fn gym() -> ShelterId {
    "E1310100001112".parse().unwrap()
}

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 8])
}

fn event(n: u8) -> EventId {
    EventId::from_bytes([n; 8])
}

fn place(whereabouts: Whereabouts) -> Place {
    Place {
        whereabouts,
        shelter: Some(gym()),
        detail: None,
    }
}

fn family(id: u8) -> Registered {
    let mut hanako = NewPerson::unknown(person(1));
    hanako.name = Some("佐藤 花子".parse().unwrap());
    let new = NewHousehold {
        id: DocId::new(DocKind::Household, [id; 15]),
        card: CardNumber::new("K7F".parse().unwrap(), 12).unwrap(),
        shelter: gym(),
        origin: Origin::Desk,
        people: vec![hanako, NewPerson::unknown(person(2))],
        needs: SupportNeeds::default(),
        place: place(Whereabouts::Shelter),
        place_event: event(1),
        more: Vec::new(),
    };
    register(&new, GYM, &stamp(1)).unwrap()
}

/// The same family on a second node that has everything so far.
fn copy(of: &Document, actor: ActorId) -> Document {
    let changes: Vec<Vec<u8>> = of
        .changes()
        .iter()
        .map(|change| change.raw_bytes().to_vec())
        .collect();
    Document::open(of.id(), actor, changes).unwrap()
}

fn merge(into: &mut Document, from: &Document) {
    let heads = into.changes();
    for change in from.changes() {
        if !heads.iter().any(|known| known.hash() == change.hash()) {
            assert!(into.apply(change).unwrap());
        }
    }
}

fn tell(document: &mut Document, fact: Fact, value: &str, lamport: u64) {
    let answer = Answer {
        subject: Subject::Person(person(1)),
        fact,
        value: value.into(),
    };
    amend(document, &[answer]).unwrap();
    document.commit(&stamp(lamport)).unwrap();
}

#[test]
fn a_registered_family_reads_back_as_it_arrived() {
    let household = Household::read(&family(1).document).unwrap();
    assert_eq!(
        household.card().unwrap().to_string(),
        family(1).change_card()
    );
    assert_eq!(household.active().count(), 2);
    assert_eq!(
        household
            .person(person(1))
            .unwrap()
            .name()
            .unwrap()
            .as_str(),
        "佐藤 花子"
    );
    assert!(
        household
            .people
            .iter()
            .all(|person| person.is_inside(&gym()))
    );
    assert!(household.disagreements().is_empty());
    let source = &household.person(person(1)).unwrap().facts[&Fact::Name][0].source;
    assert_eq!(
        (source.actor, source.wall_s, source.quality),
        (Some(GYM), 1_700_000_000, TimeQuality::Rtc)
    );
    assert_eq!(source.by, Some(By::staff(3)));
}

impl Registered {
    fn change_card(&self) -> String {
        CardNumber::new("K7F".parse().unwrap(), 12)
            .unwrap()
            .to_string()
    }
}

#[test]
fn two_families_registered_alike_in_one_second_have_different_changes() {
    assert_ne!(family(1).change.key.hash, family(2).change.key.hash);
}

#[test]
fn saving_what_already_stands_writes_nothing() {
    let mut document = family(1).document;
    let same = Answer {
        subject: Subject::Person(person(1)),
        fact: Fact::Name,
        value: "佐藤 花子".into(),
    };
    assert_eq!(amend(&mut document, &[same]).unwrap(), 0);
    assert_eq!(document.commit(&stamp(2)).unwrap(), None);
}

#[test]
fn different_facts_told_out_of_touch_both_stand_and_nobody_disagrees() {
    let mut gym = family(1).document;
    let mut car_park = copy(&gym, CAR_PARK);
    tell(&mut gym, Fact::Allergy, "egg", 2);
    tell(&mut car_park, Fact::Medicine, "insulin", 2);
    merge(&mut gym, &car_park);
    let household = Household::read(&gym).unwrap();
    assert!(household.disagreements().is_empty());
    let hanako = household.person(person(1)).unwrap();
    assert_eq!(
        (hanako.text(Fact::Allergy), hanako.text(Fact::Medicine)),
        (Some("egg"), Some("insulin"))
    );
}

#[test]
fn the_same_fact_told_differently_shows_both_until_a_person_settles_it() {
    let mut gym = family(1).document;
    let mut car_park = copy(&gym, CAR_PARK);
    tell(&mut gym, Fact::Allergy, "egg", 2);
    tell(&mut car_park, Fact::Allergy, "milk", 2);
    merge(&mut gym, &car_park);
    let disputed = Household::read(&gym).unwrap().disagreements();
    assert_eq!(disputed.len(), 1);
    let mut values: Vec<_> = disputed[0]
        .answers
        .iter()
        .map(|told| told.value.as_str())
        .collect();
    values.sort_unstable();
    assert_eq!(values, ["egg", "milk"]);
    for chosen in ["egg", "milk"] {
        let mut gym = copy(&gym, GYM);
        assert!(settle(&mut gym, Subject::Person(person(1)), Fact::Allergy, chosen).unwrap());
        gym.commit(&stamp(3)).unwrap().unwrap();
        let household = Household::read(&gym).unwrap();
        assert!(household.disagreements().is_empty());
        assert_eq!(
            household.person(person(1)).unwrap().text(Fact::Allergy),
            Some(chosen)
        );
        let told = |entry: &Entry| matches!(&entry.steps[..], [Step::Told { value, .. }] if value == chosen);
        let entries = history(&gym);
        assert_eq!(
            entries.len(),
            4,
            "both answers and the settlement stay in the history"
        );
        assert!(told(&entries[3]), "the settlement tells who chose what");
    }
}

#[test]
fn the_same_answer_told_twice_out_of_touch_is_no_disagreement() {
    let mut gym = family(1).document;
    let mut car_park = copy(&gym, CAR_PARK);
    tell(&mut gym, Fact::Allergy, "egg", 2);
    tell(&mut car_park, Fact::Allergy, "egg", 2);
    merge(&mut gym, &car_park);
    assert!(Household::read(&gym).unwrap().disagreements().is_empty());
}

#[test]
fn one_member_who_moves_to_the_car_leaves_the_rest_inside() {
    let mut document = family(1).document;
    arrive(
        &mut document,
        event(2),
        5,
        &[person(2)],
        &place(Whereabouts::Car),
    )
    .unwrap();
    document.commit(&stamp(5)).unwrap().unwrap();
    let household = Household::read(&document).unwrap();
    assert!(household.person(person(1)).unwrap().is_inside(&gym()));
    assert_eq!(
        household
            .person(person(2))
            .unwrap()
            .place()
            .unwrap()
            .whereabouts,
        Whereabouts::Car
    );
    assert!(household.disagreements().is_empty());
    assert!(
        !arrive(
            &mut document,
            event(3),
            6,
            &[person(2)],
            &place(Whereabouts::Car)
        )
        .unwrap()
    );
}

#[test]
fn two_places_told_out_of_touch_disagree_and_count_once_until_settled() {
    let mut gym_node = family(1).document;
    let mut car_park = copy(&gym_node, CAR_PARK);
    arrive(&mut gym_node, event(2), 5, &[], &place(Whereabouts::Home)).unwrap();
    gym_node.commit(&stamp(5)).unwrap();
    arrive(&mut car_park, event(3), 9, &[], &place(Whereabouts::Car)).unwrap();
    car_park.commit(&stamp(9)).unwrap();
    merge(&mut gym_node, &car_park);
    let household = Household::read(&gym_node).unwrap();
    assert_eq!(
        household.disagreements().len(),
        2,
        "one for each of the two people"
    );
    assert_eq!(
        household
            .person(person(1))
            .unwrap()
            .place()
            .unwrap()
            .whereabouts,
        Whereabouts::Car
    );
    assert!(settle_place(&mut gym_node, event(4), 10, person(1), event(2)).unwrap());
    gym_node.commit(&stamp(10)).unwrap();
    let household = Household::read(&gym_node).unwrap();
    assert_eq!(
        household.disagreements().len(),
        1,
        "the other person is still disputed"
    );
    assert_eq!(
        household
            .person(person(1))
            .unwrap()
            .place()
            .unwrap()
            .whereabouts,
        Whereabouts::Home
    );
}

#[test]
fn history_tells_each_answer_with_its_writer() {
    let mut document = family(1).document;
    tell(&mut document, Fact::Name, "佐藤 華子", 2);
    let entries = history(&document);
    assert_eq!(entries.len(), 2);
    let Step::Told {
        subject,
        fact,
        value,
    } = &entries[1].steps[0]
    else {
        panic!("a fact was told")
    };
    assert_eq!(
        (*subject, *fact, value.as_str()),
        (Subject::Person(person(1)), Fact::Name, "佐藤 華子")
    );
    assert_eq!(entries[1].source.by, Some(By::staff(3)));
}
