//! The certificate with which the desk and the console answer browsers.
//!
//! A key of its own: browsers take no Ed25519, and iPads refuse any web certificate that is valid
//! for more than 825 days, which an identity must be.

use std::path::Path;

use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use time::{Duration, OffsetDateTime};

use crate::authority::called;
use crate::files::{self, NewFile, SECRET};
use crate::{Authority, LanName, ProvisionError};

/// Below Apple's 825 days, with room for a clock that is a few days off.
const VALID_FOR: Duration = Duration::days(800);

/// A tablet whose clock is slow must not find the certificate not yet valid.
const BACKDATED_BY: Duration = Duration::days(2);

const FILE: &str = "web.pem";

/// Certificate and key together, in one file, so that a renewal is one step.
pub struct WebCertificate {
    pem: String,
}

impl WebCertificate {
    /// For `localhost` and all `names`.
    pub fn make(
        authority: &Authority,
        names: &[LanName],
        now: OffsetDateTime,
    ) -> Result<Self, ProvisionError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate_pem = authority.certify(&params(names, now)?, &key)?;
        Ok(Self {
            pem: certificate_pem + &key.serialize_pem(),
        })
    }

    /// Replaces the one in `dir`, for renewal before it expires.
    pub fn replace(&self, dir: &Path) -> Result<(), ProvisionError> {
        files::replace(dir, &self.file())
    }

    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn file(&self) -> NewFile<'_> {
        NewFile {
            name: FILE,
            text: &self.pem,
            mode: SECRET,
        }
    }
}

fn params(names: &[LanName], now: OffsetDateTime) -> Result<CertificateParams, rcgen::Error> {
    let localhost = LanName::Host("localhost".into());
    let mut names: Vec<&LanName> = names.iter().filter(|name| **name != localhost).collect();
    names.push(&localhost);
    let mut params = CertificateParams::default();
    params.not_before = now - BACKDATED_BY;
    params.not_after = now - BACKDATED_BY + VALID_FOR;
    params.distinguished_name = called("yadori web");
    params.subject_alt_names = names
        .into_iter()
        .map(LanName::subject)
        .collect::<Result<_, _>>()?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_web_certificate_is_short_enough_for_every_tablet() {
        let now = datetime!(2026-11-22 03:00 UTC);
        let made = params(&["gym.local".parse().unwrap()], now).unwrap();
        assert!(made.not_after - made.not_before <= Duration::days(825));
        assert!(made.not_before < now && now < made.not_after);
        assert_eq!(made.subject_alt_names.len(), 2);
    }
}
