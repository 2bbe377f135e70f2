//! How long somebody waits after a wrong PIN. Counted with a clock that cannot be set, because a
//! wall clock that jumps must neither open a lock nor close it for years.
//!
//! The count of wrong tries survives a restart (it is in the store); the wait then begins anew.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Role;

/// After this many wrong PINs a member of staff is locked out for a while.
pub const WRONG_TRIES_MAX: u32 = 5;

/// How long that is: two days of guessing all night then find one PIN in 35 of four digits.
pub const LOCKED_FOR: Duration = Duration::from_secs(10 * 60);

/// The lead is never locked out, or anybody could shut a shelter's desk by guessing badly.
/// Four tries a minute need 170 days for six digits.
pub const LEAD_WAITS_MAX: Duration = Duration::from_secs(15);

/// Wrong tries by staff number.
#[derive(Default)]
pub struct Tries(Mutex<HashMap<u32, Tried>>);

#[derive(Clone, Copy)]
struct Tried {
    wrong: u32,
    last: Instant,
}

impl Tries {
    /// Begins a try, or says how long to wait first. A try counts as wrong until [`right`] says
    /// otherwise, so that many at once are not many for the price of one. `wrong_stored` is the
    /// count in the store, for the first try after a restart.
    ///
    /// [`right`]: Self::right
    pub fn begin(
        &self,
        number: u32,
        role: Role,
        wrong_stored: u32,
        now: Instant,
    ) -> Result<u32, Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tried = all.entry(number).or_insert(Tried {
            wrong: wrong_stored,
            last: now,
        });
        let waited = now.saturating_duration_since(tried.last);
        let left = wait_after(tried.wrong, role).saturating_sub(waited);
        if !left.is_zero() {
            return Err(left);
        }
        *tried = Tried {
            wrong: tried.wrong.saturating_add(1),
            last: now,
        };
        Ok(tried.wrong)
    }

    /// The PIN was right, or was set anew.
    pub fn right(&self, number: u32) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                number,
                Tried {
                    wrong: 0,
                    last: Instant::now(),
                },
            );
    }
}

/// 1 s, 2 s, 4 s, 8 s, then locked; the lead goes on to a longest wait instead.
fn wait_after(wrong: u32, role: Role) -> Duration {
    let doubling = match wrong {
        0 => Duration::ZERO,
        _ => Duration::from_secs(1 << (wrong - 1).min(16)),
    };
    match role {
        Role::Lead => doubling.min(LEAD_WAITS_MAX),
        Role::Staff if wrong >= WRONG_TRIES_MAX => LOCKED_FOR,
        Role::Staff => doubling,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: u32 = 7;

    fn guess_at_once(tries: &Tries, role: Role, from: Instant, count: u32) -> Instant {
        let mut now = from;
        for _ in 0..count {
            while let Err(left) = tries.begin(NUMBER, role, 0, now) {
                now += left;
            }
        }
        now
    }

    #[test]
    fn every_wrong_try_makes_the_next_wait_longer_and_the_fifth_locks_for_a_bounded_time() {
        let (tries, start) = (Tries::default(), Instant::now());
        let fifth = guess_at_once(&tries, Role::Staff, start, WRONG_TRIES_MAX);
        assert_eq!(fifth - start, Duration::from_secs(1 + 2 + 4 + 8));
        assert_eq!(tries.begin(NUMBER, Role::Staff, 0, fifth), Err(LOCKED_FOR));
        assert!(
            tries
                .begin(NUMBER, Role::Staff, 0, fifth + LOCKED_FOR)
                .is_ok()
        );
    }

    #[test]
    fn the_lead_is_slowed_but_never_locked() {
        let (tries, start) = (Tries::default(), Instant::now());
        let later = guess_at_once(&tries, Role::Lead, start, 50);
        assert_eq!(
            tries.begin(NUMBER, Role::Lead, 0, later),
            Err(LEAD_WAITS_MAX)
        );
    }

    #[test]
    fn two_tries_at_the_same_moment_are_one_too_many() {
        let (tries, now) = (Tries::default(), Instant::now());
        assert!(tries.begin(NUMBER, Role::Staff, 0, now).is_ok());
        assert!(tries.begin(NUMBER, Role::Staff, 0, now).is_err());
    }

    #[test]
    fn a_restart_does_not_open_a_lock_at_once() {
        let (tries, now) = (Tries::default(), Instant::now());
        assert_eq!(
            tries.begin(NUMBER, Role::Staff, WRONG_TRIES_MAX, now),
            Err(LOCKED_FOR)
        );
    }

    #[test]
    fn the_right_pin_forgives() {
        let (tries, now) = (Tries::default(), Instant::now());
        assert!(tries.begin(NUMBER, Role::Staff, 0, now).is_ok());
        tries.right(NUMBER);
        assert!(tries.begin(NUMBER, Role::Staff, 0, Instant::now()).is_ok());
    }
}
