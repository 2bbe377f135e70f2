//! One round: by card number (typed or read by a scanner that types), or by ticking on the list.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use yadori_ledger::aid::Already;
use yadori_ledger::id::{CardNumber, DocId, EventId};
use yadori_ledger::words::Note;

use super::give::{self, Outcome, Share};
use super::people::{self, Given, Listed};
use super::{days, ledger_id, round_id};
use crate::staff::SignedIn;
use crate::store::StoreError;
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::{Posted, Problems, unsaved};
use crate::web::frame::Frame;
use crate::web::when::when;

/// Hand-outs shown below the list, to take one back.
const NEWEST_MAX: u32 = 20;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "aid/round.html")]
struct RoundPage {
    frame: Frame,
    doc: DocId,
    round: EventId,
    label: String,
    item: String,
    slot: String,
    q: String,
    typed: Posted,
    done: Option<Given>,
    newest: Vec<Given>,
    people: Vec<Listed>,
    /// Who had a share before, when: shown with the way to give it all the same.
    already: Vec<String>,
    /// Where the form that was warned about goes to.
    again: String,
}

impl RoundPage {
    fn at(&self, given: &Given) -> String {
        when(self.frame.lang, given.wall_s, given.quality)
    }

    fn is_ticked(&self, one: &Listed) -> bool {
        let value = format!("{}/{}", one.doc, one.person);
        self.typed.values("who").any(|ticked| ticked == value)
    }
}

/// What a page of this round is drawn from, beside the store.
#[derive(Default)]
struct Shown {
    asked: Asked,
    typed: Posted,
    already: Vec<String>,
    again: String,
}

type RoundPath = Path<(String, String)>;

pub(super) async fn show(
    State(app): State<App>,
    Path((doc, round)): RoundPath,
    frame: Frame,
    Query(asked): Query<Asked>,
) -> Page {
    let at = (ledger_id(&doc)?, round_id(&round)?);
    draw(&app, frame, at, StatusCode::OK, Shown { asked, ..Shown::default() }).await
}

async fn draw(app: &App, frame: Frame, at: (DocId, EventId), status: StatusCode, shown: Shown) -> Page {
    let (doc, round) = at;
    let Shown { asked: Asked { q, done }, typed, already, again } = shown;
    let (search, done) = (q.clone(), done.parse::<EventId>().ok());
    let read = app.store.read(move |db| {
        let done = done.map(|event| people::given(db, doc, round, Some(event), 1)).transpose()?;
        let newest = people::given(db, doc, round, None, NEWEST_MAX)?;
        Ok((head(db, doc, round)?, done, newest, people::list(db, doc, round, &search)?))
    });
    let (head, done, newest, people) = read.await?;
    let (label, item, slot) = head.ok_or(PageError::NotFound)?;
    let slot = frame.t(&format!("slot-{slot}"));
    let done = done.and_then(|mut done| done.pop());
    page_with(
        status,
        &RoundPage { frame, doc, round, label, item, slot, q, typed, done, newest, people, already, again },
    )
}

fn head(db: &Connection, doc: DocId, round: EventId) -> Result<Option<(String, String, String)>, StoreError> {
    let Some(label) = days::label(db, doc)? else { return Ok(None) };
    let found = db
        .prepare_cached("select item, slot from round where doc = ?1 and round = ?2")?
        .query_row(params![doc.as_bytes(), round.to_i64()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(item, slot)| (label, item, slot)))
}

