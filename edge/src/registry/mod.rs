//! People and households: reception, the full form, the roster, one family's page with its history
//! and disagreements, and the entries that families made themselves.
//!
//! Rows are drawn from household documents ([`draw`]) and only ever read here; what is written
//! goes into the document.

mod alike;
pub mod counts;
pub mod draw;
mod form;
mod history;
mod household;
mod lists;
mod names;
pub mod open_questions;
mod reception;
mod roster;
pub mod save;
mod settle;
mod source;
#[cfg(test)]
mod tests;

pub(crate) use names::{needs_choices, needs_chosen};
pub(crate) use roster::household_of;

use axum::Router;
use axum::routing::{get, post};
use yadori_ledger::id::{DocId, DocKind};

use crate::web::App;
use crate::web::answer::PageError;

/// The routes of this feature.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/registry", get(roster::show))
        .route(
            "/registry/reception",
            get(reception::form).post(reception::submit),
        )
        .route("/registry/new", get(form::blank).post(form::submit_new))
        .route("/registry/unconfirmed", get(lists::unconfirmed))
        .route("/registry/disagreements", get(lists::disagreements))
        .route("/registry/card", get(roster::by_card))
        .route("/registry/person/{person}", get(household::of_person))
        .route("/registry/household/{doc}", get(household::show))
        .route("/registry/household/{doc}/card", get(reception::card))
        .route(
            "/registry/household/{doc}/edit",
            get(form::edit).post(form::submit_edit),
        )
        .route("/registry/household/{doc}/confirm", post(lists::confirm))
        .route("/registry/household/{doc}/settle", post(settle::submit))
}

/// The household that a path names.
pub(crate) fn household_id(text: &str) -> Result<DocId, PageError> {
    let id: DocId = text.parse().map_err(|_| PageError::NotFound)?;
    match id.kind() {
        Ok(DocKind::Household) => Ok(id),
        _ => Err(PageError::NotFound),
    }
}
