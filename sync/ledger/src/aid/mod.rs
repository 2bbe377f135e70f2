//! Hand-outs of what is counted by the day: meals, water.
//!
//! One ledger document per shelter and opened day. A day is opened by a person and has an id; its
//! label is what the person called it, never inferred from a clock. Ledgers hold pseudonyms only.
//! Nobody in need is refused: a second hand-out is a warning that staff may override with a reason.

mod day;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::id::{EventId, PersonId};

pub use day::{Already, Day, Given, HandOut, Round, hand_out, open_day, open_round, void};

/// When on a day a round is meant for; hand-outs of one item and slot at two shelters are doubles.
/// Stored by position: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Slot {
    /// Once a day, at any time.
    Day,
    Breakfast,
    Lunch,
    Dinner,
}

impl Slot {
    pub const ALL: [Self; 4] = [Self::Day, Self::Breakfast, Self::Lunch, Self::Dinner];

    /// The name in forms, columns and translations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Breakfast => "breakfast",
            Self::Lunch => "lunch",
            Self::Dinner => "dinner",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }
}

/// What happens in a day's ledger. Stored by position: add at the end only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// A round was opened: one item for everyone, once.
    Opened { item: String, slot: Slot },
    /// These people of one household got their share.
    HandedOut {
        round: EventId,
        /// [`crate::id::DocId::pseudonym`] of the household.
        household: u64,
        people: Vec<PersonId>,
        /// Why it was given although they had it already; empty when they had not.
        reason: String,
    },
    /// A hand-out was entered by mistake.
    Voided { event: EventId },
}

/// Whose hand-outs of what are the same: two in different ledgers are a double.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShareKey {
    pub person: PersonId,
    pub item: String,
    /// The day's label, such as `2026-11-22`.
    pub day: String,
    pub slot: Slot,
}
