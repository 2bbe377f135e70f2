//! A meal handed out twice at two cut-off shelters is found, and told to both.

use yadori_tests::headquarters::OFFICER;
use yadori_tests::site::STAFF;
use yadori_tests::visitor::Visitor;

use super::{settling, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_double_hand_out_at_two_cut_off_shelters_is_found_after_sync() {
    let (mut world, _folder) = world().await;
    world.start().await;
    let family = settling::known_to_both(&world, "加藤 実").await;
    for site in &mut world.sites {
        site.cut_off().await;
    }
    for site in &world.sites {
        let desk = site.sign_in(STAFF).await;
        let round = open_round(&desk).await;
        let given = desk.post(&round, &[("number", &family.card)]).await;
        assert_eq!(given.status, 200, "{}", given.text);
        assert!(given.text.contains("加藤 実"), "{}", given.text);
        let again = desk.post(&round, &[("number", &family.card)]).await;
        assert!(
            again.text.contains("role=\"alert\""),
            "a second share warns: {}",
            again.text
        );
    }
    for site in &mut world.sites {
        site.reconnect().await;
    }
    world.agrees().await;
    let findings = world.hq.sign_in(OFFICER).await.get("/findings").await;
    for site in &world.sites {
        assert!(
            findings.text.contains(site.shelter.name),
            "{}",
            findings.text
        );
        let desk = site.sign_in(STAFF).await;
        let told = desk.get("/aid").await;
        assert!(
            told.text.contains("加藤 実") && told.text.contains("おにぎり"),
            "{}",
            told.text
        );
    }
    world.stop().await;
}

/// The page of a round that was just opened.
async fn open_round(desk: &Visitor) -> String {
    let day = desk.post("/aid", &[("label", "2026-11-22")]).await;
    assert_eq!(day.status, 200, "{}", day.text);
    let round = desk
        .post(&day.path, &[("item", "おにぎり"), ("slot", "lunch")])
        .await;
    assert_eq!(round.status, 200, "{}", round.text);
    round.path
}
