//! A household as its document tells it.

use std::collections::BTreeMap;
use std::fmt;

use crate::document::{Container, Document, DocumentError, Told};
use crate::event::{self, Events};
use crate::id::{CardNumber, DocId, EventId, PersonId, ShelterId};
use crate::words::{Birth, Name, Reading, Sex, SupportNeeds};

use super::fact::{Fact, Origin, Status, Subject};
use super::place::{Happening, Place, PlaceEvent, Whereabouts};

/// Answers by fact, the one shown first first.
pub type Facts = BTreeMap<Fact, Vec<Told>>;

pub struct Household {
    pub id: DocId,
    pub facts: Facts,
    /// In the order in which they were entered as far as ids tell; everyone whose entry exists.
    pub people: Vec<Person>,
    pub events: Vec<PlaceEvent>,
    /// Events that a newer version wrote.
    pub unreadable_count: usize,
}

pub struct Person {
    pub id: PersonId,
    pub facts: Facts,
    /// Where the person is; several that differ are a disagreement. The one that counts is first.
    pub places: Vec<PlaceEvent>,
}

/// What a person is asked to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    Fact(Fact),
    Place,
}

#[derive(Clone, Debug)]
pub struct Disagreement {
    pub subject: Subject,
    pub question: Question,
    /// The answers with their sources. For a place, the value is the event's id.
    pub answers: Vec<Told>,
}

impl Household {
    pub fn read(document: &Document) -> Result<Self, DocumentError> {
        let mut by_subject: BTreeMap<Subject, Facts> = BTreeMap::new();
        for key in document.keys(Container::Facts)? {
            let Some((subject, fact)) = Fact::of_key(&key) else {
                continue;
            };
            let told = document.told(Container::Facts, &key)?;
            if !told.is_empty() {
                by_subject.entry(subject).or_default().insert(fact, told);
            }
        }
        let Events {
            known: events,
            unreadable_count,
        } = event::read::<Happening>(document)?;
        let facts = by_subject.remove(&Subject::Household).unwrap_or_default();
        let people = by_subject
            .into_iter()
            .filter_map(|(subject, facts)| person(subject, facts, &events))
            .collect();
        Ok(Self {
            id: document.id(),
            facts,
            people,
            events,
            unreadable_count,
        })
    }

    /// The people whose entry stands.
    pub fn active(&self) -> impl Iterator<Item = &Person> {
        self.people
            .iter()
            .filter(|person| person.status() == Status::Active)
    }

    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub fn card(&self) -> Option<CardNumber> {
        first(&self.facts, Fact::Card)?.parse().ok()
    }

    pub fn shelter(&self) -> Option<ShelterId> {
        first(&self.facts, Fact::Shelter)?.parse().ok()
    }

    pub fn origin(&self) -> Origin {
        first(&self.facts, Fact::Origin)
            .and_then(Origin::from_code)
            .unwrap_or(Origin::Desk)
    }

    /// The answer shown first, as stored.
    pub fn text(&self, fact: Fact) -> Option<&str> {
        first(&self.facts, fact)
    }

    /// Every shelter that any current whereabouts names, or that registered the household.
    pub fn shelters(&self) -> Vec<ShelterId> {
        let placed = self.people.iter().flat_map(|person| &person.places);
        let named = placed.filter_map(|event| event.what.place().shelter.clone());
        let mut shelters: Vec<_> = named.chain(self.shelter()).collect();
        shelters.sort();
        shelters.dedup();
        shelters
    }

    /// Everything that writers answered differently, household first.
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let mut all = disputed_facts(Subject::Household, &self.facts);
        for person in self.active() {
            all.extend(disputed_facts(Subject::Person(person.id), &person.facts));
            all.extend(person.disputed_place());
        }
        all
    }

    /// The largest Lamport counter in the document.
    pub fn lamport_max(&self) -> u64 {
        event::lamport_max(&self.events)
    }

    /// The events that say where any of these people are now (all of the household when empty): what
    /// a new whereabouts comes after.
    pub fn place_leaves(&self, who: &[PersonId]) -> Vec<EventId> {
        let asked = self
            .people
            .iter()
            .filter(|person| who.is_empty() || who.contains(&person.id));
        let mut leaves: Vec<_> = asked
            .flat_map(|person| &person.places)
            .map(|event| event.id)
            .collect();
        leaves.sort_unstable();
        leaves.dedup();
        leaves
    }
}

impl Person {
    pub fn status(&self) -> Status {
        first(&self.facts, Fact::Status).map_or(Status::Active, Status::from_code)
    }

    pub fn name(&self) -> Option<Name> {
        first(&self.facts, Fact::Name)?.parse().ok()
    }

    pub fn reading(&self) -> Option<Reading> {
        first(&self.facts, Fact::Reading)?.parse().ok()
    }

    pub fn birth(&self) -> Option<Birth> {
        Birth::from_stored(first(&self.facts, Fact::Birth)?).ok()
    }

    pub fn sex(&self) -> Option<Sex> {
        Sex::from_stored(first(&self.facts, Fact::Sex)?)
    }

    pub fn needs(&self) -> SupportNeeds {
        first(&self.facts, Fact::Needs)
            .map_or_else(SupportNeeds::default, SupportNeeds::from_stored)
    }

    /// The answer shown first, as stored.
    pub fn text(&self, fact: Fact) -> Option<&str> {
        first(&self.facts, fact)
    }

    /// The place that counts.
    pub fn place(&self) -> Option<&Place> {
        self.places.first().map(|event| event.what.place())
    }

    /// Whether the person belongs to the head-count of this shelter (GIF DS-455-1: those outside
    /// are counted apart).
    pub fn is_inside(&self, shelter: &ShelterId) -> bool {
        self.place().is_some_and(|place| {
            place.whereabouts == Whereabouts::Shelter && place.shelter.as_ref() == Some(shelter)
        })
    }

    fn disputed_place(&self) -> Option<Disagreement> {
        let first = self.places.first()?.what.place();
        if self.places.iter().all(|event| event.what.place() == first) {
            return None;
        }
        let told = |event: &PlaceEvent| Told {
            value: event.id.to_string(),
            source: event.source.clone(),
        };
        let answers = self.places.iter().map(told).collect();
        Some(Disagreement {
            subject: Subject::Person(self.id),
            question: Question::Place,
            answers,
        })
    }
}

/// Shows the id only.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person({:?}, …)", self.id)
    }
}

/// Shows the id and a count only.
impl fmt::Debug for Household {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Household({:?}, {} people)", self.id, self.people.len())
    }
}

fn person(subject: Subject, facts: Facts, events: &[PlaceEvent]) -> Option<Person> {
    let Subject::Person(id) = subject else {
        return None;
    };
    let touching: Vec<_> = events
        .iter()
        .filter(|event| event.what.touches(id))
        .collect();
    let mut places: Vec<_> = event::leaves(&touching).into_iter().cloned().collect();
    places.sort_by_key(|event| std::cmp::Reverse((event.lamport, event.id)));
    Some(Person { id, facts, places })
}

fn disputed_facts(subject: Subject, facts: &Facts) -> Vec<Disagreement> {
    let disputed = facts.iter().filter(|(_, told)| told.len() > 1);
    disputed
        .map(|(fact, told)| Disagreement {
            subject,
            question: Question::Fact(*fact),
            answers: told.clone(),
        })
        .collect()
}

fn first(facts: &Facts, fact: Fact) -> Option<&str> {
    facts
        .get(&fact)?
        .first()
        .map(|told| told.value.as_str())
        .filter(|value| !value.is_empty())
}
