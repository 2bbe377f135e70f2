//! Who may use the desk: signing in by name and PIN, roles, and the desk's first page.
//!
//! Staff belong to one node and travel nowhere; the changes that they write carry only their
//! number.

mod home;
pub mod people;
pub mod pin;
mod required;
pub mod roll;
pub mod session;
mod sign_in;
#[cfg(test)]
mod tests;
pub mod tries;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::routing::{get, post};
use yadori_ledger::clock::By;

use crate::web::App;
use crate::web::answer::PageError;

pub use required::{is_open, required};
pub use roll::{add, set_pin};

/// What a person may do at this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Registers people and hands out aid.
    Staff,
    /// Also adds staff and sets PINs.
    Lead,
}

impl Role {
    /// The word in the store and in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Lead => "lead",
        }
    }

    /// The role behind its word; anything unknown may do the least.
    pub fn of(word: &str) -> Self {
        if word == "lead" {
            Self::Lead
        } else {
            Self::Staff
        }
    }

    /// The message that names the role.
    pub fn key(self) -> &'static str {
        match self {
            Self::Staff => "role-staff",
            Self::Lead => "role-lead",
        }
    }
}

/// The person behind a request.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub number: u32,
    pub name: String,
    pub role: Role,
}

impl SignedIn {
    /// How the changes of this person are signed.
    pub fn by(&self) -> By {
        By::staff(self.number)
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(PageError::Forbidden)
    }
}

/// The person behind a request, if they are in charge of the shelter.
pub struct Lead(pub SignedIn);

impl<S: Sync> FromRequestParts<S> for Lead {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        if who.role == Role::Lead {
            Ok(Self(who))
        } else {
            Err(PageError::Forbidden)
        }
    }
}

/// The routes of this feature.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/sign-out", post(sign_in::leave))
        .route("/staff", get(people::list).post(people::submit))
        .route("/staff/{number}/pin", post(people::reset_pin))
        .route("/staff/{number}/retired", post(people::retire))
}
