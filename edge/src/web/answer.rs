//! Errors as answers: every failure is a page that says what happened and what to do next.
//!
//! Mistakes in a form are not here; the form itself answers those.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::app::App;
use super::frame::Frame;
use crate::store::StoreError;

/// Why a page could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("not found")]
    NotFound,
    #[error("not for this role")]
    Forbidden,
    #[error("the form is too large")]
    TooLarge,
    #[error("the form cannot be read")]
    Unreadable,
    #[error("too many at once")]
    Busy,
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the page could not be drawn")]
    Template(#[from] askama::Error),
}

/// What a handler gives back.
pub type Page = Result<Response, PageError>;

/// Draws a page.
pub fn page(template: &impl Template) -> Page {
    page_with(StatusCode::OK, template)
}

/// Draws a page with another status than 200.
pub fn page_with(status: StatusCode, template: &impl Template) -> Page {
    Ok((status, Html(template.render()?)).into_response())
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(StoreError::Full) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Store(StoreError::Overloaded) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for PageError {
    /// Only the status: [`dress`] draws the page, because it knows the reader's language.
    fn into_response(self) -> Response {
        if let Self::Store(_) | Self::Template(_) = self {
            let cause = std::error::Error::source(&self).map(tracing::field::display);
            tracing::error!(error = %self, cause, "a page failed");
        }
        self.status().into_response()
    }
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage {
    frame: Frame,
    title: String,
    next: String,
}

/// The failures that have words of their own; others are told as the nearest of these.
const TOLD: [u16; 11] = [400, 403, 404, 405, 408, 413, 422, 429, 500, 503, 507];

/// Gives every bare failure, also those of the router and its layers, its page.
pub async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let answer = next.run(Request::from_parts(parts, body)).await;
    if is_fine(&answer) {
        return answer;
    }
    let frame = Frame::of(&asked, &app).await;
    let status = answer.status();
    let drawn = error_page(frame, status).unwrap_or_else(IntoResponse::into_response);
    let (mut head, _) = answer.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    Response::from_parts(head, drawn.into_body())
}

fn is_fine(answer: &Response) -> bool {
    let html = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    html || !(answer.status().is_client_error() || answer.status().is_server_error())
}

fn error_page(frame: Frame, status: StatusCode) -> Page {
    let code = status.as_u16();
    let told = if TOLD.contains(&code) {
        code
    } else if status.is_client_error() {
        400
    } else {
        500
    };
    let title = frame.t(&format!("error-{told}-title"));
    let next = frame.t(&format!("error-{told}-next"));
    page_with(status, &ErrorPage { frame, title, next })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::Lang;

    #[test]
    fn every_failure_has_its_words_in_every_language() {
        for lang in Lang::ALL {
            for code in TOLD {
                assert!(lang.knows(&format!("error-{code}-title")), "{code}");
                assert!(lang.knows(&format!("error-{code}-next")), "{code}");
            }
        }
    }
}
