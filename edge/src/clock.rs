//! Where the node's time comes from. Wall time is advisory: it is shown to people and never
//! decides which of two changes wins (DESIGN §3.7).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use yadori_ledger::clock::TimeQuality;

pub trait Clock: Send + Sync + 'static {
    /// Seconds since 1970, as far as the node knows.
    fn wall_s(&self) -> i64;
    /// How far `wall_s` can be trusted.
    fn quality(&self) -> TimeQuality;
}

/// The machine's clock.
pub struct SystemClock;

/// Before this (2026-01-01) the clock has certainly not been set: no node is older.
const BUILT_NOT_BEFORE_S: i64 = 1_767_225_600;

/// systemd-timesyncd and chrony's wait service leave this file once a time server answered.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

impl Clock for SystemClock {
    fn wall_s(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_secs() as i64,
            Err(before) => -(before.duration().as_secs() as i64),
        }
    }

    fn quality(&self) -> TimeQuality {
        if self.wall_s() < BUILT_NOT_BEFORE_S {
            TimeQuality::None
        } else if Path::new(SYNCHRONISED).exists() {
            TimeQuality::Network
        } else {
            TimeQuality::Rtc
        }
    }
}

/// A clock that a test or the simulated world turns by hand, back and forth.
#[derive(Clone)]
pub struct ManualClock {
    wall_s: Arc<AtomicI64>,
    quality: Arc<AtomicU8>,
}

impl ManualClock {
    pub fn at(wall_s: i64) -> Self {
        Self {
            wall_s: Arc::new(AtomicI64::new(wall_s)),
            quality: Arc::new(AtomicU8::new(TimeQuality::Network as u8)),
        }
    }

    pub fn set(&self, wall_s: i64, quality: TimeQuality) {
        self.wall_s.store(wall_s, Ordering::Relaxed);
        self.quality.store(quality as u8, Ordering::Relaxed);
    }

    pub fn advance(&self, by_s: i64) {
        self.wall_s.fetch_add(by_s, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn wall_s(&self) -> i64 {
        self.wall_s.load(Ordering::Relaxed)
    }

    fn quality(&self) -> TimeQuality {
        TimeQuality::from_code(self.quality.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_goes_where_it_is_put_even_back_to_1970() {
        let clock = ManualClock::at(1_800_000_000);
        let seen_by_the_store = clock.clone();
        clock.advance(60);
        assert_eq!(seen_by_the_store.wall_s(), 1_800_000_060);
        clock.set(0, TimeQuality::None);
        assert_eq!(
            (seen_by_the_store.wall_s(), seen_by_the_store.quality()),
            (0, TimeQuality::None)
        );
    }
}
