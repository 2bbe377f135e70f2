//! An officer finds, opens, settles and sends, over both databases.

use axum::http::StatusCode;
use yadori_ledger::id::{DocId, NodeId};
use yadori_ledger::registry::{Answer, Fact, Household, Subject, amend};

use crate::intake::testing::tell;
use crate::node::{self, NewNode};
use crate::officer::Role;
use crate::shelter::{self, NewShelter};
use crate::testing::browser::{Browser, Console, Shown};
use crate::testing::node::TestNode;

const GYM: &str = "E1310100001112";
const HALL: &str = "E1310100002111";
const WHY: (&str, &str) = ("reason", "家族からの照会");

struct City {
    console: Console,
    officer: Browser,
    gym: TestNode,
    hall: TestNode,
}

impl City {
    async fn both() -> Vec<Self> {
        let mut both = Vec::new();
        for console in Console::both().await {
            let officer = console.signed_in("佐藤 係長", Role::Lead).await;
            let names = [(GYM, "九段小学校"), (HALL, "番町小学校")];
            let shelters = names.map(|(id, name)| NewShelter {
                id: id.parse().unwrap(),
                name: name.to_owned(),
                address: "東京都千代田区".to_owned(),
                position_e6: None,
            });
            shelter::add(&console.bench, &shelters).await.unwrap();
            let (gym, hall) = (
                admit(&console, 1, GYM).await,
                admit(&console, 2, HALL).await,
            );
            both.push(Self {
                console,
                officer,
                gym,
                hall,
            });
        }
        both
    }

    async fn meet(&self, node: &TestNode) {
        assert!(tell(&self.console.hq, node).await.agreed);
    }

    async fn find(&mut self, q: &str) -> Shown {
        self.officer.post("/people", &[("q", q), WHY]).await
    }

    /// A household that both shelters hold, whose address they tell differently.
    async fn disputed(&mut self) -> DocId {
        let id = self.gym.register(&[("渡邉 花子", "1985-04-01")]);
        self.meet(&self.gym).await;
        self.officer
            .post("/reason", &[("household", &id.to_string()), WHY])
            .await;
        let sent = self
            .officer
            .post(&format!("/people/{id}/send"), &[("shelter", "番町")])
            .await;
        assert_eq!(sent.leads_to(), format!("/people/{id}"));
        self.meet(&self.hall).await;
        for (node, value) in [(&self.gym, "品川区1"), (&self.hall, "<b>港区2</b>")] {
            let answer = Answer {
                subject: Subject::Household,
                fact: Fact::Address,
                value: value.into(),
            };
            node.edit(id, |document| {
                assert_eq!(amend(document, &[answer]).unwrap(), 1)
            });
            self.meet(node).await;
        }
        id
    }
}

async fn admit(console: &Console, number: u8, shelter: &str) -> TestNode {
    let test = TestNode::new(number, shelter);
    let code = format!("K7{}", char::from(b'A' + number)).parse().unwrap();
    let (key, shelter) = (test.key.verifying_key(), test.shelter.clone());
    let id = node::admit(
        &console.bench,
        &NewNode {
            key,
            shelter,
            code,
            name: "端末1".into(),
        },
        0,
    )
    .await
    .unwrap();
    assert_eq!(id, NodeId::of(&key));
    test
}

#[tokio::test]
async fn a_person_is_found_by_any_spelling() {
    for mut city in City::both().await {
        city.gym
            .register(&[("渡邉 花子", "1985-04-01"), ("佐々木次郎", "1990-02-03")]);
        city.gym.register(&[("渡部 太郎", "1970-??-??")]);
        city.meet(&city.gym).await;
        for q in [
            "渡辺",
            "渡邊　花子",
            "花子",
            "S60.4.1",
            "1985-04-01 渡辺",
            "19850401",
            "k7f000",
        ] {
            let shown = city.find(q).await;
            assert_eq!(shown.status, StatusCode::OK);
            assert!(shown.text.contains("渡邉 花子"), "{q}: {}", shown.text);
        }
        assert!(city.find("次郎").await.text.contains("佐々木次郎"));
        assert!(!city.find("渡辺 太郎").await.text.contains("渡部"));
        assert!(
            city.find("九段 誰もいない")
                .await
                .text
                .contains("見つかりません")
        );
    }
}

#[tokio::test]
async fn a_search_without_words_or_reason_names_both_fields_and_keeps_what_was_typed() {
    for mut city in City::both().await {
        let shown = city
            .officer
            .post("/people", &[("q", " ーー "), ("reason", "  ")])
            .await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.text.contains("href=\"#q\"") && shown.text.contains("href=\"#reason\""));
        assert!(shown.text.contains("value=\" ーー \""));
        for q in [
            "\u{0}",
            "山\u{0}田",
            "<script>alert(1)</script>",
            &"長".repeat(500),
            "%_'\"\\",
        ] {
            let shown = city.find(q).await;
            assert!(
                shown.status == StatusCode::OK || shown.status == StatusCode::UNPROCESSABLE_ENTITY
            );
            assert!(!shown.text.contains("<script>alert"));
        }
    }
}

