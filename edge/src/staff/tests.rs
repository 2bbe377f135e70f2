//! Signing in, staying signed in, and the lead's page.

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;

use super::roll;
use crate::web::harness::{Desk, LEAD, LEAD_PIN, lent};

#[tokio::test]
async fn a_session_survives_a_restart_and_its_cookie_is_for_this_site_only() {
    let desk = Desk::shut().await;
    let answer = desk
        .post("/sign-in", &[("staff_name", LEAD), ("staff_pin", LEAD_PIN)])
        .await;
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let desk = desk.restart();
    assert_eq!(desk.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let desk = Desk::open().await;
    assert_eq!(desk.post("/sign-out", &[]).await.location(), "/sign-in");
    assert_eq!(desk.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_that_lies_unused_ends() {
    let desk = Desk::open().await;
    let past = time::OffsetDateTime::now_utc().unix_timestamp() - 1;
    let aged = move |tx: &crate::store::Tx<'_>| {
        Ok(tx.execute("update session set expires_s = ?1", [past])?)
    };
    assert_eq!(desk.app.store.write(aged).await.unwrap(), 1);
    assert_eq!(desk.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_sent_after_the_session_ended_is_not_lost() {
    let desk = Desk::open().await;
    let form = desk.get("/registry/reception").await.value("form");
    desk.leave();
    let typed = [("form", form.as_str()), ("name", "やまだ"), ("people", "4")];
    let asked = desk.post("/registry/reception", &typed).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert_eq!(asked.value("name"), "やまだ");
    let signed = asked.typed(&[("staff_name", LEAD), ("staff_pin", LEAD_PIN)]);
    let answer = desk.post("/sign-in", &lent(&signed)).await;
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
    let again = desk.post(answer.location(), &lent(&signed)).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.households().await, 1);
}

#[tokio::test]
async fn every_wrong_field_of_the_sign_in_is_named_and_the_name_is_kept() {
    let desk = Desk::shut().await;
    let long = "あ".repeat(5_000);
    for name in [
        "",
        "知らない人",
        "<script>alert(1)</script>",
        "a\u{0}b",
        &long,
    ] {
        let answer = desk
            .post("/sign-in", &[("staff_name", name), ("staff_pin", "")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.problems(), ["staff_name", "staff_pin"]);
        assert_eq!(answer.value("staff_name"), name);
        assert!(!answer.text.contains("<script>alert"));
        assert!(answer.text.contains("<title>入力の誤り: "));
    }
}

#[tokio::test]
async fn wrong_pins_are_slowed_and_the_pin_is_never_shown_again() {
    let desk = Desk::shut().await;
    let wrong = desk
        .post("/sign-in", &[("staff_name", LEAD), ("staff_pin", "771122")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.problems(), ["staff_pin"]);
    assert!(!wrong.text.contains("771122"));
    let at_once = desk
        .post("/sign-in", &[("staff_name", LEAD), ("staff_pin", LEAD_PIN)])
        .await;
    assert_eq!(at_once.status, StatusCode::TOO_MANY_REQUESTS);
    let name = LEAD.to_owned();
    let wrong = desk
        .app
        .store
        .read(move |db| roll::named(db, &name))
        .await
        .unwrap()
        .unwrap()
        .wrong;
    assert_eq!(wrong, 1);
}

#[tokio::test]
async fn the_lead_adds_staff_who_then_sign_in_but_may_not_add_others() {
    let desk = Desk::open().await;
    let added = desk
        .post(
            "/staff",
            &[("name", "鈴木"), ("pin", "2580"), ("role", "staff")],
        )
        .await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let taken = desk
        .post(
            "/staff",
            &[("name", "鈴木"), ("pin", "2580"), ("role", "staff")],
        )
        .await;
    assert_eq!(
        (taken.status, taken.problems()),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["name".to_owned()])
    );
    desk.leave();
    desk.post("/sign-in", &[("staff_name", "鈴木"), ("staff_pin", "2580")])
        .await;
    assert_eq!(desk.get("/").await.status, StatusCode::OK);
    assert_eq!(desk.get("/staff").await.status, StatusCode::FORBIDDEN);
    for path in ["/staff", "/staff/1/pin", "/staff/1/retired"] {
        assert_eq!(
            desk.post(path, &[("pin-1", "998877")]).await.status,
            StatusCode::FORBIDDEN
        );
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_new_member_is_named_at_once() {
    let desk = Desk::open().await;
    let huge = "x".repeat(20_000);
    for bad in ["", "<script>", "a\u{7}b", &huge] {
        let answer = desk
            .post("/staff", &[("name", bad), ("pin", bad), ("role", bad)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.problems(), ["name", "role", "pin"]);
        assert_eq!(answer.value("name"), bad);
    }
    let short = desk
        .post(
            "/staff",
            &[("name", "佐藤"), ("pin", "2580"), ("role", "lead")],
        )
        .await;
    assert_eq!(short.problems(), ["pin"]);
    let staff: i64 = desk
        .app
        .store
        .read(|db| Ok(db.query_row("select count(*) from staff", [], |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(staff, 1);
}

#[tokio::test]
async fn a_new_pin_ends_the_sessions_of_the_old_one() {
    let desk = Desk::open().await;
    let wrong = desk.post("/staff/1/pin", &[("pin-1", "12")]).await;
    assert_eq!(
        (wrong.status, wrong.problems()),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["pin-1".to_owned()])
    );
    assert_eq!(
        desk.post("/staff/1/pin", &[("pin-1", "730519")])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(desk.get("/").await.status, StatusCode::SEE_OTHER);
    let answer = desk
        .post("/sign-in", &[("staff_name", LEAD), ("staff_pin", "730519")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        desk.post("/staff/99/pin", &[("pin-99", "730519")])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        desk.post("/staff/1/retired", &[]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn signing_in_works_on_a_full_disk() {
    let desk = Desk::shut().await;
    desk.fill_disk().await;
    desk.post("/sign-in", &[("staff_name", LEAD), ("staff_pin", LEAD_PIN)])
        .await;
    assert_eq!(desk.get("/registry").await.status, StatusCode::OK);
}
