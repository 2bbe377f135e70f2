//! Time as an argument: the world in a test has one clock for everybody.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970, as headquarters believes.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    pub fn new(now_s: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_s))
    }

    /// The machine's own clock.
    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
    }

    pub fn now_s(&self) -> i64 {
        (self.0)()
    }
}
