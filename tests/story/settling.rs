//! An officer settles what two shelters told differently, and it comes back to both.

use yadori_tests::World;
use yadori_tests::headquarters::OFFICER;
use yadori_tests::site::STAFF;
use yadori_tests::visitor::Received;

use super::world;

/// Registered at the first shelter, sent on to the second by an officer.
pub(crate) async fn known_to_both(world: &World, name: &str) -> Received {
    let family = world.sites[0].sign_in(STAFF).await.receive(name, 1).await;
    world.agrees().await;
    let officer = world.hq.sign_in(OFFICER).await;
    officer.open_household(&family.doc, "転送").await;
    let to = world.sites[1].shelter.common_id;
    let sent = officer
        .post(&format!("/people/{}/send", family.doc), &[("shelter", to)])
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    world.agrees().await;
    family
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_settles_and_both_shelters_see_it() {
    let (mut world, _folder) = world().await;
    world.start().await;
    let family = known_to_both(&world, "小林 由美").await;
    for site in &mut world.sites {
        site.cut_off().await;
    }
    let desks = [
        world.sites[0].sign_in(STAFF).await,
        world.sites[1].sign_in(STAFF).await,
    ];
    for (desk, medicine) in desks.iter().zip(["血圧の薬", "てんかんの薬"]) {
        let saved = desk.amend(&family.doc, ".medicine", medicine).await;
        assert!(
            saved.status == 200 && saved.text.contains(medicine),
            "{}",
            saved.text
        );
    }
    for site in &mut world.sites {
        site.reconnect().await;
    }
    world.agrees().await;
    let officer = world.hq.sign_in(OFFICER).await;
    let page = officer.open_household(&family.doc, "食い違いの確認").await;
    assert!(
        page.text.contains("血圧の薬") && page.text.contains("てんかんの薬"),
        "{}",
        page.text
    );
    let choice = page
        .form(&format!("/people/{}/settle", family.doc))
        .and("answer", "てんかんの薬");
    let settled = officer.send(&choice).await;
    assert_eq!(settled.status, 200, "{}", settled.text);
    world.agrees().await;
    for desk in &desks {
        let text = desk
            .get(&format!("/registry/household/{}", family.doc))
            .await
            .text;
        assert!(
            !text.contains("id=\"disagreements\"") && text.contains("てんかんの薬"),
            "{text}"
        );
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_search_and_opened_record_is_in_the_read_log() {
    let (mut world, _folder) = world().await;
    world.start().await;
    let family = world.sites[0]
        .sign_in(STAFF)
        .await
        .receive("アベ サトル", 2)
        .await;
    world.agrees().await;
    let officer = world.hq.sign_in(OFFICER).await;
    let found = officer
        .post("/people", &[("q", "あべ"), ("reason", "家族からの照会")])
        .await;
    assert!(found.text.contains(&family.doc), "{}", found.text);
    officer.open_household(&family.doc, "本人確認").await;
    let log = officer.get("/read-log").await.text;
    assert!(
        log.contains("あべ") && log.contains("家族からの照会") && log.contains("本人確認"),
        "{log}"
    );
    world.stop().await;
}
