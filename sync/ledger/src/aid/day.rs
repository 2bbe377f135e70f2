//! One shelter's ledger of one opened day.

use crate::clock::Stamp;
use crate::document::{Container, Document, DocumentError, NewChange, Source};
use crate::event::{self, Event, Happened};
use crate::id::{ActorId, DocId, EventId, PersonId, ShelterId};

use super::{Happening, ShareKey, Slot};

const SHELTER_KEY: &str = "h.z";
const LABEL_KEY: &str = "h.dy";

pub struct Day {
    pub id: DocId,
    pub shelter: Option<ShelterId>,
    /// What staff called the day, such as `2026-11-22`.
    pub label: String,
    /// In the order in which they were opened.
    pub rounds: Vec<Round>,
    /// All that stand; voided ones are left out.
    pub hand_outs: Vec<HandOut>,
    pub lamport_max: u64,
    /// Events that a newer version wrote.
    pub unreadable_count: usize,
}

#[derive(Clone, Debug)]
pub struct Round {
    pub id: EventId,
    pub item: String,
    pub slot: Slot,
    pub source: Source,
}

#[derive(Clone, Debug)]
pub struct HandOut {
    pub id: EventId,
    pub round: EventId,
    pub household: u64,
    pub people: Vec<PersonId>,
    pub reason: String,
    pub source: Source,
}

/// A hand-out as the desk asks for it.
pub struct Given {
    pub round: EventId,
    pub household: u64,
    pub people: Vec<PersonId>,
    /// Why it is given although they had it already; empty when nobody knows of a reason.
    pub reason: String,
}

/// Some of these people had their share of this round before.
#[derive(Clone, Debug)]
pub struct Already {
    pub people: Vec<PersonId>,
    pub first: HandOut,
}

/// Opens a day. Two desks that open the same label out of touch make two ledgers; hand-outs are
/// compared by label, so nothing is lost or doubled by it.
pub fn open_day(
    id: DocId,
    shelter: &ShelterId,
    label: &str,
    actor: ActorId,
    stamp: &Stamp,
) -> Result<(Document, NewChange), DocumentError> {
    let mut document = Document::create(id, actor)?;
    document.put(Container::Facts, SHELTER_KEY, shelter.as_str())?;
    document.put(Container::Facts, LABEL_KEY, label)?;
    let change = document
        .commit(stamp)?
        .expect("a new document always has its id to write");
    Ok((document, change))
}

/// Opens a round of one item.
pub fn open_round(
    document: &mut Document,
    round: EventId,
    lamport: u64,
    item: &str,
    slot: Slot,
) -> Result<(), DocumentError> {
    let what = Happening::Opened {
        item: item.into(),
        slot,
    };
    write(document, round, lamport, Vec::new(), what)
}

/// Records that these people of a household got their share. `Ok(Some(_))`, and nothing written,
/// when one of them had it before and no reason is given to give it again.
pub fn hand_out(
    document: &mut Document,
    event: EventId,
    lamport: u64,
    given: Given,
) -> Result<Option<Already>, DocumentError> {
    let before = Day::read(document)?.given(given.round, &given.people);
    if let (Some(already), true) = (&before, given.reason.is_empty()) {
        return Ok(Some(already.clone()));
    }
    let after = before.map(|already| already.first.id).into_iter().collect();
    let Given {
        round,
        household,
        people,
        reason,
    } = given;
    write(
        document,
        event,
        lamport,
        after,
        Happening::HandedOut {
            round,
            household,
            people,
            reason,
        },
    )?;
    Ok(None)
}

/// Takes back a hand-out that was entered by mistake.
pub fn void(
    document: &mut Document,
    event: EventId,
    lamport: u64,
    mistaken: EventId,
) -> Result<(), DocumentError> {
    write(
        document,
        event,
        lamport,
        vec![mistaken],
        Happening::Voided { event: mistaken },
    )
}

fn write(
    document: &mut Document,
    id: EventId,
    lamport: u64,
    after: Vec<EventId>,
    what: Happening,
) -> Result<(), DocumentError> {
    event::write(
        document,
        &Happened {
            id,
            lamport,
            after,
            what,
        },
    )
}

impl Day {
    pub fn read(document: &Document) -> Result<Self, DocumentError> {
        let events = event::read::<Happening>(document)?;
        let voided: Vec<EventId> = events.known.iter().filter_map(voids).collect();
        let standing = || {
            events
                .known
                .iter()
                .filter(|event| !voided.contains(&event.id))
        };
        Ok(Self {
            id: document.id(),
            shelter: text(document, SHELTER_KEY)?.parse().ok(),
            label: text(document, LABEL_KEY)?,
            rounds: standing().filter_map(round).collect(),
            hand_outs: standing().filter_map(handed_out).collect(),
            lamport_max: event::lamport_max(&events.known),
            unreadable_count: events.unreadable_count,
        })
    }

    pub fn round(&self, id: EventId) -> Option<&Round> {
        self.rounds.iter().find(|round| round.id == id)
    }

    /// Those of `people` that already had their share of a round, with the first such hand-out.
    pub fn given(&self, round: EventId, people: &[PersonId]) -> Option<Already> {
        let of_round = self.hand_outs.iter().filter(|given| given.round == round);
        let mut before =
            of_round.filter(|given| given.people.iter().any(|person| people.contains(person)));
        let first = before.next()?.clone();
        let mut had = first.people.clone();
        had.extend(before.flat_map(|given| &given.people));
        Some(Already {
            people: people
                .iter()
                .copied()
                .filter(|person| had.contains(person))
                .collect(),
            first,
        })
    }

    /// What each hand-out gave to whom, for finding doubles.
    pub fn shares(&self) -> Vec<(ShareKey, EventId)> {
        let mut shares = Vec::new();
        for given in &self.hand_outs {
            let Some(round) = self.round(given.round) else {
                continue;
            };
            for person in &given.people {
                let (item, day) = (round.item.clone(), self.label.clone());
                shares.push((
                    ShareKey {
                        person: *person,
                        item,
                        day,
                        slot: round.slot,
                    },
                    given.id,
                ));
            }
        }
        shares
    }
}

fn text(document: &Document, key: &str) -> Result<String, DocumentError> {
    let told = document.told(Container::Facts, key)?;
    Ok(told
        .into_iter()
        .next()
        .map(|answer| answer.value)
        .unwrap_or_default())
}

fn voids(event: &Event<Happening>) -> Option<EventId> {
    match &event.what {
        Happening::Voided { event } => Some(*event),
        Happening::Opened { .. } | Happening::HandedOut { .. } => None,
    }
}

fn round(event: &Event<Happening>) -> Option<Round> {
    match &event.what {
        Happening::Opened { item, slot } => Some(Round {
            id: event.id,
            item: item.clone(),
            slot: *slot,
            source: event.source.clone(),
        }),
        Happening::HandedOut { .. } | Happening::Voided { .. } => None,
    }
}

fn handed_out(event: &Event<Happening>) -> Option<HandOut> {
    match &event.what {
        Happening::HandedOut {
            round,
            household,
            people,
            reason,
        } => Some(HandOut {
            id: event.id,
            round: *round,
            household: *household,
            people: people.clone(),
            reason: reason.clone(),
            source: event.source.clone(),
        }),
        Happening::Opened { .. } | Happening::Voided { .. } => None,
    }
}
