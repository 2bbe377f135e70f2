//! What every page carries around its own content: language, shelter, who is signed in, the
//! navigation with its counts, and the one line that tells what is saved where.

use std::convert::Infallible;
use std::fmt::Display;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::app::App;
use super::assets;
use super::form::Problems;
use super::saved;
use super::status::{Status, status};
use super::words::Lang;
use crate::staff::{Role, SignedIn};

/// The cookie that remembers the reader's language; it says nothing else about anybody.
pub const LANGUAGE_COOKIE: &str = "lang";

/// The frame of one page for one reader.
pub struct Frame {
    pub lang: Lang,
    pub shelter: String,
    pub who: Option<SignedIn>,
    /// What is wrong with the form on this page.
    pub problems: Problems,
    /// The path of this page, to come back to.
    pub here: String,
    status: Option<Status>,
}

/// One entry of the navigation.
pub struct NavItem {
    pub path: &'static str,
    pub text: String,
    pub count: u32,
    pub here: bool,
}

/// A thing to choose in a form.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Frame {
    /// The frame for this request. If the store cannot be read, the page still gets its frame:
    /// it may be the page that says so.
    pub async fn of(parts: &Parts, app: &App) -> Self {
        let who = parts.extensions.get::<SignedIn>().cloned();
        let status = status(app).await;
        Self {
            lang: language(parts),
            shelter: app.setting.shelter_name.clone(),
            who,
            problems: Problems::none(),
            here: parts
                .uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            status,
        }
    }

    /// The same frame around a form with mistakes.
    pub fn mistaken(mut self, problems: Problems) -> Self {
        self.problems = problems;
        self
    }

    pub fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }

    pub fn n(&self, key: &str, count: impl Display) -> String {
        self.lang.n(key, count)
    }

    pub fn s(&self, key: &str, value: impl Display) -> String {
        self.lang.s(key, value)
    }

    pub fn s2(&self, key: &str, first: impl Display, second: impl Display) -> String {
        self.lang.s2(key, first, second)
    }

    pub fn languages(&self) -> &'static [Lang] {
        &Lang::ALL
    }

    pub fn version(&self) -> &'static str {
        assets::VERSION.as_str()
    }

    /// What is saved where, in one line.
    pub fn saved_line(&self) -> String {
        match &self.status {
            Some(status) => saved::line(&status.contact, self.lang),
            None => self.t("saved-unknown"),
        }
    }

    /// The places of the desk that this person may go to.
    pub fn nav(&self) -> Vec<NavItem> {
        let questions = self
            .status
            .map(|status| status.questions)
            .unwrap_or_default();
        let mut places = vec![
            ("/registry/reception", "nav-reception", 0),
            ("/registry", "nav-roster", 0),
            (
                "/registry/unconfirmed",
                "nav-unconfirmed",
                questions.unconfirmed,
            ),
            (
                "/registry/disagreements",
                "nav-disagreements",
                questions.disagreements,
            ),
            ("/aid", "nav-aid", 0),
        ];
        if self.who.as_ref().is_some_and(|who| who.role == Role::Lead) {
            places.push(("/staff", "nav-staff", 0));
        }
        let here = self.here.split('?').next().unwrap_or_default();
        let item = |(path, key, count): (&'static str, &str, u32)| NavItem {
            path,
            text: self.t(key),
            count,
            here: here == path,
        };
        places.into_iter().map(item).collect()
    }
}

impl FromRequestParts<App> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app).await)
    }
}

/// The language that the reader chose, or the best for the browser.
pub fn language(parts: &Parts) -> Lang {
    chosen(parts).unwrap_or_else(|| {
        let header = parts.headers.get(header::ACCEPT_LANGUAGE);
        Lang::accepted(
            header
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default(),
        )
    })
}

fn chosen(parts: &Parts) -> Option<Lang> {
    let cookies = parts.headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == LANGUAGE_COOKIE)
        .and_then(|(_, tag)| Lang::of(tag))
}
