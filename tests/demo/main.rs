//! `cargo demo`: headquarters, two shelters of Tokyo, a slow satellite link between, and some
//! hundreds of invented people arriving. Everything is real but the people, the link's delay and
//! that it all runs on one machine.

#![expect(
    clippy::print_stdout,
    reason = "the demo talks to the person who started it"
)]

mod arrivals;
mod ports;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use tokio::time::{Instant, interval_at};
use yadori_tests::proxy::Shape;
use yadori_tests::shelters;
use yadori_tests::{Plan, World};

/// How long the satellite is in sight, and how long it is not.
const WINDOW_OPEN: Duration = Duration::from_secs(60);
const WINDOW_SHUT: Duration = Duration::from_secs(30);

/// How often the counts are told.
const TELL_EVERY: Duration = Duration::from_secs(10);

#[derive(Parser)]
#[command(
    name = "cargo demo",
    about = "Runs headquarters and two shelters with a slow link and invented people."
)]
struct Asked {
    /// Keep everything in this folder; the next `cargo demo --data` goes on with it.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Invented families that arrive at each shelter.
    #[arg(long, default_value_t = 100)]
    families: usize,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked = Asked::parse();
    // Kept until the end: dropping it removes the folder.
    let temporary = tempfile::tempdir()?;
    let folder = asked.data.unwrap_or_else(|| temporary.path().join("demo"));
    println!("{}", words::STARTING);
    let mut world = World::make(plan(folder)).await;
    world.start().await;
    println!("{}", words::welcome(&world));
    let arrivals = arrivals::begin(&world, asked.families);
    watch(&mut world).await;
    arrivals.abort_all();
    println!("\n{}", words::ENDING);
    world.stop().await;
    Ok(())
}

fn plan(folder: PathBuf) -> Plan {
    let two: Vec<_> = shelters::all().iter().take(2).collect();
    Plan {
        shape: Shape::GEO,
        ports: ports::free(two.len()),
        ..Plan::new(&folder, &two)
    }
}

/// Opens and shuts the window, tells the counts, and listens to the keyboard, until Ctrl-C.
async fn watch(world: &mut World) {
    let mut tell = interval_at(Instant::now() + TELL_EVERY, TELL_EVERY);
    let mut keys = Some(BufReader::new(tokio::io::stdin()).lines());
    let (mut is_open, mut turns_at) = (true, Instant::now() + WINDOW_OPEN);
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return,
            _ = tell.tick() => println!("{}", words::counts(world, is_open).await),
            key = next_key(&mut keys) => match key {
                Some(()) => turns_at = Instant::now(),
                // Nobody is at a keyboard: the windows go on by the clock.
                None => keys = None,
            },
            () = tokio::time::sleep_until(turns_at) => {
                is_open = !is_open;
                turns_at = Instant::now() + if is_open { WINDOW_OPEN } else { WINDOW_SHUT };
                turn(world, is_open).await;
                println!("{}", words::window(is_open));
            }
        }
    }
}

async fn turn(world: &mut World, is_open: bool) {
    for site in &mut world.sites {
        if is_open {
            site.reconnect().await;
        } else {
            site.cut_off().await;
        }
    }
}

/// Enter was pressed; `None` when there is no keyboard, and never again after that.
async fn next_key(keys: &mut Option<Lines<BufReader<Stdin>>>) -> Option<()> {
    match keys {
        Some(keys) => keys.next_line().await.ok().flatten().map(drop),
        None => std::future::pending().await,
    }
}
