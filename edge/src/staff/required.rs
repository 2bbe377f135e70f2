//! Default deny: a request passes when somebody is signed in, or when its path is one of the few
//! that need nobody.

use axum::extract::{FromRequest, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tower_sessions::Session;

use super::session::{NOTED_EVERY, SIGNED_IN_MAX};
use super::{SignedIn, roll, sign_in};
use crate::web::App;
use crate::web::answer::PageError;
use crate::web::form::Posted;
use crate::web::frame::Frame;

/// What a session remembers.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Visit {
    pub(super) number: u32,
    /// The PIN that opened the session; a new PIN closes it.
    pub(super) pin_mark: String,
    pub(super) since_s: i64,
    pub(super) seen_s: i64,
}

impl Visit {
    pub(super) const KEY: &str = "visit";
}

/// The paths that need nobody signed in.
pub fn is_open(path: &str) -> bool {
    matches!(path, "/health" | "/sign-in")
        || path.starts_with("/static/")
        || path.starts_with("/language/")
}

/// Lets signed-in people through and shows everybody else the sign-in page. A form that comes
/// after the session ended is not lost: it is sent on once the person has signed in.
pub async fn required(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let session = request.extensions().get::<Session>().cloned();
    let session = session.filter(|_| !request.uri().path().starts_with("/static/"));
    match visitor(&app, session).await {
        Ok(Some(who)) => {
            request.extensions_mut().insert(who);
            next.run(request).await
        }
        Ok(None) if is_open(request.uri().path()) => next.run(request).await,
        Ok(None) => turn_away(&app, request)
            .await
            .unwrap_or_else(IntoResponse::into_response),
        Err(error) => error.into_response(),
    }
}

async fn visitor(app: &App, session: Option<Session>) -> Result<Option<SignedIn>, PageError> {
    let Some(session) = session else {
        return Ok(None);
    };
    let Ok(Some(mut visit)) = session.get::<Visit>(Visit::KEY).await else {
        return Ok(None);
    };
    let now_s = OffsetDateTime::now_utc().unix_timestamp();
    let number = visit.number;
    let member = app.store.read(move |db| roll::numbered(db, number)).await?;
    let Some(member) = member.filter(|member| member.pin_mark() == visit.pin_mark) else {
        return Ok(None);
    };
    // A clock that jumped ends the session; signing in again is the cheap side to err on.
    if (now_s - visit.since_s).abs() > SIGNED_IN_MAX.whole_seconds() {
        return Ok(None);
    }
    if (now_s - visit.seen_s).abs() >= NOTED_EVERY.whole_seconds() {
        visit.seen_s = now_s;
        if let Err(error) = session.insert(Visit::KEY, visit).await {
            tracing::warn!(%error, "a session could not be noted");
        }
    }
    Ok(Some(member.signed_in()))
}

async fn turn_away(app: &App, request: Request) -> Result<Response, PageError> {
    let here = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    if request.method() != Method::POST {
        let way = format!("/sign-in?next={}", sign_in::encoded(&here));
        return Ok(Redirect::to(&way).into_response());
    }
    let (parts, body) = request.into_parts();
    let frame = Frame::of(&parts, app).await;
    let typed = Posted::from_request(Request::from_parts(parts, body), app).await?;
    sign_in::again(app, frame, here, typed).await
}