pub(super) async fn by_card(
    State(app): State<App>,
    who: SignedIn,
    Path((doc, round)): RoundPath,
    frame: Frame,
    typed: Posted,
) -> Page {
    let at = (ledger_id(&doc)?, round_id(&round)?);
    let mut problems = Problems::none();
    let reason = reason(&mut problems, &frame, &typed);
    let share = match typed.get("number").parse::<CardNumber>() {
        Ok(card) => app.store.read(move |db| share_of(db, card)).await?,
        Err(refused) => {
            problems.add("number", frame.t(refused.key()));
            None
        }
    };
    if share.is_none() && problems.of("number").is_empty() {
        problems.add("number", frame.t("aid-card-unknown"));
    }
    let Some(share) = share.filter(|_| problems.is_empty()) else {
        let shown = Shown { typed, ..Shown::default() };
        return draw(&app, frame.mistaken(problems), at, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    };
    submit(&app, frame, at, typed, vec![share], reason, &who, "").await
}

fn share_of(db: &Connection, card: CardNumber) -> Result<Option<Share>, StoreError> {
    let Some(household) = crate::registry::household_of(db, card)? else { return Ok(None) };
    let people = people::of_household(db, household)?;
    Ok(Some(Share { household, people }))
}

pub(super) async fn by_list(
    State(app): State<App>,
    who: SignedIn,
    Path((doc, round)): RoundPath,
    frame: Frame,
    typed: Posted,
) -> Page {
    let at = (ledger_id(&doc)?, round_id(&round)?);
    let mut problems = Problems::none();
    let reason = reason(&mut problems, &frame, &typed);
    let shares = ticked(&typed);
    if shares.as_ref().is_none_or(Vec::is_empty) {
        let key = if shares.is_none() { "choice-unknown" } else { "aid-nobody-ticked" };
        problems.add("who", frame.t(key));
    }
    let Some(shares) = shares.filter(|_| problems.is_empty()) else {
        let shown = Shown { typed, ..Shown::default() };
        return draw(&app, frame.mistaken(problems), at, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    };
    submit(&app, frame, at, typed, shares, reason, &who, "/people").await
}

/// The ticked people by household; `None` if a value is not one of ours.
fn ticked(typed: &Posted) -> Option<Vec<Share>> {
    let mut shares: Vec<Share> = Vec::new();
    for value in typed.values("who") {
        let (doc, person) = value.split_once('/')?;
        let (household, person) = (doc.parse().ok()?, person.parse().ok()?);
        match shares.iter_mut().find(|share| share.household == household) {
            Some(share) => share.people.push(person),
            None => shares.push(Share { household, people: vec![person] }),
        }
    }
    Some(shares)
}

fn reason(problems: &mut Problems, frame: &Frame, typed: &Posted) -> String {
    let note = problems.parse_if_any::<Note>(frame.lang, "reason", typed.get("reason"));
    note.map_or_else(String::new, |note| note.as_str().to_owned())
}

#[expect(clippy::too_many_arguments, reason = "one step of two handlers, with all that they were given")]
async fn submit(
    app: &App,
    frame: Frame,
    at: (DocId, EventId),
    typed: Posted,
    shares: Vec<Share>,
    reason: String,
    who: &SignedIn,
    again: &str,
) -> Page {
    let ((doc, round), by) = (at, who.by());
    let (status, problems, already) = match app
        .store
        .write(move |tx| give::give(tx, doc, round, &shares, &reason, by))
        .await
    {
        Ok(Outcome::Done(event)) => {
            return Ok(Redirect::to(&format!("/aid/{doc}/{round}?done={event}")).into_response());
        }
        Ok(Outcome::Unknown) => return Err(PageError::NotFound),
        Ok(Outcome::Already(already)) => {
            let already = already.iter().map(|one| warned(&frame, one)).collect();
            (StatusCode::CONFLICT, Problems::none(), already)
        }
        Err(StoreError::Unknown(_)) => return Err(PageError::NotFound),
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            (status, problems, Vec::new())
        }
    };
    let shown = Shown { typed, already, again: format!("/aid/{doc}/{round}{again}"), ..Shown::default() };
    draw(app, frame.mistaken(problems), at, status, shown).await
}

fn warned(frame: &Frame, already: &Already) -> String {
    let source = &already.first.source;
    frame.s2("aid-already-when", already.people.len(), when(frame.lang, source.wall_s, source.quality))
}

pub(super) async fn void(
    State(app): State<App>,
    who: SignedIn,
    Path((doc, round)): RoundPath,
    frame: Frame,
    typed: Posted,
) -> Page {
    let at @ (doc, round) = (ledger_id(&doc)?, round_id(&round)?);
    let Ok(event) = typed.get("event").parse::<EventId>() else { return gone(&app, frame, at).await };
    match app.store.write(move |tx| give::void(tx, doc, event, who.by())).await {
        Ok(true) => Ok(Redirect::to(&format!("/aid/{doc}/{round}")).into_response()),
        Ok(false) => gone(&app, frame, at).await,
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            draw(&app, frame.mistaken(problems), at, status, Shown::default()).await
        }
    }
}

async fn gone(app: &App, frame: Frame, at: (DocId, EventId)) -> Page {
    let problems = Problems::whole(frame.t("aid-void-gone"));
    draw(app, frame.mistaken(problems), at, StatusCode::UNPROCESSABLE_ENTITY, Shown::default()).await
}
