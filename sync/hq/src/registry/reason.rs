//! Why an officer looks at people. Asked once and kept for the session, shown on every page that
//! uses it, and written to the read log with every look.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use tower_sessions::Session;

use crate::officer::Right;
use crate::web::{Frame, Page, PageError, Sent, Signed, page, page_with};

const SESSION_KEY: &str = "reason";

/// A sentence.
pub(super) const REASON_CHARS_MAX: usize = 200;

/// The reason given in this session.
pub(super) async fn given(session: &Session) -> Result<Option<String>, PageError> {
    Ok(session.get(SESSION_KEY).await?)
}

pub(super) async fn keep(session: &Session, reason: &str) -> Result<(), PageError> {
    if given(session).await?.as_deref() != Some(reason) {
        session.insert(SESSION_KEY, reason).await?;
    }
    Ok(())
}

/// A reason as typed, if it is one.
pub(super) fn parsed(typed: &str) -> Option<&str> {
    let reason = typed.trim();
    let is_one = (1..=REASON_CHARS_MAX).contains(&reason.chars().count())
        && !reason.contains(char::is_control);
    is_one.then_some(reason)
}

/// Where to go to give a reason first.
pub(super) fn ask_first(doc: &str) -> Redirect {
    Redirect::to(&format!("/reason?household={doc}"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    household: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "registry/reason.html")]
struct ReasonPage {
    frame: Frame,
    household: String,
    reason: String,
    is_wrong: bool,
}

pub(super) async fn form(signed: Signed, Query(asked): Query<Asked>) -> Page {
    signed.needs(Right::Work)?;
    let reason = given(&signed.session).await?.unwrap_or_default();
    page(&ReasonPage {
        frame: signed.frame,
        household: asked.household,
        reason,
        is_wrong: false,
    })
}

pub(super) async fn submit(signed: Signed, Sent(asked): Sent<Asked>) -> Page {
    signed.needs(Right::Work)?;
    let Some(reason) = parsed(&asked.reason) else {
        let Asked { household, reason } = asked;
        let shown = ReasonPage {
            frame: signed.frame,
            household,
            reason,
            is_wrong: true,
        };
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    keep(&signed.session, reason).await?;
    // Only an id can follow: nobody is led to another site.
    let next = asked.household.parse::<yadori_ledger::id::DocId>();
    let next = next.map_or_else(|_| "/people".to_owned(), |doc| format!("/people/{doc}"));
    Ok(Redirect::to(&next).into_response())
}
