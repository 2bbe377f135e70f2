//! Opening days and rounds, and what headquarters found.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use rusqlite::{Connection, OptionalExtension, params};
use yadori_ledger::aid::{self, Slot};
use yadori_ledger::clock::By;
use yadori_ledger::id::{DocId, DocKind, EventId};
use yadori_ledger::session::Lane;
use yadori_ledger::words::{Answer, CivilDate, Name};

use super::ledger_id;
use crate::registry::save::{random, random_event};
use crate::staff::SignedIn;
use crate::store::{StoreError, Tx};
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::{Posted, Problems, unsaved};
use crate::web::frame::{Choice, Frame};
use crate::web::when::today;

/// Days and findings shown at once: a month of them.
const ROWS_MAX: u32 = 31;

struct DayRow {
    doc: String,
    label: String,
}

/// A share that was given at two shelters.
struct Double {
    name: String,
    item: String,
    day: String,
    slot: String,
    shelters: String,
}

#[derive(Template)]
#[template(path = "aid/days.html")]
struct DaysPage {
    frame: Frame,
    label: String,
    days: Vec<DayRow>,
    doubles: Vec<Double>,
}

pub(super) async fn show(State(app): State<App>, frame: Frame) -> Page {
    let label = today(&app).0.to_string();
    show_days(&app, frame, StatusCode::OK, label).await
}

async fn show_days(app: &App, frame: Frame, status: StatusCode, label: String) -> Page {
    let (days, mut doubles) = app.store.read(|db| Ok((days(db)?, doubles(db)?))).await?;
    for one in &mut doubles {
        one.slot = frame.t(&format!("slot-{}", one.slot));
    }
    page_with(
        status,
        &DaysPage {
            frame,
            label,
            days,
            doubles,
        },
    )
}

