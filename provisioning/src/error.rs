//! What went wrong, told to the technician who types the command.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    #[error(
        "{} exists already and is not overwritten: a new key would make everything issued under \
         the old one worthless. Name another directory, or move this one away if you are sure.",
        .0.display()
    )]
    Exists(PathBuf),

    #[error("{} cannot be read: {cause}. {advice}", .path.display())]
    Read {
        path: PathBuf,
        cause: std::io::Error,
        advice: &'static str,
    },

    #[error("{} cannot be written: {cause}. Check that the disk is not full and the directory is yours.", .path.display())]
    Write {
        path: PathBuf,
        cause: std::io::Error,
    },

    #[error(
        "authority.pem and authority.key.pem do not belong together; take both from the same backup"
    )]
    AuthorityMismatch,

    #[error(
        "{0} holds no certificate with an Ed25519 key; name the directory that `hq init` or `node init` wrote"
    )]
    NotAnIdentity(&'static str),

    #[error("{} is not a node's settings: {cause}. Compare it with a file that `node init` wrote.", .path.display())]
    Settings {
        path: PathBuf,
        cause: toml::de::Error,
    },

    #[error("the certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),

    #[error("the system gave no random numbers: {0}; try again in a moment")]
    Random(getrandom::Error),
}
