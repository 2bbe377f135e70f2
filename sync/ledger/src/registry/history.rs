//! Who wrote what, when, in which order: nothing that was ever written is gone.

use automerge::legacy::{Key, Op};
use automerge::{Change, ScalarValue};

use crate::document::{Container, Document, Source};
use crate::id::{ChangeHash, EventId};

use super::fact::{Fact, Subject};

/// One change of a household.
#[derive(Debug)]
pub struct Entry {
    pub hash: ChangeHash,
    pub source: Source,
    pub steps: Vec<Step>,
}

/// What a change wrote.
pub enum Step {
    /// An answer; empty when it cleared one.
    Told {
        subject: Subject,
        fact: Fact,
        value: String,
    },
    /// An event, to be looked up among the household's events.
    Happened(EventId),
    /// Written by a newer version.
    Unreadable,
}

/// Shows what it is about, not what was said.
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Told { subject, fact, .. } => write!(f, "Told({subject:?}, {fact:?}, …)"),
            Self::Happened(id) => write!(f, "Happened({id:?})"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

/// The document's changes, causes before effects.
pub fn history(document: &Document) -> Vec<Entry> {
    document
        .changes()
        .iter()
        .map(|change| entry(document, change))
        .collect()
}

fn entry(document: &Document, change: &Change) -> Entry {
    Entry {
        hash: ChangeHash::new(change.hash().0),
        source: Source::new(
            change.actor_id().to_bytes(),
            change.timestamp(),
            change.message(),
        ),
        steps: change
            .decode()
            .operations
            .iter()
            .filter_map(|op| step(document, op))
            .collect(),
    }
}

/// `None` for what is no step of its own, such as the document's id.
fn step(document: &Document, op: &Op) -> Option<Step> {
    let Key::Map(key) = &op.key else { return None };
    let container = document.written_to(&op.obj, &[Container::Facts, Container::Events])?;
    Some(match (container, op.primitive_value()) {
        // The first half of a settlement.
        (Container::Facts, Some(ScalarValue::Null)) => return None,
        (Container::Facts, Some(ScalarValue::Str(value))) => match Fact::of_key(key) {
            Some((subject, fact)) => Step::Told {
                subject,
                fact,
                value: value.to_string(),
            },
            None => Step::Unreadable,
        },
        (Container::Events, _) => key.parse().map_or(Step::Unreadable, Step::Happened),
        _ => Step::Unreadable,
    })
}
