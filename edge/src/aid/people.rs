//! Who can get a share: the people of a card, and the list of a round.

use rusqlite::{Connection, Row, params};
use yadori_ledger::clock::TimeQuality;
use yadori_ledger::fold::fold;
use yadori_ledger::id::{DocId, EventId, PersonId};

use crate::store::StoreError;

/// People shown at once; more are found by searching.
pub(super) const ROWS_MAX: u32 = 100;

/// Somebody on the list of a round.
pub(super) struct Listed {
    pub(super) doc: DocId,
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) card: String,
    /// Whether they had their share.
    pub(super) given: bool,
}

/// People whom this shelter looks after, those without a share first.
pub(super) fn list(
    db: &Connection,
    ledger: DocId,
    round: EventId,
    q: &str,
) -> Result<Vec<Listed>, StoreError> {
    let rows = db
        .prepare_cached(&format!(
            "select p.doc, p.person, p.name, p.card,
                    exists (select 1 from hand_out h
                             where h.doc = ?1 and h.round = ?2 and h.person = p.person) as given
               from person p
              where p.here = 1
                and (?3 = '' or instr(p.name_fold, ?3) or instr(p.reading_fold, ?3)
                     or instr(replace(lower(p.card), '-', ''), ?3))
              order by given, p.sort, p.person limit {ROWS_MAX}"
        ))?
        .query_map(params![ledger.as_bytes(), round.to_i64(), fold(q)], listed)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let doc: [u8; 16] = row.get(0)?;
    Ok(Listed {
        doc: DocId::from_bytes(&doc).map_err(|_| rusqlite::Error::InvalidQuery)?,
        person: PersonId::from_i64(row.get(1)?),
        name: row.get(2)?,
        card: row.get(3)?,
        given: row.get(4)?,
    })
}

/// Who gets a share by a household's card: those who are here, or everybody if nobody is.
pub(super) fn of_household(db: &Connection, doc: DocId) -> Result<Vec<PersonId>, StoreError> {
    let people: Vec<(i64, bool)> = db
        .prepare_cached("select person, here from person where doc = ?1 order by person")?
        .query_map([doc.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let anybody_here = people.iter().any(|(_, here)| *here);
    let served = people
        .into_iter()
        .filter(|(_, here)| *here || !anybody_here);
    Ok(served
        .map(|(person, _)| PersonId::from_i64(person))
        .collect())
}

/// Whether this person stands in this household.
pub(super) fn stands(db: &Connection, doc: DocId, person: PersonId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from person where doc = ?1 and person = ?2")?
        .exists(params![doc.as_bytes(), person.to_i64()])?)
}

/// A hand-out that stands.
pub(super) struct Given {
    pub(super) event: EventId,
    pub(super) names: String,
    pub(super) card: String,
    pub(super) people: u32,
    pub(super) reason: String,
    pub(super) wall_s: i64,
    pub(super) quality: TimeQuality,
}

/// The newest hand-outs of a round, or one of them.
pub(super) fn given(
    db: &Connection,
    ledger: DocId,
    round: EventId,
    only: Option<EventId>,
    rows_max: u32,
) -> Result<Vec<Given>, StoreError> {
    let rows = db
        .prepare_cached(
            "select h.event, count(*), max(h.reason), max(h.wall_s), max(h.quality),
                    coalesce((select head from household k where k.pseudonym = h.household), ''),
                    coalesce((select card from household k where k.pseudonym = h.household), '')
               from hand_out h
              where h.doc = ?1 and h.round = ?2 and (?3 is null or h.event = ?3)
              group by h.event, h.household order by max(h.place) desc limit ?4",
        )?
        .query_map(
            params![
                ledger.as_bytes(),
                round.to_i64(),
                only.map(EventId::to_i64),
                rows_max
            ],
            |row| {
                Ok(Given {
                    event: EventId::from_i64(row.get(0)?),
                    people: row.get(1)?,
                    reason: row.get(2)?,
                    wall_s: row.get(3)?,
                    quality: TimeQuality::from_code(row.get(4)?),
                    names: row.get(5)?,
                    card: row.get(6)?,
                })
            },
        )?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
