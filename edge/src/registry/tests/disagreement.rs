//! Two writers out of touch with one another, and the person who settles it.

use axum::http::StatusCode;
use yadori_ledger::clock::{By, Stamp, TimeQuality};
use yadori_ledger::document::Document;
use yadori_ledger::id::{ActorId, DocId, EventId};
use yadori_ledger::registry::{
    Answer, Fact, Household, Place, Subject, Whereabouts, amend, arrive,
};
use yadori_ledger::session::Lane;

use super::received;
use crate::registry::draw;
use crate::store::ground::{self, Kept, State};
use crate::web::harness::{Desk, NOW_S, lent};

/// Another node, which knew only these changes, wrote a name.
async fn named_elsewhere(desk: &Desk, doc: DocId, before: Vec<Vec<u8>>, value: &str) {
    written_elsewhere(desk, doc, before, |document| {
        let person = Household::read(document).unwrap().people[0].id;
        let answer = Answer {
            subject: Subject::Person(person),
            fact: Fact::Name,
            value: value.into(),
        };
        amend(document, &[answer]).unwrap();
    })
    .await;
}

async fn written_elsewhere(
    desk: &Desk,
    doc: DocId,
    before: Vec<Vec<u8>>,
    write: impl FnOnce(&mut Document),
) {
    let elsewhere = ActorId::new([0xee; 16]);
    let mut document = Document::open(doc, elsewhere, &before).unwrap();
    write(&mut document);
    let stamp = Stamp {
        wall_s: NOW_S - 60,
        quality: TimeQuality::Rtc,
        by: By::staff(3),
        lamport: 50,
    };
    let change = document.commit(&stamp).unwrap().unwrap();
    let kept = move |tx: &crate::store::Tx<'_>| {
        let scope = tx.shelter().as_str();
        let kept = Kept {
            change: &change,
            actor: Some(elsewhere),
            scope,
            lane: Lane::People,
            origin: Some(yadori_ledger::id::NodeId::new([9; 16])),
            state: State::Applied,
        };
        ground::keep(tx, &kept)?;
        draw::draw(tx, &tx.document(doc)?)
    };
    desk.app.store.write(kept).await.unwrap();
}

async fn changes(desk: &Desk, doc: DocId) -> Vec<Vec<u8>> {
    let actor = desk.actor();
    let document = desk
        .app
        .store
        .read(move |db| ground::document(db, doc, actor))
        .await
        .unwrap();
    document
        .changes()
        .iter_mut()
        .map(|change| change.bytes().to_vec())
        .collect()
}

async fn name_it(desk: &Desk, path: &str, name: &str) {
    let edit = desk.get(&format!("{path}/edit")).await;
    let field = super::field(&edit, 0, "name");
    let answer = desk
        .post(
            &format!("{path}/edit"),
            &lent(&edit.typed(&[(field.as_str(), name)])),
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn both_answers_are_shown_with_their_sources_and_a_person_settles_it() {
    let desk = Desk::open().await;
    let path = received(&desk, "不明", "1").await;
    let doc: DocId = path.rsplit('/').next().unwrap().parse().unwrap();
    let before = changes(&desk, doc).await;
    name_it(&desk, &path, "山田 花子").await;
    named_elsewhere(&desk, doc, before, "山田 花江").await;

    let list = desk.get("/registry/disagreements").await.text;
    assert!(
        list.contains(&path) && list.contains("食い違い 1件"),
        "{list}"
    );
    assert!(list.contains("<span class=\"count\">1</span>"));
    let page = desk.get(&path).await;
    assert!(page.text.contains("山田 花子") && page.text.contains("山田 花江"));
    assert!(
        page.text.contains("田中 ・ 11/22 10:31")
            && page.text.contains("ほかの端末 s3 ・ 11/22 10:30")
    );
    assert!(desk.get("/registry").await.text.contains("食い違い</span>"));

    let section = page.text.split("id=\"disagreements\"").nth(1).unwrap();
    let subject = section
        .split("name=\"subject\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let choice = [
        ("subject", subject),
        ("question", "name"),
        ("answer", "山田 花江"),
    ];
    let settled = desk.post(&format!("{path}/settle"), &choice).await;
    assert_eq!(settled.status, StatusCode::SEE_OTHER);
    let page = desk.get(&path).await.text;
    assert!(!page.contains("id=\"disagreements\""));
    assert!(
        page.contains("山田 花子"),
        "the other answer stays in the history"
    );
    assert!(
        desk.get("/registry/disagreements")
            .await
            .text
            .contains("食い違いはありません")
    );
    let late = desk.post(&format!("{path}/settle"), &choice).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn equal_answers_are_no_disagreement() {
    let desk = Desk::open().await;
    let path = received(&desk, "不明", "1").await;
    let doc: DocId = path.rsplit('/').next().unwrap().parse().unwrap();
    let before = changes(&desk, doc).await;
    name_it(&desk, &path, "山田 花子").await;
    named_elsewhere(&desk, doc, before, "山田 花子").await;
    assert!(
        desk.get("/registry/disagreements")
            .await
            .text
            .contains("食い違いはありません")
    );
}

#[tokio::test]
async fn an_edit_of_a_disputed_fact_settles_it_too() {
    let desk = Desk::open().await;
    let path = received(&desk, "不明", "1").await;
    let doc: DocId = path.rsplit('/').next().unwrap().parse().unwrap();
    let before = changes(&desk, doc).await;
    name_it(&desk, &path, "山田 花子").await;
    named_elsewhere(&desk, doc, before, "山田 花江").await;
    name_it(&desk, &path, "山田 花恵").await;
    assert!(
        desk.get("/registry/disagreements")
            .await
            .text
            .contains("食い違いはありません")
    );
}

#[tokio::test]
async fn somebody_who_is_said_to_be_in_two_places_is_asked_about() {
    let desk = Desk::open().await;
    let path = received(&desk, "やまだ", "1").await;
    let doc: DocId = path.rsplit('/').next().unwrap().parse().unwrap();
    let before = changes(&desk, doc).await;
    let edit = desk.get(&format!("{path}/edit")).await;
    desk.post(
        &format!("{path}/edit"),
        &lent(&edit.typed(&[("h.place", "car")])),
    )
    .await;
    written_elsewhere(&desk, doc, before, |document| {
        let place = Place {
            whereabouts: Whereabouts::Home,
            shelter: None,
            detail: None,
        };
        arrive(document, EventId::from_bytes([4; 8]), 60, &[], &place).unwrap();
    })
    .await;
    let page = desk.get(&path).await.text;
    let section = page
        .split("id=\"disagreements\"")
        .nth(1)
        .unwrap()
        .split("</section>")
        .next()
        .unwrap();
    assert!(
        section.contains("車の中") && section.contains("自宅"),
        "{section}"
    );
    let value = |name: &str, at: usize| {
        let rest = section
            .split(&format!("name=\"{name}\" value=\""))
            .nth(at)
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let home = if section.find("自宅") < section.find("車の中") {
        1
    } else {
        2
    };
    let choice = [
        ("subject", value("subject", home)),
        ("question", "place".into()),
        ("answer", value("answer", home)),
    ];
    let choice: Vec<_> = choice
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        desk.post(&format!("{path}/settle"), &choice).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(
        desk.get("/registry/disagreements")
            .await
            .text
            .contains("食い違いはありません")
    );
    assert!(desk.get("/registry").await.text.contains("自宅 1"));
}
