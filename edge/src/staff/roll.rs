//! The list of staff: the SQL of this feature.

use rusqlite::{Connection, OptionalExtension, Row, params};
use yadori_ledger::words::{Name, Pin};

use super::{Role, SignedIn, pin};
use crate::store::{Store, StoreError};

/// More staff than this have never stood in one shelter, and the sign-in page lists them.
pub const STAFF_MAX: u32 = 500;

/// A member of staff, as the store keeps them.
#[derive(Clone)]
pub struct Member {
    pub number: u32,
    pub name: String,
    pub role: Role,
    pub pin: String,
    pub wrong: u32,
}

impl Member {
    /// The first letters of a fingerprint of the PIN's hash: a session is of no use after the PIN
    /// was set anew.
    pub fn pin_mark(&self) -> String {
        blake3::hash(self.pin.as_bytes()).to_hex()[..16].to_owned()
    }

    pub fn signed_in(&self) -> SignedIn {
        SignedIn {
            number: self.number,
            name: self.name.clone(),
            role: self.role,
        }
    }
}

/// Why somebody could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error("somebody with this name is on the list already: add a second word to the name")]
    Taken,
    #[error("the list of staff is full: retire somebody who has left")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds somebody, for the command line; hashes on this thread. Answers with their number.
pub async fn add(store: &Store, name: &Name, new_pin: &Pin, role: Role) -> Result<u32, AddError> {
    let hash = pin::hash(new_pin.as_str());
    add_hashed(store, name.as_str().to_owned(), hash, role).await
}

/// Sets somebody's PIN by name, for the command line: the way back in for a lead who forgot it.
pub async fn set_pin(store: &Store, name: &Name, new_pin: &Pin) -> Result<bool, StoreError> {
    let (name, hash) = (name.as_str().to_owned(), pin::hash(new_pin.as_str()));
    store
        .write(move |tx| match named(tx, &name)? {
            Some(member) => set_hash(tx, member.number, &hash),
            None => Ok(false),
        })
        .await
}

pub(super) async fn add_hashed(
    store: &Store,
    name: String,
    hash: String,
    role: Role,
) -> Result<u32, AddError> {
    store
        .write(move |tx| Ok(insert(tx, &name, &hash, role)))
        .await?
}

fn insert(db: &Connection, name: &str, hash: &str, role: Role) -> Result<u32, AddError> {
    let sql = |error| AddError::Store(StoreError::from(error));
    let (count, highest): (u32, u32) = db
        .query_row(
            "select count(*), coalesce(max(number), 0) from staff",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(sql)?;
    if count >= STAFF_MAX {
        return Err(AddError::TooMany);
    }
    let added = db
        .execute(
            "insert into staff (number, name, role, pin) values (?1, ?2, ?3, ?4)
             on conflict (name) do nothing",
            params![highest + 1, name, role.word(), hash],
        )
        .map_err(sql)?;
    if added == 1 {
        Ok(highest + 1)
    } else {
        Err(AddError::Taken)
    }
}

/// Sets a PIN, forgives wrong tries, and lets a retired person back in.
pub(super) fn set_hash(db: &Connection, number: u32, hash: &str) -> Result<bool, StoreError> {
    let set = db.execute(
        "update staff set pin = ?2, wrong = 0, retired = 0 where number = ?1",
        params![number, hash],
    )?;
    Ok(set == 1)
}

pub(super) fn set_wrong(db: &Connection, number: u32, wrong: u32) -> Result<(), StoreError> {
    db.execute(
        "update staff set wrong = ?2 where number = ?1",
        params![number, wrong],
    )?;
    Ok(())
}

pub(super) fn set_retired(db: &Connection, number: u32) -> Result<bool, StoreError> {
    Ok(db.execute("update staff set retired = 1 where number = ?1", [number])? == 1)
}

const MEMBER: &str = "select number, name, role, pin, wrong from staff where retired = 0";

/// Everybody who may sign in, by name.
pub(super) fn everybody(db: &Connection) -> Result<Vec<Member>, StoreError> {
    let members = db
        .prepare_cached(&format!("{MEMBER} order by name"))?
        .query_map([], member)?
        .collect::<Result<_, _>>()?;
    Ok(members)
}

pub(super) fn named(db: &Connection, name: &str) -> Result<Option<Member>, StoreError> {
    let found = db
        .prepare_cached(&format!("{MEMBER} and name = ?1"))?
        .query_row([name], member)
        .optional()?;
    Ok(found)
}

pub(super) fn numbered(db: &Connection, number: u32) -> Result<Option<Member>, StoreError> {
    let found = db
        .prepare_cached(&format!("{MEMBER} and number = ?1"))?
        .query_row([number], member)
        .optional()?;
    Ok(found)
}

/// The name behind a number, also of somebody who left; for histories.
pub fn name_of(db: &Connection, number: u32) -> Result<Option<String>, StoreError> {
    let found = db
        .prepare_cached("select name from staff where number = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    Ok(found)
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        number: row.get(0)?,
        name: row.get(1)?,
        role: Role::of(&row.get::<_, String>(2)?),
        pin: row.get(3)?,
        wrong: row.get(4)?,
    })
}
