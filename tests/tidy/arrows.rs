//! Which package may know which. An arrow that is missing here needs a reason in the README
//! before it needs a line in this file.

use std::collections::BTreeSet;

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand};

use crate::tree;

/// From whom, to whom; development dependencies are held to the same list.
const ARROWS: &[(&str, &[&str])] = &[
    ("yadori-ledger", &[]),
    ("yadori-link", &[]),
    ("yadori-guard", &["yadori-link"]),
    ("yadori-sim", &["yadori-link", "yadori-guard"]),
    ("yadori-transport", &["yadori-ledger"]),
    ("yadori-provision", &["yadori-ledger"]),
    (
        "yadori-edge",
        &["yadori-transport", "yadori-ledger", "yadori-link"],
    ),
    ("yadori-hq", &["yadori-transport", "yadori-ledger"]),
];

/// The one package that may know all, and that none may know.
const TESTS: &str = "yadori-tests";

/// What would bring I/O, SQL, time or chance into the ledger.
const NOT_IN_LEDGER: &[&str] = &[
    "tokio",
    "async-std",
    "futures-util",
    "axum",
    "reqwest",
    "hyper",
    "rusqlite",
    "tokio-postgres",
    "rand",
    "getrandom",
    "fastrand",
    "uuid",
    "time",
    "chrono",
    "jiff",
];

/// The same, by its name in the standard library.
const NOT_SAID_IN_LEDGER: &[&str] = &[
    "Instant::now",
    "SystemTime",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "RandomState::new",
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(crate::root())
        .no_deps()
        .exec()
        .expect("cargo metadata answers")
}

fn ours(dependencies: &[Dependency]) -> BTreeSet<&str> {
    let names = dependencies
        .iter()
        .map(|dependency| dependency.name.as_str());
    names.filter(|name| name.starts_with("yadori-")).collect()
}

#[test]
fn every_package_knows_only_whom_it_may() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata
        .packages
        .iter()
        .filter(|package| *package.name != TESTS)
    {
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == &**package.name) else {
            wrong.push(format!("{} is not in the list of packages", package.name));
            continue;
        };
        let other = ours(&package.dependencies)
            .into_iter()
            .filter(|name| !allowed.contains(name));
        wrong.extend(other.map(|name| format!("{} -> {name}", package.name)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nobody_knows_the_tests() {
    for package in metadata().packages {
        assert!(
            !ours(&package.dependencies).contains(TESTS),
            "{} -> {TESTS}",
            package.name
        );
    }
}

#[test]
fn the_ledger_has_no_input_output_no_clock_and_no_chance() {
    let metadata = metadata();
    let ledger = metadata
        .packages
        .iter()
        .find(|package| *package.name == "yadori-ledger")
        .expect("it is there");
    for dependency in &ledger.dependencies {
        let known = NOT_IN_LEDGER.contains(&dependency.name.as_str());
        assert!(
            !known || dependency.kind == DependencyKind::Development,
            "ledger -> {}",
            dependency.name
        );
    }
    // Its tests may look at a clock, to see that hostile bytes are refused quickly.
    for file in tree::sources("sync/ledger/src")
        .iter()
        .filter(|file| !file.path.contains("/tests"))
    {
        for word in NOT_SAID_IN_LEDGER {
            assert!(!file.text.contains(word), "{} says {word}", file.path);
        }
    }
}

/// Two drivers may link only one SQLite, and the guard needs panics that can be caught.
#[test]
fn panics_can_be_caught_everywhere() {
    let abort = ["panic = ", "\"abort\""].concat();
    for file in tree::files("")
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
    {
        let set = file
            .text
            .lines()
            .find(|line| !line.trim_start().starts_with('#') && line.contains(&abort));
        assert_eq!(set, None, "{}", file.path);
    }
}
