//! Writes files so that nothing existing is lost and no key is readable by others.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::ProvisionError;

/// Only the owner: keys, and settings that may hold a database password.
pub(crate) const SECRET: u32 = 0o600;
pub(crate) const PUBLIC: u32 = 0o644;

pub(crate) struct NewFile<'a> {
    pub name: &'a str,
    pub text: &'a str,
    pub mode: u32,
}

/// Writes all files or, when one of them exists, none.
pub(crate) fn write_new(dir: &Path, files: &[NewFile<'_>]) -> Result<(), ProvisionError> {
    if let Some(taken) = files
        .iter()
        .map(|file| dir.join(file.name))
        .find(|path| path.exists())
    {
        return Err(ProvisionError::Exists(taken));
    }
    make_dir(dir)?;
    for file in files {
        let path = dir.join(file.name);
        create(&path, file).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => ProvisionError::Exists(path),
            _ => ProvisionError::Write { path, cause },
        })?;
    }
    sync_dir(dir)
}

/// Replaces one file in a single step, so that a power cut leaves the old one or the new one.
pub(crate) fn replace(dir: &Path, file: &NewFile<'_>) -> Result<(), ProvisionError> {
    let path = dir.join(file.name);
    let fresh = dir.join(format!("{}.new", file.name));
    let written = match fs::remove_file(&fresh) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => create(&fresh, file).and_then(|()| fs::rename(&fresh, &path)),
    };
    written.map_err(|cause| ProvisionError::Write { path, cause })?;
    sync_dir(dir)
}

pub(crate) fn read(path: PathBuf, advice: &'static str) -> Result<String, ProvisionError> {
    fs::read_to_string(&path).map_err(|cause| ProvisionError::Read {
        path,
        cause,
        advice,
    })
}

fn create(path: &Path, file: &NewFile<'_>) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(file.mode)
        .open(path)?;
    out.write_all(file.text.as_bytes())?;
    out.sync_all()
}

fn make_dir(dir: &Path) -> Result<(), ProvisionError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|cause| ProvisionError::Write {
            path: dir.into(),
            cause,
        })
}

fn sync_dir(dir: &Path) -> Result<(), ProvisionError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|cause| ProvisionError::Write {
            path: dir.into(),
            cause,
        })
}
