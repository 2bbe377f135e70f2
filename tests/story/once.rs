//! Each gives what a person would expect: nobody twice, nobody lost.

use yadori_tests::headquarters::OFFICER;
use yadori_tests::site::STAFF;

use super::{cards, household, world};

#[tokio::test(flavor = "multi_thread")]
async fn two_families_of_one_name_in_one_second_get_two_cards() {
    let (mut world, _folder) = world().await;
    world.start().await;
    let desks = [
        world.sites[0].sign_in(STAFF).await,
        world.sites[0].sign_in(STAFF).await,
    ];
    let (first, second) = tokio::join!(
        desks[0].receive("鈴木 一郎", 3),
        desks[1].receive("鈴木 一郎", 3)
    );
    assert_ne!(first, second);
    world.agrees().await;
    assert_eq!(cards(&world).await.len(), 2);
    assert_eq!(
        world.hq.held().await.people_count().await.expect("counted"),
        6
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_posted_twice_is_one_family_with_one_card() {
    let (mut world, _folder) = world().await;
    world.start().await;
    let desk = world.sites[0].sign_in(STAFF).await;
    let form = desk.blank("/registry/reception").await;
    let send = async || {
        desk.send_reception(&form, "田中 みどり", 4)
            .await
            .expect("an answer")
            .received()
    };
    let (first, second) = tokio::join!(send(), send());
    assert_eq!(first, second);
    assert_eq!(send().await, first);
    world.agrees().await;
    assert_eq!(cards(&world).await.len(), 1);
    assert_eq!(
        world.hq.held().await.people_count().await.expect("counted"),
        4
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_added_at_two_cut_off_shelters_is_kept_twice_and_pointed_out() {
    let (mut world, _folder) = world().await;
    world.start().await;
    for site in &mut world.sites {
        site.cut_off().await;
    }
    for site in &world.sites {
        let desk = site.sign_in(STAFF).await;
        let family = desk.receive("ヤマダ ハナコ", 1).await;
        let saved = desk.amend(&family.doc, ".birth", "S60.4.1").await;
        assert_eq!(saved.status, 200, "{}", saved.text);
    }
    for site in &mut world.sites {
        site.reconnect().await;
    }
    world.agrees().await;
    assert_eq!(
        cards(&world).await.len(),
        2,
        "neither record is thrown away"
    );
    let held = world.hq.held().await;
    let ids = held
        .documents(yadori_ledger::id::DocKind::Household)
        .await
        .expect("listed");
    assert_eq!(household(&held, ids[0]).await.active().count(), 1);
    let officer = world.hq.sign_in(OFFICER).await;
    let page = officer.open_household(&ids[0].to_string(), "照会").await;
    assert!(
        page.text.contains(&ids[1].to_string()),
        "the other record is pointed out: {}",
        page.text
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_member_added_to_one_family_at_two_cut_off_shelters_stands_twice_until_a_person_looks()
{
    let (mut world, _folder) = world().await;
    world.start().await;
    let family = super::settling::known_to_both(&world, "中村 健").await;
    for site in &mut world.sites {
        site.cut_off().await;
    }
    for site in &world.sites {
        let desk = site.sign_in(STAFF).await;
        let page = desk
            .get(&format!("/registry/household/{}/edit", family.doc))
            .await;
        let added = desk
            .send(
                &page
                    .form("/registry/household/")
                    .with("n0.name", "ナカムラ ユイ"),
            )
            .await;
        assert_eq!(added.status, 200, "{}", added.text);
    }
    for site in &mut world.sites {
        site.reconnect().await;
    }
    world.agrees().await;
    let known = household(&world.hq.held().await, family.doc.parse().expect("an id")).await;
    assert_eq!(
        known.active().count(),
        3,
        "nobody is lost: the one who was there, and both entries"
    );
    let desk = world.sites[1].sign_in(STAFF).await;
    let page = desk
        .get(&format!("/registry/household/{}", family.doc))
        .await;
    assert!(
        page.text.contains("class=\"notice\""),
        "the two entries point at each other: {}",
        page.text
    );
    world.stop().await;
}
