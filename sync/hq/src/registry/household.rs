//! One household: every fact with where it came from, what is disputed, where it is known, who may
//! be the same person elsewhere, and all that was ever written.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use yadori_ledger::document::{Document, Told};
use yadori_ledger::fold::fold;
use yadori_ledger::id::{DocId, DocKind, EventId};
use yadori_ledger::registry::{
    Fact, Household, Person, PlaceEvent, Question, Status, Step, Subject, history,
};

use super::draw::question_name;
use super::source::Writers;
use super::{doc_text, facts, reason};
use crate::ground;
use crate::hq::Hq;
use crate::officer::Right;
use crate::readlog::{self, Look};
use crate::shelter::{self, Named};
use crate::store::{StoreError, Tx, params, statements};
use crate::web::{App, Frame, Page, PageError, Signed, page_with};

statements! {
    MEMBER_OF = "select m.scope, m.why, m.since_s, s.name
                   from membership m left join shelter s on s.shelter = m.scope
                  where m.doc = $1 order by m.since_s, m.scope";
    /// Hints only: a person decides. Equal birth and equal reading, or name, in another household.
    LIKELY = "select distinct p.doc, p.person, p.name, p.reading, h.card
                from person p join household h on h.doc = p.doc
               where (p.doc <> $1 or p.person <> $2) and p.active = 1
                 and ((p.person = $2)
                   or (p.birth = $5 and ((p.reading_fold = $3 and $3 <> '') or (p.name_fold = $4 and $4 <> ''))))
               order by p.doc
               limit 10";
}

/// Changes shown; a household is seldom written to more often.
const HISTORY_MAX: usize = 200;

pub(super) struct FactLine {
    label: String,
    value: String,
    source: String,
    is_disputed: bool,
}

pub(super) struct PersonView {
    id: String,
    name: String,
    is_active: bool,
    facts: Vec<FactLine>,
    likely: Vec<Likely>,
}

struct Likely {
    doc: String,
    name: String,
    card: Option<String>,
}

pub(super) struct DisputeView {
    subject: String,
    question: &'static str,
    of_whom: String,
    answers: Vec<AnswerView>,
}

struct AnswerView {
    value: String,
    words: String,
    source: String,
}

struct ScopeLine {
    id: String,
    name: String,
    why: String,
    since_s: i64,
}

struct HistoryLine {
    source: String,
    steps: Vec<String>,
}

#[derive(Template)]
#[template(path = "registry/household.html")]
pub(super) struct HouseholdPage {
    frame: Frame,
    reason: String,
    doc: String,
    card: Option<String>,
    facts: Vec<FactLine>,
    people: Vec<PersonView>,
    disputes: Vec<DisputeView>,
    scopes: Vec<ScopeLine>,
    history: Vec<HistoryLine>,
    unreadable_count: usize,
    /// What an officer's form met; see [`Notice`].
    notice: Notice,
}

/// What the page says about the form that was just sent.
#[derive(Default)]
pub(super) struct Notice {
    /// A Fluent key.
    pub(super) problem: Option<&'static str>,
    pub(super) typed_shelter: String,
    pub(super) candidates: Vec<Named>,
}

pub(super) async fn show(State(app): State<App>, signed: Signed, Path(doc): Path<String>) -> Page {
    answer(&app, signed, &doc, StatusCode::OK, Notice::default()).await
}

/// Draws the page, after the look was written to the read log.
pub(super) async fn answer(
    app: &App,
    signed: Signed,
    doc: &str,
    status: StatusCode,
    notice: Notice,
) -> Page {
    signed.needs(Right::Work)?;
    let id = household_id(doc)?;
    let Some(reason) = reason::given(&signed.session).await? else {
        return Ok(reason::ask_first(doc).into_response());
    };
    readlog::record(app, signed.officer.id, Look::Household(doc), &reason).await?;
    let (hq, frame) = (&*app.hq, signed.frame);
    let shown = hq
        .db
        .read(|tx| async move { draw(&tx, hq, frame, id, reason, notice).await })
        .await?;
    page_with(status, &shown.ok_or(PageError::NotFound)?)
}

pub(super) fn household_id(text: &str) -> Result<DocId, PageError> {
    let id: DocId = text.parse().map_err(|_| PageError::NotFound)?;
    match id.kind() {
        Ok(DocKind::Household) => Ok(id),
        _ => Err(PageError::NotFound),
    }
}

