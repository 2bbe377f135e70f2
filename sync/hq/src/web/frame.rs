//! What every page needs: the language, where it stands, and who is looking.

use std::net::{IpAddr, SocketAddr};

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Form, FromRequest, FromRequestParts, Request};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use axum::serve::IncomingStream;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tower_sessions::Session;

use super::{App, PageError};
use yadori_transport::SecureListener;

use crate::i18n::Tongue;
use crate::officer::{self, Officer, Right};

/// The frame of a page.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) t: Tongue,
    pub(crate) path: String,
    pub(crate) officer: Option<Officer>,
    pub(crate) now_s: i64,
}

impl Frame {
    pub(crate) fn may_work(&self) -> bool {
        self.may(Right::Work)
    }

    pub(crate) fn may_read_log(&self) -> bool {
        self.may(Right::ReadLog)
    }

    fn may(&self, right: Right) -> bool {
        self.officer
            .as_ref()
            .is_some_and(|officer| officer.may(right))
    }

    pub(crate) fn tongues(&self) -> [Tongue; 2] {
        Tongue::ALL
    }

    pub(crate) fn role_words(&self) -> String {
        let role = self
            .officer
            .as_ref()
            .map_or("desk", |officer| officer.role.name());
        self.t.say_of("role", role)
    }

    pub(crate) fn is_at(&self, start: &str) -> bool {
        self.path.starts_with(start)
    }

    pub(crate) fn age(&self, then_s: impl Seconds) -> String {
        super::age(self.t, self.now_s, then_s.seconds())
    }

    pub(crate) fn moment(&self, at_s: impl Seconds) -> String {
        super::moment(self.t, at_s.seconds())
    }
}

/// Seconds since 1970 behind however many references a template puts before them.
pub(crate) trait Seconds {
    fn seconds(&self) -> i64;
}

impl Seconds for i64 {
    fn seconds(&self) -> i64 {
        *self
    }
}

impl<T: Seconds> Seconds for &T {
    fn seconds(&self) -> i64 {
        (**self).seconds()
    }
}

/// A frame for anybody: nobody needs to be signed in.
impl FromRequestParts<App> for Frame {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let path = parts.uri.path().to_owned();
        Ok(Self {
            t: tongue(parts),
            path,
            officer: None,
            now_s: app.hq.clock.now_s(),
        })
    }
}

/// A visit of an officer who is signed in.
pub(crate) struct Signed {
    pub(crate) frame: Frame,
    pub(crate) officer: Officer,
    pub(crate) session: Session,
}

impl Signed {
    pub(crate) fn needs(&self, right: Right) -> Result<(), PageError> {
        if self.officer.may(right) {
            Ok(())
        } else {
            Err(PageError::Forbidden)
        }
    }
}

/// The officer is looked up at every visit, so that one who was struck off is out at once.
impl FromRequestParts<App> for Signed {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let mut frame = Frame::from_request_parts(parts, app).await?;
        let session = Session::from_request_parts(parts, app)
            .await
            .map_err(|_| PageError::SignedOut)?;
        let id = session
            .get::<i64>(officer::SESSION_KEY)
            .await?
            .ok_or(PageError::SignedOut)?;
        let officer = officer::active(&app.hq.db, id)
            .await?
            .ok_or(PageError::SignedOut)?;
        frame.officer = Some(officer.clone());
        Ok(Self {
            frame,
            officer,
            session,
        })
    }
}

/// A form that was sent; what cannot be read as one is answered by a page.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let form = Form::<T>::from_request(request, app).await;
        form.map(|Form(typed)| Self(typed))
            .map_err(|_| PageError::BadForm)
    }
}

/// Whoever opened the connection, plain or not.
#[derive(Clone, Copy)]
pub(crate) struct Caller(IpAddr);

impl From<SocketAddr> for Caller {
    fn from(address: SocketAddr) -> Self {
        Self(address.ip())
    }
}

impl Connected<IncomingStream<'_, TcpListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self::from(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, SecureListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, SecureListener>) -> Self {
        Self::from(*stream.remote_addr())
    }
}

/// The visitor's address, for slowing down guesses.
pub(crate) struct Address(pub(crate) IpAddr);

impl FromRequestParts<App> for Address {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<Caller>>()
            .map(|info| info.0.0);
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let unknown = IpAddr::from([0, 0, 0, 0]);
        let trusted = if app.behind_proxy {
            forwarded.or(peer)
        } else {
            peer
        };
        Ok(Self(trusted.unwrap_or(unknown)))
    }
}

fn tongue(parts: &Parts) -> Tongue {
    let text = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let asked = parts.uri.query().and_then(tongue_in_query);
    let remembered = || text(COOKIE).and_then(tongue_in_cookies);
    let accepted = || text(ACCEPT_LANGUAGE).map(Tongue::accepted);
    asked
        .or_else(remembered)
        .or_else(accepted)
        .unwrap_or(Tongue::Ja)
}

pub(super) fn tongue_in_query(query: &str) -> Option<Tongue> {
    query
        .split('&')
        .find_map(|pair| Tongue::tagged(pair.strip_prefix("lang=")?))
}

fn tongue_in_cookies(cookies: &str) -> Option<Tongue> {
    cookies
        .split(';')
        .find_map(|pair| Tongue::tagged(pair.trim().strip_prefix("lang=")?))
}
