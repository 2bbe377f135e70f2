//! What can be typed: `serve`, `check`, `staff add`, `staff pin`.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use yadori_edge::clock::SystemClock;
use yadori_edge::staff::{self, Role};
use yadori_edge::{Config, Node, check, open_store};
use yadori_ledger::words::{Name, Pin};
use yadori_transport::Identity;

type Done = Result<(), Box<dyn Error>>;

/// The node of a shelter.
#[derive(Parser)]
#[command(name = "yadori-edge", version)]
pub(crate) struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the node until it is told to stop.
    Serve(Settings),
    /// Looks at settings, identity and every stored change, and says what is wrong.
    Check(Settings),
    /// The list of staff, while the node is stopped.
    #[command(subcommand)]
    Staff(Staff),
}

#[derive(Args)]
struct Settings {
    /// The node.toml that `yadori-provision node init` wrote.
    #[arg(long, default_value = "node.toml")]
    config: PathBuf,
}

#[derive(Subcommand)]
enum Staff {
    /// Adds somebody; the PIN is read from standard input.
    Add {
        #[command(flatten)]
        settings: Settings,
        #[arg(long)]
        name: String,
        /// Also manages the list of staff.
        #[arg(long)]
        lead: bool,
    },
    /// Sets somebody's PIN anew, read from standard input.
    Pin {
        #[command(flatten)]
        settings: Settings,
        #[arg(long)]
        name: String,
    },
}

impl Line {
    pub(crate) async fn run(self) -> Done {
        match self.command {
            Command::Serve(Settings { config }) => serve(&Config::read(&config)?).await,
            Command::Check(Settings { config }) => {
                let changes_count = check(&Config::read(&config)?, Arc::new(SystemClock)).await?;
                tracing::info!(changes_count, "everything is sound");
                Ok(())
            }
            Command::Staff(Staff::Add {
                settings,
                name,
                lead,
            }) => add(&settings, &name, lead).await,
            Command::Staff(Staff::Pin { settings, name }) => set_pin(&settings, &name).await,
        }
    }
}

async fn serve(config: &Config) -> Done {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut node = Node::start(config, Arc::new(SystemClock)).await?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
        () = node.ended() => {}
    }
    node.stop().await;
    Ok(())
}

async fn add(settings: &Settings, name: &str, lead: bool) -> Done {
    let (name, role) = (
        name.parse::<Name>()?,
        if lead { Role::Lead } else { Role::Staff },
    );
    let number = staff::add(&store(settings)?, &name, &pin()?, role).await?;
    tracing::info!(number, "added");
    Ok(())
}

async fn set_pin(settings: &Settings, name: &str) -> Done {
    if staff::set_pin(&store(settings)?, &name.parse::<Name>()?, &pin()?).await? {
        return Ok(());
    }
    Err("nobody of this name is on the list: look at the spelling, or add them".into())
}

fn store(settings: &Settings) -> Result<yadori_edge::store::Store, Box<dyn Error>> {
    let config = Config::read(&settings.config)?;
    let identity = Identity::read(&config.folder)?;
    Ok(open_store(&config, &identity, Arc::new(SystemClock))?)
}

fn pin() -> Result<Pin, Box<dyn Error>> {
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    Ok(typed.trim().parse()?)
}
