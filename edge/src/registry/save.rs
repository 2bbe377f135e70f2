//! From a family as it was typed to its document, in one transaction. The desk and the portal
//! both come through here.

use yadori_ledger::clock::By;
use yadori_ledger::document::Document;
use yadori_ledger::id::{CardNumber, DocId, DocKind, EventId, PersonId};
use yadori_ledger::registry::{
    Fact, Household, NewHousehold, NewPerson, Origin, Person, Place, Whereabouts, register,
};
use yadori_ledger::session::Lane;
use yadori_ledger::words::{HeadCount, Name, Phone, Reading, SupportNeeds};

use crate::store::{StoreError, Tx};

/// A family as it stands at the door.
#[derive(Clone)]
pub struct Arrival {
    /// The blank form's own id: the same form sent twice is the same family.
    pub doc: DocId,
    /// The names that are known; at the desk any one of them.
    pub names: Vec<Name>,
    /// How the first of them is read, if the input method told.
    pub reading: Option<Reading>,
    pub people: HeadCount,
    pub needs: SupportNeeds,
    pub phone: Option<Phone>,
    pub origin: Origin,
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Registered now, or by the same form before.
    Card(CardNumber),
    /// The form was used for another family before.
    Used,
}

/// Registers a family, once per form.
pub fn receive(tx: &Tx<'_>, arrival: &Arrival, by: By) -> Result<Received, StoreError> {
    if let Some((_, known)) = known(tx, arrival.doc)? {
        return Ok(match known.card() {
            Some(card) if is_same(&known, arrival) => Received::Card(card),
            _ => Received::Used,
        });
    }
    let people = unknown_people(arrival.people.get().into())?;
    let names = arrival
        .names
        .iter()
        .cloned()
        .map(Some)
        .chain(std::iter::repeat(None));
    let mut heard = arrival.reading.clone();
    let people = people.into_iter().zip(names).map(|(mut person, name)| {
        person.name = name;
        person.reading = person
            .name
            .as_ref()
            .and_then(|name| heard.take().or_else(|| reading_of(name)));
        person
    });
    let more = arrival
        .phone
        .iter()
        .map(|phone| (Fact::Phone, phone.as_str().to_owned()));
    let new = NewHousehold {
        id: arrival.doc,
        card: tx.next_card()?,
        shelter: tx.shelter().clone(),
        origin: arrival.origin,
        people: people.collect(),
        needs: arrival.needs.clone(),
        place: here(tx),
        place_event: random_event()?,
        more: more.collect(),
    };
    store_new(tx, &new, by)?;
    Ok(Received::Card(new.card))
}

/// Stores a new household with its rows. Entries that nobody at the desk has seen wait in the
/// last lane; families at the desk do not.
pub fn store_new(tx: &Tx<'_>, new: &NewHousehold, by: By) -> Result<(), StoreError> {
    let registered = register(new, tx.actor(), &tx.stamp(by))?;
    let lane = if new.origin == Origin::Portal {
        Lane::Rest
    } else {
        Lane::People
    };
    tx.keep(&registered.document, &registered.change, lane)?;
    Ok(())
}

/// The household, if this store has it.
pub fn known(tx: &Tx<'_>, doc: DocId) -> Result<Option<(Document, Household)>, StoreError> {
    match tx.document(doc) {
        Ok(document) => {
            let household = Household::read(&document)?;
            Ok(Some((document, household)))
        }
        Err(StoreError::Unknown(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A name that was typed in kana is its own reading.
pub fn reading_of(name: &Name) -> Option<Reading> {
    name.as_str().parse().ok()
}

fn is_same(known: &Household, arrival: &Arrival) -> bool {
    let names = |person: &Person| person.name().map(|name| name.as_str().to_owned());
    let typed: Vec<_> = arrival
        .names
        .iter()
        .map(|name| name.as_str().to_owned())
        .collect();
    known.active().count() == usize::from(arrival.people.get())
        && known.active().filter_map(names).collect::<Vec<_>>() == typed
        && known.text(Fact::Needs).unwrap_or_default() == arrival.needs.stored()
}

/// Inside this shelter.
pub fn here(tx: &Tx<'_>) -> Place {
    Place {
        whereabouts: Whereabouts::Shelter,
        shelter: Some(tx.shelter().clone()),
        detail: None,
    }
}

/// People of whom nothing is known, with ids in the order of the form.
pub fn unknown_people(count: u64) -> Result<Vec<NewPerson>, StoreError> {
    // The top bits stay free, so that those who are added later come after.
    let first = random_u64()? >> 2;
    Ok((0..count)
        .map(|at| NewPerson::unknown(person_id(first + at)))
        .collect())
}

/// How far apart the ids of people are who join a household later. Two cut-off desks that add
/// somebody to the same family meet by chance once in 10^12 times.
const JOIN_BITS: u32 = 40;

/// An id after those of the household, so that the order of the form stays.
pub fn next_person(household: &Household) -> Result<PersonId, StoreError> {
    let last = household
        .people
        .iter()
        .map(|person| u64::from_be_bytes(person.id.to_bytes()))
        .max();
    let gap = random_u64()? >> (u64::BITS - JOIN_BITS);
    Ok(person_id(
        last.unwrap_or_default().wrapping_add(1).wrapping_add(gap),
    ))
}

fn person_id(number: u64) -> PersonId {
    PersonId::from_bytes(number.to_be_bytes())
}

/// The id of a household that nobody has registered yet.
pub fn random_household() -> Result<DocId, StoreError> {
    Ok(DocId::new(DocKind::Household, random()?))
}

/// The id of an event that has not been written yet.
pub fn random_event() -> Result<EventId, StoreError> {
    Ok(EventId::from_bytes(random()?))
}

fn random_u64() -> Result<u64, StoreError> {
    Ok(u64::from_be_bytes(random()?))
}

/// Random bytes from the machine.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Panicked(error.to_string()))?;
    Ok(bytes)
}
