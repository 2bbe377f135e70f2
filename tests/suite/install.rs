//! What the tests need from the machine, installed when it is missing.
//!
//! As root on Debian it installs; otherwise it says what to type. Nothing is asked, and a
//! machine that has everything is not touched.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use yadori_tests::postgres;

use crate::child::{self, ChildError};
use crate::run::{BROWSER_FOLDER, Chosen};
use crate::say;

/// A slow mirror gets this long for each call.
const INSTALL_TAKES_MAX: Duration = Duration::from_secs(15 * 60);

/// Playwright refuses an older Node.
const NODE_MAJOR_MIN: u32 = 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    #[error("not root, so nothing can be installed; type: sudo apt-get install {0}")]
    NotRoot(String),
    #[error("`{0}` failed; its last words:\n{1}")]
    Failed(String, String),
    #[error(transparent)]
    Child(#[from] ChildError),
}

/// Where the programs are that later steps call.
pub(crate) struct Tools {
    pub(crate) node: PathBuf,
}

impl Tools {
    pub(crate) fn as_found() -> Self {
        Self {
            node: PathBuf::from("node"),
        }
    }
}

pub(crate) async fn tools(chosen: &Chosen) -> Result<Tools, InstallError> {
    let missing: Vec<_> = NEEDS
        .iter()
        .filter(|need| !(need.is_there)())
        .map(|need| need.package)
        .collect();
    if !missing.is_empty() {
        say(&format!("installing {}", missing.join(", ")));
        packages(&missing).await?;
    }
    if chosen.has_browser() {
        browser_packages().await
    } else {
        Ok(Tools::as_found())
    }
}

struct Need {
    package: &'static str,
    is_there: fn() -> bool,
}

static NEEDS: &[Need] = &[
    Need {
        package: "postgresql",
        is_there: postgres::installed,
    },
    Need {
        package: "strace",
        is_there: || on_path("strace"),
    },
    Need {
        package: "chromium",
        is_there: || on_path("chromium"),
    },
    // 3.5 MB, and has every character of the pages; without one, screenshots are full of boxes.
    Need {
        package: "fonts-ipafont-gothic",
        is_there: has_japanese_font,
    },
    Need {
        package: "nodejs",
        is_there: || on_path("node"),
    },
    Need {
        package: "npm",
        is_there: || on_path("npm"),
    },
];

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).exists())
}

fn has_japanese_font() -> bool {
    let fonts = std::process::Command::new("fc-list")
        .arg(":lang=ja")
        .output();
    fonts.is_ok_and(|list| !list.stdout.is_empty())
}

/// The package lists are fetched only when the install without them fails.
async fn packages(names: &[&str]) -> Result<(), InstallError> {
    if fs::metadata("/proc/self").map_or(true, |me| me.uid() != 0) {
        return Err(InstallError::NotRoot(names.join(" ")));
    }
    let install = || {
        let mut install = apt(&["install", "--yes", "--no-install-recommends"]);
        install.args(names);
        install
    };
    if done(install()).await.is_ok() {
        return Ok(());
    }
    say("fetching the package lists");
    done(apt(&["update"])).await?;
    done(install()).await
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    // Another install that is running is waited for.
    command
        .args(["-q", "-o", "DPkg::Lock::Timeout=300"])
        .args(arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// The packages of the lock file, and a Node that is new enough to run them.
async fn browser_packages() -> Result<Tools, InstallError> {
    let folder = Path::new(BROWSER_FOLDER);
    if !is_installed(folder) {
        say("npm ci in tests/browser");
        done(npm(folder, &["ci"])).await?;
    }
    if major("node") >= Some(NODE_MAJOR_MIN) {
        return Ok(Tools::as_found());
    }
    own_node(folder).await
}

/// npm leaves a copy of the lock file in what it installed.
fn is_installed(folder: &Path) -> bool {
    let changed = |file: &str| {
        fs::metadata(folder.join(file))
            .and_then(|file| file.modified())
            .ok()
    };
    let installed = changed("node_modules/.package-lock.json");
    installed.is_some() && installed >= changed("package-lock.json")
}

/// Debian 12 has Node 18. The npm registry carries Node itself as a package.
async fn own_node(folder: &Path) -> Result<Tools, InstallError> {
    let machine = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    let package = format!("node-linux-{machine}");
    let node = folder.join("node_modules").join(&package).join("bin/node");
    if !node.exists() {
        say(&format!(
            "fetching Node {NODE_MAJOR_MIN}, because the machine's is older"
        ));
        let wanted = format!("{package}@{NODE_MAJOR_MIN}");
        done(npm(
            folder,
            &["install", "--no-save", "--no-package-lock", &wanted],
        ))
        .await?;
    }
    Ok(Tools { node })
}

fn major(node: &str) -> Option<u32> {
    let output = std::process::Command::new(node)
        .arg("--version")
        .output()
        .ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command
        .args(arguments)
        .args(["--no-audit", "--no-fund"])
        .current_dir(folder);
    command
}

/// How much of a failed program's output is shown.
const LAST_WORDS_LINES: usize = 20;

async fn done(command: Command) -> Result<(), InstallError> {
    let called = format!("{:?}", command.as_std());
    let mut heard = Vec::new();
    let status = child::run(command, INSTALL_TAKES_MAX, |line| {
        heard.push(line.to_owned())
    })
    .await?;
    if status.success() {
        return Ok(());
    }
    let last = heard.len().saturating_sub(LAST_WORDS_LINES);
    Err(InstallError::Failed(called, heard[last..].join("\n")))
}
