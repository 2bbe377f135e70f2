//! Makes the municipality's authority and the identities of headquarters and nodes.
//!
//! The only place with certificate-making code. It knows nothing of links and stores: what it
//! writes is standard PEM and TOML, read again by `yadori-transport` and by the two programs.

mod authority;
mod error;
mod files;
mod identity;
mod names;
mod settings;
mod web;

pub use authority::Authority;
pub use error::ProvisionError;
pub use identity::{Identity, Role, new_key, public_key};
pub use names::{LanName, LanNameError};
pub use settings::{HqSettings, HqStore, NodeSettings};
pub use web::WebCertificate;
