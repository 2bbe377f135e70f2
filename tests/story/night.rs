//! The main job: two shelters with no network, power cuts in the middle, a poor link back, and
//! headquarters sees everyone exactly once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use yadori_ledger::id::CardNumber;
use yadori_tests::people::Families;
use yadori_tests::site::{STAFF, Site};
use yadori_tests::visitor::{Received, Visitor};
use yadori_tests::{World, headquarters};

use super::{cards, world, world_on_postgres};

/// Families that arrive at each shelter while it is cut off.
const FAMILIES: usize = 200;

/// Desks that work at once.
const DESKS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn two_cut_off_shelters_lose_power_and_headquarters_sees_everyone_once() {
    let (mut world, _folder) = world().await;
    the_night(&mut world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cut_off_shelters_lose_power_and_headquarters_on_postgres_sees_everyone_once() {
    let Some((mut world, _folder, _database)) = world_on_postgres().await else {
        return;
    };
    the_night(&mut world).await;
}

async fn the_night(world: &mut World) {
    world.hq.start_apart().await;
    for site in &mut world.sites {
        site.start_apart().await;
    }
    let shared = known_to_both(world).await;

    for site in &mut world.sites {
        site.cut_off().await;
    }
    let mut acknowledged = arrive(&mut world.sites[0], 1, true).await;
    acknowledged.extend(arrive(&mut world.sites[1], 2, false).await);
    disagree(world, &shared.doc).await;

    poor_link(world).await;
    world.agrees().await;

    acknowledged.push(shared.clone());
    let mut expected: Vec<CardNumber> = acknowledged
        .iter()
        .map(|received| received.card.parse().expect("a card"))
        .collect();
    expected.sort();
    let given = expected.len();
    expected.dedup();
    assert_eq!(expected.len(), given, "a card was given twice");
    assert_eq!(cards(world).await, expected);

    settle(world, &shared.doc).await;
    world.stop().await;
}

/// A family that both shelters know: registered at the first, sent to the second.
async fn known_to_both(world: &World) -> Received {
    let desk = world.sites[0].sign_in(STAFF).await;
    let shared = desk.receive("佐藤 花子", 2).await;
    world.agrees().await;
    let officer = world.hq.sign_in(headquarters::OFFICER).await;
    officer.open_household(&shared.doc, "妹が問い合わせ").await;
    let second = world.sites[1].shelter;
    let sent = officer
        .post(
            &format!("/people/{}/send", shared.doc),
            &[("shelter", &second.common_id)],
        )
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    world.agrees().await;
    shared
}

/// Families arrive at several desks at once; on request the node loses power in the middle. What
/// was not acknowledged is sent again with the same form, as a browser does.
async fn arrive(site: &mut Site, seed: u64, power_cut: bool) -> Vec<Received> {
    let families = Families::new(seed)
        .take(FAMILIES)
        .map(|family| (family.head().name.clone(), family.people.len()));
    let waiting: Arc<Mutex<Vec<Waiting>>> = Arc::default();
    waiting
        .lock()
        .await
        .extend(families.map(|(name, people)| Waiting {
            name,
            people,
            form: None,
        }));
    let mut acknowledged = Vec::new();
    for round in 0.. {
        assert!(round < 5, "the desks never finished");
        let cut_after = (power_cut && round == 0).then_some(FAMILIES / 2);
        acknowledged.extend(desks(site, &waiting, cut_after).await);
        if cut_after.is_some() {
            site.start_apart().await;
        }
        if waiting.lock().await.is_empty() {
            break;
        }
    }
    assert_eq!(acknowledged.len(), FAMILIES);
    acknowledged
}

struct Waiting {
    name: String,
    people: usize,
    form: Option<String>,
}

/// Works until nobody waits, or until the node is gone. Says whom it gave cards.
async fn desks(
    site: &mut Site,
    waiting: &Arc<Mutex<Vec<Waiting>>>,
    cut_after: Option<usize>,
) -> Vec<Received> {
    let done: Arc<Mutex<Vec<Received>>> = Arc::default();
    let mut at_work = tokio::task::JoinSet::new();
    for _ in 0..DESKS {
        let (desk, waiting, done) = (
            site.sign_in(STAFF).await,
            Arc::clone(waiting),
            Arc::clone(&done),
        );
        at_work.spawn(async move { work(&desk, &waiting, &done).await });
    }
    if let Some(cut_after) = cut_after {
        while done.lock().await.len() < cut_after {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        site.kill().await;
    }
    at_work.join_all().await;
    std::mem::take(&mut *done.lock().await)
}

async fn work(desk: &Visitor, waiting: &Mutex<Vec<Waiting>>, done: &Mutex<Vec<Received>>) {
    loop {
        let Some(mut family) = waiting.lock().await.pop() else {
            return;
        };
        match receive(desk, &mut family).await {
            Ok(received) => done.lock().await.push(received),
            Err(_) => return waiting.lock().await.push(family),
        }
    }
}

async fn receive(desk: &Visitor, family: &mut Waiting) -> reqwest::Result<Received> {
    let form = match &family.form {
        Some(form) => form.clone(),
        None => desk
            .try_get("/registry/reception")
            .await?
            .hidden("form")
            .expect("a form has an id"),
    };
    family.form = Some(form.clone());
    Ok(desk
        .send_reception(&form, &family.name, family.people)
        .await?
        .received())
}

/// Different facts at the two shelters, and one fact differently.
async fn disagree(world: &World, doc: &str) {
    let first = world.sites[0].sign_in(STAFF).await;
    let second = world.sites[1].sign_in(STAFF).await;
    for (desk, field, value) in [
        (&first, ".medicine", "インスリン"),
        (&first, ".allergy", "卵"),
        (&second, ".allergy", "そば"),
        (&second, "h.phone", "09000001234"),
    ] {
        let saved = desk.amend(doc, field, value).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
    }
}

/// The links come back and break again, and headquarters loses power while it takes in.
async fn poor_link(world: &mut World) {
    for site in &mut world.sites {
        site.link.break_after(20_000);
        site.reconnect().await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    world.hq.kill().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.hq.start_apart().await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(800)).await;
        for site in &world.sites {
            site.link.break_open();
        }
    }
    for site in &mut world.sites {
        site.link.break_after(u64::MAX);
        site.reconnect().await;
    }
}

/// Both values stand side by side everywhere; a person at the first shelter chooses, and everybody
/// sees the choice.
async fn settle(world: &World, doc: &str) {
    let page = format!("/registry/household/{doc}");
    let officer = world.hq.sign_in(headquarters::OFFICER).await;
    let at_hq = officer.open_household(doc, "重複の確認").await;
    let desks = [
        world.sites[0].sign_in(STAFF).await,
        world.sites[1].sign_in(STAFF).await,
    ];
    for text in [
        at_hq.text,
        desks[0].get(&page).await.text,
        desks[1].get(&page).await.text,
    ] {
        assert!(text.contains("卵") && text.contains("そば"), "{text}");
        assert!(
            text.contains("インスリン") && text.contains("09000001234"),
            "{text}"
        );
    }
    let shown = desks[0].get(&page).await;
    let choice = shown.form(&format!("{page}/settle"));
    let chosen = choice
        .get("answer")
        .expect("a choice has an answer")
        .to_owned();
    assert_eq!(desks[0].send(&choice).await.status, 200);
    world.agrees().await;
    let other = if chosen == "卵" { "そば" } else { "卵" };
    for desk in &desks {
        let text = desk.get(&page).await.text;
        let facts = text.split("id=\"history-title\"").next().expect("a page");
        assert!(!text.contains("id=\"disagreements\""), "{text}");
        assert!(facts.contains(&chosen) && !facts.contains(other), "{facts}");
    }
    let disputed = officer.get("/people/disagreements").await;
    assert!(!disputed.text.contains(doc), "{}", disputed.text);
}
