//! What is true of every page of the console.

use axum::http::{StatusCode, header};

use crate::officer::Role;
use crate::testing::browser::Console;

#[tokio::test]
async fn every_answer_tells_the_browser_how_little_it_may_do() {
    for console in Console::both().await {
        let mut browser = console.signed_in("Sato", Role::Lead).await;
        for path in [
            "/shelters",
            "/people",
            "/nothing-here",
            "/sign-in",
            "/console.css",
        ] {
            let shown = browser.get(path).await;
            let policy = shown.headers[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap();
            assert!(
                policy.contains("default-src 'none'") && !policy.contains("unsafe"),
                "{path}"
            );
            assert_eq!(shown.headers[header::X_FRAME_OPTIONS], "DENY");
            assert_eq!(shown.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert!(
                !shown.text.contains("<script") && !shown.text.contains(" style="),
                "{path}"
            );
        }
        assert_eq!(
            browser.get("/shelters").await.headers[header::CACHE_CONTROL],
            "no-store"
        );
        assert_eq!(
            browser.get("/nothing-here").await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn a_language_that_was_chosen_stays() {
    for console in Console::both().await {
        let mut browser = console.browser();
        assert!(browser.get("/sign-in").await.text.contains("lang=\"ja\""));
        assert!(
            browser
                .get("/sign-in?lang=en")
                .await
                .text
                .contains("Sign in")
        );
        assert!(browser.get("/sign-in").await.text.contains("Sign in"));
        assert!(
            browser
                .get("/sign-in?lang=xx")
                .await
                .text
                .contains("Sign in")
        );
    }
}

#[tokio::test]
async fn a_form_that_is_none_or_too_large_is_answered_by_a_page() {
    for console in Console::both().await {
        let mut browser = console.signed_in("Sato", Role::Desk).await;
        let huge = "x".repeat(200_000);
        let shown = browser.post("/people", &[("q", &huge)]).await;
        assert_eq!(shown.status, StatusCode::BAD_REQUEST);
        assert!(shown.text.contains("<h1>"));
    }
}
