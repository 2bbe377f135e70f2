//! Handing out aid, through its own pages.

use axum::http::StatusCode;
use yadori_ledger::aid::{ShareKey, Slot};
use yadori_ledger::finding::{DoubleHandOut, publish};
use yadori_ledger::id::{EventId, PersonId};
use yadori_ledger::session::Lane;

use crate::web::harness::{Answer, Desk};

const SCRIPT: &str = "<script>alert(1)</script>";

async fn round(desk: &Desk) -> String {
    let day = desk.post("/aid", &[("label", "2026-11-22")]).await;
    assert_eq!(day.status, StatusCode::SEE_OTHER, "{}", day.text);
    let round = desk
        .post(day.location(), &[("item", "毛布"), ("slot", "day")])
        .await;
    assert_eq!(round.status, StatusCode::SEE_OTHER, "{}", round.text);
    round.location().to_owned()
}

async fn family(desk: &Desk, name: &str, people: &str) -> String {
    let form = desk.get("/registry/reception").await.value("form");
    let answer = desk
        .post(
            "/registry/reception",
            &[("form", &form), ("name", name), ("people", people)],
        )
        .await;
    let page = desk.get(answer.location()).await.text;
    page.split("card-number\"><strong>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned()
}

fn ticks(page: &Answer) -> Vec<String> {
    let values = page.text.split("name=\"who\" value=\"").skip(1);
    values
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_share_is_given_by_card_and_a_second_one_is_a_warning_that_staff_may_override() {
    let desk = Desk::open().await;
    let card = family(&desk, "やまだ", "3").await;
    let round = round(&desk).await;
    // A reader types what it reads, here in full width and lower case, and sends Enter.
    let scanned = card.to_lowercase().replace('-', "－");
    let given = desk.post(&round, &[("number", &scanned)]).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.text);
    let page = desk.get(given.location()).await.text;
    assert!(page.contains("渡しました:") && page.contains("やまだ") && page.contains("3人"));

    let again = desk.post(&round, &[("number", &card)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(
        again.text.contains("もう渡しています")
            && again.text.contains("3人に 11/22 10:31 に渡しました")
    );
    let override_ = [("number", card.as_str()), ("reason", "ぬれてしまった")];
    assert_eq!(
        desk.post(&round, &override_).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(desk.get(&round).await.text.contains("ぬれてしまった"));
}

#[tokio::test]
async fn a_hand_out_entered_by_mistake_is_taken_back() {
    let desk = Desk::open().await;
    let card = family(&desk, "やまだ", "1").await;
    let round = round(&desk).await;
    let given = desk.post(&round, &[("number", &card)]).await;
    let event = given.location().split("done=").nth(1).unwrap().to_owned();
    let void = format!("{round}/void");
    assert_eq!(
        desk.post(&void, &[("event", &event)]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!desk.get(&round).await.text.contains("取り消す</button>"));
    assert_eq!(
        desk.post(&void, &[("event", &event)]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        desk.post(&round, &[("number", &card)]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn shares_are_given_to_those_who_are_ticked_on_the_list() {
    let desk = Desk::open().await;
    family(&desk, "やまだ", "2").await;
    family(&desk, "すずき", "1").await;
    let round = round(&desk).await;
    let who = ticks(&desk.get(&round).await);
    assert_eq!(who.len(), 3);
    let list = format!("{round}/people");
    let given = desk
        .post(&list, &[("who", &who[0]), ("who", &who[2])])
        .await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.text);
    let page = desk.get(&round).await;
    assert_eq!(
        page.text
            .matches("<span class=\"tag\">渡しました</span>")
            .count(),
        2
    );
    let all: Vec<_> = who.iter().map(|one| ("who", one.as_str())).collect();
    let warned = desk.post(&list, &all).await;
    assert_eq!(warned.status, StatusCode::CONFLICT);
    assert_eq!(
        desk.get(&round)
            .await
            .text
            .matches("<span class=\"tag\">渡しました</span>")
            .count(),
        2
    );
    assert!(
        desk.get(&format!("{round}?q=%E3%82%B9%E3%82%BA"))
            .await
            .text
            .contains("すずき")
    );
}

#[tokio::test]
async fn opening_the_same_day_or_round_twice_opens_it_once() {
    let desk = Desk::open().await;
    assert_eq!(round(&desk).await, round(&desk).await);
}

#[tokio::test]
async fn every_wrong_field_is_named_and_kept_and_nothing_is_stored() {
    let desk = Desk::open().await;
    let huge = "x".repeat(10_000);
    let opened = desk.post("/aid", &[("label", "2026-11-22")]).await;
    let day = opened.location().to_owned();
    for bad in ["", SCRIPT, "a\u{0}b", &huge] {
        let answer = desk.post("/aid", &[("label", bad)]).await;
        assert_eq!(
            (answer.status, answer.problems()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["label".to_owned()])
        );
        assert_eq!(answer.value("label"), bad);
        let answer = desk.post(&day, &[("item", bad), ("slot", bad)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.problems(), ["item", "slot"]);
        assert_eq!(answer.value("item"), bad);
        assert!(!answer.text.contains("<script>alert"));
    }
    assert!(desk.get(&day).await.text.contains("まだ配布がありません"));
    let round = round(&desk).await;
    for bad in ["", SCRIPT, "K7F-0001-0", &huge] {
        let answer = desk
            .post(&round, &[("number", bad), ("reason", "a\u{0}b")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.problems().contains(&"number".to_owned()));
        assert_eq!(answer.value("number"), bad);
        let answer = desk.post(&format!("{round}/people"), &[("who", bad)]).await;
        assert_eq!(
            (answer.status, answer.problems()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["who".to_owned()])
        );
        let answer = desk.post(&format!("{round}/void"), &[("event", bad)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let nobody = desk.post(&format!("{round}/people"), &[]).await;
    assert_eq!(nobody.problems(), ["who"]);
}

#[tokio::test]
async fn a_card_of_another_shelter_is_told_from_one_that_was_mistyped() {
    let desk = Desk::open().await;
    let round = round(&desk).await;
    let card = family(&desk, "やまだ", "1").await;
    let last = if card.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &card[..card.len() - 1]);
    let answer = desk.post(&round, &[("number", &mistyped)]).await;
    assert!(
        answer.text.contains("最後の文字が合いません"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn what_headquarters_found_is_shown_on_the_first_page() {
    let desk = Desk::open().await;
    desk.app
        .store
        .write(|tx| {
            let key = ShareKey {
                person: PersonId::from_bytes([1; 8]),
                item: "毛布".into(),
                day: "2026-11-22".into(),
                slot: Slot::Day,
            };
            let at = |shelter: &str, n| (shelter.parse().unwrap(), EventId::from_bytes([n; 8]));
            let found =
                DoubleHandOut::new(key, vec![at("E1310100001112", 1), at("E1310100002111", 2)]);
            let stamp = tx.stamp(yadori_ledger::clock::By::officer(1));
            let published = publish(
                None,
                &found,
                EventId::from_bytes([3; 8]),
                tx.actor(),
                &stamp,
            )?;
            let (document, change) = published.unwrap();
            tx.keep(&document, &change, Lane::Aid)
        })
        .await
        .unwrap();
    let page = desk.get("/aid").await.text;
    assert!(
        page.contains("2か所で渡した物資") && page.contains("E1310100001112, E1310100002111"),
        "{page}"
    );
}