async fn draw(
    tx: &Tx,
    hq: &Hq,
    frame: Frame,
    id: DocId,
    reason: String,
    notice: Notice,
) -> Result<Option<HouseholdPage>, PageError> {
    let Some(document) = ground::document(tx, id, hq.ours.actor).await? else {
        return Ok(None);
    };
    let household = Household::read(&document)?;
    let drawing = Drawing::of(tx, hq, &frame, &document, &household).await?;
    let mut people = Vec::new();
    for person in &household.people {
        people.push(drawing.person(tx, person).await?);
    }
    Ok(Some(HouseholdPage {
        reason,
        doc: id.to_string(),
        card: household.card().map(|card| card.to_string()),
        facts: drawing.household_facts(),
        people,
        disputes: drawing.disputes(),
        scopes: scopes(tx, &frame, id).await?,
        history: drawing.history(&document),
        unreadable_count: household.unreadable_count,
        notice,
        frame,
    }))
}

async fn scopes(tx: &Tx, frame: &Frame, id: DocId) -> Result<Vec<ScopeLine>, StoreError> {
    let rows = tx.rows(MEMBER_OF, params![id.as_bytes()]).await?;
    rows.iter()
        .map(|row| {
            let id: String = row.get("scope")?;
            let name: Option<String> = row.get("name")?;
            let why = frame.t.say_of("member", &row.get::<String>("why")?);
            Ok(ScopeLine {
                name: name.unwrap_or_else(|| id.clone()),
                id,
                why,
                since_s: row.get("since_s")?,
            })
        })
        .collect()
}

/// Turns what the document says into words.
struct Drawing<'a> {
    frame: &'a Frame,
    household: &'a Household,
    writers: Writers,
    shelters: HashMap<String, String>,
}

impl<'a> Drawing<'a> {
    async fn of(
        tx: &Tx,
        hq: &Hq,
        frame: &'a Frame,
        document: &Document,
        household: &'a Household,
    ) -> Result<Self, StoreError> {
        let mut writers = Writers::of(tx, &hq.ours, household.id).await?;
        let entries = history(document);
        let tags = entries.iter().filter_map(|entry| entry.source.by.as_ref());
        writers.add_officers(tx, tags.map(|by| by.as_str())).await?;
        let mut shelters = HashMap::new();
        for event in &household.events {
            if let Some(shelter) = &event.what.place().shelter {
                shelters.insert(
                    shelter.to_string(),
                    shelter::name_of(tx, shelter.as_str()).await?,
                );
            }
        }
        for told in household.facts.get(&Fact::Shelter).into_iter().flatten() {
            shelters.insert(told.value.clone(), shelter::name_of(tx, &told.value).await?);
        }
        Ok(Self {
            frame,
            household,
            writers,
            shelters,
        })
    }

    fn household_facts(&self) -> Vec<FactLine> {
        self.facts(&self.household.facts)
    }

    fn facts(&self, facts: &yadori_ledger::registry::Facts) -> Vec<FactLine> {
        facts
            .iter()
            .filter_map(|(fact, told)| self.fact(*fact, told))
            .collect()
    }

    fn fact(&self, fact: Fact, told: &[Told]) -> Option<FactLine> {
        let first = told.first()?;
        let is_disputed = told.len() > 1;
        // That an entry stands is said by its being there.
        if fact == Fact::Status && !is_disputed {
            return None;
        }
        Some(FactLine {
            label: self.frame.t.say_of("fact", fact.name()),
            value: self.words(fact, &first.value),
            source: self.writers.tell(self.frame, &first.source),
            is_disputed,
        })
    }

    fn words(&self, fact: Fact, stored: &str) -> String {
        match (fact, self.shelters.get(stored)) {
            (_, _) if stored.is_empty() => self.frame.t.say("cleared"),
            (Fact::Shelter, Some(name)) => name.clone(),
            _ => facts::words(self.frame, fact, stored),
        }
    }

