//! Conversations with nodes in memory, over both databases.

use std::sync::Arc;

use yadori_ledger::aid::{Given, Slot, hand_out, open_day, open_round};
use yadori_ledger::document::{Document, NewChange};
use yadori_ledger::finding::latest;
use yadori_ledger::id::{ChangeKey, DocId, DocKind, EventId, PersonId};
use yadori_ledger::registry::{Answer, Fact, Household, Subject, Whereabouts, amend, arrive};
use yadori_ledger::session::{Lane, Outcome};

use super::testing::{hq_key, tell};
use crate::clock::Clock;
use crate::headquarters::Headquarters;
use crate::hq::Hq;
use crate::membership;
use crate::node::{self, NewNode};
use crate::registry::testing::{choose_first, disputed_count};
use crate::store::{Row, Sql, params, statements};
use crate::testing::Bench;
use crate::testing::node::TestNode;

const GYM: &str = "E1310100001112";
const HALL: &str = "E1310100002111";

statements! {
    PEOPLE = "select count(distinct person) as n from person where active = 1";
    HELD_BACK = "select count(*) as n from change where state <> 0";
    REASONS = "select reason from change where state <> 0 order by reason asc nulls first";
    APPLIED = "select count(*) as n from change where state = 0";
    FINDINGS = "select count(*) as n from finding";
    HAND_OUTS = "select count(*) as n from hand_out";
}

struct Station {
    bench: Bench,
    hq: Arc<Hq>,
}

impl Station {
    async fn both() -> Vec<Self> {
        let mut both = Vec::new();
        for bench in Bench::both().await {
            let clock = Clock::new(|| 1_795_311_060);
            let opened =
                Headquarters::open(bench.clone_db(), &hq_key().verifying_key(), clock).await;
            let hq = opened.unwrap().0;
            both.push(Self { bench, hq });
        }
        both
    }

    async fn admit(&self, number: u8, shelter: &str) -> TestNode {
        let test = TestNode::new(number, shelter);
        let code = format!("K7{}", char::from(b'A' + number)).parse().unwrap();
        let (key, shelter) = (test.key.verifying_key(), test.shelter.clone());
        node::admit(
            &self.bench,
            &NewNode {
                key,
                shelter,
                code,
                name: "1".into(),
            },
            0,
        )
        .await
        .unwrap();
        test
    }

    async fn meet(&self, node: &TestNode) -> Outcome {
        let outcome = tell(&self.hq, node).await;
        assert!(
            outcome.agreed,
            "{} does not agree: {outcome:?}",
            self.bench.name
        );
        outcome
    }

    async fn count(&self, sql: Sql) -> i64 {
        self.hq
            .db
            .read(|tx| async move { tx.one(sql, params![]).await?.get("n") })
            .await
            .unwrap_or(-1)
    }

    async fn reasons(&self) -> Vec<Option<String>> {
        let rows = self
            .hq
            .db
            .read(|tx| async move { tx.rows(REASONS, params![]).await })
            .await
            .unwrap();
        rows.iter()
            .map(|row: &Row| row.get("reason").unwrap())
            .collect()
    }
}

fn first_person(node: &TestNode, id: DocId) -> PersonId {
    Household::read(&node.document(id)).unwrap().people[0].id
}

fn write(node: &TestNode, id: DocId, fact: Fact, value: &str) -> NewChange {
    let subject = Subject::Person(first_person(node, id));
    node.edit(id, |document| {
        amend(
            document,
            &[Answer {
                subject,
                fact,
                value: value.into(),
            }],
        )
        .unwrap();
    })
}

fn read(node: &TestNode, id: DocId, fact: Fact) -> Vec<String> {
    let household = Household::read(&node.document(id)).unwrap();
    household.people[0].facts[&fact]
        .iter()
        .map(|told| told.value.clone())
        .collect()
}

#[tokio::test]
async fn everybody_registered_is_at_headquarters_once_however_often_it_is_told() {
    for station in Station::both().await {
        let gym = station.admit(1, GYM).await;
        for _ in 0..20 {
            gym.register(&[("山田 太郎", "1985-04-01"), ("山田 花子", "1990-??-??")]);
        }
        station.meet(&gym).await;
        assert_eq!(station.count(PEOPLE).await, 40);

        gym.forget_what_headquarters_has();
        station.meet(&gym).await;
        assert_eq!(
            (station.count(PEOPLE).await, station.count(APPLIED).await),
            (40, 20)
        );

        let quiet = station.meet(&gym).await;
        assert_eq!((quiet.sent_count, quiet.received_count), (0, 0));
        assert!(!quiet.streamed_all);
    }
}

