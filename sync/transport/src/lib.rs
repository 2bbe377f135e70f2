//! How bytes travel: TLS links that drive the ledger's session.
//!
//! The way of a conversation: [`dial`] or [`accept`] proves both ends, [`frames`] turns bytes into
//! frames and back, [`drive`] passes them between the link, the session and a store.
//!
//! Browsers come in by [`SecureListener`].
//!
//! What must stay absent: SQL, what pages say, and what a change means. The session decides what is said.

pub mod accept;
mod browsers;
mod clock;
pub mod dial;
pub mod drive;
pub mod frames;
mod identity;
mod link;
pub mod tls;

pub use browsers::SecureListener;
pub use clock::FlooredClock;
pub use identity::{Identity, IdentityError, PeerIdentity, Role};
pub use link::{HANDSHAKE_MAX, Link, LinkError};
