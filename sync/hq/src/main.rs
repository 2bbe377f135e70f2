//! `yadori-hq`: serves headquarters, and keeps its lists.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use yadori_hq::clock::Clock;
use yadori_hq::config::Settings;
use yadori_hq::officer::{Password, Role};
use yadori_hq::store::Db;
use yadori_hq::{Config, Listeners, Secure, node, officer, shelter};
use yadori_ledger::id::NodeId;
use yadori_transport::Identity;

#[derive(Parser)]
#[command(about = "Headquarters of Yadori", version)]
struct Args {
    /// The settings file.
    #[arg(long, default_value = "hq.toml")]
    settings: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the console and the nodes.
    Serve,
    /// Brings the tables to the newest shape.
    Migrate,
    /// Lets a node connect.
    Admit {
        /// The line that `yadori-provision node list` prints: key, shelter, code, name.
        #[arg(required = true, num_args = 4..)]
        line: Vec<String>,
    },
    /// Strikes a node off the list, at once.
    Revoke { node: NodeId },
    /// Reads a list of shelters: CSV with the columns of `tokyo-shelters.csv`.
    Shelters { csv: PathBuf },
    /// Adds an officer; the password is read from standard input.
    Officer {
        name: String,
        #[arg(long, default_value = "desk")]
        role: Role,
    },
    /// Strikes an officer off, at once.
    Strike { officer: String },
    /// Draws all rows anew from the changes.
    Redraw,
    /// After restoring the database from a backup, before serving again.
    Restored,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,refinery_core=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    log_panics_by_place_only();
    match act(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A panic's message may hold what was being worked on: people.
fn log_panics_by_place_only() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a panic");
    }));
}

async fn act(args: Args) -> Result<(), Failed> {
    let settings = Settings::read(&args.settings)?;
    let db = settings.database.open().await?;
    let now_s = Clock::system().now_s();
    match args.command {
        Command::Serve => return serve(settings, db).await,
        Command::Migrate => tracing::info!("the tables are of the newest shape"),
        Command::Admit { line } => {
            let id = node::admit(&db, &node::read_line(&line)?, now_s).await?;
            tracing::info!(node.id = %id, "the node may connect");
        }
        Command::Revoke { node } => match node::revoke(&db, node, now_s).await? {
            true => tracing::info!(node.id = %node, "the node may no longer connect"),
            false => return Err("no such node is on the list".into()),
        },
        Command::Shelters { csv } => {
            let shelters = shelter::read_csv(&std::fs::read_to_string(csv)?)?;
            shelter::add(&db, &shelters).await?;
            tracing::info!(
                shelters_count = shelters.len(),
                "the list of shelters is in"
            );
        }
        Command::Officer { name, role } => {
            let id = officer::add(&db, &name, role, &password()?, now_s).await?;
            tracing::info!(officer.id = id, "the officer may sign in");
        }
        Command::Strike { officer } => match officer::strike(&db, &officer, now_s).await? {
            true => tracing::info!("the officer is signed out and can no longer sign in"),
            false => return Err("no such officer is on the list".into()),
        },
        Command::Redraw => {
            let documents_count = yadori_hq::redraw(&db).await?;
            tracing::info!(documents_count, "all rows are drawn anew");
        }
        Command::Restored => {
            yadori_hq::renew(&db).await?;
            tracing::info!(
                "nodes will stream what the backup lacks; restart every headquarters process"
            );
        }
    }
    Ok(())
}

async fn serve(settings: Settings, db: Db) -> Result<(), Failed> {
    let identity = Identity::read(&settings.folder)?;
    let listeners = Listeners {
        console: TcpListener::bind(settings.console_http).await?,
        intake: TcpListener::bind(settings.intake).await?,
    };
    let secure = match settings.console_https {
        Some(address) => Some(secure(address, &settings).await?),
        None => None,
    };
    tracing::info!(console = %settings.console_http, intake = %settings.intake, "headquarters is open");
    let config = Config {
        db,
        identity,
        console: settings.console,
    };
    yadori_hq::serve(config, listeners, secure, Clock::system(), asked_to_stop()).await?;
    Ok(())
}

async fn secure(address: SocketAddr, settings: &Settings) -> Result<Secure, Failed> {
    let web_pem = std::fs::read_to_string(settings.folder.join("web.pem"))?;
    let tls = yadori_transport::tls::desk_config(&web_pem)?;
    Ok(Secure {
        listener: TcpListener::bind(address).await?,
        tls,
    })
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

fn password() -> Result<Password, Failed> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).parse()?)
}
