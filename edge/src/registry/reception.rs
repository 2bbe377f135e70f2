//! Reception: any name, how many, what help is seen; then a card. Fifteen seconds a family.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use yadori_ledger::id::DocId;
use yadori_ledger::registry::Origin;
use yadori_ledger::words::{HeadCount, SupportNeed, SupportNeeds};

use super::names::{needs_choices, needs_chosen, typed_name};
use super::save::{self, Arrival, Received};
use super::{household_id, lists};
use crate::staff::SignedIn;
use crate::web::App;
use crate::web::answer::{Page, PageError, page, page_with};
use crate::web::form::{Posted, Problems, unsaved};
use crate::web::frame::{Choice, Frame};

#[derive(Template)]
#[template(path = "registry/reception.html")]
struct ReceptionPage {
    frame: Frame,
    typed: Posted,
    form: String,
    needs: Vec<Choice>,
}

pub(super) async fn form(frame: Frame) -> Page {
    show(frame, StatusCode::OK, Posted::default())
}

fn show(frame: Frame, status: StatusCode, typed: Posted) -> Page {
    let form = match typed.get("form").parse::<DocId>() {
        Ok(form) => form,
        Err(_) => save::random_household()?,
    };
    let needs = needs_choices(frame.lang, &typed, "needs");
    page_with(
        status,
        &ReceptionPage {
            frame,
            form: form.to_string(),
            needs,
            typed,
        },
    )
}

pub(super) async fn submit(
    State(app): State<App>,
    who: SignedIn,
    frame: Frame,
    typed: Posted,
) -> Page {
    let arrival = match parsed(&frame, &typed) {
        Ok(arrival) => arrival,
        Err(problems) => {
            return show(
                frame.mistaken(problems),
                StatusCode::UNPROCESSABLE_ENTITY,
                typed,
            );
        }
    };
    let doc = arrival.doc;
    match app
        .store
        .write(move |tx| save::receive(tx, &arrival, who.by()))
        .await
    {
        Ok(Received::Card(_)) => {
            tracing::info!(household = %doc, "a household was received");
            Ok(Redirect::to(&format!("/registry/household/{doc}/card")).into_response())
        }
        Ok(Received::Used) => {
            let problems = Problems::whole(frame.t("reception-form-used"));
            let mut pairs = typed.pairs().to_vec();
            pairs.retain(|(name, _)| name != "form");
            show(
                frame.mistaken(problems),
                StatusCode::CONFLICT,
                Posted::of(pairs),
            )
        }
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            show(frame.mistaken(problems), status, typed)
        }
    }
}

fn parsed(frame: &Frame, typed: &Posted) -> Result<Arrival, Problems> {
    let mut problems = Problems::none();
    let name = typed_name(&mut problems, frame.lang, "name", typed.get("name"));
    let people = problems.parse::<HeadCount>(frame.lang, "people", typed.get("people"));
    let needs: Option<SupportNeeds> = needs_chosen(&mut problems, frame.lang, typed, "needs");
    let form = household_id(typed.get("form"));
    if form.is_err() {
        problems.add("", frame.t("form-id-wrong"));
    }
    match (name, people, needs, form) {
        (Some(name), Some(people), Some(needs), Ok(doc)) if problems.is_empty() => {
            // Nobody typed the reading: if it is not one, there is none.
            let reading = typed.get("reading").parse().ok();
            Ok(Arrival {
                doc,
                names: name.into_iter().collect(),
                reading,
                people,
                needs,
                phone: None,
                origin: Origin::Desk,
            })
        }
        _ => Err(problems),
    }
}

#[derive(Template)]
#[template(path = "registry/card.html")]
struct CardPage {
    frame: Frame,
    doc: String,
    family: lists::Family,
    needs: Vec<String>,
}

/// The card after reception: to be read out, written on paper, and closed.
pub(super) async fn card(State(app): State<App>, Path(doc): Path<String>, frame: Frame) -> Page {
    let id = household_id(&doc)?;
    let family = app.store.read(move |db| lists::family(db, id)).await?;
    let family = family.ok_or(PageError::NotFound)?;
    let needs = SupportNeeds::from_stored(&family.needs);
    let needs = needs
        .iter()
        .map(|need: SupportNeed| frame.t(&format!("need-{}", need.as_str())));
    let needs = needs.collect();
    page(&CardPage {
        doc,
        needs,
        family,
        frame,
    })
}
