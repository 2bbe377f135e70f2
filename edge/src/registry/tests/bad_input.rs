//! Every field of every form with wrong, huge, empty, control-character and `<script>` values: 422,
//! the typed values kept, all wrong fields named at once, nothing stored in part.

use axum::http::StatusCode;

use super::{field, received};
use crate::web::harness::{Desk, lent};

const SCRIPT: &str = "<script>alert(1)</script>";

fn bad_values() -> Vec<String> {
    vec![
        SCRIPT.into(),
        "x".repeat(10_000),
        "a\u{0}b\u{7}c".into(),
        "\u{202e}abc".into(),
        "\u{fffd}".into(),
    ]
}

#[tokio::test]
async fn reception_names_every_wrong_field_and_keeps_what_was_typed() {
    let desk = Desk::open().await;
    let form = desk.get("/registry/reception").await.value("form");
    for bad in bad_values() {
        let typed = [
            ("form", form.as_str()),
            ("name", &bad),
            ("people", &bad),
            ("needs", &bad),
        ];
        let answer = desk.post("/registry/reception", &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.problems(), ["name", "people", "needs"]);
        assert_eq!(
            (answer.value("name"), answer.value("people")),
            (bad.clone(), bad.clone())
        );
        assert!(!answer.text.contains("<script>alert"));
        assert!(answer.text.contains("<title>入力の誤り: "));
    }
    let empty = desk.post("/registry/reception", &[("form", &form)]).await;
    assert_eq!(empty.problems(), ["name", "people"]);
    for people in ["0", "-1", "51", "4.5", "1e3", "99999999999999999999"] {
        let typed = [
            ("form", form.as_str()),
            ("name", "やまだ"),
            ("people", people),
            ("needs", "w"),
        ];
        let answer = desk.post("/registry/reception", &typed).await;
        assert_eq!(
            (answer.status, answer.problems()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["people".to_owned()])
        );
        assert_eq!(
            (answer.value("name"), answer.value("needs")),
            ("やまだ".into(), "w".into())
        );
    }
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn a_form_without_its_own_id_is_not_taken() {
    let desk = Desk::open().await;
    for form in ["", "x", SCRIPT, "0000"] {
        let answer = desk
            .post(
                "/registry/reception",
                &[("form", form), ("name", "やまだ"), ("people", "4")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("この用紙は使えません"));
        let answer = desk
            .post("/registry/new", &[("form", form), ("n0.name", "やまだ")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(desk.households().await, 0);
}

/// The fields of the full form in which these values are wrong; a note may hold `<`.
const WRONG: [&str; 14] = [
    "surname",
    "surname_reading",
    "n0.name",
    "n0.reading",
    "n0.birth",
    "n0.sex",
    "n0.place",
    "n1.name",
    "n1.reading",
    "n1.birth",
    "n1.sex",
    "h.postal",
    "h.address",
    "h.phone",
];

#[tokio::test]
async fn the_full_form_names_every_wrong_field_and_keeps_what_was_typed() {
    let desk = Desk::open().await;
    let blank = desk.get("/registry/new").await;
    for bad in [SCRIPT.to_owned(), "x".repeat(1_000), "a\u{0}b".into()] {
        let mut over: Vec<(&str, &str)> = WRONG.iter().map(|name| (*name, bad.as_str())).collect();
        over.push(("h.place", &bad));
        over.push(("h.needs", &bad));
        let answer = desk.post("/registry/new", &lent(&blank.typed(&over))).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let problems = answer.problems();
        // `x` a thousand times is too long for every field, and a short one would be a name.
        for name in WRONG.iter().chain(&["h.place", "h.needs"]) {
            assert!(
                problems.iter().any(|wrong| wrong == name),
                "{name} in {problems:?}"
            );
        }
        for name in WRONG
            .iter()
            .filter(|name| !name.ends_with(".sex") && !name.ends_with(".place"))
        {
            assert_eq!(answer.value(name), bad, "{name}");
        }
        assert!(!answer.text.contains("<script>alert"));
    }
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn notes_may_be_long_but_not_endless_and_hold_no_hidden_characters() {
    let desk = Desk::open().await;
    let blank = desk.get("/registry/new").await;
    for bad in ["x".repeat(12_000), "a\u{0}b".into()] {
        let over = [
            ("n0.name", "太郎"),
            ("n0.allergy", &bad),
            ("n0.medicine", &bad),
            ("h.note", &bad),
        ];
        let answer = desk.post("/registry/new", &lent(&blank.typed(&over))).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.problems(), ["h.note", "n0.allergy", "n0.medicine"]);
        assert_eq!(answer.value("h.note"), bad);
    }
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn an_edit_with_one_mistake_stores_nothing_of_the_rest() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    let edit = desk.get(&format!("{path}/edit")).await;
    let birth = field(&edit, 0, "birth");
    for bad in [
        "S99.1.1",
        "1985-02-30",
        "2099-01-01",
        "abc",
        "850401",
        "999",
        SCRIPT,
    ] {
        let typed = edit.typed(&[("h.address", "千代田1-1"), (birth.as_str(), bad)]);
        let answer = desk.post(&format!("{path}/edit"), &lent(&typed)).await;
        assert_eq!(
            (answer.status, answer.problems()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec![birth.clone()]),
            "{bad}"
        );
        assert_eq!(
            (answer.value(&birth), answer.value("h.address")),
            (bad.to_owned(), "千代田1-1".into())
        );
    }
    assert!(!desk.get(&path).await.text.contains("千代田1-1"));
}

#[tokio::test]
async fn rows_of_nobody_we_know_are_refused() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    let edit = desk.get(&format!("{path}/edit")).await;
    let typed = edit.typed(&[("<script>.name", "花子")]);
    let answer = desk.post(&format!("{path}/edit"), &lent(&typed)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!answer.text.contains("<script>.name"));
    let many: Vec<(String, String)> = (0..60)
        .map(|row| (format!("n{row}.name"), "花子".to_owned()))
        .collect();
    let mut fields = desk.get("/registry/new").await.fields();
    fields.retain(|(name, _)| !name.starts_with('n'));
    fields.extend(many);
    let answer = desk.post("/registry/new", &lent(&fields)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("50人までです"));
}

#[tokio::test]
async fn a_choice_that_was_not_offered_settles_nothing() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    for bad in ["", SCRIPT, "h"] {
        let typed = [("subject", bad), ("question", "name"), ("answer", "x")];
        let answer = desk.post(&format!("{path}/settle"), &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(answer.text.contains("もう選べません"));
    }
    let missing = path.replace(char::is_numeric, "a");
    assert_eq!(
        desk.post(&format!("{missing}/confirm"), &[]).await.status,
        StatusCode::NOT_FOUND
    );
}
