//! The doors themselves: who is let in, what is refused, what a failure says.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::harness::{Desk, form};

/// Every route of the desk, as the router has them. A route that is missing here fails
/// [`every_route_is_walked`].
const ROUTES: [&str; 21] = [
    "/",
    "/sign-out",
    "/staff",
    "/staff/{number}/pin",
    "/staff/{number}/retired",
    "/registry",
    "/registry/reception",
    "/registry/new",
    "/registry/unconfirmed",
    "/registry/disagreements",
    "/registry/card",
    "/registry/person/{person}",
    "/registry/household/{doc}",
    "/registry/household/{doc}/card",
    "/registry/household/{doc}/edit",
    "/registry/household/{doc}/confirm",
    "/registry/household/{doc}/settle",
    "/aid",
    "/aid/{doc}",
    "/aid/{doc}/{round}",
    "/aid/{doc}/{round}/people",
];

const OPEN: [&str; 6] = [
    "/health",
    "/language/{tag}",
    "/sign-in",
    "/static/desk.css",
    "/static/desk.js",
    "/static/icon.svg",
];

#[test]
fn every_route_is_walked() {
    let sources = [
        include_str!("router.rs"),
        include_str!("assets.rs"),
        include_str!("../staff/mod.rs"),
        include_str!("../registry/mod.rs"),
        include_str!("../aid/mod.rs"),
    ];
    let written = sources
        .iter()
        .flat_map(|text| text.split(".route(\"").skip(1))
        .map(|rest| rest.split('"').next().unwrap());
    let mut unknown: Vec<_> = written
        .filter(|path| !ROUTES.contains(path) && !OPEN.contains(path))
        .collect();
    unknown.retain(|path| *path != "/aid/{doc}/{round}/void");
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[tokio::test]
async fn nobody_gets_past_the_door_without_signing_in() {
    let desk = Desk::shut().await;
    for route in ROUTES
        .into_iter()
        .chain(["/aid/{doc}/{round}/void", "/no/such/page"])
    {
        let path = route.replace(['{', '}'], "x");
        let got = desk.get(&path).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{path}");
        assert!(got.location().starts_with("/sign-in?next="), "{path}");
        let posted = desk
            .post(&path, &[("name", "やまだ"), ("people", "4")])
            .await;
        assert_eq!(posted.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn what_needs_nobody_needs_nobody() {
    let desk = Desk::shut().await;
    for path in [
        "/health",
        "/sign-in",
        "/static/desk.css",
        "/static/desk.js",
        "/static/icon.svg",
    ] {
        assert_eq!(desk.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_refused() {
    let desk = Desk::open().await;
    let mut foreign = form(
        "/registry/reception",
        &[("name", "やまだ"), ("people", "4")],
    );
    foreign
        .headers_mut()
        .insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    let answer = desk.send(foreign).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_told_so_plainly() {
    let desk = Desk::open().await;
    let huge = "あ".repeat(30_000);
    let answer = desk.post("/registry/reception", &[("name", &huge)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("送られた内容が大きすぎます"));
}

#[tokio::test]
async fn what_is_no_form_at_all_is_told_so_plainly() {
    let desk = Desk::open().await;
    let request = Request::post("/registry/reception")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    let answer = desk.send(request).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("送られた内容を読めませんでした"));
}

#[tokio::test]
async fn a_page_that_is_not_there_says_where_to_look() {
    let desk = Desk::open().await;
    for path in [
        "/no/such/page",
        "/registry/household/xyz",
        "/registry/person/xyz",
        "/aid/xyz",
        "/registry/card?number=x",
    ] {
        let answer = desk.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text.contains("ページが見つかりません"), "{path}");
    }
    assert_eq!(
        desk.post("/registry/card", &[]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn every_page_keeps_scripts_caches_and_frames_out() {
    let desk = Desk::open().await;
    for path in ["/", "/registry", "/no/such/page"] {
        let answer = desk.get(path).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!answer.text.contains("style=\"") && !answer.text.contains(" onclick"));
    }
}

#[tokio::test]
async fn the_language_is_the_readers_choice() {
    let desk = Desk::open().await;
    assert!(desk.get("/").await.text.contains("今のようす"));
    let chosen = desk.get("/language/en?back=/registry").await;
    assert_eq!(
        (chosen.status, chosen.location()),
        (StatusCode::SEE_OTHER, "/registry")
    );
    assert!(desk.get("/").await.text.contains("Right now"));
    assert_eq!(desk.get("/language/xx").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        desk.get("/language/en?back=https://evil.example")
            .await
            .location(),
        "/"
    );
}

#[tokio::test]
async fn every_page_says_what_is_saved_where() {
    let desk = Desk::open().await;
    assert!(desk.get("/").await.text.contains("この避難所に保存済み"));
}

#[tokio::test]
async fn whatever_is_written_into_an_address_a_search_answers() {
    let desk = Desk::open().await;
    let huge = "x".repeat(5_000);
    for bad in [
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%00%07",
        "%FF%FE",
        "'%20or%201=1--",
        "%25_%5C",
        &huge,
    ] {
        let answer = desk
            .get(&format!("/registry?q={bad}&place={bad}&page={bad}"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{bad}");
        assert!(!answer.text.contains("<script>alert"));
        assert_eq!(
            desk.get(&format!("/registry/card?number={bad}"))
                .await
                .status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            desk.get(&format!("/sign-in?next={bad}")).await.status,
            StatusCode::OK
        );
    }
}
