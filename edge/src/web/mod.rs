//! The frame around every page: who is asking, in which language, what is saved where, and how a
//! mistake or a failure is answered.
//!
//! [`desk`] and [`portal`] put the features together; no feature is known anywhere else in here.

pub mod answer;
pub mod app;
pub mod assets;
mod draw;
pub mod form;
pub mod frame;
pub mod guard;
#[cfg(test)]
pub mod harness;
pub mod router;
pub mod saved;
pub mod status;
#[cfg(test)]
mod tests;
pub mod when;
pub mod words;

pub use app::{App, Setting};
pub use draw::draw;
pub use router::{desk, portal};
