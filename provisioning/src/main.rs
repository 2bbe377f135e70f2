//! `yadori-provision`: turns an empty directory into a trusted identity.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use time::OffsetDateTime;
use yadori_ledger::id::{NodeCode, ShelterId};
use yadori_provision::{
    Authority, HqSettings, HqStore, Identity, LanName, NodeSettings, ProvisionError, Role,
    WebCertificate, new_key, public_key,
};

/// Makes the authority of a municipality and the identities of its headquarters and nodes.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The one key that says who is trusted
    #[command(subcommand)]
    Authority(AuthorityCommand),
    /// Headquarters
    #[command(subcommand)]
    Hq(HqCommand),
    /// A shelter's node
    #[command(subcommand)]
    Node(NodeCommand),
    /// Renews the certificate that browsers see, in a node's or headquarters' directory
    Web(Web),
}

#[derive(Subcommand)]
enum AuthorityCommand {
    /// Makes a new authority
    Init(AuthorityInit),
}

#[derive(Subcommand)]
enum HqCommand {
    /// Makes headquarters' identity and hq.toml
    Init(HqInit),
}

#[derive(Subcommand)]
enum NodeCommand {
    /// Makes a node's identity and node.toml
    Init(Box<NodeInit>),
    /// Prints a line for each node, by which headquarters admits it
    List {
        /// Directories that `node init` wrote
        #[arg(required = true)]
        dirs: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct AuthorityInit {
    /// A new directory; keep it offline afterwards
    #[arg(long)]
    dir: PathBuf,
    /// What a tablet shows when it is asked to trust the authority
    #[arg(long, default_value = "Yadori")]
    name: String,
}

#[derive(Args)]
struct HqInit {
    /// The authority's directory
    #[arg(long)]
    authority: PathBuf,
    #[arg(long)]
    dir: PathBuf,
    /// Where the embedded database is kept
    #[arg(
        long,
        default_value = "/var/lib/yadori-hq",
        conflicts_with = "postgres_url"
    )]
    data_dir: PathBuf,
    /// Keep the database in PostgreSQL instead
    #[arg(long)]
    postgres_url: Option<String>,
    #[arg(long, default_value = "0.0.0.0:7070")]
    intake: SocketAddr,
    #[arg(long, default_value = "127.0.0.1:8070")]
    console_http: SocketAddr,
    #[arg(long)]
    console_https: Option<SocketAddr>,
    /// How browsers call the console besides localhost; may be repeated
    #[arg(long = "lan-name")]
    lan_names: Vec<LanName>,
}

#[derive(Args)]
struct NodeInit {
    /// The authority's directory
    #[arg(long)]
    authority: PathBuf,
    /// Headquarters' directory; only its public key is read
    #[arg(long)]
    hq: PathBuf,
    #[arg(long)]
    dir: PathBuf,
    /// 全国共通避難所ID: `E` and 13 digits, or `L` and 13 digits of your own
    #[arg(long)]
    shelter: ShelterId,
    /// The shelter's name as people know it
    #[arg(long, value_parser = shelter_name)]
    name: String,
    /// Three letters that begin this node's card numbers (digits and capitals without I, L, O, U)
    #[arg(long)]
    code: NodeCode,
    /// Where headquarters' intake is reached, `host:port`
    #[arg(long)]
    hq_address: String,
    #[arg(long, default_value = "/var/lib/yadori")]
    data_dir: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8080")]
    desk_http: SocketAddr,
    /// Where tablets reach the desk, such as 0.0.0.0:8443
    #[arg(long)]
    desk_https: Option<SocketAddr>,
    #[arg(long, default_value = "0.0.0.0:8081")]
    portal_http: SocketAddr,
    /// How tablets call the desk besides localhost; may be repeated
    #[arg(long = "lan-name")]
    lan_names: Vec<LanName>,
}

#[derive(Args)]
struct Web {
    #[arg(long)]
    authority: PathBuf,
    #[arg(long)]
    dir: PathBuf,
    /// How browsers call it besides localhost; may be repeated
    #[arg(long = "lan-name")]
    lan_names: Vec<LanName>,
}

