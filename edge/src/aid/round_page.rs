//! How the page of a round is drawn.

use askama::Template;
use axum::http::StatusCode;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use yadori_ledger::id::{DocId, EventId};

use super::days;
use super::people::{self, Given, Listed};
use crate::store::StoreError;
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::Posted;
use crate::web::frame::Frame;
use crate::web::when::when;

/// Hand-outs shown below the list, to take one back.
const NEWEST_MAX: u32 = 20;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    pub(super) done: String,
}

#[derive(Template)]
#[template(path = "aid/round.html")]
struct RoundPage {
    frame: Frame,
    doc: DocId,
    round: EventId,
    label: String,
    item: String,
    slot: String,
    q: String,
    typed: Posted,
    done: Option<Given>,
    newest: Vec<Given>,
    people: Vec<Listed>,
    /// Who had a share before, when: shown with the way to give it all the same.
    already: Vec<String>,
    /// Where the form that was warned about goes to.
    again: String,
}

impl RoundPage {
    fn at(&self, given: &Given) -> String {
        when(self.frame.lang, given.wall_s, given.quality)
    }

    fn is_ticked(&self, one: &Listed) -> bool {
        let value = format!("{}/{}", one.doc, one.person);
        self.typed.values("who").any(|ticked| ticked == value)
    }
}

/// What a page of this round is drawn from, beside the store.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) asked: Asked,
    pub(super) typed: Posted,
    pub(super) already: Vec<String>,
    /// Where the form that was warned about goes to.
    pub(super) again: String,
}

/// Draws the page, also as the answer to a form.
pub(super) async fn draw(
    app: &App,
    frame: Frame,
    at: (DocId, EventId),
    status: StatusCode,
    shown: Shown,
) -> Page {
    let (doc, round) = at;
    let Shown {
        asked: Asked { q, done },
        typed,
        already,
        again,
    } = shown;
    let (search, done) = (q.clone(), done.parse::<EventId>().ok());
    let read = app.store.read(move |db| {
        let done = done
            .map(|event| people::given(db, doc, round, Some(event), 1))
            .transpose()?;
        let newest = people::given(db, doc, round, None, NEWEST_MAX)?;
        Ok((
            head(db, doc, round)?,
            done,
            newest,
            people::list(db, doc, round, &search)?,
        ))
    });
    let (head, done, newest, people) = read.await?;
    let (label, item, slot) = head.ok_or(PageError::NotFound)?;
    let slot = frame.t(&format!("slot-{slot}"));
    let done = done.and_then(|mut done| done.pop());
    page_with(
        status,
        &RoundPage {
            frame,
            doc,
            round,
            label,
            item,
            slot,
            q,
            typed,
            done,
            newest,
            people,
            already,
            again,
        },
    )
}

fn head(
    db: &Connection,
    doc: DocId,
    round: EventId,
) -> Result<Option<(String, String, String)>, StoreError> {
    let Some(label) = days::label(db, doc)? else {
        return Ok(None);
    };
    let found = db
        .prepare_cached("select item, slot from round where doc = ?1 and round = ?2")?
        .query_row(params![doc.as_bytes(), round.to_i64()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(found.map(|(item, slot)| (label, item, slot)))
}
