//! People and households: what is known of a family, where its members are, and what is disputed.
//!
//! A household is one document. Facts stand under `subject.fact`, so that two desks that write
//! different facts never disturb each other; only changed facts are written. Where people are is
//! told by events. Nothing is required but that a person exists.

mod fact;
mod history;
mod household;
mod place;
mod write;

#[cfg(test)]
mod tests;

pub use fact::{Fact, Origin, Status, Subject};
pub use history::{Entry, Step, history};
pub use household::{Disagreement, Facts, Household, Person, Question};
pub use place::{Happening, Place, PlaceEvent, Whereabouts};
pub use write::{
    Answer, NewHousehold, NewPerson, Registered, amend, arrive, register, settle, settle_place,
};