/// The longest name among Tokyo's shelters has 33 characters.
const SHELTER_NAME_CHARS_MAX: usize = 100;

fn shelter_name(typed: &str) -> Result<String, String> {
    let name = typed.trim();
    match name.chars().count() {
        1..=SHELTER_NAME_CHARS_MAX if !name.contains(char::is_control) => Ok(name.into()),
        _ => Err(format!(
            "a shelter's name is one line of at most {SHELTER_NAME_CHARS_MAX} characters"
        )),
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().what) {
        Ok(said) => say(&mut io::stdout(), &said),
        Err(problem) => {
            say(&mut io::stderr(), &format!("yadori-provision: {problem}"));
            ExitCode::FAILURE
        }
    }
}

/// A reader that went away (`| head`) is no failure of ours to report.
fn say(out: &mut dyn Write, text: &str) -> ExitCode {
    writeln!(out, "{text}").map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn run(what: What) -> Result<String, ProvisionError> {
    match what {
        What::Authority(AuthorityCommand::Init(init)) => authority_init(&init),
        What::Hq(HqCommand::Init(init)) => hq_init(init),
        What::Node(NodeCommand::Init(init)) => node_init(*init),
        What::Node(NodeCommand::List { dirs }) => node_list(&dirs),
        What::Web(web) => web_renew(&web),
    }
}

fn authority_init(init: &AuthorityInit) -> Result<String, ProvisionError> {
    Authority::make(&init.name)?.save(&init.dir)?;
    Ok(format!(
        "The authority is in {}. Whoever has authority.key.pem can make nodes: keep it offline.",
        init.dir.display()
    ))
}

fn hq_init(init: HqInit) -> Result<String, ProvisionError> {
    let authority = Authority::open(&init.authority)?;
    let identity = Identity::make(&authority, Role::Hq, new_key()?)?;
    let web = WebCertificate::make(&authority, &init.lan_names, OffsetDateTime::now_utc())?;
    let settings = HqSettings {
        store: init
            .postgres_url
            .map_or(HqStore::Directory(init.data_dir), HqStore::Postgres),
        intake: init.intake,
        console_http: init.console_http,
        console_https: init.console_https,
    };
    settings.save(&init.dir, &authority, &identity, &web)?;
    Ok(format!(
        "Headquarters is in {}. Its id is {}.",
        init.dir.display(),
        identity.node_id()
    ))
}

fn node_init(init: NodeInit) -> Result<String, ProvisionError> {
    let authority = Authority::open(&init.authority)?;
    let identity = Identity::make(&authority, Role::Node, new_key()?)?;
    let web = WebCertificate::make(&authority, &init.lan_names, OffsetDateTime::now_utc())?;
    let settings = NodeSettings {
        shelter_id: init.shelter,
        shelter_name: init.name,
        node_code: init.code,
        data_dir: init.data_dir,
        desk_http: init.desk_http,
        desk_https: init.desk_https,
        portal_http: init.portal_http,
        hq_address: init.hq_address,
        hq_key: public_key(&init.hq)?,
    };
    settings.save(&init.dir, &authority, &identity, &web)?;
    Ok(format!(
        "The node {} is in {}. Headquarters admits it by this line:\n{}",
        identity.node_id(),
        init.dir.display(),
        NodeSettings::admission_line(&init.dir)?
    ))
}

fn node_list(dirs: &[PathBuf]) -> Result<String, ProvisionError> {
    let lines: Vec<String> = dirs
        .iter()
        .map(|dir| NodeSettings::admission_line(dir))
        .collect::<Result<_, _>>()?;
    Ok(lines.join("\n"))
}

fn web_renew(web: &Web) -> Result<String, ProvisionError> {
    let dir: &Path = &web.dir;
    public_key(dir)?;
    let authority = Authority::open(&web.authority)?;
    WebCertificate::make(&authority, &web.lan_names, OffsetDateTime::now_utc())?.replace(dir)?;
    Ok(format!(
        "{} is new. Restart the program that uses it.",
        dir.join("web.pem").display()
    ))
}