#[tokio::test]
async fn a_household_sent_to_another_shelter_is_edited_at_both_disputed_and_settled() {
    for station in Station::both().await {
        let (gym, hall) = (station.admit(1, GYM).await, station.admit(2, HALL).await);
        let id = gym.register(&[("佐藤 一郎", "1950-01-02")]);
        station.meet(&gym).await;
        station.meet(&hall).await;
        assert!(!hall.holds(id), "not yet its concern");

        assert_eq!(
            membership::send(&station.hq, id, &hall.shelter, 7)
                .await
                .unwrap(),
            Some(true)
        );
        assert_eq!(
            membership::send(&station.hq, id, &hall.shelter, 7)
                .await
                .unwrap(),
            Some(false)
        );
        station.meet(&hall).await;
        assert!(hall.holds(id));

        write(&gym, id, Fact::Allergy, "卵");
        write(&gym, id, Fact::Relation, "本人");
        write(&hall, id, Fact::Allergy, "そば");
        station.meet(&gym).await;
        station.meet(&hall).await;
        assert_eq!(disputed_count(&station.hq, id).await, 1);

        let settled = choose_first(&station.hq, id).await;
        station.meet(&gym).await;
        station.meet(&hall).await;
        assert_eq!(disputed_count(&station.hq, id).await, 0);
        for node in [&gym, &hall] {
            assert_eq!(
                read(node, id, Fact::Allergy),
                std::slice::from_ref(&settled)
            );
        }
        assert_eq!(read(&hall, id, Fact::Relation), ["本人"]);
    }
}

#[tokio::test]
async fn whereabouts_at_another_shelter_bring_the_household_there() {
    for station in Station::both().await {
        let (gym, hall) = (station.admit(1, GYM).await, station.admit(2, HALL).await);
        let id = gym.register(&[("高橋 次郎", "1970-05-05")]);
        let there = hall.place(Whereabouts::Shelter);
        gym.edit(id, |document| {
            assert!(arrive(document, EventId::from_bytes([9; 8]), 50, &[], &there).unwrap());
        });
        station.meet(&gym).await;
        station.meet(&hall).await;
        assert!(hall.holds(id));
        assert_eq!(station.count(PEOPLE).await, 1);
    }
}

#[tokio::test]
async fn another_nodes_work_is_held_back_until_its_author_sends_it() {
    for station in Station::both().await {
        let (gym, other) = (station.admit(1, GYM).await, station.admit(2, GYM).await);
        let (id, change) = other.registration(&[("鈴木 三郎", "1960-06-06")]);
        gym.keep(change.clone(), Lane::People);
        station.meet(&gym).await;
        assert_eq!(station.reasons().await, [Some("foreign-actor".to_owned())]);
        assert_eq!(station.count(PEOPLE).await, 0);

        other.keep(change, Lane::People);
        station.meet(&other).await;
        assert_eq!(
            (station.count(PEOPLE).await, station.count(HELD_BACK).await),
            (1, 0)
        );
        station.meet(&gym).await;
        assert!(gym.holds(id));
    }
}

#[tokio::test]
async fn a_document_of_another_shelter_is_not_a_nodes_to_write() {
    for station in Station::both().await {
        let (gym, hall) = (station.admit(1, GYM).await, station.admit(2, HALL).await);
        let (id, change) = gym.registration(&[("田中 四郎", "1940-07-07")]);
        gym.keep(change.clone(), Lane::People);
        station.meet(&gym).await;

        hall.keep(change, Lane::People);
        write(&hall, id, Fact::Name, "別 人");
        station.meet(&hall).await;
        assert_eq!(station.reasons().await, [Some("outside-scope".to_owned())]);
        station.meet(&gym).await;
        assert_eq!(read(&gym, id, Fact::Name), ["田中 四郎"]);
    }
}

#[tokio::test]
async fn damaged_bytes_are_kept_with_the_reason_and_block_nothing() {
    for station in Station::both().await {
        let gym = station.admit(1, GYM).await;
        let (id, mut change) = gym.registration(&[("伊藤 五郎", "1930-08-08")]);
        let last = change.bytes.len() - 1;
        change.bytes[last] ^= 1;
        change.key = ChangeKey {
            doc: id,
            hash: yadori_ledger::frame::hash_of(&change.bytes),
        };
        gym.keep(change, Lane::People);
        gym.register(&[("渡邉 六子", "1999-09-09")]);
        station.meet(&gym).await;
        assert_eq!(station.count(PEOPLE).await, 1);
        assert_eq!(station.reasons().await, [Some("wrong-checksum".to_owned())]);
    }
}

