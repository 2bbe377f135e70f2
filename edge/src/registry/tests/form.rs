//! The full form: new families, edits, and a form that was left open.

use axum::http::StatusCode;

use super::{card, field, received};
use crate::web::harness::{Desk, lent};

#[tokio::test]
async fn a_family_of_four_is_entered_in_one_form() {
    let desk = Desk::open().await;
    let blank = desk.get("/registry/new").await;
    let typed = blank.typed(&[
        ("surname", "山田"),
        ("surname_reading", "やまだ"),
        ("n0.name", "太郎"),
        ("n0.reading", "たろう"),
        ("n0.birth", "S60.4.1"),
        ("n0.sex", "m"),
        ("n1.name", "花子"),
        ("n1.birth", "38"),
        ("n1.sex", "f"),
        ("n2.name", "じろう"),
        ("n3.name", "Maria da Silva"),
        ("n3.place", "car"),
        ("n3.allergy", "卵"),
        ("h.postal", "100-0001"),
        ("h.address", "千代田区千代田1-1"),
        ("h.phone", "090-1234-5678"),
        ("h.note", "犬が\r\n一匹"),
    ]);
    let answer = desk.post("/registry/new", &lent(&typed)).await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "{:?}",
        answer.problems()
    );
    let path = answer.location().trim_end_matches("/card").to_owned();
    assert!(card(&desk.get(answer.location()).await).starts_with("K7F-0001-"));
    let page = desk.get(&path).await.text;
    for said in [
        "山田 太郎",
        "ヤマダ タロウ",
        "1985-04-01(昭和60年4月1日)・41歳",
        "38歳",
        "山田 じろう",
        "ヤマダ ジロウ",
        "Maria da Silva",
        "車の中",
        "卵",
        "千代田区千代田1-1",
        "田中 ・ 11/22 10:31",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(
        !page.contains("食い違い</h2>"),
        "a child who sleeps in the car disputes nothing"
    );
    let again = desk.post("/registry/new", &lent(&typed)).await;
    assert_eq!(again.location(), answer.location());
    assert_eq!(desk.households().await, 1);
}

#[tokio::test]
async fn a_form_with_nobody_on_it_asks_for_one_person() {
    let desk = Desk::open().await;
    let blank = desk.get("/registry/new").await;
    let answer = desk.post("/registry/new", &lent(&blank.fields())).await;
    assert_eq!(
        (answer.status, answer.problems()),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["n0.name".to_owned()])
    );
}

#[tokio::test]
async fn more_rows_come_without_saving_and_without_losing_a_word() {
    let desk = Desk::open().await;
    let blank = desk.get("/registry/new").await;
    let typed = blank.typed(&[("n0.name", "太郎"), ("more", "yes")]);
    let answer = desk.post("/registry/new", &lent(&typed)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        (answer.value("n0.name"), answer.value("n7.name")),
        ("太郎".into(), String::new())
    );
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn details_follow_after_reception_and_only_they_are_written() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "2").await;
    let edit = desk.get(&format!("{path}/edit")).await;
    let (first, second) = (field(&edit, 0, "birth"), field(&edit, 1, "name"));
    assert_eq!(edit.value(&field(&edit, 0, "name")), "やまだ");
    let typed = edit.typed(&[
        (first.as_str(), "S60.4.1"),
        (second.as_str(), "花子"),
        ("surname", "山田"),
        ("h.needs", "w"),
    ]);
    let answer = desk.post(&format!("{path}/edit"), &lent(&typed)).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, path.as_str()),
        "{:?}",
        answer.problems()
    );
    let page = desk.get(&path).await.text;
    assert!(
        page.contains("山田 花子") && page.contains("昭和60年4月1日") && page.contains("車いす")
    );
    assert_eq!(
        history(&page)[0].matches("<li>").count(),
        3,
        "the birth, the name and the needs"
    );
    let unchanged = desk.get(&format!("{path}/edit")).await;
    desk.post(&format!("{path}/edit"), &lent(&unchanged.fields()))
        .await;
    let page = desk.get(&path).await.text;
    assert_eq!(history(&page).len(), 2, "nothing was written");
}

