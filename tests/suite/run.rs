//! Running the two kinds of tests, with their output thinned to what a person wants to read.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cargo_metadata::{MetadataCommand, TargetKind};
use tokio::process::Command;
use yadori_tests::effort;
use yadori_tests::postgres::URL_VARIABLE;

use crate::child::{self, ChildError};
use crate::count::Count;
use crate::install::Tools;
use crate::say;

/// Two slow cores compile everything from nothing in about ten minutes.
const BUILD_TAKES_MAX: Duration = Duration::from_secs(60 * 60);

/// The Rust tests take a few minutes; much longer means that something hangs.
const TESTS_TAKE_MAX: Duration = Duration::from_secs(30 * 60);

/// With `--long`.
const LONG_TESTS_TAKE_MAX: Duration = Duration::from_secs(8 * 60 * 60);

const BROWSER_TAKES_MAX: Duration = Duration::from_secs(15 * 60);

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
pub(crate) const BROWSER_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");

#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error("cargo metadata failed")]
    Metadata(#[from] cargo_metadata::Error),
    #[error("the tests do not build")]
    DoesNotBuild,
    #[error("the folder of browser tests cannot be read")]
    Folder(#[from] io::Error),
    #[error(transparent)]
    Child(#[from] ChildError),
}

/// What `--only` means.
pub(crate) enum Chosen {
    Everything,
    Browser,
    Package(String),
    /// A test binary of this package, named as its folder.
    Folder(String),
    Named(String),
}

pub(crate) struct Settings {
    pub(crate) long: bool,
    pub(crate) postgres_url: Option<String>,
}

impl Chosen {
    pub(crate) fn from_word(word: Option<&str>) -> Result<Self, RunError> {
        let Some(word) = word else {
            return Ok(Self::Everything);
        };
        if word == "browser" {
            return Ok(Self::Browser);
        }
        let metadata = MetadataCommand::new().current_dir(ROOT).no_deps().exec()?;
        let package = format!("yadori-{word}");
        if metadata
            .packages
            .iter()
            .any(|member| *member.name == package)
        {
            return Ok(Self::Package(package));
        }
        let mut targets = metadata.packages.iter().flat_map(|member| &member.targets);
        let folder =
            targets.any(|target| target.name == word && target.kind.contains(&TargetKind::Test));
        Ok(if folder {
            Self::Folder(word.to_owned())
        } else {
            Self::Named(word.to_owned())
        })
    }

    pub(crate) fn has_rust(&self) -> bool {
        !matches!(self, Self::Browser)
    }

    pub(crate) fn has_browser(&self) -> bool {
        matches!(self, Self::Everything | Self::Browser | Self::Named(_))
    }

    fn packages(&self) -> Vec<&str> {
        match self {
            Self::Everything | Self::Browser | Self::Named(_) => vec!["--workspace"],
            Self::Package(package) => vec!["--package", package],
            Self::Folder(folder) => vec!["--package", "yadori-tests", "--test", folder],
        }
    }

    fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self {
            Some(name)
        } else {
            None
        }
    }
}

/// All Rust tests: built first, so that the limit on running them is about running.
pub(crate) async fn rust(chosen: &Chosen, settings: &Settings) -> Result<Count, RunError> {
    build(&[&["test", "--no-run"], chosen.packages().as_slice()].concat()).await?;
    say("running the Rust tests");
    let mut command = cargo(&["test", "--no-fail-fast"]);
    command.args(chosen.packages()).args(chosen.name());
    command.env_remove(URL_VARIABLE).envs(
        settings
            .postgres_url
            .as_ref()
            .map(|url| (URL_VARIABLE, url)),
    );
    command.envs(settings.long.then_some((effort::LONG_VARIABLE, "1")));
    let limit = if settings.long {
        LONG_TESTS_TAKE_MAX
    } else {
        TESTS_TAKE_MAX
    };
    let (mut count, mut shown) = (Count::default(), Shown::default());
    let status = child::run(command, limit, |line| shown.cargo(line, &mut count)).await?;
    Ok(count.ended(status.success()))
}

async fn build(arguments: &[&str]) -> Result<(), RunError> {
    say("building");
    let status = child::run(cargo(arguments), BUILD_TAKES_MAX, |line| {
        if !is_progress(line) {
            say(line);
        }
    });
    if status.await?.success() {
        Ok(())
    } else {
        Err(RunError::DoesNotBuild)
    }
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(ROOT);
    command
}

/// The browser tests start their world themselves, from a program that must have been built.
pub(crate) async fn browser(chosen: &Chosen, tools: &Tools) -> Result<Count, RunError> {
    build(&[
        "build",
        "--package",
        "yadori-tests",
        "--bin",
        "browser-world",
    ])
    .await?;
    say("running the browser tests");
    let mut command = Command::new(&tools.node);
    // One file at a time: two cores, and keystrokes that nobody should have to wait for.
    command.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    command.args(
        chosen
            .name()
            .map(|name| format!("--test-name-pattern={name}")),
    );
    command.args(specs()?).current_dir(BROWSER_FOLDER);
    let mut count = Count::default();
    let status = child::run(command, BROWSER_TAKES_MAX, |line| {
        node_line(line, &mut count)
    })
    .await?;
    Ok(count.ended(status.success()))
}

fn specs() -> io::Result<Vec<PathBuf>> {
    let is_spec = |path: &Path| path.to_str().is_some_and(|name| name.ends_with(".test.js"));
    let mut specs = Vec::new();
    for entry in std::fs::read_dir(BROWSER_FOLDER)? {
        specs.extend(Some(entry?.path()).filter(|path| is_spec(path)));
    }
    specs.sort();
    Ok(specs)
}

fn node_line(line: &str, count: &mut Count) {
    if let Some(part) = Count::of_node(line) {
        *count += part;
    } else if !line.is_empty() && !is_total(line) {
        say(line);
    }
}

/// Node's closing lines that are not counted; other `ℹ` lines are what a test has to tell.
fn is_total(line: &str) -> bool {
    let word = line
        .strip_prefix("ℹ ")
        .and_then(|total| total.split(' ').next());
    word.is_some_and(|word| ["tests", "suites", "skipped", "todo", "duration_ms"].contains(&word))
}

/// Cargo's output with one line for each test binary, and everything that failures say.
#[derive(Default)]
struct Shown {
    binary: String,
    began: Option<Instant>,
}

impl Shown {
    fn cargo(&mut self, line: &str, count: &mut Count) {
        if let Some(part) = Count::of_cargo(line) {
            *count += part;
            if part != Count::default() {
                let seconds = self
                    .began
                    .map_or(0.0, |began| began.elapsed().as_secs_f32());
                say(&format!("  {}: {part} ({seconds:.1} s)", self.binary));
            }
        } else if let Some(binary) = binary(line) {
            self.binary = binary.to_owned();
            self.began = Some(Instant::now());
        } else if !is_progress(line) && !is_fine(line) {
            say(line);
        }
    }
}

/// `Running unittests src/lib.rs (target/debug/deps/yadori_edge-0123456789abcdef)`
fn binary(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if let Some(package) = line.strip_prefix("Doc-tests ") {
        return Some(package);
    }
    let (_, path) = line.strip_prefix("Running ")?.rsplit_once('/')?;
    Some(path.rsplit_once('-').map_or(path, |(name, _)| name))
}

fn is_progress(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "Compiling",
        "Finished",
        "Fresh",
        "Downloaded",
        "Downloading",
        "Blocking",
        "Locking",
        "Updating",
        "Executable",
    ];
    let first = line.split_whitespace().next();
    first.is_none_or(|first| WORDS.contains(&first))
}

fn is_fine(line: &str) -> bool {
    let counts =
        line.starts_with("running ") && (line.ends_with(" tests") || line.ends_with(" test"));
    counts
        || (line.starts_with("test ")
            && (line.ends_with(" ... ok") || line.ends_with(" ... ignored")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_binary_is_named_without_its_hash() {
        let line =
            "     Running unittests src/lib.rs (target/debug/deps/yadori_edge-0123456789abcdef)";
        assert_eq!(binary(line), Some("yadori_edge"));
        assert_eq!(binary("   Doc-tests yadori_ledger"), Some("yadori_ledger"));
    }

    #[test]
    fn failures_are_shown_and_successes_are_not() {
        assert!(is_fine("test people::tests::a_name ... ok"));
        assert!(!is_fine("test people::tests::a_name ... FAILED"));
        assert!(!is_progress("thread 'main' panicked at src/lib.rs:1:1:"));
    }
}
