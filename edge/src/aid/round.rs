//! One round: by card number (typed or read by a scanner that types), or by ticking on the list.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use rusqlite::Connection;
use yadori_ledger::aid::Already;
use yadori_ledger::id::{CardNumber, DocId, EventId};
use yadori_ledger::words::Note;

use super::give::{self, Outcome, Share};
use super::round_page::{Asked, Shown, draw};
use super::{ledger_id, people, round_id};
use crate::staff::SignedIn;
use crate::store::StoreError;
use crate::web::App;
use crate::web::answer::{Page, PageError};
use crate::web::form::{Posted, Problems, unsaved};
use crate::web::frame::Frame;
use crate::web::when::when;

type RoundPath = Path<(String, String)>;

/// The day's ledger and the round in it.
type At = (DocId, EventId);

fn at(Path((doc, round)): RoundPath) -> Result<At, PageError> {
    Ok((ledger_id(&doc)?, round_id(&round)?))
}

pub(super) async fn show(
    State(app): State<App>,
    path: RoundPath,
    frame: Frame,
    Query(asked): Query<Asked>,
) -> Page {
    let shown = Shown {
        asked,
        ..Shown::default()
    };
    draw(&app, frame, at(path)?, StatusCode::OK, shown).await
}

/// A form as it came, and who sent it.
struct Sent {
    app: App,
    who: SignedIn,
    at: At,
    frame: Frame,
    typed: Posted,
    problems: Problems,
    reason: String,
}

impl Sent {
    fn new(app: App, who: SignedIn, at: At, frame: Frame, typed: Posted) -> Self {
        let mut problems = Problems::none();
        let reason = problems.parse_if_any::<Note>(frame.lang, "reason", typed.get("reason"));
        let reason = reason.map_or_else(String::new, |note| note.as_str().to_owned());
        Self {
            app,
            who,
            at,
            frame,
            typed,
            problems,
            reason,
        }
    }

    fn wrong(&mut self, field: &str, key: &str) {
        self.problems.add(field, self.frame.t(key));
    }

    /// Gives if nothing was wrong. `again` is where the same form goes when it is sent once more
    /// with a reason.
    async fn give(self, shares: Vec<Share>, again: &str) -> Page {
        let Self {
            app,
            who,
            at: (doc, round),
            frame,
            typed,
            problems,
            reason,
        } = self;
        let mut shown = Shown {
            typed,
            again: again.to_owned(),
            ..Shown::default()
        };
        if !problems.is_empty() {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return draw(&app, frame.mistaken(problems), (doc, round), status, shown).await;
        }
        let given = app
            .store
            .write(move |tx| give::give(tx, doc, round, &shares, &reason, who.by()))
            .await;
        match given {
            Ok(Outcome::Done(event)) => {
                Ok(Redirect::to(&format!("/aid/{doc}/{round}?done={event}")).into_response())
            }
            Ok(Outcome::Already(already)) => {
                shown.already = already.iter().map(|one| warned(&frame, one)).collect();
                draw(&app, frame, (doc, round), StatusCode::CONFLICT, shown).await
            }
            Ok(Outcome::Unknown) | Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
            Err(error) => {
                let (status, problems) = unsaved(error, frame.lang)?;
                draw(&app, frame.mistaken(problems), (doc, round), status, shown).await
            }
        }
    }
}

fn warned(frame: &Frame, already: &Already) -> String {
    let source = &already.first.source;
    let at = when(frame.lang, source.wall_s, source.quality);
    frame.s2("aid-already-when", already.people.len(), at)
}

pub(super) async fn by_card(
    State(app): State<App>,
    who: SignedIn,
    path: RoundPath,
    frame: Frame,
    typed: Posted,
) -> Page {
    let at = at(path)?;
    let mut sent = Sent::new(app, who, at, frame, typed);
    let mut shares = Vec::new();
    match sent.typed.get("number").parse::<CardNumber>() {
        Ok(card) => match sent.app.store.read(move |db| share_of(db, card)).await? {
            Some(share) => shares.push(share),
            None => sent.wrong("number", "aid-card-unknown"),
        },
        Err(refused) => sent.wrong("number", refused.key()),
    }
    sent.give(shares, &format!("/aid/{}/{}", at.0, at.1)).await
}

fn share_of(db: &Connection, card: CardNumber) -> Result<Option<Share>, StoreError> {
    let Some(household) = crate::registry::household_of(db, card)? else {
        return Ok(None);
    };
    let people = people::of_household(db, household)?;
    Ok(Some(Share { household, people }))
}

pub(super) async fn by_list(
    State(app): State<App>,
    who: SignedIn,
    path: RoundPath,
    frame: Frame,
    typed: Posted,
) -> Page {
    let at = at(path)?;
    let mut sent = Sent::new(app, who, at, frame, typed);
    let shares = ticked(&sent.typed);
    match &shares {
        None => sent.wrong("who", "choice-unknown"),
        Some(shares) if shares.is_empty() => sent.wrong("who", "aid-nobody-ticked"),
        Some(_) => {}
    }
    sent.give(
        shares.unwrap_or_default(),
        &format!("/aid/{}/{}/people", at.0, at.1),
    )
    .await
}

/// The ticked people by household; `None` if a value is not one of ours.
fn ticked(typed: &Posted) -> Option<Vec<Share>> {
    let mut shares: Vec<Share> = Vec::new();
    for value in typed.values("who") {
        let (doc, person) = value.split_once('/')?;
        let (household, person) = (doc.parse().ok()?, person.parse().ok()?);
        match shares.iter_mut().find(|share| share.household == household) {
            Some(share) => share.people.push(person),
            None => shares.push(Share {
                household,
                people: vec![person],
            }),
        }
    }
    Some(shares)
}

pub(super) async fn void(
    State(app): State<App>,
    who: SignedIn,
    path: RoundPath,
    frame: Frame,
    typed: Posted,
) -> Page {
    let at @ (doc, round) = at(path)?;
    let Ok(event) = typed.get("event").parse::<EventId>() else {
        return gone(&app, frame, at).await;
    };
    match app
        .store
        .write(move |tx| give::void(tx, doc, event, who.by()))
        .await
    {
        Ok(true) => Ok(Redirect::to(&format!("/aid/{doc}/{round}")).into_response()),
        Ok(false) => gone(&app, frame, at).await,
        Err(StoreError::Unknown(_)) => Err(PageError::NotFound),
        Err(error) => {
            let (status, problems) = unsaved(error, frame.lang)?;
            draw(&app, frame.mistaken(problems), at, status, Shown::default()).await
        }
    }
}

async fn gone(app: &App, frame: Frame, at: At) -> Page {
    let problems = Problems::whole(frame.t("aid-void-gone"));
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    draw(app, frame.mistaken(problems), at, status, Shown::default()).await
}
