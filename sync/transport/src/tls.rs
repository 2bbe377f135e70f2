//! What the two ends of a link agree on before the first byte of ours.
//!
//! TLS 1.3 only, mutual, and chosen with bytes in mind: the link is paid by the byte, and a full
//! handshake costs more than the sync that follows it (tests/network/tls.rs counts both).

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::{FlooredClock, Identity};

/// Says the protocol's major version before a frame is sent.
pub const ALPN: &[u8] = b"yadori/1";

/// Sessions that headquarters remembers: two nodes in each of Tokyo's 3,185 shelters, with room
/// for those that come back by another address. About 1 kB each.
const SERVER_SESSIONS_MAX: usize = 8_192;

/// Peers that a node remembers: headquarters and its siblings.
const CLIENT_SESSIONS_MAX: usize = 32;

/// One ticket a connection: it is used once, and the next connection brings the next. A link cut
/// before it arrives costs one full handshake; a spare would cost its bytes every time.
const TICKETS_PER_CONNECTION: usize = 1;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("authority.pem cannot be used to check peers: {0}; provision this machine again")]
    Authority(String),
    #[error("the key and certificate cannot be used for TLS: {0}; provision this machine again")]
    Own(#[from] rustls::Error),
    #[error("web.pem holds no certificate with its key; make it new with `yadori-provision web`")]
    Web,
}

/// The answering end of a link: headquarters, or a node towards its siblings.
///
/// Sessions are kept here, not in the ticket: a sealed ticket would carry the client's certificate
/// to the node and back at every connection (several hundred bytes each way), a kept one is 32 bytes. So
/// a node that reaches another HQ process than last time makes a full handshake; a balancer should
/// keep a node with its process while it can.
pub fn server_config(
    identity: &Identity,
    clock: Arc<FlooredClock>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(trusted(identity)?, Arc::clone(&provider))
            .clear_root_hint_subjects() // a node has one certificate and needs no hint
            .build()
            .map_err(|error| TlsError::Authority(error.to_string()))?;
    let mut config = ServerConfig::builder_with_details(provider, clock)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![identity.certificate()], identity.private_key())?;
    config.session_storage = ServerSessionMemoryCache::new(SERVER_SESSIONS_MAX);
    config.send_tls13_tickets = TICKETS_PER_CONNECTION;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// The calling end. Keep it for the life of the process: it holds the sessions to resume.
pub fn client_config(
    identity: &Identity,
    clock: Arc<FlooredClock>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let mut config = ClientConfig::builder_with_details(Arc::new(provider()), clock)
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(trusted(identity)?)
        .with_client_auth_cert(vec![identity.certificate()], identity.private_key())?;
    config.resumption = Resumption::in_memory_sessions(CLIENT_SESSIONS_MAX);
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_sni = false; // one name answers at the intake; saves 27 bytes and says less to listeners
    Ok(Arc::new(config))
}

/// For browsers: no client certificate, and the ciphers that tablets have hardware for. `web_pem`
/// is certificate and key in one text.
pub fn desk_config(web_pem: &str) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(web_pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::Web)?;
    let key = PrivateKeyDer::from_pem_slice(web_pem.as_bytes()).map_err(|_| TlsError::Web)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// One of each. X25519 alone, because the hybrid with ML-KEM adds a share of more than 1 kB in
/// each direction. ChaCha20, because the small boards have no instructions for AES; with SHA-256 it
/// also has the short ticket binder.
fn provider() -> CryptoProvider {
    let all = ring::default_provider();
    CryptoProvider {
        cipher_suites: vec![ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256],
        kx_groups: vec![ring::kx_group::X25519],
        signature_verification_algorithms: peers_sign_ed25519(
            all.signature_verification_algorithms,
        ),
        ..all
    }
}

/// Peers prove themselves with Ed25519 and nothing else is offered; the authority's own signature
/// in a certificate may be of any kind that we can check.
fn peers_sign_ed25519(known: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    let at = known
        .mapping
        .iter()
        .position(|(scheme, _)| *scheme == SignatureScheme::ED25519);
    let mapping = at.map_or(known.mapping, |at| &known.mapping[at..=at]);
    WebPkiSupportedAlgorithms { mapping, ..known }
}

fn trusted(identity: &Identity) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots
        .add(identity.authority())
        .map_err(|error| TlsError::Authority(error.to_string()))?;
    Ok(Arc::new(roots))
}