fn days(db: &Connection) -> Result<Vec<DayRow>, StoreError> {
    let rows = db
        .prepare_cached(&format!(
            "select doc, label from day order by label desc, doc limit {ROWS_MAX}"
        ))?
        .query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let row = |(doc, label): (Vec<u8>, String)| {
        Some(DayRow {
            doc: DocId::from_bytes(&doc).ok()?.to_string(),
            label,
        })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

fn doubles(db: &Connection) -> Result<Vec<Double>, StoreError> {
    let rows = db
        .prepare_cached(&format!(
            "select coalesce((select p.name from person p where p.person = d.person limit 1), ''),
                    d.item, d.day, d.slot, d.shelters
               from double_hand_out d order by d.day desc, d.doc limit {ROWS_MAX}"
        ))?
        .query_map([], |row| {
            Ok(Double {
                name: row.get(0)?,
                item: row.get(1)?,
                day: row.get(2)?,
                slot: row.get(3)?,
                shelters: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) async fn open_day(
    State(app): State<App>,
    who: SignedIn,
    frame: Frame,
    typed: Posted,
) -> Page {
    let mut problems = Problems::none();
    let typed_label = typed.get("label").to_owned();
    let Some(label) = problems.parse::<CivilDate>(frame.lang, "label", &typed_label) else {
        return show_days(
            &app,
            frame.mistaken(problems),
            StatusCode::UNPROCESSABLE_ENTITY,
            typed_label,
        )
        .await;
    };
    match app
        .store
        .write(move |tx| opened(tx, &label.to_string(), who.by()))
        .await
    {
        Ok(doc) => Ok(Redirect::to(&format!("/aid/{doc}")).into_response()),
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            show_days(&app, frame.mistaken(problems), status, typed_label).await
        }
    }
}

/// The day's ledger; the one that is open already if there is one.
fn opened(tx: &Tx<'_>, label: &str, by: By) -> Result<DocId, StoreError> {
    let known: Option<Vec<u8>> = tx
        .prepare_cached("select doc from day where label = ?1 order by doc limit 1")?
        .query_row([label], |row| row.get(0))
        .optional()?;
    if let Some(doc) = known.and_then(|doc| DocId::from_bytes(&doc).ok()) {
        return Ok(doc);
    }
    let doc = DocId::new(DocKind::Ledger, random()?);
    let (document, change) = aid::open_day(doc, tx.shelter(), label, tx.actor(), &tx.stamp(by))?;
    tx.keep(&document, &change, Lane::Aid)?;
    Ok(doc)
}

struct RoundRow {
    id: EventId,
    item: String,
    slot: String,
    given: u32,
}

#[derive(Template)]
#[template(path = "aid/day.html")]
struct DayPage {
    frame: Frame,
    doc: DocId,
    label: String,
    item: String,
    slots: Vec<Choice>,
    rounds: Vec<RoundRow>,
}

pub(super) async fn day(State(app): State<App>, Path(doc): Path<String>, frame: Frame) -> Page {
    show_day(
        &app,
        frame,
        ledger_id(&doc)?,
        StatusCode::OK,
        Posted::default(),
    )
    .await
}

async fn show_day(app: &App, frame: Frame, doc: DocId, status: StatusCode, typed: Posted) -> Page {
    let read = app
        .store
        .read(move |db| Ok((label(db, doc)?, rounds(db, doc)?)));
    let (label, mut rounds) = read.await?;
    for round in &mut rounds {
        round.slot = frame.t(&format!("slot-{}", round.slot));
    }
    let slots = Slot::ALL.map(|slot| Choice {
        value: slot.name().into(),
        label: frame.t(&format!("slot-{}", slot.name())),
        chosen: typed.get("slot") == slot.name(),
    });
    let label = label.ok_or(PageError::NotFound)?;
    let item = typed.get("item").to_owned();
    page_with(
        status,
        &DayPage {
            frame,
            doc,
            label,
            item,
            slots: slots.into(),
            rounds,
        },
    )
}

pub(super) fn label(db: &Connection, doc: DocId) -> Result<Option<String>, StoreError> {
    let found = db
        .prepare_cached("select label from day where doc = ?1")?
        .query_row([doc.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

fn rounds(db: &Connection, doc: DocId) -> Result<Vec<RoundRow>, StoreError> {
    let rows = db
        .prepare_cached(
            "select r.round, r.item, r.slot,
                    (select count(distinct person) from hand_out h where h.doc = r.doc and h.round = r.round)
               from round r where r.doc = ?1 order by r.place desc",
        )?
        .query_map([doc.as_bytes()], |row| {
            Ok(RoundRow {
                id: EventId::from_i64(row.get(0)?),
                item: row.get(1)?,
                slot: row.get(2)?,
                given: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) async fn open_round(
    State(app): State<App>,
    who: SignedIn,
    Path(doc): Path<String>,
    frame: Frame,
    typed: Posted,
) -> Page {
    let doc = ledger_id(&doc)?;
    let (item, slot) = match parsed(&frame, &typed) {
        Ok(parsed) => parsed,
        Err(problems) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_day(&app, frame.mistaken(problems), doc, status, typed).await;
        }
    };
    match app
        .store
        .write(move |tx| round_opened(tx, doc, item.as_str(), slot, who.by()))
        .await
    {
        Ok(round) => Ok(Redirect::to(&format!("/aid/{doc}/{round}")).into_response()),
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            show_day(&app, frame.mistaken(problems), doc, status, typed).await
        }
    }
}

/// An item is written like a name; only the words of its mistakes differ.
fn parsed(frame: &Frame, typed: &Posted) -> Result<(Name, Slot), Problems> {
    let mut problems = Problems::none();
    let item = typed.get("item").parse::<Name>();
    if let Err(refused) = &item {
        let key = refused.key().replace("name-", "item-");
        problems.add("item", frame.s(&key, refused.hint().unwrap_or_default()));
    }
    let slot = Slot::named(typed.get("slot"));
    if slot.is_none() {
        problems.add("slot", frame.t("choice-unknown"));
    }
    match (item, slot) {
        (Ok(item), Some(slot)) => Ok((item, slot)),
        _ => Err(problems),
    }
}

/// The round of this item and slot; the one that is open already if there is one.
fn round_opened(
    tx: &Tx<'_>,
    doc: DocId,
    item: &str,
    slot: Slot,
    by: By,
) -> Result<EventId, StoreError> {
    let known: Option<i64> = tx
        .prepare_cached(
            "select round from round where doc = ?1 and item = ?2 and slot = ?3 limit 1",
        )?
        .query_row(params![doc.as_bytes(), item, slot.name()], |row| row.get(0))
        .optional()?;
    if let Some(round) = known {
        return Ok(EventId::from_i64(round));
    }
    let mut document = tx.document(doc)?;
    let (round, stamp) = (random_event()?, tx.stamp(by));
    aid::open_round(&mut document, round, stamp.lamport, item, slot)?;
    tx.record(&mut document, &stamp, Lane::Aid)?;
    Ok(round)
}
