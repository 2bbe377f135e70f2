//! The municipality's authority: the one key that says who is headquarters and who is a node.

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, date_time_ymd,
};

use crate::files::{self, NewFile, PUBLIC, SECRET};
use crate::{ProvisionError, names};

const CERTIFICATE: &str = "authority.pem";
const KEY: &str = "authority.key.pem";
const ADVICE: &str = "Name the directory that `authority init` wrote.";

/// Signs identities. Its key is needed only while provisioning and can be kept offline.
///
/// P-256, unlike the identities: staff tablets are told to trust the authority for the desk's
/// HTTPS, and no browser accepts an Ed25519 signature in a certificate.
pub struct Authority {
    certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority, in memory only. `name` is shown by tablets when they are asked to trust it.
    ///
    /// A few random letters follow, because two authorities of one name would be taken for each
    /// other, and their members refused for a "bad signature" that nobody understands.
    pub fn make(name: &str) -> Result<Self, ProvisionError> {
        let mark = getrandom::u32().map_err(ProvisionError::Random)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate_pem = params(&format!("{name} {mark:08x}"))
            .self_signed(&key)?
            .pem();
        Ok(Self {
            issuer: Issuer::from_ca_cert_pem(&certificate_pem, key)?,
            certificate_pem,
        })
    }

    pub fn open(dir: &Path) -> Result<Self, ProvisionError> {
        let certificate_pem = files::read(dir.join(CERTIFICATE), ADVICE)?;
        let key = KeyPair::from_pem(&files::read(dir.join(KEY), ADVICE)?)?;
        require_pair(&certificate_pem, &key)?;
        Ok(Self {
            issuer: Issuer::from_ca_cert_pem(&certificate_pem, key)?,
            certificate_pem,
        })
    }

    /// Refused when `dir` holds an authority already.
    pub fn save(&self, dir: &Path) -> Result<(), ProvisionError> {
        let key = self.issuer.key().serialize_pem();
        files::write_new(
            dir,
            &[
                NewFile {
                    name: KEY,
                    text: &key,
                    mode: SECRET,
                },
                NewFile {
                    name: CERTIFICATE,
                    text: &self.certificate_pem,
                    mode: PUBLIC,
                },
            ],
        )
    }

    /// What every peer and every staff tablet trusts.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub(crate) fn certificate_file(&self) -> NewFile<'_> {
        NewFile {
            name: CERTIFICATE,
            text: &self.certificate_pem,
            mode: PUBLIC,
        }
    }

    pub(crate) fn certify(
        &self,
        params: &CertificateParams,
        key: &KeyPair,
    ) -> Result<String, rcgen::Error> {
        Ok(params.signed_by(key, &self.issuer)?.pem())
    }
}

/// Valid from a day that every clock has passed, and without an end.
///
/// Who is trusted is HQ's list of node keys, which can be shortened within a minute. An end date
/// would only shut out a node that has just woken from years in a cupboard, or one whose clock
/// jumped, in the hour it is needed. RFC 5280 §4.1.2.5 gives this date for "no end".
pub(crate) fn without_end(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(9999, 12, 31).replace_time(time::macros::time!(23:59:59));
}

pub(crate) fn called(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = called(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params.name_constraints = Some(names::constraints());
    without_end(&mut params);
    params
}

fn require_pair(certificate_pem: &str, key: &KeyPair) -> Result<(), ProvisionError> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(certificate_pem.as_bytes())
        .map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
    let certificate = pem
        .parse_x509()
        .map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
    if certificate.public_key().raw == key.subject_public_key_info() {
        Ok(())
    } else {
        Err(ProvisionError::AuthorityMismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Identity, Role};
    use ed25519_dalek::SigningKey;

    #[test]
    fn what_a_reopened_authority_signs_verifies_against_it_and_against_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let ours = Authority::make("Chiyoda").unwrap();
        ours.save(dir.path()).unwrap();
        let node = node(&Authority::open(dir.path()).unwrap());

        assert!(signed_by(&node, &ours));
        assert!(!signed_by(&node, &Authority::make("Chiyoda").unwrap()));
    }

    #[test]
    fn a_second_authority_in_the_same_directory_is_refused_and_the_first_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        let first = Authority::make("Chiyoda").unwrap();
        first.save(dir.path()).unwrap();

        let refused = Authority::make("Chiyoda")
            .unwrap()
            .save(dir.path())
            .unwrap_err();

        assert!(
            refused.to_string().contains("is not overwritten"),
            "{refused}"
        );
        assert_eq!(
            Authority::open(dir.path()).unwrap().certificate_pem(),
            first.certificate_pem()
        );
    }

    #[test]
    fn a_certificate_and_a_key_of_two_authorities_are_noticed() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Authority::make("one").unwrap().save(one.path()).unwrap();
        Authority::make("other")
            .unwrap()
            .save(other.path())
            .unwrap();
        std::fs::copy(other.path().join(KEY), one.path().join(KEY)).unwrap();

        assert!(matches!(
            Authority::open(one.path()),
            Err(ProvisionError::AuthorityMismatch)
        ));
    }

    fn node(authority: &Authority) -> Identity {
        Identity::make(authority, Role::Node, SigningKey::from_bytes(&[7; 32])).unwrap()
    }

    fn signed_by(identity: &Identity, authority: &Authority) -> bool {
        let (_, issuer) =
            x509_parser::pem::parse_x509_pem(authority.certificate_pem().as_bytes()).unwrap();
        let (_, subject) =
            x509_parser::pem::parse_x509_pem(identity.certificate_pem().as_bytes()).unwrap();
        let issuer = issuer.parse_x509().unwrap();
        subject
            .parse_x509()
            .unwrap()
            .verify_signature(Some(issuer.public_key()))
            .is_ok()
    }
}
