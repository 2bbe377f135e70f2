//! What stands before every page: forms are taken from our own pages only, and every answer
//! tells the browser how little the page may do.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{ConsoleConfig, PageError};
use crate::i18n::Tongue;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// No script at all, nothing from elsewhere, no framing.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A year, in seconds.
const TONGUE_COOKIE_S: u32 = 365 * 24 * 3600;

/// Refuses a form that another site's page sent. A browser says where a form comes from in
/// `Sec-Fetch-Site`, or, over plain HTTP, in `Origin`; a program that says neither carries no
/// cookie that it was not given.
pub(super) async fn same_origin_only(request: Request, next: Next) -> Response {
    let reading = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reading || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        tracing::warn!("a form from another site was refused");
        PageError::AnotherSite.into_response()
    }
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or_default())
    };
    match (text(SEC_FETCH_SITE), text(ORIGIN), text(HOST)) {
        (Some(site), _, _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, named)| named == host),
        (None, Some(_), None) => false,
        (None, None, _) => true,
    }
}

pub(super) async fn security_headers(
    State(config): State<ConsoleConfig>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    headers.insert(CONTENT_SECURITY_POLICY, fixed(CONTENT_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(X_FRAME_OPTIONS, fixed("DENY"));
    // `no-referrer` would also empty the `Origin` by which we know our own forms.
    headers.insert(REFERRER_POLICY, fixed("same-origin"));
    headers.insert(
        PERMISSIONS_POLICY,
        fixed("camera=(), geolocation=(), microphone=()"),
    );
    // Pages show people; a shared computer must not keep them.
    headers.entry(CACHE_CONTROL).or_insert(fixed("no-store"));
    if config.secure_cookies {
        headers.insert(STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000"));
    }
    response
}

/// `?lang=en` on any page is remembered for the next ones.
pub(super) async fn remember_tongue(request: Request, next: Next) -> Response {
    let chosen = request
        .uri()
        .query()
        .and_then(super::frame::tongue_in_query);
    let mut response = next.run(request).await;
    if let Some(cookie) = chosen.and_then(tongue_cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn tongue_cookie(tongue: Tongue) -> Option<HeaderValue> {
    let tag = tongue.tag();
    format!("lang={tag}; Path=/; Max-Age={TONGUE_COOKIE_S}; SameSite=Lax; HttpOnly")
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(headers: &[(HeaderName, &'static str)]) -> bool {
        let pairs = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        is_same_origin(&pairs.collect())
    }

    #[test]
    fn forms_from_our_own_pages_are_taken() {
        assert!(from(&[(SEC_FETCH_SITE, "same-origin"), (ORIGIN, "null")]));
        assert!(from(&[
            (ORIGIN, "http://hq.example:8080"),
            (HOST, "hq.example:8080")
        ]));
        assert!(from(&[]), "a program without a browser's cookies");
    }

    #[test]
    fn forms_from_elsewhere_are_not() {
        assert!(!from(&[(SEC_FETCH_SITE, "cross-site")]));
        assert!(!from(&[
            (SEC_FETCH_SITE, "same-site"),
            (ORIGIN, "https://hq.example"),
            (HOST, "hq.example")
        ]));
        assert!(!from(&[
            (ORIGIN, "https://evil.example"),
            (HOST, "hq.example")
        ]));
        assert!(!from(&[(ORIGIN, "null"), (HOST, "hq.example")]));
    }
}
