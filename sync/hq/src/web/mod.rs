//! The console's shell: which features answer where, and what stands before all of them. It knows
//! no feature's pages.
//!
//! There is no script anywhere on the console: every page is complete without, and the content
//! policy forbids what an injected one could do.

mod doors;
mod error;
mod frame;
mod session;
#[cfg(test)]
mod tests;
mod when;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::hq::Hq;
use crate::officer::PasswordDesk;

pub(crate) use error::{Page, PageError, page, page_with};
pub(crate) use frame::{Address, Caller, Frame, Sent, Signed};
pub(crate) use session::STATEMENTS;
pub(crate) use session::Sessions;
pub(crate) use when::{age, moment};

/// The longest form is a settled text of 4,000 characters in Japanese, percent-encoded: 36 kB.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// A page slower than this has lost its reader.
const PAGE_WAIT: std::time::Duration = std::time::Duration::from_secs(30);

/// A shift: who goes home without signing out is signed out.
const SESSION_HOURS: i64 = 12;

/// What every handler may use; clones are cheap.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) hq: Arc<Hq>,
    pub(crate) passwords: Arc<PasswordDesk>,
    pub(crate) behind_proxy: bool,
}

/// The console's settings.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleConfig {
    /// Cookies only over HTTPS. False is for `http://localhost` alone.
    pub secure_cookies: bool,
    /// A proxy of ours stands before the console and adds the visitor's address to
    /// `X-Forwarded-For`.
    pub behind_proxy: bool,
}

pub(crate) fn router(app: App, config: ConsoleConfig, features: Router<App>) -> Router {
    let sessions = SessionManagerLayer::new(Sessions::new(app.hq.db.clone()))
        .with_name("yadori_hq")
        .with_secure(config.secure_cookies)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_expiry(Expiry::OnInactivity(Duration::hours(SESSION_HOURS)));
    features
        .fallback(|| async { PageError::NotFound })
        .layer(sessions)
        .route("/console.css", get(stylesheet))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn(doors::same_origin_only))
        .layer(from_fn(doors::remember_tongue))
        .layer(from_fn_with_state(config, doors::security_headers))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            PAGE_WAIT,
        ))
        .with_state(app)
}

async fn stylesheet() -> impl axum::response::IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, include_str!("console.css"))
}
