//! The appliance in the shelter.

pub mod clock;
pub mod store;
