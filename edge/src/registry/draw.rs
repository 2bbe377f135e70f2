//! Draws the rows of one household from its document: derived, thrown away and drawn again
//! whenever the document changes.

use rusqlite::{Connection, params};
use yadori_ledger::document::Document;
use yadori_ledger::fold::fold;
use yadori_ledger::registry::{Fact, Household, Origin, Person, Subject, Whereabouts};
use yadori_ledger::words::SupportNeeds;

use crate::store::{StoreError, Tx};

/// Replaces the rows of this household.
pub fn draw(tx: &Tx<'_>, document: &Document) -> Result<(), StoreError> {
    let household = Household::read(document)?;
    let doc = household.id;
    tx.prepare_cached("delete from person where doc = ?1")?
        .execute([doc.as_bytes()])?;
    let disagreements = household.disagreements();
    draw_household(tx, &household, disagreements.len())?;
    let family = household
        .active()
        .map(place_in_roster)
        .find(|place| !place.is_empty());
    let card = household.text(Fact::Card).unwrap_or_default();
    let row = PersonRow {
        household: &household,
        shelter: tx.shelter().as_str(),
        card,
        family: family.unwrap_or(card),
    };
    for person in household.active() {
        let disputed = disagreements
            .iter()
            .any(|one| one.subject == Subject::Person(person.id));
        row.draw(tx, person, disputed)?;
    }
    Ok(())
}

/// What the roster is sorted by.
fn place_in_roster(person: &Person) -> &str {
    person
        .text(Fact::Reading)
        .or_else(|| person.text(Fact::Name))
        .unwrap_or_default()
}

fn draw_household(
    db: &Connection,
    household: &Household,
    disagreements: usize,
) -> Result<(), StoreError> {
    let named = household
        .active()
        .filter(|person| person.name().is_some())
        .count();
    let people = household.active().count();
    db.prepare_cached(
        "insert or replace into household
            (doc, pseudonym, card, origin, head, people, unnamed, needs, disagreements, lamport)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        household.id.as_bytes(),
        household.id.pseudonym().cast_signed(),
        household.text(Fact::Card).unwrap_or_default(),
        household.origin().code(),
        head(household),
        people as i64,
        (people - named) as i64,
        household.text(Fact::Needs).unwrap_or_default(),
        disagreements as i64,
        household.lamport_max().cast_signed(),
    ])?;
    Ok(())
}

/// The name that stands for the family: the first that is known.
pub(super) fn head(household: &Household) -> String {
    let first = household.active().find_map(Person::name);
    first.map_or_else(String::new, |name| name.as_str().to_owned())
}

/// What the rows of one household have in common.
struct PersonRow<'a> {
    household: &'a Household,
    shelter: &'a str,
    card: &'a str,
    /// Where those stand who have no name yet: beside their family.
    family: &'a str,
}

impl PersonRow<'_> {
    fn draw(&self, db: &Connection, person: &Person, disputed: bool) -> Result<(), StoreError> {
        let text = |fact| person.text(fact).unwrap_or_default();
        let (name, reading) = (text(Fact::Name), text(Fact::Reading));
        let own = place_in_roster(person);
        db.prepare_cached(
            "insert into person
                (doc, person, card, name, reading, name_fold, reading_fold, birth, sex, needs, place,
                 here, disputed, unconfirmed, sort)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            self.household.id.as_bytes(),
            person.id.to_i64(),
            self.card,
            name,
            reading,
            fold(name),
            fold(reading),
            text(Fact::Birth),
            text(Fact::Sex),
            needs(self.household, person),
            person.place().map_or("", |place| place.whereabouts.name()),
            is_here(person, self.shelter),
            disputed,
            self.household.origin() == Origin::Portal,
            if own.is_empty() { self.family } else { own },
        ])?;
        Ok(())
    }
}

/// What the family said at the door, and what this person needs.
fn needs(household: &Household, person: &Person) -> String {
    let of_family = household
        .text(Fact::Needs)
        .map(SupportNeeds::from_stored)
        .unwrap_or_default();
    of_family
        .iter()
        .chain(person.needs().iter())
        .collect::<SupportNeeds>()
        .stored()
}

/// At this shelter or served by it. A place without a shelter is ours: the household is.
fn is_here(person: &Person, shelter: &str) -> bool {
    person.place().is_some_and(|place| {
        let gone = matches!(place.whereabouts, Whereabouts::Left | Whereabouts::Deceased);
        !gone
            && place
                .shelter
                .as_ref()
                .is_none_or(|at| at.as_str() == shelter)
    })
}
