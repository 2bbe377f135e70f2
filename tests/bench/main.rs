//! `cargo measure WHAT`: how fast and how small, ours and the others' in one run.
//!
//! Prints a table for people, then one line a figure: name, value, unit, separated by tabs. Nothing
//! here is a test: timings depend on the machine.

mod figures;
mod store;
mod wire;

use clap::{Parser, ValueEnum};

use figures::Figures;

#[derive(Parser)]
#[command(
    name = "cargo measure",
    about = "Measures Yadori and what it is compared with, in one run."
)]
struct Asked {
    #[arg(value_enum)]
    what: What,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Durable registrations a second on one node.
    Store,
    /// Bytes and round trips between a node and headquarters.
    Wire,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let figures: Figures = match Asked::parse().what {
        What::Store => store::measure().await?,
        What::Wire => wire::measure().await?,
    };
    figures.print();
    Ok(())
}
