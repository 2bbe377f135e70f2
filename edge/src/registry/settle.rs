//! A person's choice between answers that differ. Both answers stay in the history.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use yadori_ledger::id::{DocId, EventId, PersonId};
use yadori_ledger::registry::{Fact, Household, Question, Subject, settle, settle_place};
use yadori_ledger::session::Lane;

use super::save::random_event;
use super::{household, household_id};
use crate::staff::SignedIn;
use crate::store::{StoreError, Tx};
use crate::web::App;
use crate::web::answer::{Page, PageError};
use crate::web::form::{Posted, Problems, unsaved};
use crate::web::frame::Frame;

/// What was chosen, of what is disputed.
enum Choice {
    Fact(Subject, Fact, String),
    Place(PersonId, EventId),
}

fn parsed(typed: &Posted) -> Option<Choice> {
    let subject: Subject = typed.get("subject").parse().ok()?;
    let answer = typed.get("answer");
    match (typed.get("question"), subject) {
        ("place", Subject::Person(person)) => Some(Choice::Place(person, answer.parse().ok()?)),
        (question, _) => Some(Choice::Fact(
            subject,
            Fact::named(question)?,
            answer.to_owned(),
        )),
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    who: SignedIn,
    Path(doc): Path<String>,
    frame: Frame,
    typed: Posted,
) -> Page {
    let id = household_id(&doc)?;
    let Some(choice) = parsed(&typed) else {
        return refuse(&app, frame, id).await;
    };
    match app
        .store
        .write(move |tx| choose(tx, id, &choice, &who))
        .await
    {
        Ok(true) => Ok(Redirect::to(&format!("/registry/household/{id}")).into_response()),
        Ok(false) => refuse(&app, frame, id).await,
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            household::show_with(&app, frame.mistaken(problems), id, status).await
        }
    }
}

async fn refuse(app: &App, frame: Frame, id: DocId) -> Page {
    let problems = Problems::whole(frame.t("settle-not-offered"));
    household::show_with(
        app,
        frame.mistaken(problems),
        id,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await
}

/// Only what is disputed, and only one of the answers that were given, can be chosen here:
/// anything else is an edit and belongs in the form.
fn choose(tx: &Tx<'_>, id: DocId, choice: &Choice, who: &SignedIn) -> Result<bool, StoreError> {
    let mut document = tx.document(id)?;
    let household = Household::read(&document)?;
    if !is_offered(&household, choice) {
        return Ok(false);
    }
    let stamp = tx.stamp(who.by());
    match choice {
        Choice::Fact(subject, fact, value) => settle(&mut document, *subject, *fact, value)?,
        Choice::Place(person, event) => settle_place(
            &mut document,
            random_event()?,
            stamp.lamport,
            *person,
            *event,
        )?,
    };
    tx.record(&mut document, &stamp, Lane::People)?;
    Ok(true)
}

fn is_offered(household: &Household, choice: &Choice) -> bool {
    let (subject, question, answer) = match choice {
        Choice::Fact(subject, fact, value) => (*subject, Question::Fact(*fact), value.clone()),
        Choice::Place(person, event) => {
            (Subject::Person(*person), Question::Place, event.to_string())
        }
    };
    household.disagreements().iter().any(|one| {
        one.subject == subject
            && one.question == question
            && one.answers.iter().any(|told| told.value == answer)
    })
}
