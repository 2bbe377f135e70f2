//! Reception, roster, confirming.

use axum::http::StatusCode;
use yadori_ledger::document::Document;
use yadori_ledger::registry::{Fact, Household};

use super::{card, received};
use crate::store::ground;
use crate::web::harness::Desk;

#[tokio::test]
async fn reception_asks_for_a_name_and_a_number_and_gives_a_card() {
    let desk = Desk::open().await;
    let blank = desk.get("/registry/reception").await;
    assert!(
        blank.text.contains("name=\"name\" value=\"\" autofocus")
            || blank.text.contains("autofocus")
    );
    let path = received(&desk, "やまだ", "4").await;
    let page = desk.get(&format!("{path}/card")).await;
    assert_eq!(card(&page), "K7F-0001-".to_owned() + &card(&page)[9..]);
    assert!(
        page.text.contains("やまだ") && page.text.contains("4人") && page.text.contains("次の家族")
    );
    let roster = desk.get("/registry").await;
    assert!(
        roster.text.contains("みている人 4人(名前が未入力 3人)"),
        "{}",
        roster.text
    );
}

#[tokio::test]
async fn a_family_whose_name_nobody_knows_is_received_all_the_same() {
    let desk = Desk::open().await;
    let path = received(&desk, "不明", "2").await;
    assert!(
        desk.get(&format!("{path}/card"))
            .await
            .text
            .contains("名前は未入力")
    );
}

#[tokio::test]
async fn the_same_form_posted_twice_is_one_family_with_one_card() {
    let desk = Desk::open().await;
    let form = desk.get("/registry/reception").await.value("form");
    let typed = [
        ("form", form.as_str()),
        ("name", "やまだ"),
        ("people", "4"),
        ("needs", "w"),
    ];
    let first = desk.post("/registry/reception", &typed).await;
    let second = desk.post("/registry/reception", &typed).await;
    assert_eq!(first.location(), second.location());
    assert_eq!(desk.households().await, 1);
}

#[tokio::test]
async fn the_same_household_twice_in_one_second_is_two_cards_and_a_hint() {
    let desk = Desk::open().await;
    let one = received(&desk, "山田 花子", "1").await;
    let other = received(&desk, "山田 花子", "1").await;
    assert_ne!(one, other);
    assert_eq!(desk.households().await, 2);
    assert!(desk.get("/registry").await.text.contains("同じ人かも"));
    assert!(desk.get(&one).await.text.contains(&other));
}

#[tokio::test]
async fn a_used_form_with_another_family_loses_neither() {
    let desk = Desk::open().await;
    let form = desk.get("/registry/reception").await.value("form");
    desk.post(
        "/registry/reception",
        &[("form", &form), ("name", "やまだ"), ("people", "4")],
    )
    .await;
    let back = desk
        .post(
            "/registry/reception",
            &[("form", &form), ("name", "すずき"), ("people", "2")],
        )
        .await;
    assert_eq!(back.status, StatusCode::CONFLICT);
    assert_eq!(back.value("name"), "すずき");
    let fresh = back.value("form");
    assert_ne!(fresh, form);
    let again = desk
        .post(
            "/registry/reception",
            &[("form", &fresh), ("name", "すずき"), ("people", "2")],
        )
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.households().await, 2);
}

#[tokio::test]
async fn the_roster_is_searched_by_any_part_of_name_reading_or_card() {
    let desk = Desk::open().await;
    received(&desk, "渡邉 一郎", "1").await;
    received(&desk, "わたなべ", "1").await;
    let path = received(&desk, "鈴木 次郎", "1").await;
    let number = card(&desk.get(&format!("{path}/card")).await);
    let found = async |query: &str| desk.get(&format!("/registry?q={query}")).await.text;
    assert!(found("%E6%B8%A1%E8%BE%BA").await.contains("渡邉 一郎")); // 渡辺
    assert!(
        found("%E3%83%AF%E3%82%BF%E3%83%8A")
            .await
            .contains("わたなべ")
    ); // ワタナ
    let by_card = found(&number.to_lowercase()).await;
    assert!(by_card.contains("鈴木 次郎") && !by_card.contains("渡邉"));
    assert!(found("zzz").await.contains("見つかりません"));
    assert!(
        desk.get("/registry?place=car")
            .await
            .text
            .contains("見つかりません")
    );
    assert!(
        desk.get("/registry?place=shelter&page=0")
            .await
            .text
            .contains("鈴木")
    );
    assert!(
        desk.get(&format!("/registry/card?number={number}"))
            .await
            .location()
            .ends_with(&path)
    );
}

#[tokio::test]
async fn a_long_roster_is_turned_page_by_page() {
    let desk = Desk::open().await;
    received(&desk, "やまだ", "30").await;
    received(&desk, "すずき", "30").await;
    let first = desk.get("/registry").await;
    assert!(
        first.text.contains("60人")
            && first.text.contains("page=1")
            && !first.text.contains(">前へ<")
    );
    let second = desk.get("/registry?q=&place=&page=1").await;
    assert!(second.text.contains("page=0") && !second.text.contains(">次へ<"));
    assert_eq!(
        desk.get("/registry?page=99999999999").await.status,
        StatusCode::OK
    );
    assert_eq!(
        desk.get("/registry?page=4294967295").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_full_disk_keeps_the_form_as_typed_and_reading_goes_on() {
    let desk = Desk::open().await;
    received(&desk, "やまだ", "4").await;
    desk.fill_disk().await;
    let full = loop {
        // The first may still fit into pages that are begun already.
        let form = desk.get("/registry/reception").await.value("form");
        let typed = [
            ("form", form.as_str()),
            ("name", "すずき"),
            ("people", "50"),
            ("needs", "w"),
        ];
        let answer = desk.post("/registry/reception", &typed).await;
        if answer.status != StatusCode::SEE_OTHER {
            break answer;
        }
    };
    assert_eq!(full.status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(full.text.contains("この端末の保存場所がいっぱいです"));
    assert_eq!(
        (full.value("name"), full.value("people")),
        ("すずき".into(), "50".into())
    );
    assert!(
        desk.get("/registry?q=%E3%82%84%E3%81%BE")
            .await
            .text
            .contains("やまだ")
    );
}

#[tokio::test]
async fn everything_drawn_can_be_drawn_again_from_the_changes() {
    let desk = Desk::open().await;
    received(&desk, "やまだ", "4").await;
    let before = desk.get("/registry").await.text;
    let wiped = |tx: &crate::store::Tx<'_>| {
        Ok(tx.execute_batch("delete from person; delete from household;")?)
    };
    desk.app.store.write(wiped).await.unwrap();
    assert_eq!(desk.households().await, 0);
    desk.app.store.redraw_all().await.unwrap();
    assert_eq!(desk.get("/registry").await.text, before);
}

#[tokio::test]
async fn a_name_in_kana_is_its_own_reading() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    let doc = path.rsplit('/').next().unwrap().parse().unwrap();
    let actor = desk.actor();
    let document: Document = desk
        .app
        .store
        .read(move |db| ground::document(db, doc, actor))
        .await
        .unwrap();
    let household = Household::read(&document).unwrap();
    assert_eq!(household.people[0].text(Fact::Reading), Some("ヤマダ"));
}
