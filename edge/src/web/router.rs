//! Puts the features together into the two doors of a node: the desk, for signed-in staff, and
//! the portal, for evacuees.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query};
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use serde::Deserialize;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use super::answer::{Page, PageError, dress};
use super::app::App;
use super::form::FORM_BYTES_MAX;
use super::frame::LANGUAGE_COOKIE;
use super::words::Lang;
use super::{assets, guard};
use crate::{aid, portal, registry, staff};

/// No page takes this long on a sound node; a browser that waits longer has been forgotten.
const ANSWER_AFTER_MAX: Duration = Duration::from_secs(30);

/// The desk. Every route needs somebody signed in, except those that [`staff::is_open`] names.
pub fn desk(app: App) -> Router {
    Router::new()
        .route("/health", get(async || "ok\n"))
        .route("/language/{tag}", get(language))
        .merge(assets::routes())
        .merge(staff::routes())
        .merge(registry::routes())
        .merge(aid::routes())
        .fallback(async || PageError::NotFound)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            ANSWER_AFTER_MAX,
        ))
        .layer(from_fn_with_state(app.clone(), dress))
        .layer(from_fn_with_state(app.clone(), staff::required))
        .layer(staff::session::layer(&app))
        .layer(from_fn(guard::own_forms_only))
        .layer(from_fn(guard::headers))
        .layer(CompressionLayer::new())
        .with_state(app)
}

/// The portal. No cookie, no script, nothing but its own routes.
pub fn portal(app: App) -> Router {
    portal::routes(&app)
        .route("/health", get(async || "ok\n"))
        .layer(CompressionLayer::new())
        .with_state(app)
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

/// Remembers the language for a year and goes back to where the reader was.
async fn language(Path(tag): Path<String>, Query(Back { back }): Query<Back>) -> Page {
    let lang = Lang::of(&tag).ok_or(PageError::NotFound)?;
    let cookie = format!(
        "{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Strict",
        lang.tag()
    );
    Ok((
        [(header::SET_COOKIE, cookie)],
        Redirect::to(own_path(&back)),
    )
        .into_response())
}

/// The path if it is one of ours, else home: a link must not send people to another site.
pub fn own_path(path: &str) -> &str {
    let foreign = !path.starts_with('/')
        || path.starts_with("//")
        || path.contains('\\')
        || path.chars().any(char::is_control);
    if foreign { "/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leads_to_another_site() {
        assert_eq!(own_path("/registry?q=1"), "/registry?q=1");
        for foreign in [
            "",
            "https://evil",
            "//evil",
            "/\\evil",
            "/a\r\nSet-Cookie: x",
            "javascript:1",
        ] {
            assert_eq!(own_path(foreign), "/");
        }
    }
}
