//! The appliance in the shelter: one process, one binary.
//!
//! Start at [`Node::start`], which puts the rooms together: [`store`] (what is on disk), [`web`]
//! with [`staff`], [`registry`], [`aid`] and [`portal`] (what people see), [`uplink`] (visits to
//! headquarters). None but the uplink knows that there is a network.

pub mod aid;
pub mod clock;
pub mod config;
mod node;
pub mod portal;
pub mod registry;
pub mod staff;
pub mod store;
pub mod uplink;
pub mod web;

pub use config::{Config, ConfigError};
pub use node::{Addresses, Node, StartError, check, open_store};
