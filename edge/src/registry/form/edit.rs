//! Writes what a form changed, in one transaction: all of it, or nothing when another desk changed
//! the same facts first.

use yadori_ledger::clock::By;
use yadori_ledger::id::{DocId, PersonId};
use yadori_ledger::registry::{
    Answer, Fact, Household, NewHousehold, NewPerson, Origin, Status, Subject, amend,
};
use yadori_ledger::session::Lane;
use yadori_ledger::words::{CivilDate, SupportNeeds};

use super::filled::filled;
use super::moves::place;
use crate::registry::save::{here, known, next_person, random_event, store_new, unknown_people};
use crate::store::{StoreError, Tx};

/// One field that was changed.
#[derive(Clone)]
pub(super) struct Answered {
    pub(super) field: String,
    pub(super) subject: Subject,
    pub(super) fact: Fact,
    /// The text that the form was shown with.
    pub(super) was: String,
    pub(super) typed: String,
    /// As it will be stored.
    pub(super) value: String,
}

/// A place that was changed.
#[derive(Clone)]
pub(super) struct Placed {
    pub(super) field: String,
    pub(super) was: String,
    /// Empty: with the family.
    pub(super) code: String,
    pub(super) detail: Option<String>,
}

/// Somebody who is entered now.
pub(super) struct NewRow {
    pub(super) answers: Vec<Answered>,
    /// Where they are, if not with the family.
    pub(super) place: Option<String>,
}

/// Everything that a form changed.
pub(super) struct Change {
    pub(super) doc: Option<DocId>,
    /// The id of the household to be made.
    pub(super) form: Option<DocId>,
    pub(super) answers: Vec<Answered>,
    pub(super) place: Option<Placed>,
    pub(super) places: Vec<(PersonId, Placed)>,
    pub(super) new_rows: Vec<NewRow>,
    pub(super) mistaken: Vec<PersonId>,
}

/// What became of the form.
pub(super) enum Saved {
    Done(DocId),
    /// The blank form was used for another family before.
    Used,
    /// These fields were changed elsewhere meanwhile: names and the texts that stand now.
    Overtaken(Vec<(String, String)>),
}

impl Change {
    pub(super) fn new(doc: Option<DocId>, answers: Vec<Answered>, place: Option<Placed>) -> Self {
        Self {
            doc,
            form: None,
            answers,
            place,
            places: Vec::new(),
            new_rows: Vec::new(),
            mistaken: Vec::new(),
        }
    }

    pub(super) fn save(&self, tx: &Tx<'_>, by: By, today: CivilDate) -> Result<Saved, StoreError> {
        match (self.doc, self.form) {
            (Some(doc), _) => self.save_edit(tx, doc, by, today),
            (None, Some(form)) => self.save_new(tx, form, by),
            (None, None) => Ok(Saved::Used),
        }
    }

    fn save_new(&self, tx: &Tx<'_>, form: DocId, by: By) -> Result<Saved, StoreError> {
        if let Some((_, household)) = known(tx, form)? {
            return Ok(if self.made(&household) {
                Saved::Done(form)
            } else {
                Saved::Used
            });
        }
        let mut people = unknown_people(self.new_rows.len() as u64)?;
        for (person, row) in people.iter_mut().zip(&self.new_rows) {
            person.more = row.facts();
        }
        let placed = self.place.as_ref();
        let place = placed.map_or_else(
            || here(tx),
            |placed| place(tx, &placed.code, placed.detail.clone()),
        );
        let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
        let (needs, more) = self.family_facts();
        let new = NewHousehold {
            id: form,
            card: tx.next_card()?,
            shelter: tx.shelter().clone(),
            origin: Origin::Desk,
            people,
            needs,
            place,
            place_event: random_event()?,
            more,
        };
        store_new(tx, &new, by.clone())?;
        self.move_new(tx, form, &ids, by)?;
        Ok(Saved::Done(form))
    }

