//! What everything in Yadori *is*: identities, words, documents, and the conversation by which
//! two stores come to agree.
//!
//! Start at [`document`] (one Automerge document over a fixed genesis), then [`registry`] (a
//! household read from and written to such a document), then [`session`] (how changes travel).
//!
//! What must stay absent: sockets, files, SQL, clocks and randomness. Whoever calls brings the
//! time, the random bits and the bytes.

pub mod aid;
pub mod clock;
pub mod document;
pub mod event;
pub mod finding;
pub mod fold;
pub mod frame;
pub mod guard;
pub mod id;
pub mod registry;
pub mod session;
pub mod sign;
pub mod words;
