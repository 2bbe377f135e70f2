//! A family registers itself: who, how many, what help, which phone; then its number.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use yadori_ledger::clock::By;
use yadori_ledger::id::CardNumber;
use yadori_ledger::registry::Origin;
use yadori_ledger::words::{HeadCount, Name, Phone, SupportNeeds};

use super::frame::{PortalFrame, address};
use super::token::{Draft, Numbered, opened, sealed};
use crate::registry::save::{Arrival, Received, random_household, receive};
use crate::registry::{needs_choices, needs_chosen};
use crate::store::{StoreError, Tx};
use crate::web::App;
use crate::web::answer::{Page, PageError, page_with};
use crate::web::form::{Posted, Problems, told, unsaved};
use crate::web::frame::Choice;

/// Names that a family can type here; the others are counted and named at the desk.
const NAMES_MAX: usize = 12;

/// Own entries that may wait for the desk. At 15 seconds each, an hour and a quarter of work; more
/// is a prank, or a crowd that is better served at the desk.
const UNCONFIRMED_MAX: u32 = 300;

/// Which question a page asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Names,
    People,
    Help,
    Phone,
}

impl Step {
    fn path(self) -> &'static str {
        match self {
            Self::Names => "/register",
            Self::People => "/register/people",
            Self::Help => "/register/help",
            Self::Phone => "/register/phone",
        }
    }

    fn number(self) -> usize {
        match self {
            Self::Names => 1,
            Self::People => 2,
            Self::Help => 3,
            Self::Phone => 4,
        }
    }

    fn before(self) -> &'static str {
        match self {
            Self::Names => "/",
            Self::People => Self::Names.path(),
            Self::Help => Self::People.path(),
            Self::Phone => Self::Help.path(),
        }
    }
}

#[derive(Template)]
#[template(path = "portal/register.html")]
struct RegisterPage {
    frame: PortalFrame,
    step: Step,
    typed: Posted,
    needs: Vec<Choice>,
}

impl RegisterPage {
    fn names(&self) -> bool {
        self.step == Step::Names
    }

    fn people(&self) -> bool {
        self.step == Step::People
    }

    fn help(&self) -> bool {
        self.step == Step::Help
    }
}

fn show(frame: PortalFrame, status: StatusCode, step: Step, typed: Posted) -> Page {
    let needs = needs_choices(frame.lang, &typed, "needs");
    page_with(status, &RegisterPage { frame, step, typed, needs })
}

fn wrong(frame: PortalFrame, step: Step, typed: Posted, problems: Problems) -> Page {
    show(frame.mistaken(problems), StatusCode::UNPROCESSABLE_ENTITY, step, typed)
}

/// The answers so far, or none when they are too old or not ours.
fn draft(app: &App, frame: &PortalFrame) -> Option<Draft> {
    opened(&app.setting.secret, &frame.s, app.clock.wall_s())
}

/// Back to the beginning, which says why.
fn start_again(frame: &PortalFrame) -> Page {
    Ok(Redirect::to(&format!("{}&again=1", address("/register", frame.lang, ""))).into_response())
}

fn go_on(app: &App, frame: &PortalFrame, to: Step, draft: &Draft) -> Page {
    let s = sealed(&app.setting.secret, draft);
    Ok(Redirect::to(&address(to.path(), frame.lang, &s)).into_response())
}

pub(super) async fn show_names(State(app): State<App>, mut frame: PortalFrame, asked: axum::http::Uri) -> Page {
    let draft = match draft(&app, &frame) {
        Some(known) => known,
        None => Draft {
            form: random_household()?,
            since_s: app.clock.wall_s(),
            names: Vec::new(),
            people: 0,
            needs: String::new(),
        },
    };
    frame.s = sealed(&app.setting.secret, &draft);
    let typed = Posted::of([("names".to_owned(), draft.names.join("\n"))]);
    let again = asked.query().is_some_and(|query| query.split('&').any(|pair| pair == "again=1"));
    let problems = if again { Problems::whole(frame.t("portal-again")) } else { Problems::none() };
    show(frame.mistaken(problems), StatusCode::OK, Step::Names, typed)
}

pub(super) async fn names(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(mut draft) = draft(&app, &frame) else { return start_again(&frame) };
    let mut problems = Problems::none();
    let names: Vec<String> = typed
        .get("names")
        .lines()
        .filter(|line| !line.trim().is_empty())
        .filter_map(|line| match line.parse::<Name>() {
            Ok(name) => Some(name.as_str().to_owned()),
            Err(refused) => {
                problems.add("names", told(frame.lang, &refused));
                None
            }
        })
        .take(NAMES_MAX + 1)
        .collect();
    if names.is_empty() && problems.is_empty() {
        problems.add("names", frame.t("portal-names-empty"));
    }
    if names.len() > NAMES_MAX {
        problems.add("names", frame.n("portal-names-too-many", NAMES_MAX));
    }
    if !problems.is_empty() {
        return wrong(frame, Step::Names, typed, problems);
    }
    draft.names = names;
    go_on(&app, &frame, Step::People, &draft)
}

