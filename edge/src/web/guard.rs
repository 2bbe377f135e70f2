//! What stands before every handler of the desk: no form from another site, and headers that
//! keep pages out of caches, frames and scripts.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Nothing inline, nothing from elsewhere: what an evacuee types can never run.
const DESK_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Refuses a form that another site made the browser send. A request without either header does
/// not come from a browser, so no signed-in person stands behind it unknowingly.
pub async fn own_forms_only(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || is_same_site(request.headers()) {
        return next.run(request).await;
    }
    tracing::warn!(
        path = request.uri().path(),
        "a form from another site was refused"
    );
    StatusCode::FORBIDDEN.into_response()
}

fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().unwrap_or_default();
    let Some((_, origin_host)) = origin.split_once("://") else {
        return false;
    };
    text(header::HOST).is_some_and(|host| host.eq_ignore_ascii_case(origin_host))
}

/// Puts the headers on every answer of the desk.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let mut put = |name, value| {
        answer
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, DESK_POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::X_FRAME_OPTIONS, "DENY");
    // Not `no-referrer`: that would blank the Origin of our own forms.
    put(header::REFERRER_POLICY, "same-origin");
    put(header::CACHE_CONTROL, "no-store");
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_form_of_another_site_is_told_from_ours() {
        assert!(is_same_site(&sent(&[("sec-fetch-site", "same-origin")])));
        assert!(is_same_site(&sent(&[
            ("host", "node:8443"),
            ("origin", "https://node:8443")
        ])));
        assert!(is_same_site(&sent(&[("host", "node:8443")])));
        assert!(!is_same_site(&sent(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_same_site(&sent(&[
            ("sec-fetch-site", "same-site"),
            ("host", "node")
        ])));
        assert!(!is_same_site(&sent(&[
            ("host", "node"),
            ("origin", "https://evil.example")
        ])));
        assert!(!is_same_site(&sent(&[
            ("host", "node"),
            ("origin", "null")
        ])));
        assert!(!is_same_site(&sent(&[("origin", "https://node")])));
    }
}
