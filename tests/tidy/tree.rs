//! Reading the repository as it lies on the disk, leaving out what is built or fetched.

use std::fs;
use std::path::{Path, PathBuf};

const NOT_OURS: &[&str] = &["target", "node_modules", ".git"];

/// A file of the repository, its path from the root.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every text file below a folder; pictures and fonts are left out.
pub(crate) fn files(folder: &str) -> Vec<File> {
    let root = crate::root();
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    paths.sort();
    let path_of = |path: &Path| {
        path.strip_prefix(&root)
            .map(|path| path.display().to_string())
    };
    paths
        .iter()
        .filter_map(|path| {
            Some(File {
                path: path_of(path).ok()?,
                text: fs::read_to_string(path).ok()?,
            })
        })
        .collect()
}

pub(crate) fn sources(folder: &str) -> Vec<File> {
    let mut files = files(folder);
    files.retain(|file| file.path.ends_with(".rs"));
    files
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && !NOT_OURS.iter().any(|other| name == *other) {
            walk(&path, into);
        } else if path.is_file() {
            into.push(path);
        }
    }
}

/// What lies directly in a folder.
pub(crate) fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(crate::root().join(folder)).expect("the folder is there");
    let mut names: Vec<_> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
