//! Slows down whoever guesses passwords: by name, so that one officer's password is safe from
//! many machines, and by address, so that many names are safe from one machine.
//!
//! Kept in the database, so that another process or a restart gives no new tries. A try that
//! comes too early is refused but not counted: nobody can lock an officer out for ever.

use sha2::{Digest, Sha256};

use crate::store::{Db, StoreError, Tx, params, statements};

/// Mistypings that cost nothing.
const FREE_FOR_A_NAME: i64 = 4;
/// Officers share an address behind the city's network.
const FREE_FOR_AN_ADDRESS: i64 = 20;
/// At one guess a minute, a password of twelve characters outlives the disaster.
const WAIT_S_MAX: i64 = 60;
/// Tries this old are forgotten.
const FORGET_AFTER_S: i64 = 3_600;

statements! {
    FORGET = "delete from wrong_try where last_s < $1";
    ADD = "insert into wrong_try (who, tries, last_s) values ($1, 0, $2) on conflict (who) do nothing";
    LOCK = "update wrong_try set tries = tries where who = $1 returning tries, last_s";
    COUNT = "update wrong_try set tries = tries + 1, last_s = $2 where who = $1";
    CLEAR = "delete from wrong_try where who = $1";
    GIVE_BACK = "update wrong_try set tries = tries - 1 where who = $1 and tries > 0";
}

/// One visitor's try, counted as wrong until it proves right.
pub(super) struct Try {
    name: [u8; 32],
    address: [u8; 32],
}

impl Try {
    pub(super) fn of(name_fold: &str, address: &str) -> Self {
        // Hashes: what was typed as a name is sometimes a password.
        Self {
            name: hashed("name", name_fold),
            address: hashed("address", address),
        }
    }

    /// Takes a try, or says how many seconds to wait.
    pub(super) async fn take(&self, db: &Db, now_s: i64) -> Result<Result<(), i64>, StoreError> {
        db.write(|tx| async move {
            tx.run(FORGET, params![now_s - FORGET_AFTER_S]).await?;
            // Always in the same order, so that two visitors cannot wait for one another.
            let by_name = wait_s(&tx, &self.name, FREE_FOR_A_NAME, now_s).await?;
            let by_address = wait_s(&tx, &self.address, FREE_FOR_AN_ADDRESS, now_s).await?;
            match by_name.max(by_address) {
                0 => {
                    tx.run(COUNT, params![&self.name, now_s]).await?;
                    tx.run(COUNT, params![&self.address, now_s]).await?;
                    Ok(Ok(()))
                }
                wait_s => Ok(Err(wait_s)),
            }
        })
        .await
    }

    /// The try was right: the name starts afresh, the address gets this one back.
    pub(super) async fn was_right(&self, db: &Db) -> Result<(), StoreError> {
        db.write(|tx| async move {
            tx.run(CLEAR, params![&self.name]).await?;
            tx.run(GIVE_BACK, params![&self.address]).await.map(drop)
        })
        .await
    }
}

async fn wait_s(tx: &Tx, who: &[u8; 32], free: i64, now_s: i64) -> Result<i64, StoreError> {
    tx.run(ADD, params![who, now_s]).await?;
    let row = tx.one(LOCK, params![who]).await?;
    let (tries, last_s): (i64, i64) = (row.get("tries")?, row.get("last_s")?);
    Ok((last_s + pause_s(tries, free) - now_s).clamp(0, WAIT_S_MAX))
}

/// Nothing for the free tries, then 1, 2, 4… seconds after the last one.
fn pause_s(tries: i64, free: i64) -> i64 {
    match tries - free {
        ..0 => 0,
        over => 1_i64
            .checked_shl(u32::try_from(over).unwrap_or(u32::MAX))
            .map_or(WAIT_S_MAX, |s| s.clamp(1, WAIT_S_MAX)),
    }
}

fn hashed(kind: &str, who: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(who)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_minute() {
        let waits: Vec<_> = [0, 3, 4, 5, 6, 9, 10, 62, 63, 64, 500]
            .map(|tries| pause_s(tries, 4))
            .into();
        assert_eq!(waits, [0, 0, 1, 2, 4, 32, 60, 60, 60, 60, 60]);
    }
}