#[tokio::test]
async fn every_search_and_every_opened_record_is_in_the_read_log_with_its_reason() {
    for mut city in City::both().await {
        let id = city.gym.register(&[("高橋 三郎", "1960-06-06")]);
        city.meet(&city.gym).await;

        let unasked = city.officer.get(&format!("/people/{id}")).await;
        assert_eq!(unasked.leads_to(), format!("/reason?household={id}"));
        assert_eq!(
            city.officer.post("/reason", &[("reason", "")]).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        city.find("高橋").await;
        assert_eq!(
            city.officer.get(&format!("/people/{id}")).await.status,
            StatusCode::OK
        );

        let log = city.officer.get("/read-log").await.text;
        for part in [
            "佐藤 係長",
            "高橋",
            &id.to_string(),
            WHY.1,
            "検索",
            "世帯の記録",
        ] {
            assert!(log.contains(part), "{part} is not in {log}");
        }
    }
}

#[tokio::test]
async fn a_record_shows_each_fact_with_where_it_came_from() {
    for mut city in City::both().await {
        let id = city.gym.register(&[("高橋 三郎", "1960-06-06")]);
        city.meet(&city.gym).await;
        city.find("高橋").await;
        let shown = city.officer.get(&format!("/people/{id}")).await.text;
        for part in [
            "高橋 三郎",
            "昭和35年6月6日",
            "66歳",
            "九段小学校 端末1 · 11月22日 10:31 · 職員3番",
            "避難所の中 — 九段小学校",
        ] {
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
        assert_eq!(
            city.officer.get("/people/nonsense").await.status,
            StatusCode::NOT_FOUND
        );
        let nobody = DocId::new(yadori_ledger::id::DocKind::Household, [9; 15]);
        assert_eq!(
            city.officer.get(&format!("/people/{nobody}")).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn an_officer_settles_and_both_shelters_see_it() {
    for mut city in City::both().await {
        let id = city.disputed().await;
        let path = format!("/people/{id}");
        let shown = city.officer.get(&path).await.text;
        assert!(
            shown.contains("品川区1") && shown.contains("&#60;b&#62;港区2"),
            "{shown}"
        );
        assert!(
            city.officer
                .get("/people/disagreements")
                .await
                .text
                .contains(&path)
        );

        let settle = format!("{path}/settle");
        let none = city
            .officer
            .post(&settle, &[("subject", "h"), ("question", "address")])
            .await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        let choice = [
            ("subject", "h"),
            ("question", "address"),
            ("answer", "品川区1"),
        ];
        assert_eq!(city.officer.post(&settle, &choice).await.leads_to(), path);
        let again = city.officer.post(&settle, &choice).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        let invented = [
            ("subject", "h"),
            ("question", "address"),
            ("answer", "別の町"),
        ];
        assert_eq!(
            city.officer.post(&settle, &invented).await.status,
            StatusCode::CONFLICT
        );

        city.meet(&city.gym).await;
        city.meet(&city.hall).await;
        for node in [&city.gym, &city.hall] {
            let household = Household::read(&node.document(id)).unwrap();
            assert_eq!(household.text(Fact::Address), Some("品川区1"));
            assert!(household.disagreements().is_empty());
        }
        let shown = city.officer.get(&path).await.text;
        assert!(
            shown.contains("本部 · 11月22日 10:31 · 担当 佐藤 係長"),
            "{shown}"
        );
        assert!(
            shown.contains("&#60;b&#62;港区2"),
            "the other answer stays in the history"
        );
    }
}

#[tokio::test]
async fn a_shelter_is_named_by_words_or_id_and_several_are_asked_about() {
    for mut city in City::both().await {
        let id = city.gym.register(&[("伊藤 四郎", "1950-01-01")]);
        city.meet(&city.gym).await;
        city.find("伊藤").await;
        let send = format!("/people/{id}/send");
        let several = city.officer.post(&send, &[("shelter", "小学校")]).await;
        assert_eq!(several.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(several.text.contains(GYM) && several.text.contains(HALL));
        for nothing in ["", "そんな学校", "%", "\u{0}"] {
            let shown = city.officer.post(&send, &[("shelter", nothing)]).await;
            assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let chosen = city
            .officer
            .post(&send, &[("shelter", "小学校"), ("id", HALL)])
            .await;
        assert_eq!(chosen.leads_to(), format!("/people/{id}"));
        let shown = city.officer.get(&format!("/shelters/{HALL}")).await.text;
        assert!(shown.contains("まだ到着の記録がない世帯: 1"), "{shown}");
    }
}

#[tokio::test]
async fn the_same_person_in_two_households_is_a_hint_not_a_merge() {
    for mut city in City::both().await {
        let one = city.gym.register(&[("中村 八重", "1988-11-11")]);
        let other = city.hall.register(&[("中村 八重", "1988-11-11")]);
        city.meet(&city.gym).await;
        city.meet(&city.hall).await;
        city.find("中村").await;
        let shown = city.officer.get(&format!("/people/{one}")).await.text;
        assert!(
            shown.contains(&format!("/people/{other}")) && shown.contains("同じ人かもしれません")
        );
    }
}

#[tokio::test]
async fn shelters_are_sorted_by_silence() {
    for mut city in City::both().await {
        city.meet(&city.gym).await;
        city.console.wait_s(7_200);
        let shown = city.officer.get("/shelters").await.text;
        let (gym, hall) = (
            shown.find("九段小学校").unwrap(),
            shown.find("番町小学校").unwrap(),
        );
        assert!(hall < gym, "never heard comes before heard");
        assert!(shown.contains("2時間前") && shown.contains("連絡なし"));
    }
}

#[tokio::test]
async fn rows_are_drawn_again_from_the_changes_alone() {
    for mut city in City::both().await {
        city.gym.register(&[("山田 太郎", "1985-04-01")]);
        city.meet(&city.gym).await;
        assert_eq!(crate::redraw(&city.console.bench).await.unwrap(), 1);
        assert!(city.find("山田").await.text.contains("山田 太郎"));
    }
}