    /// Whether this form, sent once more, is what the household was made from.
    fn made(&self, household: &Household) -> bool {
        let names = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let known: Vec<_> = household
            .people
            .iter()
            .map(|person| names(person.text(Fact::Name)))
            .collect();
        let typed: Vec<_> = self.new_rows.iter().map(NewRow::name).collect();
        known == typed
    }

    fn family_facts(&self) -> (SupportNeeds, Vec<(Fact, String)>) {
        let of = |fact| {
            self.answers
                .iter()
                .find(|one| one.fact == fact)
                .map(|one| one.value.clone())
        };
        let needs = of(Fact::Needs)
            .map(|stored| SupportNeeds::from_stored(&stored))
            .unwrap_or_default();
        let others = self.answers.iter().filter(|one| one.fact != Fact::Needs);
        (
            needs,
            others.map(|one| (one.fact, one.value.clone())).collect(),
        )
    }

    fn save_edit(
        &self,
        tx: &Tx<'_>,
        doc: DocId,
        by: By,
        today: CivilDate,
    ) -> Result<Saved, StoreError> {
        let (mut document, household) =
            known(tx, doc)?.ok_or_else(|| StoreError::Unknown(doc.to_string()))?;
        let overtaken = self.overtaken(tx, &household, today);
        if !overtaken.is_empty() {
            return Ok(Saved::Overtaken(overtaken));
        }
        let mut answers: Vec<Answer> = self.answers.iter().map(Answered::answer).collect();
        answers.extend(self.mistaken.iter().map(|person| Answer {
            subject: Subject::Person(*person),
            fact: Fact::Status,
            value: Status::Mistaken.code().to_owned(),
        }));
        let mut last = household;
        let mut ids = Vec::new();
        for row in &self.new_rows {
            let mut person = NewPerson::unknown(next_person(&last)?);
            person.more = row.facts();
            answers.extend(person.answers());
            ids.push(person.id);
            last.people.push(yadori_ledger::registry::Person {
                id: person.id,
                facts: Default::default(),
                places: Vec::new(),
            });
        }
        amend(&mut document, &answers)?;
        let stamp = tx.stamp(by.clone());
        self.move_known(tx, &mut document, &stamp)?;
        tx.record(&mut document, &stamp, self.lane())?;
        self.move_new(tx, doc, &ids, by)?;
        Ok(Saved::Done(doc))
    }

    /// Medicine, allergies and the like go before everything else.
    fn lane(&self) -> Lane {
        let medical =
            |one: &Answered| matches!(one.fact, Fact::Needs | Fact::Allergy | Fact::Medicine);
        let new = self.new_rows.iter().flat_map(|row| &row.answers);
        if self.answers.iter().chain(new).any(medical) {
            Lane::Emergency
        } else {
            Lane::People
        }
    }

    fn overtaken(
        &self,
        tx: &Tx<'_>,
        household: &Household,
        today: CivilDate,
    ) -> Vec<(String, String)> {
        let now = filled(household, tx.shelter(), today);
        let answers = self
            .answers
            .iter()
            .map(|one| (&one.field, [&one.was, &one.typed, &one.value]));
        let places = self
            .place
            .iter()
            .chain(self.places.iter().map(|(_, place)| place));
        let places = places.map(|place| (&place.field, [&place.was, &place.code, &place.code]));
        let moved = answers
            .chain(places)
            .filter(|(field, fine)| !fine.iter().any(|text| *text == now.get(field)));
        moved
            .map(|(field, _)| (field.clone(), now.get(field).to_owned()))
            .collect()
    }
}

impl Answered {
    fn answer(&self) -> Answer {
        Answer {
            subject: self.subject,
            fact: self.fact,
            value: self.value.clone(),
        }
    }
}

impl NewRow {
    fn facts(&self) -> Vec<(Fact, String)> {
        let known = self.answers.iter().filter(|one| !one.value.is_empty());
        known.map(|one| (one.fact, one.value.clone())).collect()
    }

    fn name(&self) -> String {
        let name = self.answers.iter().find(|one| one.fact == Fact::Name);
        name.map_or_else(String::new, |one| one.value.clone())
    }
}
