//! A proved connection, and why one could not be had.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, HandshakeKind};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsStream;
use yadori_ledger::id::NodeId;

use crate::identity::{IdentityError, PeerIdentity};

/// A full handshake is 3 kB and two round trips: 2 s over a satellite. The rest is for lost packets.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(30);

/// Encrypted, and both ends have proved who they are.
#[derive(Debug)]
pub struct Link<S> {
    pub stream: TlsStream<S>,
    pub peer: PeerIdentity,
    /// Whether an earlier session was taken up again, which saves about a kilobyte.
    pub resumed: bool,
}

/// Why there is no link. Whoever called or listened logs it, once.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error(
        "{address} cannot be reached: {cause}; check the uplink and the address in the settings"
    )]
    Unreachable { address: String, cause: io::Error },
    #[error("{address} did not answer within {} s; check the uplink and the address in the settings", .after.as_secs())]
    NoAnswer { address: String, after: Duration },
    #[error("the peer did not finish its handshake within {} s", HANDSHAKE_MAX.as_secs())]
    HandshakeStalled,
    #[error(
        "the peer's certificate is from another authority; provision it with this municipality's authority"
    )]
    ForeignAuthority,
    #[error(
        "the peer refuses our certificate ({0:?}); provision this machine with the peer's authority"
    )]
    Refused(AlertDescription),
    #[error("the peer is {found}, not {expected} as the settings say; check hq_address and hq_key")]
    WrongPeer { expected: NodeId, found: NodeId },
    #[error("the peer's certificate is not one of ours: {0}")]
    NoIdentity(#[from] IdentityError),
    #[error("the handshake failed: {0}")]
    Handshake(rustls::Error),
    #[error("the link broke: {0}; what was committed stays, the rest follows on the next link")]
    Broken(io::Error),
}

impl LinkError {
    /// TLS hands its own errors out inside I/O errors.
    pub fn of(error: io::Error) -> Self {
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                Self::ForeignAuthority
            }
            Some(rustls::Error::AlertReceived(alert)) if is_about_certificates(*alert) => {
                Self::Refused(*alert)
            }
            Some(other) => Self::Handshake(other.clone()),
            None => Self::Broken(error),
        }
    }
}

fn is_about_certificates(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateRequired
            | AlertDescription::AccessDenied
    )
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(crate) fn over(stream: TlsStream<S>) -> Result<Self, LinkError> {
        let (_, connection) = stream.get_ref();
        let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
        let certificate = connection
            .peer_certificates()
            .and_then(|chain| chain.first());
        let peer = PeerIdentity::of(certificate.ok_or(IdentityError::NoRole)?)?;
        Ok(Self {
            stream,
            peer,
            resumed,
        })
    }
}

/// Runs one handshake, but not for ever.
pub(crate) async fn within<T>(
    handshake: impl Future<Output = io::Result<T>>,
) -> Result<T, LinkError> {
    match tokio::time::timeout(HANDSHAKE_MAX, handshake).await {
        Ok(done) => done.map_err(LinkError::of),
        Err(_) => Err(LinkError::HandshakeStalled),
    }
}
