//! Why a page could not be shown, as an answer to the person who asked. Mistakes in a form are
//! not here: they are answered by the form itself.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use yadori_ledger::document::DocumentError;

use crate::ground::GroundError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error("nobody is signed in")]
    SignedOut,
    #[error("the officer's role does not allow this")]
    Forbidden,
    #[error("there is nothing at this address")]
    NotFound,
    #[error("the form came from another site")]
    AnotherSite,
    #[error("the form cannot be read")]
    BadForm,
    #[error("too many tries; the next is taken in {wait_s} seconds")]
    Wait { wait_s: i64 },
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the page could not be drawn")]
    Template(#[from] askama::Error),
    #[error("the session could not be read or kept")]
    Session(#[from] tower_sessions::session::Error),
    #[error("a document could not be opened or written")]
    Ground(#[from] GroundError),
}

pub(crate) type Page = Result<Response, PageError>;

/// The page, with status 200.
pub(crate) fn page(template: &impl Template) -> Page {
    page_with(StatusCode::OK, template)
}

pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Page {
    Ok((status, Html(template.render()?)).into_response())
}

/// What went wrong and what to do next, in both languages: nobody's language is known for sure
/// when things fail.
#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage {
    ja: &'static str,
    en: &'static str,
}

impl From<DocumentError> for PageError {
    fn from(error: DocumentError) -> Self {
        Self::Ground(error.into())
    }
}

impl PageError {
    fn answer(&self) -> (StatusCode, ErrorPage) {
        let (status, ja, en) = match self {
            Self::SignedOut => (
                StatusCode::UNAUTHORIZED,
                "サインインしてください。",
                "Please sign in.",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "この操作は、あなたの役割ではできません。責任者に依頼してください。",
                "Your role does not allow this. Ask a lead officer.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "このページはありません。最初のページから探してください。",
                "There is no such page. Start from the first page.",
            ),
            Self::AnotherSite | Self::BadForm => (
                StatusCode::BAD_REQUEST,
                "送信を受け取れませんでした。前のページを開き直して、もう一度送ってください。",
                "The form could not be taken. Open the page again and send it once more.",
            ),
            Self::Wait { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "試行が多すぎます。少し待ってから、もう一度試してください。",
                "Too many tries. Wait a little, then try again.",
            ),
            Self::Store(StoreError::Full) => (
                StatusCode::INSUFFICIENT_STORAGE,
                "本部のディスクが一杯です。何も保存されませんでした。管理者に知らせてください。",
                "The disk of headquarters is full. Nothing was stored. Tell the administrator.",
            ),
            Self::Store(_) | Self::Template(_) | Self::Session(_) | Self::Ground(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "本部のシステムの問題で、表示も保存もできませんでした。少し待って、もう一度試してください。",
                "A fault at headquarters: nothing was shown or stored. Wait a little and try again.",
            ),
        };
        (status, ErrorPage { ja, en })
    }

    fn is_our_fault(&self) -> bool {
        matches!(
            self,
            Self::Store(_) | Self::Template(_) | Self::Session(_) | Self::Ground(_)
        )
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if matches!(self, Self::SignedOut) {
            return Redirect::to("/sign-in").into_response();
        }
        if self.is_our_fault() {
            let cause = std::error::Error::source(&self).map(ToString::to_string);
            tracing::error!(error = %self, cause, "a page failed");
        }
        let (status, shown) = self.answer();
        let body = shown.render().unwrap_or_else(|_| shown.en.to_owned());
        let mut response = (status, Html(body)).into_response();
        if let Self::Wait { wait_s } = self
            && let Ok(value) = HeaderValue::from_str(&wait_s.to_string())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}
