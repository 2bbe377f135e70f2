//! Facts about the repository itself, asserted as tests: who may know whom, what lies where,
//! what is said in which language. Runs no program of the project.

mod arrows;
mod files;
mod locales;
mod readme;
mod tree;

use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
