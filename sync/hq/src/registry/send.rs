//! Sends a household to another shelter as well, where somebody is expected.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use yadori_ledger::id::ShelterId;

use super::household::{self, Notice};
use crate::membership;
use crate::officer::Right;
use crate::shelter;
use crate::web::{App, Page, PageError, Sent, Signed};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// A shelter's id or part of its name.
    shelter: String,
    /// Chosen among several of that name.
    id: Option<String>,
}

pub(super) async fn submit(
    State(app): State<App>,
    signed: Signed,
    Path(doc): Path<String>,
    Sent(typed): Sent<Typed>,
) -> Page {
    signed.needs(Right::Work)?;
    let id = household::household_id(&doc)?;
    let asked = typed.id.as_deref().unwrap_or(&typed.shelter);
    let mut candidates = shelter::named(&app.hq.db, asked).await?;
    let exact = candidates
        .iter()
        .position(|shelter| shelter.id == asked.trim().to_uppercase());
    if let Some(at) = exact {
        candidates = vec![candidates.swap_remove(at)];
    }
    let meant = match candidates.as_slice() {
        [only] => only.id.parse::<ShelterId>().ok(),
        _ => None,
    };
    let problem = match (meant, candidates.len()) {
        (Some(shelter), _) => {
            match membership::send(&app.hq, id, &shelter, signed.officer.id).await? {
                Some(_) => return Ok(Redirect::to(&format!("/people/{id}")).into_response()),
                None => return Err(PageError::NotFound),
            }
        }
        (None, 0) => "send-none",
        (None, _) => "send-several",
    };
    let notice = Notice {
        problem: Some(problem),
        typed_shelter: typed.shelter,
        candidates,
    };
    household::answer(&app, signed, &doc, StatusCode::UNPROCESSABLE_ENTITY, notice).await
}
