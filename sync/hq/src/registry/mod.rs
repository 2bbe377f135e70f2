//! People and households as headquarters sees them: found by any spelling, opened for a reason that
//! is written down, each fact with where it came from, disagreements settled by an officer.

mod draw;
mod facts;
mod find;
mod household;
mod reason;
mod send;
mod settle;
mod source;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};
use yadori_ledger::id::DocId;

use crate::store::{Sql, StoreError, Tx, params, statements};
use crate::web::App;

pub(crate) use draw::Drawn;

statements! {
    HOME = "select h.doc, h.card from person p join household h on h.doc = p.doc
             where p.person = $1 order by h.doc limit 1";
}

pub(crate) fn statements() -> impl Iterator<Item = Sql> {
    [
        STATEMENTS,
        draw::STATEMENTS,
        find::STATEMENTS,
        household::STATEMENTS,
        source::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/people", get(find::form).post(find::submit))
        .route("/people/disagreements", get(find::disputed))
        .route("/people/{doc}", get(household::show))
        .route("/people/{doc}/settle", post(settle::submit))
        .route("/people/{doc}/send", post(send::submit))
        .route("/reason", get(reason::form).post(reason::submit))
}

/// A household that a person stands in.
pub(crate) struct Home {
    pub(crate) doc: String,
    pub(crate) card: Option<String>,
}

pub(crate) async fn home_of(tx: &Tx, person: i64) -> Result<Option<Home>, StoreError> {
    let Some(row) = tx.row(HOME, params![person]).await? else {
        return Ok(None);
    };
    Ok(Some(Home {
        doc: doc_text(&row.get::<Vec<u8>>("doc")?)?,
        card: row.get("card")?,
    }))
}

fn doc_text(stored: &[u8]) -> Result<String, StoreError> {
    DocId::from_bytes(stored)
        .map(|doc| doc.to_string())
        .map_err(|_| StoreError::Damaged("doc"))
}
