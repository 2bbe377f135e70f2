//! The answering end. Who listens, how many links at once, and whether a peer is admitted is for
//! the caller to say, who has the list.

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

use crate::link::{Link, LinkError, within};

/// Proves both ends of a connection that came in. Run it in a task of its own: a peer that is slow
/// to shake hands must not keep others waiting.
pub async fn accept<S>(stream: S, config: &Arc<ServerConfig>) -> Result<Link<S>, LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let acceptor = TlsAcceptor::from(Arc::clone(config));
    Link::over(within(acceptor.accept(stream)).await?.into())
}
