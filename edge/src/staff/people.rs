//! The lead's page: who may sign in here, new PINs, and leaving.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use yadori_ledger::words::{Name, Pin};

use super::roll::{self, AddError, Member};
use super::{Lead, Role};
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::{Posted, Problems, unsaved};
use crate::web::frame::{Choice, Frame};

/// The lead can change everything here, so a lead's PIN is longer than the least.
pub const LEAD_PIN_CHARS_MIN: usize = 6;

#[derive(Template)]
#[template(path = "staff/people.html")]
struct PeoplePage {
    frame: Frame,
    members: Vec<Member>,
    me: u32,
    typed: Posted,
    roles: Vec<Choice>,
    /// The field of the PIN that is being set anew, if one was wrong.
    reset: String,
}

pub(super) async fn list(State(app): State<App>, Lead(me): Lead, frame: Frame) -> Page {
    show(&app, frame, me.number, StatusCode::OK, Posted::default()).await
}

async fn show(app: &App, frame: Frame, me: u32, status: StatusCode, typed: Posted) -> Page {
    let members = app.store.read(roll::everybody).await?;
    let roles = [Role::Staff, Role::Lead]
        .map(|role| Choice {
            value: role.word().into(),
            label: frame.t(role.key()),
            chosen: typed.get("role") == role.word(),
        })
        .into();
    let first = frame.problems.all().first();
    let reset = first.map_or_else(String::new, |problem| problem.field.clone());
    page_with(
        status,
        &PeoplePage {
            frame,
            members,
            me,
            typed,
            roles,
            reset,
        },
    )
}

struct NewMember {
    name: Name,
    pin: Pin,
    role: Role,
}

fn parsed(frame: &Frame, typed: &Posted) -> Result<NewMember, Problems> {
    let mut problems = Problems::none();
    let name = problems.parse::<Name>(frame.lang, "name", typed.get("name"));
    let role = match typed.get("role") {
        "staff" => Some(Role::Staff),
        "lead" => Some(Role::Lead),
        _ => {
            problems.add("role", frame.t("choice-unknown"));
            None
        }
    };
    let pin = problems.parse::<Pin>(frame.lang, "pin", typed.get("pin"));
    let pin = pin.filter(|pin| is_long_enough(frame, &mut problems, "pin", pin, role));
    match (name, pin, role) {
        (Some(name), Some(pin), Some(role)) => Ok(NewMember { name, pin, role }),
        _ => Err(problems),
    }
}

fn is_long_enough(
    frame: &Frame,
    problems: &mut Problems,
    field: &str,
    pin: &Pin,
    role: Option<Role>,
) -> bool {
    let fits = role != Some(Role::Lead) || pin.as_str().len() >= LEAD_PIN_CHARS_MIN;
    if !fits {
        problems.add(field, frame.n("staff-lead-pin-short", LEAD_PIN_CHARS_MIN));
    }
    fits
}

pub(super) async fn submit(
    State(app): State<App>,
    Lead(me): Lead,
    frame: Frame,
    typed: Posted,
) -> Page {
    let new = match parsed(&frame, &typed) {
        Ok(new) => new,
        Err(problems) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(&app, frame.mistaken(problems), me.number, status, typed).await;
        }
    };
    let hash = app.hashing.hash(new.pin.as_str().to_owned()).await?;
    let (status, problems) =
        match roll::add_hashed(&app.store, new.name.as_str().to_owned(), hash, new.role).await {
            Ok(number) => {
                tracing::info!(staff = number, by = me.number, "staff was added");
                return Ok(Redirect::to("/staff").into_response());
            }
            Err(AddError::Store(error)) => unsaved(error, frame.lang)?,
            Err(refused) => {
                let key = if matches!(refused, AddError::Taken) {
                    "staff-name-taken"
                } else {
                    "staff-too-many"
                };
                let mut problems = Problems::none();
                problems.add("name", frame.t(key));
                (StatusCode::UNPROCESSABLE_ENTITY, problems)
            }
        };
    show(&app, frame.mistaken(problems), me.number, status, typed).await
}

pub(super) async fn reset_pin(
    State(app): State<App>,
    Lead(me): Lead,
    Path(number): Path<u32>,
    frame: Frame,
    typed: Posted,
) -> Page {
    let member = app.store.read(move |db| roll::numbered(db, number)).await?;
    let member = member.ok_or(PageError::NotFound)?;
    let field = format!("pin-{number}");
    let mut problems = Problems::none();
    let pin = problems.parse::<Pin>(frame.lang, &field, typed.get(&field));
    let pin =
        pin.filter(|pin| is_long_enough(&frame, &mut problems, &field, pin, Some(member.role)));
    let Some(pin) = pin else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(
            &app,
            frame.mistaken(problems),
            me.number,
            status,
            Posted::default(),
        )
        .await;
    };
    let hash = app.hashing.hash(pin.as_str().to_owned()).await?;
    if let Err(error) = app
        .store
        .write(move |tx| roll::set_hash(tx, number, &hash))
        .await
    {
        let (status, problems) = unsaved(error, frame.lang)?;
        return show(
            &app,
            frame.mistaken(problems),
            me.number,
            status,
            Posted::default(),
        )
        .await;
    }
    app.tries.right(number);
    tracing::info!(staff = number, by = me.number, "a PIN was set anew");
    Ok(Redirect::to("/staff").into_response())
}

/// Nobody shuts themselves out, so a lead always remains.
pub(super) async fn retire(
    State(app): State<App>,
    Lead(me): Lead,
    Path(number): Path<u32>,
) -> Page {
    if number == me.number {
        return Err(PageError::Forbidden);
    }
    if !app
        .store
        .write(move |tx| roll::set_retired(tx, number))
        .await?
    {
        return Err(PageError::NotFound);
    }
    tracing::info!(staff = number, by = me.number, "staff was retired");
    Ok(Redirect::to("/staff").into_response())
}
