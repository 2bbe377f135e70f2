//! A form as it was typed, and what is wrong with it.
//!
//! Nothing here knows a field: handlers read the pairs, parse them once, and name every wrong
//! field together, so that a mistake costs one field and not the whole form.

use std::str::FromStr;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use yadori_ledger::words::Answer;

use super::answer::PageError;
use super::words::Lang;
use crate::store::StoreError;

/// The largest form that is read. A household of 30 with notes is about 12 KiB.
pub const FORM_BYTES_MAX: usize = 64 * 1024;

/// The fields of a posted form, in the order in which the browser sent them.
#[derive(Clone, Default)]
pub struct Posted(Vec<(String, String)>);

impl Posted {
    /// The value of a field, or nothing if the form does not have it.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// The value of a field without the white space around it.
    pub fn trimmed(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// Every value of a field: the ticked boxes of one name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All pairs as they came.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The same form with another value in one field.
    pub fn with(mut self, name: &str, value: String) -> Self {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value));
        self
    }

    /// A form as if it had been typed, for a page that was never posted.
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        match Form::<Vec<(String, String)>>::from_request(request, state).await {
            Ok(Form(pairs)) => Ok(Self(pairs)),
            Err(FormRejection::BytesRejection(flaw))
                if flaw.status() == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Err(PageError::TooLarge)
            }
            Err(_) => Err(PageError::Unreadable),
        }
    }
}

/// One wrong field.
#[derive(Clone)]
pub struct Problem {
    /// The field's `id`, empty if the whole form is meant.
    pub field: String,
    /// What is wrong and what to do, in the reader's language.
    pub text: String,
}

/// Everything that is wrong with a form.
#[derive(Clone, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Nothing is wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// One thing that concerns the whole form.
    pub fn whole(text: String) -> Self {
        Self(vec![Problem {
            field: String::new(),
            text,
        }])
    }

    /// Adds a wrong field.
    pub fn add(&mut self, field: impl Into<String>, text: String) {
        self.0.push(Problem {
            field: field.into(),
            text,
        });
    }

    /// What is wrong with this field, or nothing.
    pub fn of(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|problem| problem.field == field)
            .map_or("", |problem| &problem.text)
    }

    /// All of them, in the order of the form.
    pub fn all(&self) -> &[Problem] {
        &self.0
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The word that was typed; if it was refused, why is noted beside its field.
    pub fn parse<T>(&mut self, lang: Lang, field: &str, typed: &str) -> Option<T>
    where
        T: FromStr<Err: Answer>,
    {
        typed
            .parse()
            .map_err(|refused| self.add(field, told(lang, &refused)))
            .ok()
    }

    /// The same for a field that may stay empty.
    pub fn parse_if_any<T>(&mut self, lang: Lang, field: &str, typed: &str) -> Option<T>
    where
        T: FromStr<Err: Answer>,
    {
        if typed.trim().is_empty() {
            None
        } else {
            self.parse(lang, field, typed)
        }
    }
}

/// Why a word was refused, in the reader's language.
pub fn told(lang: Lang, refused: &impl Answer) -> String {
    lang.s(refused.key(), refused.hint().unwrap_or_default())
}

/// What to show above a form that could not be saved, if the form can be tried again: a full disk
/// or a queue that is too long. Everything else is an error page.
pub fn unsaved(error: StoreError, lang: Lang) -> Result<(StatusCode, Problems), PageError> {
    match error {
        StoreError::Full => Ok((
            StatusCode::INSUFFICIENT_STORAGE,
            Problems::whole(lang.t("form-disk-full")),
        )),
        StoreError::Overloaded => Ok((
            StatusCode::SERVICE_UNAVAILABLE,
            Problems::whole(lang.t("form-overloaded")),
        )),
        other => Err(other.into()),
    }
}
