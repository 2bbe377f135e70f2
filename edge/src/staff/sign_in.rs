//! Signing in by name and PIN.

use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use time::OffsetDateTime;
use tower_sessions::Session;

use super::required::Visit;
use super::roll::{self, Member};
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::{Posted, Problems};
use crate::web::frame::Frame;
use crate::web::router::own_path;

/// Longer than any PIN: hashing a whole form would be a cheap way to keep the node busy.
const PIN_CHARS_MAX: usize = 64;

/// The names of this form's own fields; everything else in it waits to be sent on.
const OWN: [&str; 3] = ["staff_name", "staff_pin", "next"];

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    frame: Frame,
    names: Vec<String>,
    name: String,
    next: String,
    /// A form that was sent after the session had ended.
    waiting: Vec<(String, String)>,
}

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

pub(super) async fn form(
    State(app): State<App>,
    frame: Frame,
    Query(Next { next }): Query<Next>,
) -> Page {
    show(
        &app,
        frame,
        StatusCode::OK,
        Posted::of([("next".into(), next)]),
    )
    .await
}

/// The sign-in page in answer to a form whose sender was no longer signed in.
pub(super) async fn again(app: &App, frame: Frame, next: String, typed: Posted) -> Page {
    let mut pairs = typed.pairs().to_vec();
    pairs.retain(|(name, _)| !OWN.contains(&name.as_str()));
    pairs.push(("next".into(), next));
    show(app, frame, StatusCode::UNAUTHORIZED, Posted::of(pairs)).await
}

async fn show(app: &App, frame: Frame, status: StatusCode, typed: Posted) -> Page {
    let names = app.store.read(roll::everybody).await?;
    let names = names.into_iter().map(|member| member.name).collect();
    let waiting = waiting(&typed);
    let next = own_path(typed.get("next")).to_owned();
    let name = typed.get("staff_name").to_owned();
    page_with(
        status,
        &SignInPage {
            frame,
            names,
            name,
            next,
            waiting,
        },
    )
}

fn waiting(typed: &Posted) -> Vec<(String, String)> {
    typed
        .pairs()
        .iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()))
        .cloned()
        .collect()
}

pub(super) async fn submit(
    State(app): State<App>,
    session: Session,
    frame: Frame,
    typed: Posted,
) -> Page {
    match attempt(&app, &frame, &typed).await? {
        Ok(member) => enter(&app, &session, &member, &typed).await,
        Err((status, problems)) => show(&app, frame.mistaken(problems), status, typed).await,
    }
}

type Refused = (StatusCode, Problems);

async fn attempt(
    app: &App,
    frame: &Frame,
    typed: &Posted,
) -> Result<Result<Member, Refused>, PageError> {
    let pin = typed.trimmed("staff_pin").to_owned();
    let mut problems = Problems::none();
    let member = known(app, typed.trimmed("staff_name")).await?;
    if member.is_none() {
        problems.add("staff_name", frame.t("sign-in-name-unknown"));
    }
    if pin.is_empty() || pin.chars().count() > PIN_CHARS_MAX {
        problems.add("staff_pin", frame.t("sign-in-pin-missing"));
    }
    let Some(member) = member.filter(|_| problems.is_empty()) else {
        return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, problems)));
    };
    match app
        .tries
        .begin(member.number, member.role, member.wrong, Instant::now())
    {
        Err(left) => Ok(Err(wait(frame, left))),
        Ok(wrong) => judge(app, frame, member, pin, wrong).await,
    }
}

async fn known(app: &App, name: &str) -> Result<Option<Member>, PageError> {
    let name = name.to_owned();
    Ok(app.store.read(move |db| roll::named(db, &name)).await?)
}

fn wait(frame: &Frame, left: Duration) -> Refused {
    let text = frame.n("sign-in-wait", left.as_secs().max(1));
    let mut problems = Problems::none();
    problems.add("staff_pin", text);
    (StatusCode::TOO_MANY_REQUESTS, problems)
}

async fn judge(
    app: &App,
    frame: &Frame,
    member: Member,
    pin: String,
    wrong: u32,
) -> Result<Result<Member, Refused>, PageError> {
    let is_right = app.hashing.is_right(pin, member.pin.clone()).await?;
    if is_right {
        app.tries.right(member.number);
    }
    count_wrong(app, &member, if is_right { 0 } else { wrong }).await;
    if is_right {
        return Ok(Ok(member));
    }
    tracing::warn!(staff = member.number, wrong, "a wrong PIN");
    let mut problems = Problems::none();
    problems.add("staff_pin", frame.t("sign-in-pin-wrong"));
    Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, problems)))
}

/// The count only has to survive a restart: signing in works on a full disk too.
async fn count_wrong(app: &App, member: &Member, wrong: u32) {
    let number = member.number;
    if member.wrong != wrong
        && let Err(error) = app
            .store
            .write(move |tx| roll::set_wrong(tx, number, wrong))
            .await
    {
        tracing::warn!(%error, "wrong tries were not counted");
    }
}

async fn enter(app: &App, session: &Session, member: &Member, typed: &Posted) -> Page {
    let now_s = OffsetDateTime::now_utc().unix_timestamp();
    let visit = Visit {
        number: member.number,
        pin_mark: member.pin_mark(),
        since_s: now_s,
        seen_s: now_s,
    };
    let opened = async {
        // A new id: one that somebody planted before is worth nothing afterwards.
        session.cycle_id().await?;
        session.insert(Visit::KEY, visit).await
    };
    if let Err(error) = opened.await {
        tracing::error!(%error, "a session could not be opened");
        return Err(PageError::Busy);
    }
    tracing::info!(staff = member.number, node = %app.store.node_id(), "signed in");
    let next = own_path(typed.get("next"));
    if waiting(typed).is_empty() {
        Ok(Redirect::to(next).into_response())
    } else {
        // 307 repeats the post: the form that was waiting is sent as it was typed.
        Ok(Redirect::temporary(next).into_response())
    }
}

pub(super) async fn leave(session: Session) -> Response {
    if let Err(error) = session.flush().await {
        tracing::warn!(%error, "a session could not be closed in the store");
    }
    Redirect::to("/sign-in").into_response()
}

/// A path as a query's value.
pub(super) fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    path.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
