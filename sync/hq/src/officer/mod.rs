//! Officers of headquarters: who they are, what their role allows, and how they sign in.

mod password;
mod sign_in;
#[cfg(test)]
mod tests;
mod tries;

use std::fmt;
use std::str::FromStr;

use crate::store::{Db, Row, Sql, StoreError, Tx, params, statements};

pub use password::{Password, PasswordDesk, PasswordError};
pub(crate) use sign_in::{SESSION_KEY, router};

statements! {
    ACTIVE = "select officer, name, role from officer where officer = $1 and struck_s is null";
    BY_NAME = "select officer, password_hash from officer where name_fold = $1 and struck_s is null";
    NAME_OF = "select name from officer where officer = $1";
    NEXT = "update next_number set next = next + 1 where name = 'officer' returning next - 1 as officer";
    ADD = "insert into officer (officer, name, name_fold, role, password_hash, added_s)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (name_fold) do nothing";
    STRIKE = "update officer set struck_s = $2 where name_fold = $1 and struck_s is null";
}

pub(crate) fn statements() -> impl Iterator<Item = Sql> {
    STATEMENTS.iter().chain(tries::STATEMENTS).copied()
}

/// What an officer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Looks at shelters, finds people, settles disagreements.
    Desk,
    /// The same, and reads the read log.
    Lead,
    /// Reads the read log and nothing else.
    Auditor,
}

/// One thing that a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// See shelters and people, settle, send.
    Work,
    /// See who looked at whom.
    ReadLog,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Desk, Self::Lead, Self::Auditor];

    pub fn name(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Lead => "lead",
            Self::Auditor => "auditor",
        }
    }

    fn allows(self, right: Right) -> bool {
        match right {
            Right::Work => self != Self::Auditor,
            Right::ReadLog => self != Self::Desk,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a role is desk, lead or auditor")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(name: &str) -> Result<Self, RoleError> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or(RoleError)
    }
}

/// An officer who is signed in.
#[derive(Clone)]
pub(crate) struct Officer {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) role: Role,
}

impl fmt::Debug for Officer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Officer({})", self.id)
    }
}

impl Officer {
    pub(crate) fn may(&self, right: Right) -> bool {
        self.role.allows(right)
    }

    fn of(row: &Row) -> Result<Self, StoreError> {
        let role: String = row.get("role")?;
        Ok(Self {
            id: row.get("officer")?,
            name: row.get("name")?,
            role: role
                .parse()
                .map_err(|_| StoreError::Damaged("officer.role"))?,
        })
    }
}

/// Why an officer was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error("the name is empty or longer than {NAME_CHARS_MAX} characters")]
    Name,
    #[error("an officer of this name is there already; choose another name")]
    Taken,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A name on one line of the screen.
const NAME_CHARS_MAX: usize = 40;

/// Adds an officer, who can sign in at once.
pub async fn add(
    db: &Db,
    name: &str,
    role: Role,
    password: &Password,
    now_s: i64,
) -> Result<i64, AddError> {
    let name = name.trim();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.contains(char::is_control) {
        return Err(AddError::Name);
    }
    let hash = &password::hash(password)?;
    db.write(|tx| async move {
        let id: i64 = tx.one(NEXT, params![]).await?.get("officer")?;
        let row = params![id, name, folded(name), role.name(), hash, now_s];
        match tx.run(ADD, row).await? {
            0 => Err(AddError::Taken),
            _ => Ok(id),
        }
    })
    .await
}

/// Strikes an officer off: their next page is the sign-in. `false` when there is no such officer.
pub async fn strike(db: &Db, name: &str, now_s: i64) -> Result<bool, StoreError> {
    let name = folded(name);
    let name = &name;
    let struck = db
        .write(|tx| async move { tx.run(STRIKE, params![name, now_s]).await })
        .await?;
    Ok(struck == 1)
}

/// The officer behind a session, unless struck off since.
pub(crate) async fn active(db: &Db, id: i64) -> Result<Option<Officer>, StoreError> {
    let row = db
        .read(|tx| async move { tx.row(ACTIVE, params![id]).await })
        .await?;
    row.as_ref().map(Officer::of).transpose()
}

/// The name of whoever wrote something as officer `id`, also of one who has left.
pub(crate) async fn name_of(tx: &Tx, id: i64) -> Result<Option<String>, StoreError> {
    let row = tx.row(NAME_OF, params![id]).await?;
    row.map(|row| row.get("name")).transpose()
}

/// Capital letters and spaces around a name make no other officer.
fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
