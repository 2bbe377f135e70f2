//! The read log: which officer looked for whom or opened whose record, when and why. It is
//! written in the same breath as the look, and nobody on the console can change it.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use serde::Deserialize;

use crate::officer::Right;
use crate::store::{Row, StoreError, Tx, params, statements};
use crate::web::{App, Frame, Page, Signed, page};

statements! {
    NEXT = "update next_number set next = next + 1 where name = 'read_log' returning next - 1 as seq";
    ADD = "insert into read_log (seq, officer, at_s, act, what, reason) values ($1, $2, $3, $4, $5, $6)";
    PAGE = "select l.seq, l.at_s, l.act, l.what, l.reason, o.name
              from read_log l join officer o on o.officer = l.officer
             where l.seq < $1
             order by l.seq desc
             limit $2";
}

/// A screen's worth; older entries are a page further.
const ROWS_MAX: i64 = 100;

/// What was looked at.
pub(crate) enum Look<'a> {
    /// The text that was searched for, as typed.
    Search(&'a str),
    /// A household's record, by its document id.
    Household(&'a str),
}

impl<'a> Look<'a> {
    fn parts(&self) -> (&'static str, &'a str) {
        match self {
            Self::Search(text) => ("search", text),
            Self::Household(id) => ("household", id),
        }
    }
}

/// Writes one look. The page is drawn only after this is stored.
pub(crate) async fn record(
    app: &App,
    officer: i64,
    look: Look<'_>,
    reason: &str,
) -> Result<(), StoreError> {
    let at_s = app.hq.clock.now_s();
    let (act, what) = look.parts();
    app.hq
        .db
        .write(|tx| async move { add(&tx, officer, at_s, act, what, reason).await })
        .await
}

async fn add(
    tx: &Tx,
    officer: i64,
    at_s: i64,
    act: &str,
    what: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let seq: i64 = tx.one(NEXT, params![]).await?.get("seq")?;
    tx.run(ADD, params![seq, officer, at_s, act, what, reason])
        .await
        .map(drop)
}

pub(crate) fn router() -> Router<App> {
    Router::new().route("/read-log", get(list))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: Option<i64>,
}

struct Entry {
    seq: i64,
    at_s: i64,
    act: String,
    what: String,
    reason: String,
    officer: String,
}

#[derive(Template)]
#[template(path = "readlog/list.html")]
struct ListPage {
    frame: Frame,
    entries: Vec<Entry>,
    older: Option<i64>,
}

async fn list(State(app): State<App>, signed: Signed, Query(asked): Query<Asked>) -> Page {
    signed.needs(Right::ReadLog)?;
    let before = asked.before.unwrap_or(i64::MAX);
    let rows = app
        .hq
        .db
        .read(|tx| async move { tx.rows(PAGE, params![before, ROWS_MAX]).await })
        .await?;
    let entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let is_full = entries.len() as i64 == ROWS_MAX;
    let older = entries.last().filter(|_| is_full).map(|entry| entry.seq);
    page(&ListPage {
        frame: signed.frame,
        entries,
        older,
    })
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        seq: row.get("seq")?,
        at_s: row.get("at_s")?,
        act: row.get("act")?,
        what: row.get("what")?,
        reason: row.get("reason")?,
        officer: row.get("name")?,
    })
}