#[tokio::test]
async fn a_change_that_comes_before_its_cause_waits_and_then_joins() {
    for station in Station::both().await {
        let gym = station.admit(1, GYM).await;
        let (id, first) = gym.registration(&[("山本 七海", "2001-10-10")]);
        let mut document = Document::open(id, gym.actor(), [&first.bytes]).unwrap();
        amend(
            &mut document,
            &[Answer {
                subject: Subject::Household,
                fact: Fact::Address,
                value: "品川".into(),
            }],
        )
        .unwrap();
        let second = document.commit(&gym.stamp()).unwrap().unwrap();
        // The most urgent lane goes first.
        gym.keep(second, Lane::Emergency);
        station.meet(&gym).await;
        assert_eq!(
            (station.count(HELD_BACK).await, station.count(PEOPLE).await),
            (1, 0)
        );

        gym.keep(first, Lane::People);
        station.meet(&gym).await;
        assert_eq!(
            (station.count(HELD_BACK).await, station.count(PEOPLE).await),
            (0, 1)
        );
        station.meet(&gym).await;
    }
}

#[tokio::test]
async fn a_share_handed_out_at_two_shelters_is_told_to_both() {
    for station in Station::both().await {
        let (gym, hall) = (station.admit(1, GYM).await, station.admit(2, HALL).await);
        let id = gym.register(&[("中村 八重", "1988-11-11")]);
        station.meet(&gym).await;
        membership::send(&station.hq, id, &hall.shelter, 7)
            .await
            .unwrap();
        station.meet(&hall).await;

        let person = first_person(&gym, id);
        hand_out_lunch(&gym, id, person);
        hand_out_lunch(&hall, id, person);
        station.meet(&gym).await;
        assert_eq!(station.count(FINDINGS).await, 0);
        station.meet(&hall).await;
        assert_eq!(station.count(FINDINGS).await, 1);

        for node in [&gym, &hall] {
            station.meet(node).await;
            let findings = node.docs(DocKind::Finding);
            assert_eq!(findings.len(), 1);
            let found = latest(&node.document(findings[0])).unwrap().unwrap();
            assert_eq!((found.person, found.given.len()), (person, 2));
        }
        assert_eq!(station.count(HAND_OUTS).await, 2);
    }
}

fn hand_out_lunch(node: &TestNode, household: DocId, person: PersonId) {
    let id = DocId::new(DocKind::Ledger, node.random());
    let (_, opened) =
        open_day(id, &node.shelter, "2026-11-22", node.actor(), &node.stamp()).unwrap();
    node.keep(opened, Lane::Aid);
    let round = EventId::from_bytes(node.random());
    node.edit(id, |day| {
        open_round(day, round, 5, "弁当", Slot::Lunch).unwrap()
    });
    let given = Given {
        round,
        household: household.pseudonym(),
        people: vec![person],
        reason: String::new(),
    };
    let event = EventId::from_bytes(node.random());
    node.edit(id, |day| {
        assert!(hand_out(day, event, 6, given).unwrap().is_none())
    });
}

#[tokio::test]
async fn a_node_that_was_struck_off_is_not_read_any_more() {
    for station in Station::both().await {
        let gym = station.admit(1, GYM).await;
        gym.register(&[("小林 九", "1977-12-12")]);
        assert!(node::revoke(&station.bench, gym.id(), 1).await.unwrap());
        assert!(
            node::admitted(&station.hq, gym.id())
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_these_tests_are_understood() {
    for station in Station::both().await {
        for sql in STATEMENTS {
            station.bench.try_out(*sql).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_shelters_that_talk_at_the_same_moment_lose_nothing() {
    for station in Station::both().await {
        let (gym, hall) = (station.admit(1, GYM).await, station.admit(2, HALL).await);
        let shared = gym.register(&[("加藤 十", "1966-01-13")]);
        station.meet(&gym).await;
        membership::send(&station.hq, shared, &hall.shelter, 7)
            .await
            .unwrap();
        station.meet(&hall).await;
        for round in 0..5 {
            write(&gym, shared, Fact::Note, &format!("体育館 {round}"));
            write(&hall, shared, Fact::Medicine, &format!("会館 {round}"));
            gym.register(&[("吉田 一", "1955-02-14")]);
            hall.register(&[("山口 二", "1944-03-15")]);
            tokio::join!(station.meet(&gym), station.meet(&hall));
        }
        station.meet(&gym).await;
        station.meet(&hall).await;
        assert_eq!(station.count(PEOPLE).await, 11);
        assert_eq!(gym.document(shared).heads(), hall.document(shared).heads());
        assert_eq!(station.count(HELD_BACK).await, 0);
    }
}
