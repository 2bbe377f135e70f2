//! The end of a family's own registration: its entry, unconfirmed until somebody at the desk has
//! met it, and its number.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use yadori_ledger::clock::By;
use yadori_ledger::id::CardNumber;
use yadori_ledger::registry::Origin;
use yadori_ledger::words::{HeadCount, Phone, SupportNeeds};

use super::frame::{PortalFrame, address};
use super::register::{Step, draft, show, start_again, wrong};
use super::token::{Draft, Numbered, opened, sealed};
use crate::registry::save::{Arrival, Received, receive};
use crate::store::{StoreError, Tx};
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::{Posted, Problems, unsaved};

/// Own entries that may wait for the desk. At 15 seconds each, an hour and a quarter of work; more
/// is a prank, or a crowd that is better served at the desk.
const UNCONFIRMED_MAX: u32 = 300;

pub(super) async fn phone(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(arrival) = draft(&app, &frame).as_ref().and_then(arrival) else {
        return start_again(&frame);
    };
    let mut problems = Problems::none();
    let phone = problems.parse_if_any::<Phone>(frame.lang, "phone", typed.get("phone"));
    if !problems.is_empty() {
        return wrong(frame, Step::Phone, typed, problems);
    }
    let (arrival, people) = (
        Arrival {
            phone,
            ..arrival.clone()
        },
        arrival.people.get(),
    );
    match app.store.write(move |tx| entered(tx, &arrival)).await {
        Ok(Entered::Card(card)) => {
            tracing::info!("a family registered itself");
            let numbered = Numbered {
                card: card.to_string(),
                people,
                since_s: app.clock.wall_s(),
            };
            let s = sealed(&app.setting.secret, &numbered);
            Ok(Redirect::to(&address("/number", frame.lang, &s)).into_response())
        }
        Ok(Entered::Used) => {
            let problems = Problems::whole(frame.t("portal-used"));
            show(
                frame.mistaken(problems),
                StatusCode::CONFLICT,
                Step::Phone,
                typed,
            )
        }
        Ok(Entered::TooMany) => Err(PageError::Busy),
        Err(error) => {
            let (status, _) = unsaved(error, frame.lang)?;
            let problems = Problems::whole(frame.t("portal-not-saved"));
            show(frame.mistaken(problems), status, Step::Phone, typed)
        }
    }
}

/// The family that a complete draft describes. Its parts were checked when they were signed.
fn arrival(draft: &Draft) -> Option<Arrival> {
    Some(Arrival {
        doc: draft.form,
        names: draft
            .names
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect(),
        reading: None,
        people: HeadCount::try_from(u64::from(draft.people)).ok()?,
        needs: SupportNeeds::from_stored(&draft.needs),
        phone: None,
        origin: Origin::Portal,
    })
}

enum Entered {
    Card(CardNumber),
    Used,
    TooMany,
}

fn entered(tx: &Tx<'_>, arrival: &Arrival) -> Result<Entered, StoreError> {
    let waiting: u32 = tx
        .prepare_cached("select count(*) from household where origin = 'p'")?
        .query_row([], |row| row.get(0))?;
    if waiting >= UNCONFIRMED_MAX {
        return Ok(Entered::TooMany);
    }
    Ok(match receive(tx, arrival, By::portal())? {
        Received::Card(card) => Entered::Card(card),
        Received::Used => Entered::Used,
    })
}

#[derive(Template)]
#[template(path = "portal/number.html")]
struct NumberPage {
    frame: PortalFrame,
    numbered: Numbered,
}

/// The family's number, from its own signed address: nothing is read from the store.
pub(super) async fn number(State(app): State<App>, frame: PortalFrame) -> Page {
    let numbered: Option<Numbered> = opened(&app.setting.secret, &frame.s, app.clock.wall_s());
    match numbered {
        Some(numbered) => page_with(StatusCode::OK, &NumberPage { frame, numbered }),
        None => Err(PageError::NotFound),
    }
}
