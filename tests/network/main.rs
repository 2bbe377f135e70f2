//! Links, seen from outside: who is let in, what it costs in bytes, and what bad bytes do.

#![allow(clippy::unwrap_used, reason = "a failed step of a test may end it")]

mod counted;
mod drive;
mod parties;
mod service;
mod shelf;
mod tls;
