//! How many people are where. A person who stands in two households counts once.

use rusqlite::Connection;

use crate::store::StoreError;

/// People served by this shelter, by kind of place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub shelter: u32,
    pub car: u32,
    pub home: u32,
    /// In a tent, with relatives, elsewhere.
    pub other: u32,
    pub households: u32,
    /// People of whom no name is known yet.
    pub unnamed: u32,
    /// People whom nobody at the desk has seen: their families entered them.
    pub unconfirmed: u32,
}

impl Counts {
    pub fn read(db: &Connection) -> Result<Self, StoreError> {
        let mut counts = Self::default();
        let mut by_place = db.prepare_cached(
            "select place, count(distinct person) from person where here = 1 group by place",
        )?;
        let rows = by_place.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
        })?;
        for row in rows {
            let (place, people) = row?;
            match place.as_str() {
                "shelter" => counts.shelter += people,
                "car" => counts.car += people,
                "home" => counts.home += people,
                _ => counts.other += people,
            }
        }
        counts.households = db.query_row("select count(*) from household", [], |row| row.get(0))?;
        let count = |rule: &str| {
            let sql =
                format!("select count(distinct person) from person where here = 1 and {rule}");
            db.prepare_cached(&sql)?.query_row([], |row| row.get(0))
        };
        counts.unnamed = count("name = ''")?;
        counts.unconfirmed = count("unconfirmed = 1")?;
        Ok(counts)
    }

    /// Everybody whom this shelter looks after.
    pub fn people(&self) -> u32 {
        self.shelter + self.car + self.home + self.other
    }
}
