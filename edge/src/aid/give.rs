//! Giving shares, and taking back what was entered by mistake, each in one transaction.

use yadori_ledger::aid::{self, Already, Day, Given};
use yadori_ledger::clock::By;
use yadori_ledger::id::{DocId, EventId, PersonId};
use yadori_ledger::session::Lane;

use super::people::stands;
use crate::registry::save::random_event;
use crate::store::{StoreError, Tx};

/// Shares for people of one household.
#[derive(Clone)]
pub(super) struct Share {
    pub(super) household: DocId,
    pub(super) people: Vec<PersonId>,
}

/// What became of it.
pub(super) enum Outcome {
    /// Given; the last event.
    Done(EventId),
    /// Nothing was written: these had their share before, and no reason was given.
    Already(Vec<Already>),
    /// Nothing was written: the round or a person is not known here.
    Unknown,
}

/// Gives to all or, when somebody had a share and there is no reason, to nobody.
pub(super) fn give(
    tx: &Tx<'_>,
    ledger: DocId,
    round: EventId,
    shares: &[Share],
    reason: &str,
    by: By,
) -> Result<Outcome, StoreError> {
    let mut document = tx.document(ledger)?;
    let day = Day::read(&document)?;
    if day.round(round).is_none() || !all_stand(tx, shares)? {
        return Ok(Outcome::Unknown);
    }
    let already: Vec<Already> = shares
        .iter()
        .filter_map(|share| day.given(round, &share.people))
        .collect();
    if !already.is_empty() && reason.is_empty() {
        return Ok(Outcome::Already(already));
    }
    let stamp = tx.stamp(by);
    let mut last = round;
    for share in shares {
        last = random_event()?;
        let had = day.given(round, &share.people).is_some();
        let given = Given {
            round,
            household: share.household.pseudonym(),
            people: share.people.clone(),
            reason: if had {
                reason.to_owned()
            } else {
                String::new()
            },
        };
        if let Some(already) = aid::hand_out(&mut document, last, stamp.lamport, given)? {
            return Ok(Outcome::Already(vec![already]));
        }
    }
    tx.record(&mut document, &stamp, Lane::Aid)?;
    Ok(Outcome::Done(last))
}

fn all_stand(tx: &Tx<'_>, shares: &[Share]) -> Result<bool, StoreError> {
    for share in shares {
        for person in &share.people {
            if !stands(tx, share.household, *person)? {
                return Ok(false);
            }
        }
    }
    Ok(shares.iter().any(|share| !share.people.is_empty()))
}

/// Takes a hand-out back. `false` if it does not stand.
pub(super) fn void(
    tx: &Tx<'_>,
    ledger: DocId,
    mistaken: EventId,
    by: By,
) -> Result<bool, StoreError> {
    let mut document = tx.document(ledger)?;
    if !Day::read(&document)?
        .hand_outs
        .iter()
        .any(|given| given.id == mistaken)
    {
        return Ok(false);
    }
    let stamp = tx.stamp(by);
    aid::void(&mut document, random_event()?, stamp.lamport, mistaken)?;
    tx.record(&mut document, &stamp, Lane::Aid)?;
    Ok(true)
}