    async fn person(&self, tx: &Tx, person: &Person) -> Result<PersonView, StoreError> {
        let mut facts = self.facts(&person.facts);
        if let Some(event) = person.places.first() {
            facts.push(FactLine {
                label: self.frame.t.say("whereabouts"),
                value: self.place_words(event),
                source: self.writers.tell(self.frame, &event.source),
                is_disputed: person
                    .places
                    .iter()
                    .any(|other| other.what.place() != event.what.place()),
            });
        }
        Ok(PersonView {
            id: person.id.to_string(),
            name: self.name(person),
            is_active: person.status() == Status::Active,
            facts,
            likely: likely(tx, self.household.id, person, self.frame).await?,
        })
    }

    fn name(&self, person: &Person) -> String {
        let known = person
            .text(Fact::Name)
            .or_else(|| person.text(Fact::Reading));
        known.map_or_else(|| self.frame.t.say("name-unknown"), str::to_owned)
    }

    fn place_words(&self, event: &PlaceEvent) -> String {
        let place = event.what.place();
        let kind = self.frame.t.say_of("place", place.whereabouts.name());
        let shelter = place
            .shelter
            .as_ref()
            .and_then(|shelter| self.shelters.get(shelter.as_str()).cloned());
        [Some(kind), shelter, place.detail.clone()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" — ")
    }

    fn disputes(&self) -> Vec<DisputeView> {
        let disagreements = self.household.disagreements();
        disagreements
            .iter()
            .map(|disputed| DisputeView {
                subject: disputed.subject.to_string(),
                question: question_name(disputed.question),
                of_whom: self.of_whom(disputed.subject),
                answers: disputed
                    .answers
                    .iter()
                    .map(|told| self.answer(disputed.question, told))
                    .collect(),
            })
            .collect()
    }

    fn of_whom(&self, subject: Subject) -> String {
        match subject {
            Subject::Household => self.frame.t.say("household"),
            Subject::Person(id) => self.household.person(id).map_or_else(
                || self.frame.t.say("name-unknown"),
                |person| self.name(person),
            ),
        }
    }

    fn answer(&self, question: Question, told: &Told) -> AnswerView {
        let words = match question {
            Question::Fact(fact) => self.words(fact, &told.value),
            Question::Place => self.event_words(&told.value),
        };
        AnswerView {
            value: told.value.clone(),
            words,
            source: self.writers.tell(self.frame, &told.source),
        }
    }

    fn event_words(&self, id: &str) -> String {
        let id = id.parse::<EventId>().ok();
        let event = self
            .household
            .events
            .iter()
            .find(|event| Some(event.id) == id);
        event.map_or_else(
            || self.frame.t.say("place-unknown"),
            |event| self.place_words(event),
        )
    }

    fn history(&self, document: &Document) -> Vec<HistoryLine> {
        let entries = history(document);
        let newest = entries.iter().rev().take(HISTORY_MAX);
        newest
            .map(|entry| HistoryLine {
                source: self.writers.tell(self.frame, &entry.source),
                steps: entry.steps.iter().map(|step| self.step(step)).collect(),
            })
            .collect()
    }

    fn step(&self, step: &Step) -> String {
        match step {
            Step::Told {
                subject,
                fact,
                value,
            } => {
                let label = self.frame.t.say_of("fact", fact.name());
                format!(
                    "{} · {label}: {}",
                    self.of_whom(*subject),
                    self.words(*fact, value)
                )
            }
            Step::Happened(id) => {
                let label = self.frame.t.say("whereabouts");
                format!("{label}: {}", self.event_words(&id.to_string()))
            }
            Step::Unreadable => self.frame.t.say("written-by-newer"),
        }
    }
}

async fn likely(
    tx: &Tx,
    doc: DocId,
    person: &Person,
    frame: &Frame,
) -> Result<Vec<Likely>, StoreError> {
    let folded = |fact| person.text(fact).map(fold).unwrap_or_default();
    let (reading, name) = (folded(Fact::Reading), folded(Fact::Name));
    let birth = person
        .text(Fact::Birth)
        .map(|birth| birth.replace('\0', ""));
    let rows = tx
        .rows(
            LIKELY,
            params![doc.as_bytes(), person.id.to_i64(), reading, name, birth],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let name: Option<String> = row.get("name")?;
            let name = name
                .or(row.get("reading")?)
                .unwrap_or_else(|| frame.t.say("name-unknown"));
            Ok(Likely {
                doc: doc_text(&row.get::<Vec<u8>>("doc")?)?,
                name,
                card: row.get("card")?,
            })
        })
        .collect()
}
