//! The evacuees' own pages, on plain HTTP: a family registers itself and gets its number.
//!
//! Made for the small browsers that phones open on a captive network: no cookie, no script, no
//! file, nothing from elsewhere, one question on a page. What was typed travels in a signed address
//! ([`token`]) until it is stored; nothing that is stored is ever shown here.

mod entry;
mod frame;
mod home;
mod limit;
mod register;
#[cfg(test)]
mod tests;
mod token;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::web::App;
use crate::web::answer::PageError;

/// The largest form that is read: a dozen names are about 2 KiB.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// The routes of the portal, with everything that stands before them.
pub fn routes(app: &App) -> Router<App> {
    let posts = Router::new()
        .route("/register", post(register::names))
        .route("/register/people", post(register::people))
        .route("/register/help", post(register::help))
        .route("/register/phone", post(entry::phone));
    Router::new()
        .route("/", get(home::home))
        .route("/register", get(register::show_names))
        .route("/register/people", get(register::show_people))
        .route("/register/help", get(register::show_help))
        .route("/register/phone", get(register::show_phone))
        .route("/number", get(entry::number))
        .merge(limit::limited(posts))
        .fallback(async || PageError::NotFound)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(app.clone(), frame::dress))
        .layer(from_fn(frame::headers))
}
