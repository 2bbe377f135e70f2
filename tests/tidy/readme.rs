//! The README's map shows the house as it is.

use crate::tree;

/// Long enough for everything that a newcomer needs, short enough to be read.
const LINES_MAX: usize = 250;

fn readme() -> String {
    std::fs::read_to_string(crate::root().join("README.md")).expect("there is a README")
}

/// In text, `like/this` is a place in the repository if it begins with one of its folders.
#[test]
fn every_place_that_the_readme_names_exists() {
    let readme = readme();
    let tops = tree::names("");
    let mut lost = Vec::new();
    for word in readme.split(|letter: char| letter.is_whitespace() || "`()<>[]|,;".contains(letter))
    {
        let path = word.trim_end_matches(['.', ':', '/']);
        let Some((top, _)) = path.split_once('/') else {
            continue;
        };
        let is_pattern = path.contains(['*', '{', '…']);
        if tops.iter().any(|name| name == top) && !is_pattern && !crate::root().join(path).exists()
        {
            lost.push(path);
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn the_readme_names_every_room_and_both_commands() {
    let readme = readme();
    for word in [
        "edge/",
        "sync/ledger",
        "sync/transport",
        "sync/hq",
        "provisioning/",
        "tests/",
        "cargo demo",
        "cargo suite",
    ] {
        assert!(readme.contains(word), "the README does not say {word}");
    }
}

#[test]
fn the_readme_can_be_read_in_one_sitting() {
    let lines = readme().lines().count();
    assert!(
        lines <= LINES_MAX,
        "{lines} lines; move what concerns one folder into that folder's README"
    );
}
