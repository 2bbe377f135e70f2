//! Signing in, over both databases.

use axum::http::{StatusCode, header};

use super::*;
use crate::testing::browser::{Console, PASSWORD};

#[tokio::test]
async fn an_officer_signs_in_and_out() {
    for console in Console::both().await {
        let mut browser = console.signed_in("Sato", Role::Desk).await;
        assert_eq!(browser.get("/shelters").await.status, StatusCode::OK);
        let left = browser.post("/sign-out", &[]).await;
        assert_eq!(left.leads_to(), "/sign-in");
        assert_eq!(browser.get("/shelters").await.leads_to(), "/sign-in");
    }
}

#[tokio::test]
async fn the_session_cookie_is_for_our_pages_alone() {
    for console in Console::both().await {
        console.add("Sato", Role::Desk).await;
        let answer = console
            .browser()
            .post("/sign-in", &[("name", " sato "), ("password", PASSWORD)])
            .await;
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    for console in Console::both().await {
        console.add("Sato", Role::Desk).await;
        let mut texts = Vec::new();
        for (name, password) in [("Sato", "wrong password"), ("Nobody", PASSWORD)] {
            let answer = console
                .browser()
                .post("/sign-in", &[("name", name), ("password", password)])
                .await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            texts.push(answer.text.replace(name, ""));
        }
        assert_eq!(texts[0], texts[1]);
        assert!(!texts[0].contains(PASSWORD));
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_nobody_is_locked_out_for_ever() {
    for console in Console::both().await {
        console.add("Sato", Role::Desk).await;
        let mut browser = console.browser();
        for _ in 0..4 {
            browser
                .post(
                    "/sign-in",
                    &[("name", "Sato"), ("password", "wrong password")],
                )
                .await;
        }
        let early = browser
            .post("/sign-in", &[("name", "Sato"), ("password", PASSWORD)])
            .await;
        assert_eq!(early.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(
            browser
                .post("/sign-in", &[("name", "Sato"), ("password", "x")])
                .await
                .status,
            early.status
        );

        console.wait_s(2);
        let later = browser
            .post("/sign-in", &[("name", "Sato"), ("password", PASSWORD)])
            .await;
        assert_eq!(later.leads_to(), "/");
    }
}

#[tokio::test]
async fn an_officer_who_was_struck_off_is_out_at_once() {
    for console in Console::both().await {
        let mut browser = console.signed_in("Sato", Role::Desk).await;
        let officer = console.add("Suzuki", Role::Desk).await - 1;
        assert!(strike(&console.bench, "sato ", 1).await.unwrap());
        assert!(!strike(&console.bench, "Sato", 1).await.unwrap());
        assert!(active(&console.bench, officer).await.unwrap().is_none());
        assert_eq!(browser.get("/shelters").await.leads_to(), "/sign-in");
    }
}

#[tokio::test]
async fn each_role_sees_its_own_pages_and_no_other() {
    const WORK: [&str; 5] = [
        "/shelters",
        "/people",
        "/people/disagreements",
        "/findings",
        "/quarantine",
    ];
    for console in Console::both().await {
        for (role, may_work, may_read_log) in [
            (Role::Desk, true, false),
            (Role::Lead, true, true),
            (Role::Auditor, false, true),
        ] {
            let mut browser = console.signed_in(role.name(), role).await;
            for path in WORK {
                assert_eq!(
                    browser.get(path).await.status.is_success(),
                    may_work,
                    "{role:?} {path}"
                );
            }
            assert_eq!(
                browser.get("/read-log").await.status.is_success(),
                may_read_log,
                "{role:?}"
            );
            assert_eq!(
                browser.get("/").await.status.is_success(),
                may_work,
                "{role:?}"
            );
        }
        let mut nobody = console.browser();
        for path in
            WORK.into_iter()
                .chain(["/read-log", "/", "/reason", "/shelters/E1310100001112"])
        {
            assert_eq!(nobody.get(path).await.leads_to(), "/sign-in", "{path}");
        }
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    for console in Console::both().await {
        let mut browser = console.signed_in("Sato", Role::Desk).await;
        browser.site = Some("cross-site");
        assert_eq!(
            browser.post("/sign-out", &[]).await.status,
            StatusCode::BAD_REQUEST
        );
        browser.site = Some("same-origin");
        assert_eq!(browser.get("/shelters").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn two_officers_cannot_have_one_name() {
    for console in Console::both().await {
        console.add("Sato", Role::Desk).await;
        let again = add(
            &console.bench,
            "SATO ",
            Role::Lead,
            &PASSWORD.parse().unwrap(),
            0,
        )
        .await;
        assert!(matches!(again, Err(AddError::Taken)));
        let empty = add(
            &console.bench,
            " ",
            Role::Lead,
            &PASSWORD.parse().unwrap(),
            0,
        )
        .await;
        assert!(matches!(empty, Err(AddError::Name)));
    }
}
