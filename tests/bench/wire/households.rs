//! The same invented families three ways: as our documents' changes, and as rows of CSV.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use yadori_ledger::id::{CardNumber, DocId, DocKind, EventId, NodeCode, PersonId, ShelterId};
use yadori_ledger::registry::{Fact, NewHousehold, NewPerson, Origin, Place, Whereabouts};
use yadori_ledger::words::{Birth, SupportNeed, SupportNeeds};
use yadori_tests::people::{Family, Need, Person, Sex, Stays};

/// The family as a full form brings it.
pub(super) fn household(
    family: &Family,
    number: u32,
    shelter: &ShelterId,
    rng: &mut StdRng,
) -> NewHousehold {
    let code: NodeCode = "W01".parse().expect("a node code");
    let more = [
        Some((Fact::Address, family.address.clone())),
        family
            .phone
            .as_ref()
            .map(|phone| (Fact::Phone, phone.replace('-', ""))),
        family.note.map(|note| (Fact::Note, note.to_owned())),
    ];
    NewHousehold {
        id: DocId::new(DocKind::Household, rng.random()),
        card: CardNumber::new(code, number).expect("few enough"),
        shelter: shelter.clone(),
        origin: Origin::Desk,
        people: family
            .people
            .iter()
            .map(|person| member(person, rng))
            .collect(),
        needs: SupportNeeds::default(),
        place: Place {
            whereabouts: whereabouts(family.stays),
            shelter: Some(shelter.clone()),
            detail: None,
        },
        place_event: EventId::from_bytes(rng.random()),
        more: more.into_iter().flatten().collect(),
    }
}

fn member(person: &Person, rng: &mut StdRng) -> NewPerson {
    let needs = person
        .need
        .map(|need| SupportNeeds::from_iter([support(need)]).stored());
    NewPerson {
        id: PersonId::from_bytes(rng.random()),
        name: person.name.parse().ok(),
        reading: person.kana.parse().ok(),
        birth: Birth::from_stored(&birth(person)).ok(),
        sex: yadori_ledger::words::Sex::from_stored(sex(person.sex)),
        more: needs
            .into_iter()
            .map(|needs| (Fact::Needs, needs))
            .collect(),
    }
}

/// One row a person, as a clerk's spreadsheet would hold it, with the ids that make the rows
/// useful: without them nothing could be updated later.
pub(super) fn csv(families: &[Family], households: &[NewHousehold]) -> String {
    let mut rows = String::from(
        "household,card,person,name,kana,birth,sex,needs,address,phone,note,place,shelter\n",
    );
    for (family, household) in families.iter().zip(households) {
        for (person, known) in family.people.iter().zip(&household.people) {
            let needs = person
                .need
                .map(|need| SupportNeeds::from_iter([support(need)]).stored());
            rows += &[
                household.id.to_string(),
                household.card.to_string(),
                known.id.to_string(),
                person.name.clone(),
                person.kana.clone(),
                birth(person),
                sex(person.sex).to_owned(),
                needs.unwrap_or_default(),
                family.address.clone(),
                family.phone.clone().unwrap_or_default(),
                family.note.unwrap_or_default().to_owned(),
                whereabouts(family.stays).name().to_owned(),
                household.shelter.to_string(),
            ]
            .join(",");
            rows.push('\n');
        }
    }
    rows
}

/// What somebody corrects next morning, fact and value.
pub(super) fn edit(rng: &mut StdRng) -> (Fact, String) {
    match rng.random_range(0..4) {
        0 => (
            Fact::Phone,
            format!("0900000{:04}", rng.random_range(0..10_000)),
        ),
        1 => (
            Fact::Allergy,
            ["卵", "そば", "乳", "えび"][rng.random_range(0..4)].into(),
        ),
        2 => (
            Fact::Medicine,
            ["血圧の薬", "インスリン", "てんかんの薬"][rng.random_range(0..3)].into(),
        ),
        _ => (
            Fact::Birth,
            format!(
                "19{}-{:02}-{:02}",
                rng.random_range(30..99),
                rng.random_range(1..=12),
                rng.random_range(1..=28)
            ),
        ),
    }
}

pub(super) fn seeded() -> StdRng {
    StdRng::seed_from_u64(2_026_11_22)
}

fn birth(person: &Person) -> String {
    let (year, month, day) = person.birth;
    format!("{year}-{month:02}-{day:02}")
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "m",
        Sex::Female => "f",
        Sex::Unsaid => "n",
    }
}

fn support(need: Need) -> SupportNeed {
    match need {
        Need::Wheelchair => SupportNeed::Wheelchair,
        Need::Medicine => SupportNeed::Medicine,
        Need::Oxygen => SupportNeed::OxygenOrPower,
        Need::Dialysis => SupportNeed::Dialysis,
        Need::Pregnant | Need::Infant => SupportNeed::PregnantOrInfant,
        Need::Allergy => SupportNeed::Allergy,
        Need::Hearing => SupportNeed::HearingOrSign,
    }
}

fn whereabouts(stays: Stays) -> Whereabouts {
    match stays {
        Stays::Shelter => Whereabouts::Shelter,
        Stays::Car => Whereabouts::Car,
        Stays::Home => Whereabouts::Home,
        Stays::Elsewhere => Whereabouts::Elsewhere,
    }
}
