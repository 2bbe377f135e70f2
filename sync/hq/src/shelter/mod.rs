//! Shelters as headquarters sees them: first those that have been silent longest, with the age of
//! every number.

mod csv;
mod list;
mod one;

use yadori_ledger::fold::fold;
use yadori_ledger::id::ShelterId;

use axum::Router;
use axum::routing::get;

use crate::store::{Db, Row, Sql, StoreError, Tx, params, statements};
use crate::web::App;

pub use csv::{CsvError, read_csv};

statements! {
    KEEP = "insert into shelter (shelter, name, name_fold, address, lat_e6, lon_e6) values ($1, $2, $3, $4, $5, $6)
            on conflict (shelter) do update set
                name = excluded.name, name_fold = excluded.name_fold, address = excluded.address,
                lat_e6 = excluded.lat_e6, lon_e6 = excluded.lon_e6";
    NAME = "select name from shelter where shelter = $1";
    NAMED = "select shelter, name, address from shelter
              where shelter = $1 or name_fold like $2
              order by name_fold, shelter
              limit $3";
}

pub(crate) fn statements() -> impl Iterator<Item = Sql> {
    [STATEMENTS, list::STATEMENTS, one::STATEMENTS]
        .into_iter()
        .flatten()
        .copied()
}

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(list::show))
        .route("/shelters", get(list::show))
        .route("/shelters/{shelter}", get(one::show))
}

/// A shelter as the designation names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewShelter {
    pub id: ShelterId,
    pub name: String,
    pub address: String,
    /// Latitude and longitude in millionths of a degree.
    pub position_e6: Option<(i64, i64)>,
}

/// Adds shelters to the list, or corrects what it says of them.
pub async fn add(db: &Db, shelters: &[NewShelter]) -> Result<(), StoreError> {
    db.write(|tx| async move {
        for new in shelters {
            let (lat, lon) = (
                new.position_e6.map(|(lat, _)| lat),
                new.position_e6.map(|(_, lon)| lon),
            );
            let values = params![
                new.id.as_str(),
                &new.name,
                fold(&new.name),
                &new.address,
                lat,
                lon
            ];
            tx.run(KEEP, values).await?;
        }
        Ok(())
    })
    .await
}

/// The shelter's name, or its id when it is on no list.
pub(crate) async fn name_of(tx: &Tx, id: &str) -> Result<String, StoreError> {
    match tx.row(NAME, params![id]).await? {
        Some(row) => row.get("name"),
        None => Ok(id.to_owned()),
    }
}

/// A shelter that an officer may mean.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) address: String,
}

/// Candidates that fit on a screen; more are found by typing more.
const NAMED_MAX: i64 = 20;

/// The shelters with this id, or with these words in their name.
pub(crate) async fn named(db: &Db, typed: &str) -> Result<Vec<Named>, StoreError> {
    let (id, folded) = (typed.trim().to_uppercase(), fold(typed));
    if folded.is_empty() || id.contains('\0') {
        return Ok(Vec::new());
    }
    // Folded text holds letters and digits only: nothing in it is a wildcard.
    let pattern = format!("%{folded}%");
    let rows = db
        .read(|tx| async move { tx.rows(NAMED, params![id, pattern, NAMED_MAX]).await })
        .await?;
    rows.iter().map(one_named).collect()
}

fn one_named(row: &Row) -> Result<Named, StoreError> {
    Ok(Named {
        id: row.get("shelter")?,
        name: row.get("name")?,
        address: row.get("address")?,
    })
}
