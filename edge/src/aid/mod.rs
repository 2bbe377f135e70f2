//! Handing out aid: a day is opened, rounds of one item in it, and shares are given by card or
//! from the list.
//!
//! Nobody in need is refused: a second share is a warning that staff may override with a reason,
//! and a mistake is taken back by another event. Rows are drawn from the day's ledger ([`draw`]).

mod days;
pub mod draw;
mod give;
mod people;
mod round;
mod round_page;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};
use yadori_ledger::id::{DocId, DocKind, EventId};

use crate::web::App;
use crate::web::answer::PageError;

/// The routes of this feature.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/aid", get(days::show).post(days::open_day))
        .route("/aid/{doc}", get(days::day).post(days::open_round))
        .route("/aid/{doc}/{round}", get(round::show).post(round::by_card))
        .route("/aid/{doc}/{round}/people", post(round::by_list))
        .route("/aid/{doc}/{round}/void", post(round::void))
}

fn ledger_id(text: &str) -> Result<DocId, PageError> {
    let id: DocId = text.parse().map_err(|_| PageError::NotFound)?;
    match id.kind() {
        Ok(DocKind::Ledger) => Ok(id),
        _ => Err(PageError::NotFound),
    }
}

fn round_id(text: &str) -> Result<EventId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}
