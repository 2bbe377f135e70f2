//! The roster: everybody who is known here, found by any part of a name, a reading or a card.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};
use serde::Deserialize;
use yadori_ledger::fold;
use yadori_ledger::id::{CardNumber, DocId, PersonId};
use yadori_ledger::words::{Birth, CivilDate};

use super::alike::alike;
use super::counts::Counts;
use super::names::PLACES;
use super::source::{age_text, need_words};
use crate::store::StoreError;
use crate::web::App;
use crate::web::answer::{Page, PageError, page};
use crate::web::frame::{Choice, Frame};
use crate::web::when::today;

/// A tablet draws a page this long at once; more is found by searching or turning the page.
const ROWS_MAX: u32 = 50;

/// Longer searches are cut: no name is longer.
const SEARCH_CHARS_MAX: usize = 100;

#[derive(Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    /// A kind of place, `other`, `unknown`, or empty for all.
    #[serde(default)]
    place: String,
    #[serde(default)]
    page: String,
}

/// A person in the roster.
pub(super) struct Listed {
    doc: DocId,
    person: PersonId,
    name: String,
    reading: String,
    card: String,
    age: Option<String>,
    needs: Vec<String>,
    place: String,
    disputed: bool,
    unconfirmed: bool,
    alike: bool,
}

#[derive(Template)]
#[template(path = "registry/roster.html")]
struct RosterPage {
    frame: Frame,
    asked: Asked,
    places: Vec<Choice>,
    counts: Counts,
    found: u32,
    people: Vec<Listed>,
    before: Option<String>,
    after: Option<String>,
}

pub(super) async fn show(State(app): State<App>, frame: Frame, Query(asked): Query<Asked>) -> Page {
    let number: u32 = asked.page.parse().unwrap_or(0);
    let (today, _) = today(&app);
    let (lang, search) = (frame.lang, Search::new(&asked));
    let (counts, found, people) = app
        .store
        .read(move |db| {
            let mut people = search.rows(db, number)?;
            for one in &mut people {
                one.finish(db, lang, today)?;
            }
            Ok((Counts::read(db)?, search.count(db)?, people))
        })
        .await?;
    let before = number.checked_sub(1).map(|page| address(&asked, page));
    let after = ((number.saturating_add(1)).saturating_mul(ROWS_MAX) < found)
        .then(|| address(&asked, number + 1));
    let places = places(&frame, &asked.place);
    page(&RosterPage {
        frame,
        asked,
        places,
        counts,
        found,
        people,
        before,
        after,
    })
}

fn address(asked: &Asked, page: u32) -> String {
    let encoded = |text: &str| {
        askama::filters::urlencode_strict(text)
            .map(|safe| safe.to_string())
            .unwrap_or_default()
    };
    format!(
        "/registry?q={}&place={}&page={page}",
        encoded(&asked.q),
        encoded(&asked.place)
    )
}

fn places(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let kinds = PLACES.map(|kind| (kind.name(), format!("whereabouts-{}", kind.name())));
    let all = [("", "roster-all-places".to_owned())]
        .into_iter()
        .chain(kinds);
    let rest = [
        ("other", "whereabouts-other".to_owned()),
        ("unknown", "whereabouts-unknown".to_owned()),
    ];
    all.chain(rest)
        .map(|(value, key)| Choice {
            value: value.into(),
            label: frame.t(&key),
            chosen: value == chosen,
        })
        .collect()
}

/// What to look for, as SQL.
struct Search {
    rule: String,
    values: Vec<Value>,
}

impl Search {
    fn new(asked: &Asked) -> Self {
        let typed: String = asked.q.chars().take(SEARCH_CHARS_MAX).collect();
        let mut rules = vec!["1 = 1".to_owned()];
        let mut values = Vec::new();
        for word in fold::words(&typed) {
            values.push(Value::Text(word));
            let at = values.len();
            rules.push(format!(
                "(instr(name_fold, ?{at}) or instr(reading_fold, ?{at})
                  or instr(replace(lower(card), '-', ''), ?{at}))"
            ));
        }
        let known = PLACES.map(|kind| format!("'{}'", kind.name())).join(", ");
        match asked.place.as_str() {
            "" => {}
            "unknown" => rules.push("place = ''".into()),
            "other" => rules.push(format!("place not in ('', {known})")),
            kind => {
                values.push(Value::Text(kind.to_owned()));
                rules.push(format!("place = ?{}", values.len()));
            }
        }
        Self {
            rule: rules.join(" and "),
            values,
        }
    }

    fn count(&self, db: &Connection) -> Result<u32, StoreError> {
        let count = db
            .prepare_cached(&format!("select count(*) from person where {}", self.rule))?
            .query_row(params_from_iter(&self.values), |row| row.get(0))?;
        Ok(count)
    }

    fn rows(&self, db: &Connection, page: u32) -> Result<Vec<Listed>, StoreError> {
        let sql = format!(
            "select doc, person, name, reading, card, birth, needs, place, disputed, unconfirmed
               from person where {} order by sort, person, doc limit {ROWS_MAX} offset {}",
            self.rule,
            u64::from(page) * u64::from(ROWS_MAX),
        );
        let rows = db
            .prepare_cached(&sql)?
            .query_map(params_from_iter(&self.values), listed)?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let doc: [u8; 16] = row.get(0)?;
    Ok(Listed {
        doc: DocId::from_bytes(&doc).map_err(|_| rusqlite::Error::InvalidQuery)?,
        person: PersonId::from_i64(row.get(1)?),
        name: row.get(2)?,
        reading: row.get(3)?,
        card: row.get(4)?,
        age: row.get(5)?,
        needs: vec![row.get(6)?],
        place: row.get(7)?,
        disputed: row.get(8)?,
        unconfirmed: row.get(9)?,
        alike: false,
    })
}

impl Listed {
    /// Puts what was stored into words, and looks for others who may be the same person.
    fn finish(
        &mut self,
        db: &Connection,
        lang: crate::web::words::Lang,
        today: CivilDate,
    ) -> Result<(), StoreError> {
        let birth = self
            .age
            .take()
            .and_then(|stored| Birth::from_stored(&stored).ok());
        self.age = birth.and_then(|birth| age_text(lang, &birth, today));
        self.needs = self
            .needs
            .first()
            .map(|stored| need_words(lang, stored))
            .unwrap_or_default();
        let place = if self.place.is_empty() {
            "unknown"
        } else {
            self.place.as_str()
        };
        self.place = lang.t(&format!("whereabouts-{place}"));
        self.alike = !alike(db, self.doc, self.person, today)?.is_empty();
        Ok(())
    }
}

#[derive(Deserialize)]
pub(super) struct Scanned {
    #[serde(default)]
    number: String,
}

/// The household of a card that was typed or scanned.
pub(super) async fn by_card(
    State(app): State<App>,
    Query(Scanned { number }): Query<Scanned>,
) -> Page {
    let card: CardNumber = number.parse().map_err(|_| PageError::NotFound)?;
    let found = app.store.read(move |db| household_of(db, card)).await?;
    let doc = found.ok_or(PageError::NotFound)?;
    Ok(Redirect::to(&format!("/registry/household/{doc}")).into_response())
}

/// The household that holds a card.
pub(crate) fn household_of(db: &Connection, card: CardNumber) -> Result<Option<DocId>, StoreError> {
    let found: Option<Vec<u8>> = db
        .prepare_cached("select doc from household where card = ?1")?
        .query_row([card.to_string()], |row| row.get(0))
        .optional()?;
    Ok(found.and_then(|doc| DocId::from_bytes(&doc).ok()))
}
