//! What headquarters found and tells to those concerned: a share that was handed out twice.
//!
//! A finding accuses nobody and blocks nothing; it asks people to look.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::aid::{ShareKey, Slot};
use crate::clock::Stamp;
use crate::document::{Document, DocumentError, NewChange};
use crate::event::{self, Happened};
use crate::id::{ActorId, DocId, DocKind, EventId, PersonId, ShelterId};

/// What a finding says. Stored by position: add at the end only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    DoubleHandOut(DoubleHandOut),
}

/// One share that stands in two ledgers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubleHandOut {
    pub person: PersonId,
    pub item: String,
    pub day: String,
    pub slot: Slot,
    /// Where and by which event it was given; two or more, in shelter order.
    pub given: Vec<(ShelterId, EventId)>,
}

impl DoubleHandOut {
    pub fn new(key: ShareKey, mut given: Vec<(ShelterId, EventId)>) -> Self {
        given.sort();
        let ShareKey {
            person,
            item,
            day,
            slot,
        } = key;
        Self {
            person,
            item,
            day,
            slot,
            given,
        }
    }

    /// The finding's document: the same for the same share, whoever finds it and however often.
    pub fn id(&self) -> DocId {
        let digest = Sha256::new()
            .chain_update(b"yadori double hand-out 1")
            .chain_update(self.person.to_bytes())
            .chain_update([self.slot as u8])
            .chain_update(self.item.as_bytes())
            .chain_update([0])
            .chain_update(self.day.as_bytes())
            .finalize();
        let mut id = [0; 15];
        id.copy_from_slice(&digest[..15]);
        DocId::new(DocKind::Finding, id)
    }
}

/// Publishes a finding in a new document, or adds to the one that tells of this share already.
/// `None` when it says nothing new.
pub fn publish(
    known: Option<Document>,
    found: &DoubleHandOut,
    event: EventId,
    actor: ActorId,
    stamp: &Stamp,
) -> Result<Option<(Document, NewChange)>, DocumentError> {
    let mut document = match known {
        Some(document) => document,
        None => Document::create(found.id(), actor)?,
    };
    if latest(&document)?.as_ref() == Some(found) {
        return Ok(None);
    }
    let what = Happening::DoubleHandOut(found.clone());
    event::write(
        &mut document,
        &Happened {
            id: event,
            lamport: stamp.lamport,
            after: Vec::new(),
            what,
        },
    )?;
    Ok(document.commit(stamp)?.map(|change| (document, change)))
}

/// What a finding's document says last.
pub fn latest(document: &Document) -> Result<Option<DoubleHandOut>, DocumentError> {
    let events = event::read::<Happening>(document)?;
    Ok(events
        .known
        .into_iter()
        .next_back()
        .map(|event| match event.what {
            Happening::DoubleHandOut(found) => found,
        }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{By, TimeQuality};

    #[test]
    fn the_same_double_found_twice_is_one_document_that_says_it_once() {
        let key = ShareKey {
            person: PersonId::from_bytes([1; 8]),
            item: "meal".into(),
            day: "2026-11-22".into(),
            slot: Slot::Lunch,
        };
        let at = |shelter: &str, n| (shelter.parse().unwrap(), EventId::from_bytes([n; 8]));
        let found = DoubleHandOut::new(
            key.clone(),
            vec![at("E1310100002111", 2), at("E1310100001112", 1)],
        );
        let again = DoubleHandOut::new(key, vec![at("E1310100001112", 1), at("E1310100002111", 2)]);
        assert_eq!(found.id(), again.id());
        let stamp = Stamp {
            wall_s: 0,
            quality: TimeQuality::Hq,
            by: By::officer(1),
            lamport: 1,
        };
        let (hq, event) = (ActorId::new([9; 16]), EventId::from_bytes([3; 8]));
        let (document, _) = publish(None, &found, event, hq, &stamp).unwrap().unwrap();
        assert_eq!(latest(&document).unwrap().as_ref(), Some(&found));
        assert!(
            publish(Some(document), &again, event, hq, &stamp)
                .unwrap()
                .is_none()
        );
    }
}
