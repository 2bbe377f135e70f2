//! Who we are and who the peer is, as certificates tell it.
//!
//! Reads standard PEM; knows nothing of how certificates are made.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{SigningKey, VerifyingKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use yadori_ledger::id::NodeId;

/// What the authority says a peer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Hq,
    Node,
}

/// The peer at the other end, proved by the handshake. Whether its key is still trusted is for the
/// list of admitted keys to say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PeerIdentity {
    pub node: NodeId,
    pub key: VerifyingKey,
    pub role: Role,
}

/// Our own key and certificate, and the authority that we trust.
pub struct Identity {
    own: PeerIdentity,
    signing_key: SigningKey,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    authority: CertificateDer<'static>,
}

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("{} cannot be read: {cause}. Provision this machine, or name the directory that holds its identity.", .path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("{0} is damaged; copy it again from the provisioned directory")]
    Damaged(&'static str),
    #[error(
        "identity.pem and identity.key.pem do not belong together; take both from one provisioned directory"
    )]
    Mismatch,
    #[error(
        "the certificate says neither `yadori:hq` nor `yadori:node:` with the id of its own key"
    )]
    NoRole,
}

impl Identity {
    /// Reads `identity.pem`, `identity.key.pem` and `authority.pem`.
    pub fn read(dir: &Path) -> Result<Self, IdentityError> {
        Self::from_pem(
            &text(dir.join("identity.pem"))?,
            &text(dir.join("identity.key.pem"))?,
            &text(dir.join("authority.pem"))?,
        )
    }

    pub fn from_pem(certificate: &str, key: &str, authority: &str) -> Result<Self, IdentityError> {
        let certificate = one_certificate(certificate, "identity.pem")?;
        let authority = one_certificate(authority, "authority.pem")?;
        let damaged = IdentityError::Damaged("identity.key.pem");
        let Ok(key) = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()) else {
            return Err(damaged);
        };
        let Ok(signing_key) = SigningKey::from_pkcs8_der(key.secret_pkcs8_der()) else {
            return Err(damaged);
        };
        let own = PeerIdentity::of(&certificate)?;
        if own.key != signing_key.verifying_key() {
            return Err(IdentityError::Mismatch);
        }
        Ok(Self {
            own,
            signing_key,
            certificate,
            key,
            authority,
        })
    }

    pub fn node(&self) -> NodeId {
        self.own.node
    }

    pub fn role(&self) -> Role {
        self.own.role
    }

    pub fn verifying_key(&self) -> VerifyingKey {
        self.own.key
    }

    /// Signs batches with the same key; the ledger's context strings keep the two uses apart.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing_key
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(self.key.clone_key())
    }

    pub(crate) fn authority(&self) -> CertificateDer<'static> {
        self.authority.clone()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?})", self.own)
    }
}

impl PeerIdentity {
    /// Reads a certificate that the handshake has verified already.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Result<Self, IdentityError> {
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| IdentityError::NoRole)?;
        let key = ed25519_key(&parsed).ok_or(IdentityError::NoRole)?;
        let node = NodeId::of(&key);
        let role = role(&parsed, node).ok_or(IdentityError::NoRole)?;
        Ok(Self { node, key, role })
    }
}

impl fmt::Debug for PeerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.role, self.node)
    }
}

fn ed25519_key(certificate: &X509Certificate<'_>) -> Option<VerifyingKey> {
    let bytes: &[u8; 32] = certificate
        .public_key()
        .subject_public_key
        .data
        .as_ref()
        .try_into()
        .ok()?;
    VerifyingKey::from_bytes(bytes).ok()
}

fn role(certificate: &X509Certificate<'_>, node: NodeId) -> Option<Role> {
    let names = certificate.subject_alternative_name().ok()??;
    names
        .value
        .general_names
        .iter()
        .find_map(|name| match name {
            GeneralName::URI("yadori:hq") => Some(Role::Hq),
            GeneralName::URI(uri) if *uri == format!("yadori:node:{node}") => Some(Role::Node),
            _ => None,
        })
}

fn one_certificate(
    pem: &str,
    name: &'static str,
) -> Result<CertificateDer<'static>, IdentityError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| IdentityError::Damaged(name))
}

fn text(path: PathBuf) -> Result<String, IdentityError> {
    fs::read_to_string(&path).map_err(|cause| IdentityError::Read { path, cause })
}
