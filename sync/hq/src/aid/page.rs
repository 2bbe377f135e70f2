//! Double hand-outs, newest first.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;

use super::draw::slot;
use crate::officer::Right;
use crate::registry;
use crate::shelter;
use crate::store::{Row, StoreError, Tx, params, statements};
use crate::web::{App, Frame, Page, Signed, page};

statements! {
    LIST = "select doc, person, item, day, slot, found_s from finding order by found_s desc, doc limit $1";
    GIVEN = "select distinct h.shelter, h.doc, h.event from hand_out h
              where h.person = $1 and h.day = $2 and h.slot = $3 and h.item = $4
              order by h.shelter, h.doc, h.event";
}

/// A screen's worth; older ones were looked at.
const ROWS_MAX: i64 = 100;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/findings", get(list))
}

struct Line {
    /// A household that the person stands in, for the link.
    household: Option<String>,
    card: Option<String>,
    item: String,
    day: String,
    slot: &'static str,
    found_s: i64,
    shelters: Vec<String>,
    /// One of the two was taken back since.
    is_settled: bool,
}

#[derive(Template)]
#[template(path = "aid/findings.html")]
struct FindingsPage {
    frame: Frame,
    lines: Vec<Line>,
}

async fn list(State(app): State<App>, signed: Signed) -> Page {
    signed.needs(Right::Work)?;
    let lines = app
        .hq
        .db
        .read(|tx| async move {
            let mut lines = Vec::new();
            for row in tx.rows(LIST, params![ROWS_MAX]).await? {
                lines.push(line(&tx, &row).await?);
            }
            Ok::<_, StoreError>(lines)
        })
        .await?;
    page(&FindingsPage {
        frame: signed.frame,
        lines,
    })
}

async fn line(tx: &Tx, row: &Row) -> Result<Line, StoreError> {
    let (person, code): (i64, i64) = (row.get("person")?, row.get("slot")?);
    let (item, day): (String, String) = (row.get("item")?, row.get("day")?);
    let given = tx.rows(GIVEN, params![person, &day, code, &item]).await?;
    let mut shelters = Vec::new();
    for row in &given {
        shelters.push(shelter::name_of(tx, &row.get::<String>("shelter")?).await?);
    }
    let home = registry::home_of(tx, person).await?;
    let (household, card) = home.map_or((None, None), |home| (Some(home.doc), home.card));
    let (slot, found_s) = (slot(code)?.name(), row.get("found_s")?);
    Ok(Line {
        household,
        card,
        item,
        day,
        slot,
        found_s,
        is_settled: shelters.len() < 2,
        shelters,
    })
}
