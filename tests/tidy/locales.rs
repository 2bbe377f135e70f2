//! Every language says the same things. That every key which a page asks for exists is tested
//! beside the pages.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree;

const LOCALES: &[&str] = &["edge/locales", "sync/hq/locales"];

/// The language that the others are held to.
const FIRST: &str = "ja";

/// File and key, with the variables that the message uses.
type Said = BTreeMap<(String, String), BTreeSet<String>>;

#[test]
fn every_language_has_the_same_messages_with_the_same_variables() {
    let mut wrong = Vec::new();
    for folder in LOCALES {
        let first = said(&format!("{folder}/{FIRST}"));
        assert!(!first.is_empty(), "{folder} says nothing");
        for language in tree::names(folder)
            .iter()
            .filter(|language| *language != FIRST)
        {
            let other = said(&format!("{folder}/{language}"));
            wrong.extend(
                differences(&first, &other)
                    .into_iter()
                    .map(|what| format!("{folder}/{language}: {what}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn differences(first: &Said, other: &Said) -> Vec<String> {
    let missing = first
        .keys()
        .filter(|key| !other.contains_key(*key))
        .map(|(file, key)| format!("{file} lacks {key}"));
    let extra = other
        .keys()
        .filter(|key| !first.contains_key(*key))
        .map(|(file, key)| format!("{file}: {key} is only here"));
    let unequal = first
        .iter()
        .filter(|(key, variables)| other.get(*key).is_some_and(|others| others != *variables))
        .map(|((file, key), _)| format!("{file}: {key} has other variables"));
    missing.chain(extra).chain(unequal).collect()
}

fn said(folder: &str) -> Said {
    let mut said = Said::new();
    for file in tree::files(folder) {
        let name = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut key = None;
        for line in file.text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
                key = line
                    .split_once('=')
                    .map(|(key, _)| (name.clone(), key.trim().to_owned()));
            }
            if let Some(key) = &key {
                said.entry(key.clone()).or_default().extend(variables(line));
            }
        }
    }
    said
}

/// `{ $count }` and the `$count` of a selector.
fn variables(line: &str) -> impl Iterator<Item = String> + '_ {
    let ends = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    line.split('$')
        .skip(1)
        .map(move |rest| rest.split(ends).next().unwrap_or_default().to_owned())
}