/// What was written, newest first.
fn history(page: &str) -> Vec<String> {
    let list = page.split("<ol").nth(1).unwrap();
    list.split("class=\"answer\"")
        .skip(1)
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_form_left_open_does_not_undo_what_another_desk_wrote() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    let left_open = desk.get(&format!("{path}/edit")).await;
    let other = desk
        .get(&format!("{path}/edit"))
        .await
        .typed(&[("h.phone", "090-1234-5678")]);
    desk.post(&format!("{path}/edit"), &lent(&other)).await;
    let late = left_open.typed(&[("h.address", "千代田1-1")]);
    let answer = desk.post(&format!("{path}/edit"), &lent(&late)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = desk.get(&path).await.text;
    assert!(
        page.contains("千代田1-1") && page.contains("09012345678"),
        "{page}"
    );
}

#[tokio::test]
async fn two_desks_that_change_the_same_fact_see_each_other() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    let left_open = desk.get(&format!("{path}/edit")).await;
    let other = left_open.typed(&[("h.address", "千代田1-1")]);
    desk.post(&format!("{path}/edit"), &lent(&other)).await;
    let late = left_open.typed(&[("h.address", "千代田2-2"), ("h.phone", "0312345678")]);
    let told = desk.post(&format!("{path}/edit"), &lent(&late)).await;
    assert_eq!(
        (told.status, told.problems()),
        (StatusCode::CONFLICT, vec!["h.address".to_owned()])
    );
    assert!(told.text.contains("「千代田1-1」に変えました"));
    assert_eq!(told.value("h.address"), "千代田2-2");
    assert!(
        !desk.get(&path).await.text.contains("0312345678"),
        "nothing is stored in part"
    );
    let insisted = desk
        .post(&format!("{path}/edit"), &lent(&told.fields()))
        .await;
    assert_eq!(
        insisted.status,
        StatusCode::SEE_OTHER,
        "{:?}",
        insisted.problems()
    );
    assert!(desk.get(&path).await.text.contains("千代田1-1 → 千代田2-2"));
}

#[tokio::test]
async fn the_family_moves_together_and_one_of_them_apart() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "3").await;
    let edit = desk.get(&format!("{path}/edit")).await;
    let third = field(&edit, 2, "place");
    let typed = edit.typed(&[
        ("h.place", "car"),
        ("h.place_detail", "北の駐車場"),
        (third.as_str(), "elsewhere"),
    ]);
    let answer = desk.post(&format!("{path}/edit"), &lent(&typed)).await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "{:?}",
        answer.problems()
    );
    let roster = desk.get("/registry").await.text;
    assert!(
        roster.contains("車の中 2") && roster.contains("この避難所 0"),
        "{roster}"
    );
    let page = desk.get(&path).await.text;
    assert!(page.contains("車の中(北の駐車場)") && page.contains("ほかの場所"));
    let edit = desk.get(&format!("{path}/edit")).await;
    assert_eq!(
        (edit.value("h.place"), edit.value(&third)),
        ("car".into(), "elsewhere".into())
    );
}

#[tokio::test]
async fn somebody_entered_by_mistake_no_longer_counts_but_stays_in_the_history() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "2").await;
    let edit = desk.get(&format!("{path}/edit")).await;
    let mistaken = field(&edit, 1, "mistaken");
    let typed = edit.typed(&[(mistaken.as_str(), "yes")]);
    desk.post(&format!("{path}/edit"), &lent(&typed)).await;
    assert!(desk.get("/registry").await.text.contains("みている人 1人"));
    assert!(desk.get(&path).await.text.contains("取り消し(入力の誤り)"));
}

#[tokio::test]
async fn somebody_is_added_to_a_family_with_a_place_of_their_own() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    let edit = desk.get(&format!("{path}/edit")).await;
    let typed = edit.typed(&[("n0.name", "山田 三郎"), ("n0.place", "home")]);
    let answer = desk.post(&format!("{path}/edit"), &lent(&typed)).await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "{:?}",
        answer.problems()
    );
    let roster = desk.get("/registry").await.text;
    assert!(
        roster.contains("この避難所 1") && roster.contains("自宅 1"),
        "{roster}"
    );
    assert!(
        desk.get("/registry/disagreements")
            .await
            .text
            .contains("食い違いはありません")
    );
}
