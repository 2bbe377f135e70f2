//! The time that TLS believes.
//!
//! A node without a battery-backed clock wakes in 1970, where no certificate is valid yet. Time has
//! surely passed since this program was built and since headquarters last signed a time, so the
//! clock never reads below either. Nothing else in Yadori is decided by this clock.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

/// When this program was built: what the packager says, or the day this line was last looked at.
const BUILD_S: i64 = match option_env!("SOURCE_DATE_EPOCH") {
    None => 1_795_305_600, // 2026-11-22
    Some(text) => match i64::from_str_radix(text, 10) {
        Ok(seconds) => seconds,
        Err(_) => panic!("SOURCE_DATE_EPOCH is not a number of seconds"),
    },
};

/// Seconds since 1970 from any source, never below the floor.
pub struct FlooredClock {
    now_s: Box<dyn Fn() -> i64 + Send + Sync>,
    floor_s: AtomicI64,
}

impl FlooredClock {
    pub fn new(now_s: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self {
            now_s: Box::new(now_s),
            floor_s: AtomicI64::new(BUILD_S),
        }
    }

    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or(Duration::ZERO);
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
    }

    /// Tells the newest time that headquarters signed. An older one changes nothing.
    pub fn raise_floor(&self, hq_signed_s: i64) {
        self.floor_s.fetch_max(hq_signed_s, Ordering::Relaxed);
    }

    pub fn now_s(&self) -> i64 {
        (self.now_s)().max(self.floor_s.load(Ordering::Relaxed))
    }
}

impl TimeProvider for FlooredClock {
    fn current_time(&self) -> Option<UnixTime> {
        let now_s = u64::try_from(self.now_s()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(now_s)))
    }
}

impl fmt::Debug for FlooredClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FlooredClock({} s)", self.now_s())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_wakes_in_1970_reads_the_newest_time_that_surely_passed() {
        let clock = FlooredClock::new(|| 0);
        assert_eq!(clock.now_s(), BUILD_S);
        clock.raise_floor(BUILD_S + 86_400);
        clock.raise_floor(BUILD_S);
        assert_eq!(clock.now_s(), BUILD_S + 86_400);
    }

    #[test]
    fn a_clock_that_is_ahead_is_believed() {
        assert_eq!(FlooredClock::new(|| BUILD_S + 5).now_s(), BUILD_S + 5);
    }
}
