//! The rows of a day's ledger: one for each share that was handed out. A ledger grows all day, so
//! only what changed is written.

use std::collections::{BTreeMap, BTreeSet};

use yadori_ledger::aid::{Day, Slot};
use yadori_ledger::document::{Document, DocumentError};
use yadori_ledger::id::{DocId, EventId, ShelterId};

use crate::store::{StoreError, Tx, params, statements};

statements! {
    KNOWN = "select event, person, item, day, slot from hand_out where doc = $1";
    ADD = "insert into hand_out (doc, event, person, item, day, slot, shelter) values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (doc, event, person) do nothing";
    TAKE_BACK = "delete from hand_out where doc = $1 and event = $2 and person = $3";
}

/// What is handed out once: two of these in different ledgers are a double.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Share {
    pub(crate) person: i64,
    pub(crate) day: String,
    pub(crate) slot: Slot,
    pub(crate) item: String,
}

pub(crate) struct Drawn {
    pub(crate) shelter: Option<ShelterId>,
    shares: BTreeMap<(EventId, i64), Share>,
}

impl Drawn {
    pub(crate) fn of(document: &Document) -> Result<Self, DocumentError> {
        let day = Day::read(document)?;
        let shares = day.shares().into_iter().map(|(key, event)| {
            let person = key.person.to_i64();
            // What PostgreSQL cannot hold was not typed by a person.
            let [day, item] = [key.day, key.item].map(|text| text.replace('\0', "\u{fffd}"));
            (
                (event, person),
                Share {
                    person,
                    day,
                    slot: key.slot,
                    item,
                },
            )
        });
        Ok(Self {
            shelter: day.shelter.clone(),
            shares: shares.collect(),
        })
    }

    /// Writes what was handed out or taken back since; tells which shares that are.
    pub(crate) async fn store(&self, tx: &Tx, doc: DocId) -> Result<Vec<Share>, StoreError> {
        let known = known(tx, doc).await?;
        let mut touched = BTreeSet::new();
        for ((event, person), share) in self
            .shares
            .iter()
            .filter(|(id, _)| !known.contains_key(*id))
        {
            let shelter = self.shelter.as_ref().map_or("", ShelterId::as_str);
            let (day, item) = (&share.day, &share.item);
            let values = params![
                doc.as_bytes(),
                event.to_i64(),
                *person,
                item,
                day,
                share.slot as u8,
                shelter
            ];
            tx.run(ADD, values).await?;
            touched.insert(share.clone());
        }
        for ((event, person), share) in known
            .into_iter()
            .filter(|(id, _)| !self.shares.contains_key(id))
        {
            tx.run(TAKE_BACK, params![doc.as_bytes(), event.to_i64(), person])
                .await?;
            touched.insert(share);
        }
        Ok(touched.into_iter().collect())
    }
}

async fn known(tx: &Tx, doc: DocId) -> Result<BTreeMap<(EventId, i64), Share>, StoreError> {
    let rows = tx.rows(KNOWN, params![doc.as_bytes()]).await?;
    rows.iter()
        .map(|row| {
            let person = row.get("person")?;
            let event = EventId::from_i64(row.get("event")?);
            let slot = slot(row.get("slot")?)?;
            Ok((
                (event, person),
                Share {
                    person,
                    day: row.get("day")?,
                    slot,
                    item: row.get("item")?,
                },
            ))
        })
        .collect()
}

pub(super) fn slot(code: i64) -> Result<Slot, StoreError> {
    Slot::ALL
        .into_iter()
        .find(|slot| i64::from(*slot as u8) == code)
        .ok_or(StoreError::Damaged("hand_out.slot"))
}
