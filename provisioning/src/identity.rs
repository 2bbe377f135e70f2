//! Who headquarters or a node is: one Ed25519 key and the authority's word for it.

use std::fmt;
use std::path::Path;

use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::{SigningKey, VerifyingKey};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType};
use yadori_ledger::id::NodeId;

use crate::authority::{called, without_end};
use crate::files::{self, NewFile, PUBLIC, SECRET};
use crate::{Authority, ProvisionError};

const CERTIFICATE: &str = "identity.pem";
const KEY: &str = "identity.key.pem";

/// What the authority says its bearer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Hq,
    Node,
}

/// One key serves TLS and signs batches, so that "who sent it" and "who wrote it" are one question
/// with one list of answers. The two uses cannot be confused: TLS 1.3 signs 64 spaces and its own
/// context string first (RFC 8446 §4.4.3), a batch begins with the context string of the ledger's
/// `sign` module, so no signature of one kind is ever valid as the other.
pub struct Identity {
    role: Role,
    key: SigningKey,
    key_pem: String,
    certificate_pem: String,
    authority_pem: String,
}

impl Identity {
    /// Certifies `key`, which is [`new_key`] except where a test wants the same node every time.
    pub fn make(
        authority: &Authority,
        role: Role,
        key: SigningKey,
    ) -> Result<Self, ProvisionError> {
        let pair = key_pair(&key)?;
        let certificate_pem =
            authority.certify(&params(role, NodeId::of(&key.verifying_key()))?, &pair)?;
        Ok(Self {
            role,
            key,
            key_pem: pair.serialize_pem(),
            certificate_pem,
            authority_pem: authority.certificate_pem().into(),
        })
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn node_id(&self) -> NodeId {
        NodeId::of(&self.key.verifying_key())
    }

    pub fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    pub(crate) fn files(&self) -> [NewFile<'_>; 2] {
        [
            NewFile {
                name: KEY,
                text: &self.key_pem,
                mode: SECRET,
            },
            NewFile {
                name: CERTIFICATE,
                text: &self.certificate_pem,
                mode: PUBLIC,
            },
        ]
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?} {})", self.role, self.node_id())
    }
}

pub fn new_key() -> Result<SigningKey, ProvisionError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(ProvisionError::Random)?;
    Ok(SigningKey::from_bytes(&seed))
}

/// The public key of the identity in `dir`, read from its certificate: no private key is touched.
pub fn public_key(dir: &Path) -> Result<VerifyingKey, ProvisionError> {
    let text = files::read(
        dir.join(CERTIFICATE),
        "Name the directory that `hq init` or `node init` wrote.",
    )?;
    parse_public_key(&text).ok_or(ProvisionError::NotAnIdentity(CERTIFICATE))
}

fn parse_public_key(certificate_pem: &str) -> Option<VerifyingKey> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(certificate_pem.as_bytes()).ok()?;
    let certificate = pem.parse_x509().ok()?;
    let bytes: &[u8; 32] = certificate
        .public_key()
        .subject_public_key
        .data
        .as_ref()
        .try_into()
        .ok()?;
    VerifyingKey::from_bytes(bytes).ok()
}

fn key_pair(key: &SigningKey) -> Result<KeyPair, rcgen::Error> {
    let der = key
        .to_pkcs8_der()
        .map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    KeyPair::try_from(der.as_bytes())
}

/// Short on purpose: a full handshake carries two of these over a link that is paid by the byte.
fn params(role: Role, id: NodeId) -> Result<CertificateParams, rcgen::Error> {
    let (uri, host) = match role {
        Role::Hq => ("yadori:hq".into(), "hq.yadori.internal".into()),
        Role::Node => (
            format!("yadori:node:{id}"),
            format!("{id}.node.yadori.internal"),
        ),
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = called("yadori");
    params.subject_alt_names = vec![
        SanType::URI(uri.try_into()?),
        SanType::DnsName(host.try_into()?),
    ];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = usages(role);
    without_end(&mut params);
    Ok(params)
}

/// A node answers its siblings as well as calling headquarters; headquarters calls nobody.
fn usages(role: Role) -> Vec<ExtendedKeyUsagePurpose> {
    match role {
        Role::Hq => vec![ExtendedKeyUsagePurpose::ServerAuth],
        Role::Node => vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::extensions::GeneralName;

    #[test]
    fn a_certificate_tells_its_bearers_role_and_id() {
        let node = made(Role::Node);
        let id = node.node_id();
        assert_eq!(
            names(&node),
            [
                format!("yadori:node:{id}"),
                format!("{id}.node.yadori.internal")
            ]
        );
        assert_eq!(names(&made(Role::Hq)), ["yadori:hq", "hq.yadori.internal"]);
    }

    #[test]
    fn the_key_in_the_certificate_is_the_key_that_signs_batches() {
        let node = made(Role::Node);
        assert_eq!(
            parse_public_key(node.certificate_pem()),
            Some(node.verifying_key())
        );
        assert_eq!(
            node.node_id(),
            NodeId::of(&SigningKey::from_bytes(&[7; 32]).verifying_key())
        );
    }

    #[test]
    fn nothing_about_the_private_key_is_printed() {
        let node = made(Role::Node);
        assert_eq!(
            format!("{node:?}"),
            format!("Identity(Node {})", node.node_id())
        );
    }

    fn made(role: Role) -> Identity {
        let authority = Authority::make("Chiyoda").unwrap();
        Identity::make(&authority, role, SigningKey::from_bytes(&[7; 32])).unwrap()
    }

    fn names(identity: &Identity) -> Vec<String> {
        let (_, pem) =
            x509_parser::pem::parse_x509_pem(identity.certificate_pem().as_bytes()).unwrap();
        let certificate = pem.parse_x509().unwrap();
        let names = certificate.subject_alternative_name().unwrap().unwrap();
        let told = names.value.general_names.iter().map(|name| match name {
            GeneralName::URI(text) | GeneralName::DNSName(text) => (*text).to_owned(),
            other => panic!("unexpected {other}"),
        });
        told.collect()
    }
}
