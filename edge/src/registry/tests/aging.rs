//! Clocks that cannot be trusted.

use axum::http::StatusCode;
use yadori_ledger::clock::TimeQuality;

use super::received;
use crate::web::harness::{Desk, lent};

#[tokio::test]
async fn a_node_that_woke_in_1970_still_registers_and_says_that_it_does_not_know_the_time() {
    let desk = Desk::open().await;
    desk.clock.set(0, TimeQuality::None);
    let path = received(&desk, "やまだ", "1").await;
    let page = desk.get(&path).await;
    assert!(page.text.contains("時刻不明") && !page.text.contains("1/1 09:00"));
    let blank = desk.get("/registry/new").await;
    let typed = blank.typed(&[("n0.name", "太郎"), ("n0.birth", "2025-01-01")]);
    assert_eq!(
        desk.post("/registry/new", &lent(&typed)).await.status,
        StatusCode::SEE_OTHER
    );
}
