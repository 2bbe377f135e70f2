//! The frame of the portal's pages: one inline style, no script, two languages, and an answer to
//! every failure.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::web::App;
use crate::web::answer::{Page, page_with};
use crate::web::form::Problems;
use crate::web::words::Lang;

/// The style of every page of the portal; inline, so that the first page is one request.
const STYLE: &str = include_str!("portal.css");

/// Nothing but that one style.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = BASE64.encode(&Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("base64 fits a header")
});

/// What every page of the portal carries.
pub(super) struct PortalFrame {
    pub(super) lang: Lang,
    pub(super) shelter: String,
    pub(super) problems: Problems,
    /// The path of this page.
    pub(super) path: String,
    /// The signed answers so far, if any.
    pub(super) s: String,
}

#[derive(Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    l: String,
    #[serde(default)]
    s: String,
}

impl PortalFrame {
    fn of(parts: &Parts, app: &App) -> Self {
        let Query(Chosen { l, s }) = Query::try_from_uri(&parts.uri).unwrap_or_default();
        let accepted = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Self {
            lang: Lang::of(&l).unwrap_or_else(|| Lang::accepted(accepted.unwrap_or_default())),
            shelter: app.setting.shelter_name.clone(),
            problems: Problems::none(),
            path: parts.uri.path().to_owned(),
            s,
        }
    }

    pub(super) fn mistaken(mut self, problems: Problems) -> Self {
        self.problems = problems;
        self
    }

    pub(super) fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }

    pub(super) fn n(&self, key: &str, count: impl std::fmt::Display) -> String {
        self.lang.n(key, count)
    }

    pub(super) fn style(&self) -> &'static str {
        STYLE
    }

    pub(super) fn languages(&self) -> &'static [Lang] {
        &Lang::ALL
    }

    /// This page in another language, with the answers so far.
    pub(super) fn here_in(&self, lang: &Lang) -> String {
        address(&self.path, *lang, &self.s)
    }

    /// A page of the portal in this language.
    pub(super) fn to(&self, path: &str) -> String {
        address(path, self.lang, &self.s)
    }
}

/// An address with its language and signed answers; both are safe in a query as they are.
pub(super) fn address(path: &str, lang: Lang, s: &str) -> String {
    let safe = s
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    match s {
        "" => format!("{path}?l={}", lang.tag()),
        s if safe => format!("{path}?l={}&s={s}", lang.tag()),
        _ => format!("{path}?l={}", lang.tag()),
    }
}

impl FromRequestParts<App> for PortalFrame {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts, app))
    }
}

#[derive(Template)]
#[template(path = "portal/error.html")]
struct ErrorPage {
    frame: PortalFrame,
    title: String,
    next: String,
}

/// The failures that have a title of their own.
const TOLD: [u16; 8] = [404, 405, 408, 413, 429, 500, 503, 507];

/// Gives every bare failure its page.
pub(super) async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let frame = PortalFrame::of(&parts, &app);
    let answer = next.run(Request::from_parts(parts, body)).await;
    let status = answer.status();
    let html = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if html || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    error_page(frame, status).unwrap_or_else(IntoResponse::into_response)
}

fn error_page(frame: PortalFrame, status: StatusCode) -> Page {
    let code = status.as_u16();
    let told = if TOLD.contains(&code) { code } else { 400 };
    let title = frame.t(&format!("error-{told}-title"));
    let next = frame.t(if code == 429 {
        "portal-error-wait"
    } else {
        "portal-error-next"
    });
    page_with(status, &ErrorPage { frame, title, next })
}

/// Puts the headers on every answer. The address holds what the family typed, so it is told to
/// nobody.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
