//! One family's page: every fact with its source, who may be somebody else we know, what is
//! disputed, and everything that was ever written.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use rusqlite::{Connection, OptionalExtension};
use yadori_ledger::document::Told;
use yadori_ledger::id::{DocId, PersonId};
use yadori_ledger::registry::{
    Disagreement, Fact, Household, Origin, Person, Question, Status, Subject, history,
};

use super::alike::{Alike, alike};
use super::history::{Written, written};
use super::household_id;
use super::source::Teller;
use crate::store::{StoreError, ground};
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::frame::Frame;
use crate::web::when::today;

/// One answer to one question, with who gave it.
pub(super) struct Said {
    label: String,
    value: String,
    source: String,
}

pub(super) struct Member {
    id: String,
    name: String,
    is_mistaken: bool,
    said: Vec<Said>,
    alike: Vec<Alike>,
}

/// Answers between which somebody has to choose.
pub(super) struct Disputed {
    subject: String,
    question: &'static str,
    whom: String,
    label: String,
    answers: Vec<Choosable>,
}

pub(super) struct Choosable {
    /// What the form sends: the stored answer, or the event that tells the place.
    stored: String,
    value: String,
    source: String,
}

/// Everything that the page says, read in one snapshot.
pub(super) struct Telling {
    card: String,
    head: String,
    is_unconfirmed: bool,
    said: Vec<Said>,
    members: Vec<Member>,
    disputed: Vec<Disputed>,
    written: Vec<Written>,
    unreadable_count: usize,
}

#[derive(Template)]
#[template(path = "registry/household.html")]
struct HouseholdPage {
    frame: Frame,
    doc: String,
    told: Telling,
}

pub(super) async fn show(State(app): State<App>, Path(doc): Path<String>, frame: Frame) -> Page {
    show_with(&app, frame, household_id(&doc)?, StatusCode::OK).await
}

/// The page, also as the answer to a choice that could not be taken.
pub(super) async fn show_with(app: &App, frame: Frame, id: DocId, status: StatusCode) -> Page {
    let (actor, shelter, lang) = (app.store.actor(), app.store.shelter().clone(), frame.lang);
    let (today, _) = today(app);
    let told = app.store.read(move |db| {
        let teller = Teller::new(db, lang, today, actor, shelter)?;
        let document = ground::document(db, id, actor)?;
        let household = Household::read(&document)?;
        let written = written(&teller, &household, &history(&document));
        told(db, &teller, &household, written)
    });
    match told.await {
        Ok(told) => page_with(
            status,
            &HouseholdPage {
                frame,
                doc: id.to_string(),
                told,
            },
        ),
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}

fn told(
    db: &Connection,
    teller: &Teller,
    household: &Household,
    written: Vec<Written>,
) -> Result<Telling, StoreError> {
    let members = household
        .people
        .iter()
        .map(|person| member(db, teller, household, person));
    Ok(Telling {
        card: household.text(Fact::Card).unwrap_or_default().to_owned(),
        head: super::draw::head(household),
        is_unconfirmed: household.origin() == Origin::Portal,
        said: household
            .facts
            .iter()
            .filter_map(|(fact, told)| said(teller, *fact, told))
            .collect(),
        members: members.collect::<Result<_, _>>()?,
        disputed: household
            .disagreements()
            .iter()
            .map(|one| disputed(teller, household, one))
            .collect(),
        written,
        unreadable_count: household.unreadable_count,
    })
}

fn said(teller: &Teller, fact: Fact, told: &[Told]) -> Option<Said> {
    // The card stands above everything else; that an entry stands is what being listed says.
    let silent = matches!(fact, Fact::Card | Fact::Status);
    let first = told
        .first()
        .filter(|first| !silent && !first.value.is_empty())?;
    Some(Said {
        label: teller.lang.t(&format!("fact-{}", fact.name())),
        value: teller.told(fact, first),
        source: teller.source(&first.source),
    })
}

fn member(
    db: &Connection,
    teller: &Teller,
    household: &Household,
    person: &Person,
) -> Result<Member, StoreError> {
    let mut all: Vec<Said> = person
        .facts
        .iter()
        .filter_map(|(fact, told)| said(teller, *fact, told))
        .collect();
    if let Some(event) = person.places.first() {
        all.push(Said {
            label: teller.lang.t("fact-place"),
            value: teller.place(event.what.place()),
            source: teller.source(&event.source),
        });
    }
    Ok(Member {
        id: person.id.to_string(),
        name: name_of(teller, household, Subject::Person(person.id)),
        is_mistaken: person.status() == Status::Mistaken,
        said: all,
        alike: alike(db, household.id, person.id, teller.today)?,
    })
}

/// Whom a fact is about, in words.
pub(super) fn name_of(teller: &Teller, household: &Household, subject: Subject) -> String {
    let Subject::Person(id) = subject else {
        return teller.lang.t("the-family");
    };
    let name = household.person(id).and_then(Person::name);
    name.map_or_else(
        || teller.lang.t("name-unknown"),
        |name| name.as_str().to_owned(),
    )
}

fn disputed(teller: &Teller, household: &Household, one: &Disagreement) -> Disputed {
    let (question, label) = match one.question {
        Question::Fact(fact) => (fact.name(), teller.lang.t(&format!("fact-{}", fact.name()))),
        Question::Place => ("place", teller.lang.t("fact-place")),
    };
    let choosable = |told: &Told| Choosable {
        stored: told.value.clone(),
        value: match one.question {
            Question::Fact(fact) => teller.told(fact, told),
            Question::Place => place_told(teller, household, &told.value),
        },
        source: teller.source(&told.source),
    };
    Disputed {
        subject: one.subject.to_string(),
        question,
        whom: name_of(teller, household, one.subject),
        label,
        answers: one.answers.iter().map(choosable).collect(),
    }
}

fn place_told(teller: &Teller, household: &Household, event: &str) -> String {
    let event = household
        .events
        .iter()
        .find(|known| known.id.to_string() == event);
    event.map_or_else(String::new, |event| teller.place(event.what.place()))
}

/// The household in which somebody stands; with two, the one that was written last.
pub(super) async fn of_person(State(app): State<App>, Path(person): Path<String>) -> Page {
    let id: PersonId = person.parse().map_err(|_| PageError::NotFound)?;
    let doc: Option<Vec<u8>> = app
        .store
        .read(move |db| {
            Ok(db
                .prepare_cached(
                    "select h.doc from person p join household h on h.doc = p.doc
                      where p.person = ?1 order by h.lamport desc limit 1",
                )?
                .query_row([id.to_i64()], |row| row.get(0))
                .optional()?)
        })
        .await?;
    let doc = doc
        .and_then(|doc| DocId::from_bytes(&doc).ok())
        .ok_or(PageError::NotFound)?;
    Ok(Redirect::to(&format!("/registry/household/{doc}#p-{id}")).into_response())
}
