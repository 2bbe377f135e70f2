//! The one style sheet and the one small script, compiled in.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::app::App;

const CSS: &str = include_str!("../../static/desk.css");
const SCRIPT: &str = include_str!("../../static/desk.js");
const ICON: &str = include_str!("../../static/icon.svg");

/// Changes with every change of the files, so that browsers may keep them for ever.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(CSS.as_bytes())
        .update(SCRIPT.as_bytes())
        .update(ICON.as_bytes());
    hasher.finalize().to_hex()[..8].to_owned()
});

/// The files under `/static`.
pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/static/desk.css",
            get(async || kept("text/css; charset=utf-8", CSS)),
        )
        .route(
            "/static/desk.js",
            get(async || kept("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route(
            "/static/icon.svg",
            get(async || kept("image/svg+xml", ICON)),
        )
}

fn kept(kind: &'static str, body: &'static str) -> Response {
    let cache = "public, max-age=31536000, immutable";
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)],
        body,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stays_a_convenience() {
        assert!(SCRIPT.len() <= 10 * 1024);
        assert!(SCRIPT.contains("isComposing"));
    }
}
