//! PINs are kept as argon2id hashes, and hashing is rationed: it takes memory and a core, and
//! anybody on the staff network can ask for it.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::web::answer::PageError;

/// OWASP's least memory for argon2id. Two at once are 38 MiB, which a 1 GiB board can spare; a
/// PIN of six digits is protected by the waits in [`super::tries`] far more than by this.
const MEMORY_KIB: u32 = 19 * 1024;
/// OWASP's passes for that memory; about 0.2 s on a Pi 4.
const PASSES: u32 = 2;
/// One lane: the board's other cores serve pages.
const LANES: u32 = 1;

/// Hashes that run at the same time.
const HASHES_AT_ONCE: usize = 2;
/// Requests that may wait for a hash; at 0.2 s each the last waits under two seconds.
const HASHES_WAITING_MAX: usize = 16;

/// The ration of hashing.
pub struct Hashing {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Hashing {
    pub fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            waiting: Semaphore::new(HASHES_WAITING_MAX),
        }
    }

    /// The hash to keep for a new PIN.
    pub async fn hash(&self, pin: String) -> Result<String, PageError> {
        self.run(move || hash(&pin)).await
    }

    /// Whether this is the PIN that was hashed.
    pub async fn is_right(&self, pin: String, stored: String) -> Result<bool, PageError> {
        self.run(move || is_right(&pin, &stored)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PageError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| PageError::Busy)?;
        let permit = self
            .running
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| PageError::Busy)?;
        let worked = spawn_blocking(move || {
            let made = work();
            drop(permit);
            made
        });
        worked.await.map_err(|_| PageError::Busy)
    }
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new()
    }
}

/// The hash to keep; blocks for its whole time.
pub fn hash(pin: &str) -> String {
    argon2()
        .hash_password(pin.as_bytes())
        .expect("the salt is random and long enough")
        .to_string()
}

fn is_right(pin: &str, stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else {
        tracing::error!("a stored PIN cannot be read: set it anew");
        return false;
    };
    argon2().verify_password(pin.as_bytes(), &stored).is_ok()
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pin_is_known_again_and_its_hash_says_how_it_was_made() {
        let hashing = Hashing::new();
        let stored = hashing.hash("204816".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            hashing
                .is_right("204816".into(), stored.clone())
                .await
                .unwrap()
        );
        assert!(!hashing.is_right("204817".into(), stored).await.unwrap());
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_told_so() {
        let hashing = Arc::new(Hashing::new());
        let stored = hash("1234");
        let tries: Vec<_> = (0..HASHES_WAITING_MAX + 8)
            .map(|_| {
                let (hashing, stored) = (hashing.clone(), stored.clone());
                tokio::spawn(async move { hashing.is_right("1234".into(), stored).await.is_ok() })
            })
            .collect();
        let mut served = 0;
        for one in tries {
            served += usize::from(one.await.unwrap());
        }
        assert_eq!(served, HASHES_WAITING_MAX);
    }
}
