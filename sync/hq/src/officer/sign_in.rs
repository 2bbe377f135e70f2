//! Signing in and out.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use serde::Deserialize;
use tower_sessions::Session;

use super::tries::Try;
use super::{BY_NAME, folded};
use crate::store::params;
use crate::web::{Address, App, Frame, Page, PageError, Sent, page, page_with};

/// The session's entry that names the officer.
pub(crate) const SESSION_KEY: &str = "officer";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/sign-in", get(form).post(submit))
        .route("/sign-out", post(leave))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    password: String,
}

#[derive(Template)]
#[template(path = "officer/sign_in.html")]
struct SignInPage {
    frame: Frame,
    name: String,
    /// The Fluent key of what went wrong.
    problem: Option<&'static str>,
    wait_s: i64,
}

async fn form(frame: Frame) -> Page {
    page(&SignInPage {
        frame,
        name: String::new(),
        problem: None,
        wait_s: 0,
    })
}

async fn submit(
    State(app): State<App>,
    frame: Frame,
    Address(address): Address,
    session: Session,
    Sent(typed): Sent<Typed>,
) -> Page {
    let again = |status, name, problem, wait_s| {
        page_with(
            status,
            &SignInPage {
                frame,
                name,
                problem: Some(problem),
                wait_s,
            },
        )
    };
    let name_fold = folded(&typed.name);
    if name_fold.is_empty() || typed.password.is_empty() || name_fold.contains(char::is_control) {
        return again(
            StatusCode::UNPROCESSABLE_ENTITY,
            typed.name,
            "sign-in-incomplete",
            0,
        );
    }

    let attempt = Try::of(&name_fold, &address.to_string());
    if let Err(wait_s) = attempt.take(&app.hq.db, app.hq.clock.now_s()).await? {
        return again(
            StatusCode::TOO_MANY_REQUESTS,
            typed.name,
            "sign-in-wait",
            wait_s,
        );
    }
    let known = app
        .hq
        .db
        .read(|tx| async move { tx.row(BY_NAME, params![name_fold]).await })
        .await?;
    let hash = known
        .as_ref()
        .map(|row| row.get("password_hash"))
        .transpose()?;
    let fits = app
        .passwords
        .check(hash, typed.password)
        .await
        .ok_or(PageError::Wait { wait_s: 1 })?;
    let Some(officer) = known.filter(|_| fits) else {
        tracing::info!("a wrong sign-in");
        return again(
            StatusCode::UNPROCESSABLE_ENTITY,
            typed.name,
            "sign-in-wrong",
            0,
        );
    };

    attempt.was_right(&app.hq.db).await?;
    let id: i64 = officer.get("officer")?;
    // A new session id, so that one planted before signing in is worth nothing.
    session.cycle_id().await?;
    session.insert(SESSION_KEY, id).await?;
    tracing::info!(officer.id = id, "an officer signed in");
    Ok(Redirect::to("/").into_response())
}

async fn leave(session: Session) -> Page {
    session.flush().await?;
    Ok(Redirect::to("/sign-in").into_response())
}
