//! People who may be one and the same: equal names or readings, and births that do not exclude it.
//!
//! A hint for a person to look at. It blocks nothing and merges nobody.

use rusqlite::{Connection, Row, params};
use yadori_ledger::id::{DocId, PersonId};
use yadori_ledger::words::{Birth, CivilDate};

use crate::store::StoreError;

/// Hints for one person; a longer list helps nobody at a desk.
const HINTS_MAX: usize = 5;

/// Rows looked at for one person: how many of one common name a large shelter may hold.
const ROWS_MAX: u32 = 100;

/// Somebody else, of this household or another, who may be this person.
pub(super) struct Alike {
    pub(super) doc: DocId,
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) card: String,
    birth: String,
}

/// Who may be the person of this row.
pub(super) fn alike(
    db: &Connection,
    doc: DocId,
    person: PersonId,
    today: CivilDate,
) -> Result<Vec<Alike>, StoreError> {
    let rows = |column: &str| {
        format!(
            "select o.doc, o.person, o.name, o.card, o.birth, p.birth, p.name
           from person p join person o on o.{column} = p.{column}
          where p.doc = ?1 and p.person = ?2 and p.{column} <> '' and (o.doc <> p.doc or o.person <> p.person)
          limit {ROWS_MAX}"
        )
    };
    let mut found: Vec<Alike> = Vec::new();
    for column in ["name_fold", "reading_fold"] {
        let mut query = db.prepare_cached(&rows(column))?;
        let looked = query.query_map(params![doc.as_bytes(), person.to_i64()], |row| {
            Ok((
                other(row)?,
                row.get::<_, String>(5)?,
                row.get::<_, String>(6)?,
            ))
        })?;
        for row in looked {
            let (other, birth, name) = row?;
            let Some(other) = other else { continue };
            let listed = found
                .iter()
                .any(|known| known.doc == other.doc && known.person == other.person);
            if !listed && may_be_one(&name, &birth, &other.birth, today) {
                found.push(other);
            }
        }
    }
    found.truncate(HINTS_MAX);
    Ok(found)
}

fn other(row: &Row<'_>) -> rusqlite::Result<Option<Alike>> {
    let doc: Vec<u8> = row.get(0)?;
    let Ok(doc) = DocId::from_bytes(&doc) else {
        return Ok(None);
    };
    Ok(Some(Alike {
        doc,
        person: PersonId::from_i64(row.get(1)?),
        name: row.get(2)?,
        card: row.get(3)?,
        birth: row.get(4)?,
    }))
}

/// Where a birth is not known, only a full name is a hint: half of a district is called Suzuki.
fn may_be_one(name: &str, one: &str, other: &str, today: CivilDate) -> bool {
    match (Birth::from_stored(one), Birth::from_stored(other)) {
        (Ok(one), Ok(other)) => is_compatible(&one, &other, today),
        _ => name.contains(' '),
    }
}

fn is_compatible(one: &Birth, other: &Birth, today: CivilDate) -> bool {
    let differ = |a: Option<u8>, b: Option<u8>| a.zip(b).is_some_and(|(a, b)| a != b);
    if differ(one.month(), other.month()) || differ(one.day(), other.day()) {
        return false;
    }
    match (one.age_on(today), other.age_on(today)) {
        (Some(one), Some(other)) => one.start() <= other.end() && other.start() <= one.end(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn births_exclude_only_what_they_contradict() {
        let today = CivilDate::new(2026, 11, 22).unwrap();
        let may = |one: &str, other: &str| may_be_one("山田 花子", one, other, today);
        assert!(may("1985-04-01", "~41@2026-11-22"));
        assert!(may("1985-04-01", "1985-04-??"));
        assert!(may("1985-04-01", ""));
        assert!(!may("1985-04-01", "1985-05-01"));
        assert!(!may("1985-04-01", "~12@2026-11-22"));
        assert!(!may_be_one("山田", "1985-04-01", "", today));
    }
}
