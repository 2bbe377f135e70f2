//! Writes where the people of a form are.

use yadori_ledger::clock::{By, Stamp};
use yadori_ledger::document::Document;
use yadori_ledger::id::{DocId, PersonId};
use yadori_ledger::registry::{Household, Place, Whereabouts, arrive};
use yadori_ledger::session::Lane;

use super::edit::Change;
use super::filled::OTHER_SHELTER;
use crate::registry::save::random_event;
use crate::store::{StoreError, Tx};

impl Change {
    /// The family's place goes to all who have none of their own; a row's goes to that person.
    pub(super) fn move_known(
        &self,
        tx: &Tx<'_>,
        document: &mut Document,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let household = Household::read(document)?;
        let family = household
            .active()
            .next()
            .and_then(|person| person.place().cloned());
        let own: Vec<PersonId> = self.places.iter().map(|(person, _)| *person).collect();
        let new_family = self
            .place
            .as_ref()
            .map(|placed| place(tx, &placed.code, placed.detail.clone()));
        if let Some(new) = &new_family {
            let with = household
                .active()
                .filter(|person| person.place() == family.as_ref());
            let with: Vec<PersonId> = with
                .map(|person| person.id)
                .filter(|id| !own.contains(id))
                .collect();
            let all = with.len() == household.people.len();
            arrive(
                document,
                random_event()?,
                stamp.lamport,
                if all { &[] } else { &with },
                new,
            )?;
        }
        for (person, placed) in &self.places {
            let with_family = new_family.clone().or_else(|| family.clone());
            let goal = if placed.code.is_empty() {
                with_family
            } else {
                Some(place(tx, &placed.code, None))
            };
            if let Some(goal) = goal {
                arrive(document, random_event()?, stamp.lamport, &[*person], &goal)?;
            }
        }
        Ok(())
    }

    /// Moves those who were entered just now and are not with the family. In a change of its own,
    /// because it comes after the place that they have with the family.
    pub(super) fn move_new(
        &self,
        tx: &Tx<'_>,
        doc: DocId,
        ids: &[PersonId],
        by: By,
    ) -> Result<(), StoreError> {
        let apart = ids
            .iter()
            .zip(&self.new_rows)
            .filter_map(|(id, row)| Some((*id, row.place.as_ref()?)));
        let apart: Vec<_> = apart.collect();
        if apart.is_empty() {
            return Ok(());
        }
        let mut document = tx.document(doc)?;
        let stamp = tx.stamp(by);
        for (person, code) in apart {
            arrive(
                &mut document,
                random_event()?,
                stamp.lamport,
                &[person],
                &place(tx, code, None),
            )?;
        }
        tx.record(&mut document, &stamp, Lane::People)?;
        Ok(())
    }
}

/// Inside the shelter, or in a place that it serves; elsewhere it does not.
pub(super) fn place(tx: &Tx<'_>, code: &str, detail: Option<String>) -> Place {
    let whereabouts = match code {
        OTHER_SHELTER => Whereabouts::Shelter,
        code => Whereabouts::named(code).unwrap_or(Whereabouts::Elsewhere),
    };
    let served = matches!(
        whereabouts,
        Whereabouts::Shelter | Whereabouts::Car | Whereabouts::Home | Whereabouts::Tent
    );
    Place {
        whereabouts,
        shelter: served.then(|| tx.shelter().clone()),
        detail,
    }
}
