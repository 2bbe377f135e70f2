//! A share that stands in two ledgers: headquarters tells both shelters. Nothing is blocked and
//! nobody accused; people look.

use std::collections::BTreeMap;

use yadori_ledger::aid::ShareKey;
use yadori_ledger::clock::By;
use yadori_ledger::document::{Document, DocumentError};
use yadori_ledger::finding::{DoubleHandOut, latest, publish};
use yadori_ledger::id::{DocId, EventId, PersonId, ShelterId};
use yadori_ledger::session::Lane;

use super::draw::Share;
use crate::chance;
use crate::ground::{self, Entry, GroundError, Why};
use crate::hq::Hq;
use crate::own;
use crate::store::{StoreError, Tx, params, statements};

statements! {
    /// Whoever compares a share holds its row, so that of two ledgers that come in at the same
    /// moment the second sees the first.
    LOCK = "insert into share (person, day, slot, item, rev) values ($1, $2, $3, $4, 1)
            on conflict (person, day, slot, item) do update set rev = share.rev + 1";
    GIVEN = "select doc, event, shelter from hand_out
              where person = $1 and day = $2 and slot = $3 and item = $4
              order by shelter, event, doc";
    STORE = "insert into finding (doc, person, item, day, slot, found_s) values ($1, $2, $3, $4, $5, $6)
             on conflict (doc) do nothing";
}

/// Compares shares over all ledgers and publishes what was handed out twice.
pub(crate) async fn look_for_doubles(
    tx: &Tx,
    hq: &Hq,
    shares: impl IntoIterator<Item = Share>,
) -> Result<Vec<Entry>, GroundError> {
    let mut doubles = BTreeMap::new();
    for share in shares {
        if let Some(found) = double(tx, share).await? {
            doubles.insert(found.id(), found);
        }
    }
    // All locks before the first of our own counters is taken.
    for id in doubles.keys() {
        ground::lock(tx, *id).await?;
    }
    let mut entries = Vec::new();
    for found in doubles.into_values() {
        entries.extend(tell(tx, hq, found).await?);
    }
    Ok(entries)
}

async fn double(tx: &Tx, share: Share) -> Result<Option<DoubleHandOut>, StoreError> {
    let values = params![share.person, &share.day, share.slot as u8, &share.item];
    tx.run(LOCK, values).await?;
    let rows = tx.rows(GIVEN, values).await?;
    let ledgers = rows
        .iter()
        .map(|row| row.get::<Vec<u8>>("doc"))
        .collect::<Result<Vec<_>, _>>()?;
    if ledgers.iter().all(|ledger| Some(ledger) == ledgers.first()) {
        return Ok(None);
    }
    let mut given = Vec::new();
    for row in &rows {
        // A ledger without a shelter cannot be told to anybody.
        if let Ok(shelter) = row.get::<String>("shelter")?.parse::<ShelterId>() {
            given.push((shelter, EventId::from_i64(row.get("event")?)));
        }
    }
    let person = PersonId::from_i64(share.person);
    let key = ShareKey {
        person,
        item: share.item,
        day: share.day,
        slot: share.slot,
    };
    Ok((given.len() > 1).then(|| DoubleHandOut::new(key, given)))
}

async fn tell(tx: &Tx, hq: &Hq, found: DoubleHandOut) -> Result<Vec<Entry>, GroundError> {
    let (id, event) = (found.id(), EventId::from_bytes(chance::bytes()));
    let open = own::open(tx, hq, id).await?;
    let stamp = own::stamp(tx, hq, By::officer(own::HEADQUARTERS), 0).await?;
    match publish(open.known, &found, event, hq.ours.actor, &stamp)? {
        None => Ok(Vec::new()),
        Some((document, change)) => {
            tracing::info!(finding.id = %id, "a share was handed out twice");
            own::keep(
                tx,
                hq,
                &document,
                &change,
                (Lane::Aid, open.landed_count),
                Why::Found,
            )
            .await
        }
    }
}

/// The row of a finding's document.
pub(crate) struct DrawnFinding {
    found: Option<DoubleHandOut>,
    found_s: i64,
    pub(crate) shelters: Vec<ShelterId>,
}

impl DrawnFinding {
    pub(crate) fn of(document: &Document) -> Result<Self, DocumentError> {
        let found = latest(document)?;
        let mut shelters: Vec<_> = found
            .iter()
            .flat_map(|found| found.given.iter().map(|(shelter, _)| shelter.clone()))
            .collect();
        shelters.dedup();
        let found_s = document
            .changes()
            .first()
            .map_or(0, |change| change.timestamp());
        Ok(Self {
            found,
            found_s,
            shelters,
        })
    }

    pub(crate) async fn store(&self, tx: &Tx, doc: DocId) -> Result<(), StoreError> {
        let Some(found) = &self.found else {
            return Ok(());
        };
        let DoubleHandOut {
            person,
            item,
            day,
            slot,
            ..
        } = found;
        let values = params![
            doc.as_bytes(),
            person.to_i64(),
            item,
            day,
            *slot as u8,
            self.found_s
        ];
        tx.run(STORE, values).await.map(drop)
    }
}
