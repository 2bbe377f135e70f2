//! The form as a household fills it: every field's text, by the field's name.

use yadori_ledger::id::ShelterId;
use yadori_ledger::registry::{Fact, Household, Person, Place, Status, Subject, Whereabouts};
use yadori_ledger::words::{Birth, CivilDate};

use crate::web::form::Posted;

/// The household's own facts that the form asks for.
pub(super) const FAMILY: [Fact; 5] = [
    Fact::Postal,
    Fact::Address,
    Fact::Phone,
    Fact::Needs,
    Fact::Note,
];

/// A person's facts that the form asks for.
pub(super) const PERSON: [Fact; 6] = [
    Fact::Name,
    Fact::Reading,
    Fact::Birth,
    Fact::Sex,
    Fact::Allergy,
    Fact::Medicine,
];

/// Where a place is somebody else's shelter: offered only because it stands.
pub(super) const OTHER_SHELTER: &str = "other_shelter";

/// Names and texts of fields, in the order of the form.
pub(super) struct Filled(Vec<(String, String)>);

impl Filled {
    pub(super) fn get(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map_or("", |(_, text)| text)
    }

    /// As a form shows it: the fields, what they were shown with, and one pair for each chip.
    pub(super) fn with_was(self) -> Posted {
        let needs = self.get("h.needs").to_owned();
        let chips = needs.split(',').filter(|code| !code.is_empty());
        let chips: Vec<_> = chips
            .map(|code| ("h.needs".to_owned(), code.to_owned()))
            .collect();
        let was = self
            .0
            .iter()
            .map(|(name, text)| (format!("{name}.was"), text.clone()));
        let was: Vec<_> = was.collect();
        let fields = self.0.into_iter().filter(|(name, _)| name != "h.needs");
        Posted::of(fields.chain(chips).chain(was))
    }
}

/// Fills the form.
pub(super) fn filled(household: &Household, shelter: &ShelterId, today: CivilDate) -> Filled {
    let mut fields = Vec::new();
    let family = household.active().next().and_then(Person::place);
    for fact in FAMILY {
        fields.push((
            name(Subject::Household, fact.name()),
            household.text(fact).unwrap_or_default().to_owned(),
        ));
    }
    fields.push((
        name(Subject::Household, "place"),
        place_code(family, shelter),
    ));
    fields.push((name(Subject::Household, "place_detail"), detail(family)));
    for person in household
        .people
        .iter()
        .filter(|person| person.status() == Status::Active)
    {
        let subject = Subject::Person(person.id);
        for fact in PERSON {
            fields.push((name(subject, fact.name()), shown(person, fact, today)));
        }
        let own = person.place().filter(|own| Some(*own) != family);
        fields.push((
            name(subject, "place"),
            own.map_or_else(String::new, |own| place_code(Some(own), shelter)),
        ));
    }
    Filled(fields)
}

/// The name of a field.
pub(super) fn name(subject: Subject, what: &str) -> String {
    format!("{subject}.{what}")
}

fn shown(person: &Person, fact: Fact, today: CivilDate) -> String {
    let stored = person.text(fact).unwrap_or_default();
    match fact {
        Fact::Birth => Birth::from_stored(stored)
            .map_or_else(|_| stored.to_owned(), |birth| birth_box(&birth, today)),
        _ => stored.to_owned(),
    }
}

/// A birth as it could have been typed: `1985-04-01`, `1985-04-?`, `1985`, `41`, `40代`.
fn birth_box(birth: &Birth, today: CivilDate) -> String {
    if birth.year().is_some() {
        return birth.stored().replace("-??-??", "").replace("??", "?");
    }
    let Some(ages) = birth.age_on(today) else {
        return birth.stored();
    };
    let (least, most) = (*ages.start(), *ages.end());
    if least == most || !least.is_multiple_of(10) || most != least + 9 {
        least.to_string()
    } else {
        format!("{least}代")
    }
}

/// The place as the form's choice names it.
pub(super) fn place_code(place: Option<&Place>, own: &ShelterId) -> String {
    let Some(place) = place else {
        return String::new();
    };
    let elsewhere = place.shelter.as_ref().is_some_and(|at| at != own);
    if place.whereabouts == Whereabouts::Shelter && elsewhere {
        OTHER_SHELTER.to_owned()
    } else {
        place.whereabouts.name().to_owned()
    }
}

fn detail(place: Option<&Place>) -> String {
    place
        .and_then(|place| place.detail.clone())
        .unwrap_or_default()
}
