//! The questions to a family that registers itself: who, how many, what help, which phone. The last
//! answer is taken in [`super::entry`].

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use yadori_ledger::words::{HeadCount, Name};

use super::frame::{PortalFrame, address};
use super::token::{Draft, opened, sealed};
use crate::registry::save::random_household;
use crate::registry::{needs_choices, needs_chosen};
use crate::web::App;
use crate::web::answer::{Page, page_with};
use crate::web::form::{Posted, Problems, told};
use crate::web::frame::Choice;

/// Names that a family can type here; the others are counted and named at the desk.
const NAMES_MAX: usize = 12;

/// Which question a page asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
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

pub(super) fn show(frame: PortalFrame, status: StatusCode, step: Step, typed: Posted) -> Page {
    let needs = needs_choices(frame.lang, &typed, "needs");
    page_with(
        status,
        &RegisterPage {
            frame,
            step,
            typed,
            needs,
        },
    )
}

pub(super) fn wrong(frame: PortalFrame, step: Step, typed: Posted, problems: Problems) -> Page {
    show(
        frame.mistaken(problems),
        StatusCode::UNPROCESSABLE_ENTITY,
        step,
        typed,
    )
}

/// The answers so far, or none when they are too old or not ours.
pub(super) fn draft(app: &App, frame: &PortalFrame) -> Option<Draft> {
    opened(&app.setting.secret, &frame.s, app.clock.wall_s())
}

/// Back to the beginning, which says why.
pub(super) fn start_again(frame: &PortalFrame) -> Page {
    Ok(Redirect::to(&format!("{}&again=1", address("/register", frame.lang, ""))).into_response())
}

fn go_on(app: &App, frame: &PortalFrame, to: Step, draft: &Draft) -> Page {
    let s = sealed(&app.setting.secret, draft);
    Ok(Redirect::to(&address(to.path(), frame.lang, &s)).into_response())
}

pub(super) async fn show_names(
    State(app): State<App>,
    mut frame: PortalFrame,
    asked: axum::http::Uri,
) -> Page {
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
    let typed = Posted::of([("name".to_owned(), draft.names.join("\n"))]);
    let again = asked
        .query()
        .is_some_and(|query| query.split('&').any(|pair| pair == "again=1"));
    let problems = if again {
        Problems::whole(frame.t("portal-again"))
    } else {
        Problems::none()
    };
    show(frame.mistaken(problems), StatusCode::OK, Step::Names, typed)
}

pub(super) async fn names(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(mut draft) = draft(&app, &frame) else {
        return start_again(&frame);
    };
    let mut problems = Problems::none();
    let names: Vec<String> = typed
        .get("name")
        .lines()
        .filter(|line| !line.trim().is_empty())
        .filter_map(|line| match line.parse::<Name>() {
            Ok(name) => Some(name.as_str().to_owned()),
            Err(refused) => {
                problems.add("name", told(frame.lang, &refused));
                None
            }
        })
        .take(NAMES_MAX + 1)
        .collect();
    if names.is_empty() && problems.is_empty() {
        problems.add("name", frame.t("portal-names-empty"));
    }
    if names.len() > NAMES_MAX {
        problems.add("name", frame.n("portal-names-too-many", NAMES_MAX));
    }
    if !problems.is_empty() {
        return wrong(frame, Step::Names, typed, problems);
    }
    draft.names = names;
    go_on(&app, &frame, Step::People, &draft)
}

pub(super) async fn show_people(State(app): State<App>, frame: PortalFrame) -> Page {
    let Some(draft) = draft(&app, &frame).filter(|draft| !draft.names.is_empty()) else {
        return start_again(&frame);
    };
    let people = if draft.people == 0 {
        String::new()
    } else {
        draft.people.to_string()
    };
    show(
        frame,
        StatusCode::OK,
        Step::People,
        Posted::of([("people".to_owned(), people)]),
    )
}

pub(super) async fn people(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(mut draft) = draft(&app, &frame).filter(|draft| !draft.names.is_empty()) else {
        return start_again(&frame);
    };
    let mut problems = Problems::none();
    let people = problems.parse::<HeadCount>(frame.lang, "people", typed.get("people"));
    if people.is_some_and(|people| usize::from(people.get()) < draft.names.len()) {
        problems.add(
            "people",
            frame.n("portal-fewer-than-names", draft.names.len()),
        );
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
    let Some(draft) = draft(&app, &frame).filter(|draft| draft.people > 0) else {
        return start_again(&frame);
    };
    let ticked = draft
        .needs
        .split(',')
        .map(|need| ("needs".to_owned(), need.to_owned()));
    show(frame, StatusCode::OK, Step::Help, Posted::of(ticked))
}

pub(super) async fn help(State(app): State<App>, frame: PortalFrame, typed: Posted) -> Page {
    let Some(mut draft) = draft(&app, &frame).filter(|draft| draft.people > 0) else {
        return start_again(&frame);
    };
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
