//! Finding people by name, reading, card, phone or birth date, in any spelling; and the households
//! that somebody must settle.
//!
//! A search is a form that is posted: what was searched for stays out of addresses, browser
//! histories and proxies' logs.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use yadori_ledger::fold;
use yadori_ledger::words::Birth;

use super::{doc_text, reason};
use crate::officer::Right;
use crate::readlog::{self, Look};
use crate::registry::facts;
use crate::shelter;
use crate::store::{Row, StoreError, Tx, params, statements};
use crate::web::{App, Frame, Page, Sent, Signed, page, page_with};

statements! {
    /// Beginning with the term, by its bytes: `$2` is the term with the last of all characters
    /// behind it.
    FIND = "select distinct p.doc, p.person, p.name, p.reading, p.birth, p.place, p.place_shelter, p.active,
                   p.found_by, p.reading_fold, h.card
              from term t
              join person p on p.doc = t.doc and p.person = t.person
              join household h on h.doc = p.doc
             where t.term >= $1 and t.term < $2
             order by p.reading_fold, p.person, p.doc
             limit $3";
    DISPUTED = "select d.doc, h.card, h.shelter, count(*) as questions
                  from disagreement d join household h on h.doc = d.doc
                 group by d.doc, h.card, h.shelter
                 order by h.shelter asc nulls last, h.card asc nulls last, d.doc
                 limit $1";
}

/// Candidates for the longest word; the others choose among them. Who has more must type more.
const CANDIDATES_MAX: i64 = 500;
/// What a person reads through.
const FOUND_MAX: usize = 50;
const DISPUTED_MAX: i64 = 200;
const QUERY_CHARS_MAX: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
    reason: String,
}

struct Found {
    doc: String,
    name: Option<String>,
    reading: Option<String>,
    birth: Option<String>,
    card: Option<String>,
    place: Option<String>,
    shelter: Option<String>,
    active: bool,
}

#[derive(Template)]
#[template(path = "registry/find.html")]
struct FindPage {
    frame: Frame,
    q: String,
    reason: String,
    /// The Fluent keys of what is wrong, with the field.
    problems: Vec<(&'static str, &'static str)>,
    found: Option<Vec<Found>>,
    is_cut: bool,
}

impl FindPage {
    fn has_problem(&self, field: &str) -> bool {
        self.problems.iter().any(|(wrong, _)| *wrong == field)
    }
}

pub(super) async fn form(signed: Signed) -> Page {
    signed.needs(Right::Work)?;
    let reason = reason::given(&signed.session).await?.unwrap_or_default();
    let problems = Vec::new();
    page(&FindPage {
        frame: signed.frame,
        q: String::new(),
        reason,
        problems,
        found: None,
        is_cut: false,
    })
}

pub(super) async fn submit(
    State(app): State<App>,
    signed: Signed,
    Sent(typed): Sent<Typed>,
) -> Page {
    signed.needs(Right::Work)?;
    let words = words(&typed.q);
    let mut problems = Vec::new();
    if words.is_empty()
        || typed.q.chars().count() > QUERY_CHARS_MAX
        || typed.q.contains(char::is_control)
    {
        problems.push(("q", "find-wrong"));
    }
    let reason = reason::parsed(&typed.reason).filter(|_| problems.is_empty());
    if reason::parsed(&typed.reason).is_none() {
        problems.push(("reason", "reason-wrong"));
    }
    let Some(reason) = reason else {
        let Typed { q, reason } = typed;
        let shown = FindPage {
            frame: signed.frame,
            q,
            reason,
            problems,
            found: None,
            is_cut: false,
        };
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };

    reason::keep(&signed.session, reason).await?;
    readlog::record(&app, signed.officer.id, Look::Search(&typed.q), reason).await?;
    let (frame, reason) = (signed.frame, reason.to_owned());
    let (found, is_cut) = app
        .hq
        .db
        .read(|tx| async move { find(&tx, &words).await })
        .await?;
    page(&FindPage {
        frame,
        q: typed.q,
        reason,
        problems,
        found: Some(found),
        is_cut,
    })
}

/// Folded words; a birth date in any spelling becomes the one that is stored.
fn words(q: &str) -> Vec<String> {
    let spelled = |word: &str| {
        facts::birth_of(word).map_or_else(|| word.to_owned(), |birth| Birth::stored(&birth))
    };
    let spelled: Vec<_> = q.split_whitespace().map(spelled).collect();
    fold::words(&spelled.join(" "))
}

async fn find(tx: &Tx, words: &[String]) -> Result<(Vec<Found>, bool), StoreError> {
    let Some(longest) = words.iter().max_by_key(|word| word.chars().count()) else {
        return Ok((Vec::new(), false));
    };
    let last = format!("{longest}\u{10ffff}");
    let rows = tx
        .rows(FIND, params![longest, last, CANDIDATES_MAX])
        .await?;
    let mut is_cut = rows.len() as i64 == CANDIDATES_MAX;
    let mut found = Vec::new();
    for row in &rows {
        let found_by: String = row.get("found_by")?;
        let begins = |word: &String| {
            found_by
                .split(' ')
                .any(|term| term.starts_with(word.as_str()))
        };
        if !words.iter().all(begins) {
            continue;
        }
        if found.len() == FOUND_MAX {
            is_cut = true;
            break;
        }
        found.push(one(tx, row).await?);
    }
    Ok((found, is_cut))
}

async fn one(tx: &Tx, row: &Row) -> Result<Found, StoreError> {
    let shelter = match row.get::<Option<String>>("place_shelter")? {
        Some(id) => Some(shelter::name_of(tx, &id).await?),
        None => None,
    };
    Ok(Found {
        doc: doc_text(&row.get::<Vec<u8>>("doc")?)?,
        name: row.get("name")?,
        reading: row.get("reading")?,
        birth: row.get("birth")?,
        card: row.get("card")?,
        place: row.get("place")?,
        shelter,
        active: row.get("active")?,
    })
}

struct Disputed {
    doc: String,
    card: Option<String>,
    shelter: Option<String>,
    questions: i64,
}

#[derive(Template)]
#[template(path = "registry/disputed.html")]
struct DisputedPage {
    frame: Frame,
    lines: Vec<Disputed>,
}

/// Households by card, without names: what is disputed is read on their own page, for a reason.
pub(super) async fn disputed(State(app): State<App>, signed: Signed) -> Page {
    signed.needs(Right::Work)?;
    let lines = app
        .hq
        .db
        .read(|tx| async move {
            let mut lines = Vec::new();
            for row in tx.rows(DISPUTED, params![DISPUTED_MAX]).await? {
                let shelter = match row.get::<Option<String>>("shelter")? {
                    Some(id) => Some(shelter::name_of(&tx, &id).await?),
                    None => None,
                };
                let doc = doc_text(&row.get::<Vec<u8>>("doc")?)?;
                lines.push(Disputed {
                    doc,
                    card: row.get("card")?,
                    shelter,
                    questions: row.get("questions")?,
                });
            }
            Ok::<_, StoreError>(lines)
        })
        .await?;
    page(&DisputedPage {
        frame: signed.frame,
        lines,
    })
}
