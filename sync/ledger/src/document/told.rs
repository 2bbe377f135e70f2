//! What a document says, and who said it.

use std::fmt;

use crate::clock::{By, TimeQuality};
use crate::id::ActorId;

/// Where an answer came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The node and epoch that wrote it; `None` when the document cannot tell.
    pub actor: Option<ActorId>,
    /// Seconds since 1970 as that node believed; advisory.
    pub wall_s: i64,
    pub quality: TimeQuality,
    pub by: Option<By>,
}

impl Source {
    pub(super) fn unknown() -> Self {
        Self {
            actor: None,
            wall_s: 0,
            quality: TimeQuality::None,
            by: None,
        }
    }

    /// Reads what [`crate::clock::Stamp`] wrote into a change.
    pub(crate) fn new(actor: &[u8], wall_s: i64, message: Option<&str>) -> Self {
        let (quality, by) = message
            .and_then(|text| text.split_at_checked(1))
            .unwrap_or(("0", ""));
        Self {
            actor: ActorId::from_bytes(actor).ok(),
            wall_s,
            quality: TimeQuality::from_code(quality.parse().unwrap_or(0)),
            by: by.parse().ok(),
        }
    }
}

/// One answer to one question, with its source.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    /// As stored; empty when the answer was "clear this".
    pub value: String,
    pub source: Source,
}

/// Shows only that an answer is there: personal words never reach a log through `{:?}`.
impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Told(…, {:?})", self.source.actor)
    }
}
