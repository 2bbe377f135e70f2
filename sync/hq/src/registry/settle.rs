//! An officer's choice between two answers, written under the document's row lock with
//! headquarters' own actor. Both answers stay in the history, and every shelter that holds the
//! household gets the choice.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use yadori_ledger::clock::{By, Stamp};
use yadori_ledger::document::Document;
use yadori_ledger::id::{DocId, EventId};
use yadori_ledger::registry::{
    Disagreement, Fact, Household, Question, Subject, settle, settle_place,
};
use yadori_ledger::session::Lane;

use super::household::{self, Notice};
use crate::chance;
use crate::ground::{self, GroundError, Why};
use crate::hq::Hq;
use crate::officer::Right;
use crate::own;
use crate::web::{App, Page, Sent, Signed};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    subject: String,
    question: String,
    answer: Option<String>,
}

/// A choice, parsed.
pub(super) struct Choice {
    pub(super) subject: Subject,
    pub(super) question: Question,
    pub(super) answer: String,
}

impl Choice {
    fn of(typed: Typed) -> Option<Self> {
        let question = match typed.question.as_str() {
            "place" => Question::Place,
            name => Question::Fact(Fact::named(name)?),
        };
        Some(Self {
            subject: typed.subject.parse().ok()?,
            question,
            answer: typed.answer?,
        })
    }

    /// Whether this is still one of the answers to a question that is still open.
    fn is_open(&self, disagreements: &[Disagreement]) -> bool {
        disagreements.iter().any(|disputed| {
            (disputed.subject, disputed.question) == (self.subject, self.question)
                && disputed
                    .answers
                    .iter()
                    .any(|told| told.value == self.answer)
        })
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    signed: Signed,
    Path(doc): Path<String>,
    Sent(typed): Sent<Typed>,
) -> Page {
    signed.needs(Right::Work)?;
    let id = household::household_id(&doc)?;
    let problem = match Choice::of(typed) {
        None => Some((StatusCode::UNPROCESSABLE_ENTITY, "settle-none")),
        Some(choice) => match choose(&app.hq, id, &choice, signed.officer.id).await? {
            true => None,
            false => Some((StatusCode::CONFLICT, "settle-changed")),
        },
    };
    match problem {
        None => Ok(Redirect::to(&format!("/people/{id}")).into_response()),
        Some((status, problem)) => {
            let notice = Notice {
                problem: Some(problem),
                ..Notice::default()
            };
            household::answer(&app, signed, &doc, status, notice).await
        }
    }
}

/// `false` when the question was settled or answered anew in the meantime: nothing is written then.
pub(super) async fn choose(
    hq: &Hq,
    id: DocId,
    choice: &Choice,
    officer: i64,
) -> Result<bool, GroundError> {
    let by = &By::officer(u32::try_from(officer).unwrap_or(own::HEADQUARTERS));
    hq.db
        .write(|tx| async move {
            let open = own::open(&tx, hq, id).await?;
            let Some(mut document) = open.known else {
                return Ok(false);
            };
            let household = Household::read(&document)?;
            if !choice.is_open(&household.disagreements()) {
                return Ok(false);
            }
            let stamp = own::stamp(&tx, hq, by.clone(), household.lamport_max()).await?;
            write(&mut document, choice, &stamp)?;
            let Some(change) = document.commit(&stamp)? else {
                return Ok(false);
            };
            let at = (Lane::People, open.landed_count);
            let entries = own::keep(&tx, hq, &document, &change, at, Why::Placed).await?;
            ground::append(&tx, entries).await?;
            Ok(true)
        })
        .await
}

fn write(document: &mut Document, choice: &Choice, stamp: &Stamp) -> Result<(), GroundError> {
    match (
        choice.question,
        choice.subject,
        choice.answer.parse::<EventId>(),
    ) {
        (Question::Fact(fact), subject, _) => settle(document, subject, fact, &choice.answer)?,
        (Question::Place, Subject::Person(person), Ok(chosen)) => {
            let event = EventId::from_bytes(chance::bytes());
            settle_place(document, event, stamp.lamport, person, chosen)?
        }
        (Question::Place, _, _) => false,
    };
    Ok(())
}
