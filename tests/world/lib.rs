//! The world in one process: shelters, headquarters and the links between them, with invented
//! people at real places. Stories, simulation, browser tests, measurements and the demo are
//! built from these parts.

pub mod effort;
pub mod form;
pub mod headquarters;
pub mod people;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod shelters;
pub mod site;
pub mod store;
pub mod visitor;
mod world;

pub use world::{Plan, TELLING_TAKES_MAX, World, WorldPorts};
