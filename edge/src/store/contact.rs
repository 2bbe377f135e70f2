//! What is saved where: the numbers behind the line on every page.

use rusqlite::{Connection, params};
use yadori_ledger::session::Outcome;

use super::{StoreError, log};

/// How this node stands with headquarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Wall time when headquarters last said anything; `None` when it never did.
    pub heard_s: Option<i64>,
    /// Wall time when both sides last found that they hold the same.
    pub agreed_s: Option<i64>,
    /// Changes written here that headquarters has not confirmed to have on disk.
    pub waiting_count: i64,
    /// Changes that came in and could not be taken in; a person should look.
    pub quarantined_count: i64,
    pub visits: i64,
    pub bytes_sent: i64,
    pub bytes_received: i64,
}

/// What one visit to headquarters came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit {
    /// `None` when headquarters said nothing at all.
    pub outcome: Option<Outcome>,
    pub bytes_sent: u64,
    pub bytes_received: u64,
}

impl Contact {
    pub fn read(db: &Connection) -> Result<Self, StoreError> {
        let contact = db
            .prepare_cached(
                "select heard_s, agreed_s, visits, bytes_sent, bytes_received,
                        (select count(*) from change where state = 2)
                   from contact",
            )?
            .query_row([], |row| {
                Ok(Self {
                    heard_s: row.get(0)?,
                    agreed_s: row.get(1)?,
                    waiting_count: 0,
                    visits: row.get(2)?,
                    bytes_sent: row.get(3)?,
                    bytes_received: row.get(4)?,
                    quarantined_count: row.get(5)?,
                })
            })?;
        Ok(Self {
            waiting_count: log::waiting(db)?,
            ..contact
        })
    }
}

/// Notes a visit after its link closed.
pub fn note(db: &Connection, visit: &Visit, now_s: i64) -> Result<(), StoreError> {
    let agreed = visit.outcome.is_some_and(|outcome| outcome.agreed);
    db.prepare_cached(
        "update contact set visits = visits + 1,
                            heard_s = iif(?1, ?3, heard_s), agreed_s = iif(?2, ?3, agreed_s),
                            bytes_sent = bytes_sent + ?4, bytes_received = bytes_received + ?5",
    )?
    .execute(params![
        visit.outcome.is_some(),
        agreed,
        now_s,
        visit.bytes_sent.cast_signed(),
        visit.bytes_received.cast_signed(),
    ])?;
    Ok(())
}
