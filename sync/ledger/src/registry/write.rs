//! Writing to a household: only what changed, so that nobody's edit is disturbed.

use std::fmt;

use crate::clock::Stamp;
use crate::document::{Container, Document, DocumentError, NewChange};
use crate::event::{self, Happened};
use crate::id::{ActorId, CardNumber, DocId, EventId, PersonId, ShelterId};
use crate::words::{Birth, Name, Reading, Sex, SupportNeeds};

use super::fact::{Fact, Origin, Status, Subject};
use super::household::Household;
use super::place::{Happening, Place};

/// One answer to write. An empty value clears.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub subject: Subject,
    pub fact: Fact,
    pub value: String,
}

/// Shows whom and what it is about, not the answer.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({:?}, {:?}, …)", self.subject, self.fact)
    }
}

/// A family as it arrives. Only `id`, `card`, `shelter`, `origin`, `place` and that people exist are
/// needed; everything else may come later.
pub struct NewHousehold {
    pub id: DocId,
    pub card: CardNumber,
    pub shelter: ShelterId,
    pub origin: Origin,
    pub people: Vec<NewPerson>,
    /// Support needs seen at the door, of whoever in the family.
    pub needs: SupportNeeds,
    pub place: Place,
    pub place_event: EventId,
    /// Address, phone and the like, about [`Subject::Household`].
    pub more: Vec<(Fact, String)>,
}

pub struct NewPerson {
    pub id: PersonId,
    pub name: Option<Name>,
    pub reading: Option<Reading>,
    pub birth: Option<Birth>,
    pub sex: Option<Sex>,
    pub more: Vec<(Fact, String)>,
}

impl NewPerson {
    /// Somebody of whom nothing is known yet but that they are here.
    pub fn unknown(id: PersonId) -> Self {
        Self {
            id,
            name: None,
            reading: None,
            birth: None,
            sex: None,
            more: Vec::new(),
        }
    }

    /// The answers that make this person exist.
    pub fn answers(&self) -> Vec<Answer> {
        let subject = Subject::Person(self.id);
        let known = [
            (Fact::Status, Some(Status::Active.code().to_owned())),
            (
                Fact::Name,
                self.name.as_ref().map(|name| name.as_str().to_owned()),
            ),
            (
                Fact::Reading,
                self.reading
                    .as_ref()
                    .map(|reading| reading.as_str().to_owned()),
            ),
            (Fact::Birth, self.birth.as_ref().map(Birth::stored)),
            (Fact::Sex, self.sex.map(|sex| sex.stored().to_owned())),
        ];
        let known = known
            .into_iter()
            .filter_map(|(fact, value)| Some((fact, value?)));
        let all = known.chain(self.more.iter().cloned());
        all.map(|(fact, value)| Answer {
            subject,
            fact,
            value,
        })
        .collect()
    }
}

/// A registration, ready to be stored: the document and its one change.
pub struct Registered {
    pub document: Document,
    pub change: NewChange,
}

/// Makes the household's document. Needs no store: nothing that exists is read.
pub fn register(
    new: &NewHousehold,
    actor: ActorId,
    stamp: &Stamp,
) -> Result<Registered, DocumentError> {
    let mut document = Document::create(new.id, actor)?;
    let own = [
        (Fact::Card, new.card.to_string()),
        (Fact::Shelter, new.shelter.to_string()),
        (Fact::Origin, new.origin.code().to_owned()),
        (Fact::Needs, new.needs.stored()),
    ];
    let own = own.into_iter().chain(new.more.iter().cloned());
    let mut answers: Vec<_> = own
        .map(|(fact, value)| Answer {
            subject: Subject::Household,
            fact,
            value,
        })
        .collect();
    answers.extend(new.people.iter().flat_map(NewPerson::answers));
    amend(&mut document, &answers)?;
    let what = Happening::Placed {
        who: Vec::new(),
        place: new.place.clone(),
    };
    event::write(
        &mut document,
        &Happened {
            id: new.place_event,
            lamport: stamp.lamport,
            after: Vec::new(),
            what,
        },
    )?;
    let change = document
        .commit(stamp)?
        .expect("a new document always has its id to write");
    Ok(Registered { document, change })
}

/// Writes those answers that differ from what stands. Says how many.
pub fn amend(document: &mut Document, answers: &[Answer]) -> Result<usize, DocumentError> {
    let mut written = 0;
    for Answer {
        subject,
        fact,
        value,
    } in answers
    {
        written += usize::from(document.put(Container::Facts, &fact.key(*subject), value)?);
    }
    Ok(written)
}

/// Writes that these people (all of the household when empty) are now at `place`, after all that
/// this writer knows of them. Writes nothing when everyone is there already.
pub fn arrive(
    document: &mut Document,
    event: EventId,
    lamport: u64,
    who: &[PersonId],
    place: &Place,
) -> Result<bool, DocumentError> {
    let household = Household::read(document)?;
    let asked = household
        .people
        .iter()
        .filter(|person| who.is_empty() || who.contains(&person.id));
    let settled = |person: &super::Person| matches!(person.places.as_slice(), [only] if only.what.place() == place);
    let mut asked = asked.peekable();
    if asked.peek().is_some() && asked.all(settled) {
        return Ok(false);
    }
    let after = household.place_leaves(who);
    let lamport = lamport.max(household.lamport_max() + 1);
    let what = Happening::Placed {
        who: who.to_vec(),
        place: place.clone(),
    };
    event::write(
        document,
        &Happened {
            id: event,
            lamport,
            after,
            what,
        },
    )?;
    Ok(true)
}

/// A person's choice between the answers to a fact. Both stay in the history.
pub fn settle(
    document: &mut Document,
    subject: Subject,
    fact: Fact,
    value: &str,
) -> Result<bool, DocumentError> {
    document.put(Container::Facts, &fact.key(subject), value)
}

/// A person's choice between places: `chosen` is the event that tells where the person is.
/// `Ok(false)` when that event is not known here.
pub fn settle_place(
    document: &mut Document,
    event: EventId,
    lamport: u64,
    person: PersonId,
    chosen: EventId,
) -> Result<bool, DocumentError> {
    let household = Household::read(document)?;
    let told = household.events.iter().find(|known| known.id == chosen);
    let Some(place) = told.map(|known| known.what.place().clone()) else {
        return Ok(false);
    };
    arrive(document, event, lamport, &[person], &place)
}
