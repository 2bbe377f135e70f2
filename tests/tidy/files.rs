//! What lies where, how long it is, and what must not be written into it.

use crate::tree;

/// The whole top level. Everything else there begins with a dot.
const TOP: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "edge",
    "firmware",
    "provisioning",
    "sync",
    "target",
    "tests",
];

/// A file longer than this holds two nouns; find the second and give it a file.
const LINES_MAX: usize = 600;

#[test]
fn the_top_of_the_house_holds_only_what_was_agreed() {
    let top = tree::names("");
    let others: Vec<_> = top
        .iter()
        .filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str()))
        .collect();
    assert!(others.is_empty(), "not agreed: {others:?}");
    let needed = TOP.iter().filter(|name| **name != "target");
    for name in needed {
        assert!(top.iter().any(|other| other == name), "{name} is missing");
    }
}

#[test]
fn no_source_file_is_too_long_to_hold_in_mind() {
    let long: Vec<_> = tree::sources("")
        .into_iter()
        .filter_map(|file| {
            Some((file.text.lines().count(), file.path)).filter(|(lines, _)| *lines > LINES_MAX)
        })
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

/// Paths of one machine, and the addresses of package mirrors, which differ from place to place.
#[test]
fn no_file_tells_on_which_machine_it_was_made() {
    let machine_paths =
        ["/ro$ot/", "/ho$me/", "/wo$rk/", "/Us$ers/"].map(|path| path.replace('$', ""));
    let mut told = Vec::new();
    for file in tree::files("") {
        let lines = file.text.lines().enumerate();
        let wrong = lines.filter(|(_, line)| machine_paths.iter().any(|path| line.contains(path)));
        told.extend(wrong.map(|(at, _)| format!("{}:{}", file.path, at + 1)));
    }
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn the_lock_files_name_no_mirror() {
    let official = "registry+https://github.com/rust-lang/crates.io-index";
    for file in tree::files("")
        .iter()
        .filter(|file| file.path.ends_with("Cargo.lock"))
    {
        let sources = file
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("source = "));
        for source in sources {
            assert_eq!(source.trim_matches('"'), official, "{}", file.path);
        }
    }
    for file in tree::files("tests")
        .iter()
        .filter(|file| file.path.ends_with("package-lock.json"))
    {
        assert!(
            !file.text.contains("\"resolved\""),
            "{} records download addresses",
            file.path
        );
    }
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    let silent: Vec<_> = tree::sources("")
        .into_iter()
        .filter(|file| !file.path.ends_with("tests.rs") && !file.text.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    assert!(
        silent.is_empty(),
        "these do not say what they are for: {silent:#?}"
    );
}