pub(super) async fn show_people(State(app): State<App>, frame: PortalFrame) -> Page {
    let Some(draft) = draft(&app, &frame).filter(|draft| !draft.names.is_empty()) else { return start_again(&frame) };
    let people = if draft.people == 0 { String::new() } else { draft.people.to_string() };
    show(frame, StatusCode::OK, Step::People, Posted::of([("people".to_owned(), people)]))
}

pub(super) async fn people(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(mut draft) = draft(&app, &frame).filter(|draft| !draft.names.is_empty()) else {
        return start_again(&frame);
    };
    let mut problems = Problems::none();
    let people = problems.parse::<HeadCount>(frame.lang, "people", typed.get("people"));
    if people.is_some_and(|people| usize::from(people.get()) < draft.names.len()) {
        problems.add("people", frame.n("portal-fewer-than-names", draft.names.len()));
    }
    match people {
        Some(people) if problems.is_empty() => {
            draft.people = people.get();
            go_on(&app, &frame, Step::Help, &draft)
        }
        _ => wrong(frame, Step::People, typed, problems),
    }
}

pub(super) async fn show_help(State(app): State<App>, frame: PortalFrame) -> Page {
    let Some(draft) = draft(&app, &frame).filter(|draft| draft.people > 0) else { return start_again(&frame) };
    let ticked = draft.needs.split(',').map(|need| ("needs".to_owned(), need.to_owned()));
    show(frame, StatusCode::OK, Step::Help, Posted::of(ticked))
}

pub(super) async fn help(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(mut draft) = draft(&app, &frame).filter(|draft| draft.people > 0) else { return start_again(&frame) };
    let mut problems = Problems::none();
    let Some(needs) = needs_chosen(&mut problems, frame.lang, &typed, "needs") else {
        return wrong(frame, Step::Help, typed, problems);
    };
    draft.needs = needs.stored();
    go_on(&app, &frame, Step::Phone, &draft)
}

pub(super) async fn show_phone(State(app): State<App>, frame: PortalFrame) -> Page {
    if draft(&app, &frame).is_none_or(|draft| draft.people == 0) {
        return start_again(&frame);
    }
    show(frame, StatusCode::OK, Step::Phone, Posted::default())
}

pub(super) async fn phone(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(arrival) = draft(&app, &frame).as_ref().and_then(arrival) else { return start_again(&frame) };
    let mut problems = Problems::none();
    let phone = problems.parse_if_any::<Phone>(frame.lang, "phone", typed.get("phone"));
    if !problems.is_empty() {
        return wrong(frame, Step::Phone, typed, problems);
    }
    let (arrival, people) = (Arrival { phone, ..arrival.clone() }, arrival.people.get());
    match app.store.write(move |tx| entered(tx, &arrival)).await {
        Ok(Entered::Card(card)) => {
            tracing::info!("a family registered itself");
            let numbered = Numbered { card: card.to_string(), people, since_s: app.clock.wall_s() };
            let s = sealed(&app.setting.secret, &numbered);
            Ok(Redirect::to(&address("/number", frame.lang, &s)).into_response())
        }
        Ok(Entered::Used) => {
            let problems = Problems::whole(frame.t("portal-used"));
            show(frame.mistaken(problems), StatusCode::CONFLICT, Step::Phone, typed)
        }
        Ok(Entered::TooMany) => Err(PageError::Busy),
        Err(error) => {
            let (status, _) = unsaved(error, frame.lang)?;
            let problems = Problems::whole(frame.t("portal-not-saved"));
            show(frame.mistaken(problems), status, Step::Phone, typed)
        }
    }
}

/// The family that a complete draft describes. Its parts were checked when they were signed.
fn arrival(draft: &Draft) -> Option<Arrival> {
    Some(Arrival {
        doc: draft.form,
        names: draft.names.iter().filter_map(|name| name.parse().ok()).collect(),
        people: HeadCount::try_from(u64::from(draft.people)).ok()?,
        needs: SupportNeeds::from_stored(&draft.needs),
        phone: None,
        origin: Origin::Portal,
    })
}

enum Entered {
    Card(CardNumber),
    Used,
    TooMany,
}

fn entered(tx: &Tx<'_>, arrival: &Arrival) -> Result<Entered, StoreError> {
    let waiting: u32 = tx
        .prepare_cached("select count(*) from household where origin = 'p'")?
        .query_row([], |row| row.get(0))?;
    if waiting >= UNCONFIRMED_MAX {
        return Ok(Entered::TooMany);
    }
    Ok(match receive(tx, arrival, By::portal())? {
        Received::Card(card) => Entered::Card(card),
        Received::Used => Entered::Used,
    })
}

#[derive(Template)]
#[template(path = "portal/number.html")]
struct NumberPage {
    frame: PortalFrame,
    numbered: Numbered,
}

/// The family's number, from its own signed address: nothing is read from the store.
pub(super) async fn number(State(app): State<App>, frame: PortalFrame) -> Page {
    let numbered: Option<Numbered> = opened(&app.setting.secret, &frame.s, app.clock.wall_s());
    match numbered {
        Some(numbered) => page_with(StatusCode::OK, &NumberPage { frame, numbered }),
        None => Err(PageError::NotFound),
    }
}
