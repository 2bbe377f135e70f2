//! Draws the rows of a day's ledger, and of what headquarters found.

use rusqlite::params;
use yadori_ledger::aid::Day;
use yadori_ledger::document::Document;
use yadori_ledger::finding;

use crate::store::{StoreError, Tx};

/// Replaces the rows of this day. Ledgers of other shelters are no business of these pages.
pub fn draw(tx: &Tx<'_>, document: &Document) -> Result<(), StoreError> {
    let day = Day::read(document)?;
    if day.shelter.as_ref() != Some(tx.shelter()) {
        return Ok(());
    }
    let doc = day.id.as_bytes();
    tx.prepare_cached("insert or replace into day (doc, label, lamport) values (?1, ?2, ?3)")?
        .execute(params![doc, day.label, day.lamport_max.cast_signed()])?;
    tx.prepare_cached("delete from round where doc = ?1")?
        .execute([doc])?;
    let mut rounds = tx.prepare_cached(
        "insert into round (doc, round, item, slot, place) values (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (round, place) in day.rounds.iter().zip(0_i64..) {
        rounds.execute(params![
            doc,
            round.id.to_i64(),
            round.item,
            round.slot.name(),
            place
        ])?;
    }
    draw_hand_outs(tx, &day)
}

fn draw_hand_outs(tx: &Tx<'_>, day: &Day) -> Result<(), StoreError> {
    let doc = day.id.as_bytes();
    tx.prepare_cached("delete from hand_out where doc = ?1")?
        .execute([doc])?;
    let mut rows = tx.prepare_cached(
        "insert or replace into hand_out
            (doc, event, round, person, household, reason, wall_s, quality, place)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (given, place) in day.hand_outs.iter().zip(0_i64..) {
        for person in &given.people {
            rows.execute(params![
                doc,
                given.id.to_i64(),
                given.round.to_i64(),
                person.to_i64(),
                given.household.cast_signed(),
                given.reason,
                given.source.wall_s,
                given.source.quality as u8,
                place,
            ])?;
        }
    }
    Ok(())
}

/// Replaces the row of this finding.
pub fn draw_finding(tx: &Tx<'_>, document: &Document) -> Result<(), StoreError> {
    let Some(found) = finding::latest(document)? else {
        return Ok(());
    };
    let shelters: Vec<&str> = found
        .given
        .iter()
        .map(|(shelter, _)| shelter.as_str())
        .collect();
    tx.prepare_cached(
        "insert or replace into double_hand_out (doc, person, item, day, slot, shelters)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        document.id().as_bytes(),
        found.person.to_i64(),
        found.item,
        found.day,
        found.slot.name(),
        shelters.join(", "),
    ])?;
    Ok(())
}
