//! What waits for a person to decide; every page shows the counts.

use rusqlite::Connection;

use crate::store::StoreError;

/// Counts for the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenQuestions {
    /// Families that registered themselves and were not seen at the desk yet.
    pub unconfirmed: u32,
    /// Households in which writers answered differently.
    pub disagreements: u32,
}

impl OpenQuestions {
    pub fn read(db: &Connection) -> Result<Self, StoreError> {
        let count = |sql: &str| db.prepare_cached(sql)?.query_row([], |row| row.get(0));
        Ok(Self {
            unconfirmed: count("select count(*) from household where origin = 'p'")?,
            disagreements: count("select count(*) from household where disagreements > 0")?,
        })
    }
}
