//! Lists of families that wait for somebody: own entries to confirm, disagreements to settle.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use rusqlite::{Connection, OptionalExtension, Row};
use yadori_ledger::id::DocId;
use yadori_ledger::registry::{Answer, Fact, Origin, Subject, amend};
use yadori_ledger::session::Lane;

use super::household_id;
use super::source::need_words;
use crate::staff::SignedIn;
use crate::store::StoreError;
use crate::web::App;
use crate::web::answer::{Page, PageError, page};
use crate::web::frame::Frame;

/// Families shown at once; the rest comes up as these are dealt with.
const FAMILIES_MAX: u32 = 100;

/// A family in a list.
pub(super) struct Family {
    pub(super) doc: String,
    pub(super) card: String,
    pub(super) head: String,
    pub(super) people: u32,
    pub(super) needs: String,
    pub(super) disagreements: u32,
}

const FAMILY: &str = "select doc, card, head, people, needs, disagreements from household";

fn read_family(row: &Row<'_>) -> rusqlite::Result<Family> {
    let doc: Vec<u8> = row.get(0)?;
    Ok(Family {
        doc: DocId::from_bytes(&doc)
            .map(|doc| doc.to_string())
            .unwrap_or_default(),
        card: row.get(1)?,
        head: row.get(2)?,
        people: row.get(3)?,
        needs: row.get(4)?,
        disagreements: row.get(5)?,
    })
}

/// One family.
pub(super) fn family(db: &Connection, doc: DocId) -> Result<Option<Family>, StoreError> {
    let found = db
        .prepare_cached(&format!("{FAMILY} where doc = ?1"))?
        .query_row([doc.as_bytes()], read_family)
        .optional()?;
    Ok(found)
}

fn families(db: &Connection, rule: &str) -> Result<Vec<Family>, StoreError> {
    let found = db
        .prepare_cached(&format!(
            "{FAMILY} where {rule} order by lamport, doc limit {FAMILIES_MAX}"
        ))?
        .query_map([], read_family)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

#[derive(Template)]
#[template(path = "registry/unconfirmed.html")]
struct UnconfirmedPage {
    frame: Frame,
    families: Vec<Family>,
}

impl UnconfirmedPage {
    fn needs(&self, family: &Family) -> Vec<String> {
        need_words(self.frame.lang, &family.needs)
    }
}

/// What families entered themselves, the longest waiting first.
pub(super) async fn unconfirmed(State(app): State<App>, frame: Frame) -> Page {
    let families = app.store.read(|db| families(db, "origin = 'p'")).await?;
    page(&UnconfirmedPage { frame, families })
}

/// Staff saw the family: its entry counts like one that was made at the desk.
pub(super) async fn confirm(
    State(app): State<App>,
    who: SignedIn,
    Path(doc): Path<String>,
) -> Page {
    let id = household_id(&doc)?;
    let confirmed = app.store.write(move |tx| {
        let mut document = tx.document(id)?;
        let value = Origin::Confirmed.code().to_owned();
        amend(
            &mut document,
            &[Answer {
                subject: Subject::Household,
                fact: Fact::Origin,
                value,
            }],
        )?;
        tx.record(&mut document, &tx.stamp(who.by()), Lane::People)
    });
    match confirmed.await {
        Ok(_) => Ok(Redirect::to("/registry/unconfirmed").into_response()),
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "registry/disagreements.html")]
struct DisagreementsPage {
    frame: Frame,
    families: Vec<Family>,
}

pub(super) async fn disagreements(State(app): State<App>, frame: Frame) -> Page {
    let families = app
        .store
        .read(|db| families(db, "disagreements > 0"))
        .await?;
    page(&DisagreementsPage { frame, families })
}
