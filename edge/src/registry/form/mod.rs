//! The full form of a family: one dense page for experts with a keyboard, for new families and
//! for edits.
//!
//! Every field is named `subject.fact` (`h.address`, `<person>.birth`); rows for people who are not
//! entered yet are `n0`, `n1`, … Beside each field the form carries what it was shown with
//! (`….was`), and only what was changed since is written, so that a form left open does not undo
//! what another desk wrote meanwhile.

mod complete;
mod edit;
mod filled;
mod moves;
mod parse;
mod rows;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use yadori_ledger::id::DocId;
use yadori_ledger::registry::Household;

use super::household_id;
use super::names::{needs_choices, place_choices};
use super::save::random_household;
use crate::staff::SignedIn;
use crate::store::{StoreError, ground};
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::{Posted, Problems, unsaved};
use crate::web::frame::{Choice, Frame};
use crate::web::when::today;
use edit::Saved;
use filled::filled;
use rows::Row;

/// Rows for people, in a form that nobody has filled in yet: most families are no larger.
const ROWS_AT_FIRST: usize = 4;

/// Rows that "more rows" adds.
const ROWS_MORE: usize = 4;

#[derive(Template)]
#[template(path = "registry/form/form.html")]
struct FormPage {
    frame: Frame,
    action: String,
    /// The id of the household that this form makes; empty when it edits one.
    form: String,
    typed: Posted,
    /// The fields as the form was shown, to be sent back.
    was: Vec<(String, String)>,
    rows: Vec<Row>,
    needs: Vec<Choice>,
    places: Vec<Choice>,
}

pub(super) async fn blank(frame: Frame) -> Page {
    let pairs = [
        ("form".to_owned(), random_household()?.to_string()),
        ("h.place".to_owned(), "shelter".to_owned()),
    ];
    show(
        frame,
        StatusCode::OK,
        None,
        rows::more(Posted::of(pairs), ROWS_AT_FIRST),
    )
}

pub(super) async fn edit(State(app): State<App>, Path(doc): Path<String>, frame: Frame) -> Page {
    let id = household_id(&doc)?;
    let (actor, shelter, (today, _)) =
        (app.store.actor(), app.store.shelter().clone(), today(&app));
    let read = app.store.read(move |db| {
        let household = Household::read(&ground::document(db, id, actor)?)?;
        Ok(filled(&household, &shelter, today))
    });
    match read.await {
        Ok(fields) => show(
            frame,
            StatusCode::OK,
            Some(id),
            rows::more(fields.with_was(), 2),
        ),
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}

fn show(frame: Frame, status: StatusCode, doc: Option<DocId>, typed: Posted) -> Page {
    let action = match doc {
        Some(doc) => format!("/registry/household/{doc}/edit"),
        None => "/registry/new".to_owned(),
    };
    let page = FormPage {
        action,
        form: if doc.is_some() {
            String::new()
        } else {
            typed.get("form").to_owned()
        },
        was: typed
            .pairs()
            .iter()
            .filter(|(name, _)| name.ends_with(".was"))
            .cloned()
            .collect(),
        rows: rows::rows(&frame, &typed),
        needs: needs_choices(frame.lang, &typed, "h.needs"),
        places: place_choices(frame.lang, typed.get("h.place")),
        typed,
        frame,
    };
    page_with(status, &page)
}

pub(super) async fn submit_new(
    State(app): State<App>,
    who: SignedIn,
    frame: Frame,
    typed: Posted,
) -> Page {
    submit(&app, who, frame, None, typed).await
}

pub(super) async fn submit_edit(
    State(app): State<App>,
    who: SignedIn,
    Path(doc): Path<String>,
    frame: Frame,
    typed: Posted,
) -> Page {
    submit(&app, who, frame, Some(household_id(&doc)?), typed).await
}

async fn submit(app: &App, who: SignedIn, frame: Frame, doc: Option<DocId>, typed: Posted) -> Page {
    if !typed.get("more").is_empty() {
        return show(frame, StatusCode::OK, doc, rows::more(typed, ROWS_MORE));
    }
    let (today, trust) = today(app);
    let change = match parse::parsed(frame.lang, &typed, doc, today, trust) {
        Ok(change) => change,
        Err(problems) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(frame.mistaken(problems), status, doc, typed);
        }
    };
    match app
        .store
        .write(move |tx| change.save(tx, who.by(), today))
        .await
    {
        Ok(Saved::Done(id)) => {
            tracing::info!(household = %id, "a household was saved");
            let page = if doc.is_some() { "" } else { "/card" };
            Ok(Redirect::to(&format!("/registry/household/{id}{page}")).into_response())
        }
        Ok(Saved::Used) => {
            let problems = Problems::whole(frame.t("reception-form-used"));
            let typed = typed.with("form", random_household()?.to_string());
            show(frame.mistaken(problems), StatusCode::CONFLICT, doc, typed)
        }
        Ok(Saved::Overtaken(fields)) => overtaken(frame, doc, typed, &fields),
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            show(frame.mistaken(problems), status, doc, typed)
        }
    }
}

/// Another desk changed the same facts since this form was shown: both values are put before the
/// writer, who saves again or gives way.
fn overtaken(
    frame: Frame,
    doc: Option<DocId>,
    mut typed: Posted,
    fields: &[(String, String)],
) -> Page {
    let mut problems = Problems::none();
    for (field, now) in fields {
        problems.add(field, frame.s("form-overtaken", now));
        typed = typed.with(&format!("{field}.was"), now.clone());
    }
    show(frame.mistaken(problems), StatusCode::CONFLICT, doc, typed)
}
