//! Passwords: hashed with argon2id, never more at once than the machine can bear.

use std::fmt;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// NIST SP 800-63B asks for eight; officers reach three million people, so twelve.
const PASSWORD_CHARS_MIN: usize = 12;
/// Hashing time grows with length; nobody types more than this.
const PASSWORD_CHARS_MAX: usize = 200;

/// Each takes 19 MiB and tens of milliseconds of one core.
const CHECKS_AT_ONCE_MAX: usize = 2;
/// Who comes after this many waiting ones is asked to try again.
const CHECKS_WAITING_MAX: usize = 32;

/// A password that is long enough to be one.
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters")]
    Length,
    #[error("the password could not be hashed")]
    Hash,
}

impl std::str::FromStr for Password {
    type Err = PasswordError;

    fn from_str(typed: &str) -> Result<Self, PasswordError> {
        match typed.chars().count() {
            PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX => Ok(Self(typed.to_owned())),
            _ => Err(PasswordError::Length),
        }
    }
}

pub(super) fn hash(password: &Password) -> Result<String, PasswordError> {
    let hashed = Argon2::default().hash_password(password.0.as_bytes());
    hashed
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Hash)
}

/// Checks passwords, a few at a time.
pub struct PasswordDesk {
    at_once: Semaphore,
    waiting: Semaphore,
    /// Checked when nobody has the typed name, so that the answer takes as long.
    nobodys: String,
}

impl PasswordDesk {
    pub fn open() -> Result<Self, PasswordError> {
        let nobodys = hash(&Password("no officer has this password".to_owned()))?;
        let (at_once, waiting) = (
            Semaphore::new(CHECKS_AT_ONCE_MAX),
            Semaphore::new(CHECKS_WAITING_MAX),
        );
        Ok(Self {
            at_once,
            waiting,
            nobodys,
        })
    }

    /// Whether `typed` is the password behind `hash` (`None`: nobody's). `None` when too many
    /// are being checked.
    pub(super) async fn check(&self, hash: Option<String>, typed: String) -> Option<bool> {
        let _queued = self.waiting.try_acquire().ok()?;
        let _running = self.at_once.acquire().await.ok()?;
        let somebodys = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys.clone());
        let fits = tokio::task::spawn_blocking(move || fits(&hash, &typed))
            .await
            .unwrap_or(false);
        Some(fits && somebodys)
    }
}

fn fits(hash: &str, typed: &str) -> bool {
    if typed.chars().count() > PASSWORD_CHARS_MAX {
        return false;
    }
    let Ok(parsed) = PasswordHash::new(hash) else {
        return false;
    };
    Argon2::default()
        .verify_password(typed.as_bytes(), &parsed)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_nobodys_fits_none() {
        let desk = PasswordDesk::open().unwrap();
        let stored = hash(&"correct horse battery".parse().unwrap()).unwrap();
        assert!(stored.starts_with("$argon2id$"));
        let check = async |hash, typed: &str| desk.check(hash, typed.to_owned()).await;
        assert_eq!(
            check(Some(stored.clone()), "correct horse battery").await,
            Some(true)
        );
        assert_eq!(check(Some(stored), "correct horse").await, Some(false));
        assert_eq!(
            check(None, "no officer has this password").await,
            Some(false)
        );
    }

    #[test]
    fn a_short_password_is_refused() {
        assert!("short".parse::<Password>().is_err());
        assert!("twelve chars".parse::<Password>().is_ok());
    }
}
