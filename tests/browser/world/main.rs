//! `browser-world`: a world to look at, for the browser tests. One shelter with people of every
//! kind of state (complete, barely known, disputed, waiting for the desk), a round of meals, and
//! headquarters that knows of it.
//!
//! Says in one line of JSON where everything is, and ends when its input does.

use std::future::Future;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt;
use yadori_tests::headquarters::OFFICER;
use yadori_tests::people::Families;
use yadori_tests::site::{LEAD, Person, STAFF, Site};
use yadori_tests::visitor::{Received, Visitor};
use yadori_tests::{Plan, World, shelters};

/// A roster of more than one screen.
const FAMILIES: usize = 14;

/// Making the world takes some seconds; longer, and something hangs.
const MAKING_TAKES_MAX: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let schools = [
        shelters::named("千代田区", "九段小学校"),
        shelters::named("千代田区", "番町小学校"),
    ];
    let mut world = World::make(Plan::new(folder.path(), &schools)).await;
    world.start().await;
    within(MAKING_TAKES_MAX, populate(&mut world)).await;
    tell(&world);
    let mut input = Vec::new();
    // Nothing is ever written to us; the end of the input is the end of the tests.
    tokio::io::stdin().read_to_end(&mut input).await.ok();
    world.stop().await;
}

async fn within(limit: Duration, work: impl Future<Output = ()>) {
    tokio::time::timeout(limit, work)
        .await
        .expect("the world is made in time");
}

async fn populate(world: &mut World) {
    let desk = world.sites[0].sign_in(LEAD).await;
    let mut known = Vec::new();
    for family in Families::of(1, "千代田区").take(FAMILIES) {
        known.push(desk.register(&family).await);
    }
    desk.receive("不明", 3).await;
    for names in ["佐々木 翔\n佐々木 葵", "NGUYEN VAN AN"] {
        Visitor::at(world.sites[0].portal())
            .register_oneself(names, 3)
            .await;
    }
    hand_out(&desk, &known).await;
    disagree(world, &known[0]).await;
}

/// One round, one family that had it already.
async fn hand_out(desk: &Visitor, known: &[Received]) {
    let day = desk.send(&desk.get("/aid").await.form("/aid")).await;
    let round = desk
        .send(&day.form(&day.path).with("item", "おにぎり"))
        .await;
    for family in &known[..4] {
        let form = desk.get(&round.path).await.form(&round.path);
        desk.send(&form.with("number", &family.card)).await;
    }
}

/// Headquarters sends a family to the other school as well; both are cut off; each writes down
/// something else.
async fn disagree(world: &mut World, family: &Received) {
    world.agrees().await;
    let officer = world.hq.sign_in(OFFICER).await;
    let other = world.sites[1].shelter.common_id;
    officer
        .open_household(&family.doc, "家族からの問い合わせ")
        .await;
    officer
        .post(&format!("/people/{}/send", family.doc), &[("id", other)])
        .await;
    world.agrees().await;
    for site in &mut world.sites {
        site.cut_off().await;
    }
    for (site, allergy) in world.sites.iter().zip(["卵", "そば"]) {
        amend(site, LEAD, family, allergy).await;
    }
    for site in &mut world.sites {
        site.reconnect().await;
    }
    world.agrees().await;
    world.agrees().await;
}

async fn amend(site: &Site, person: Person, family: &Received, allergy: &str) {
    let desk = site.sign_in(person).await;
    let answer = desk.amend(&family.doc, ".allergy", allergy).await;
    assert!(answer.text.contains(allergy), "{}", answer.gist());
}

#[expect(
    clippy::print_stdout,
    reason = "this is how the tests learn the addresses"
)]
fn tell(world: &World) {
    let site = &world.sites[0];
    let told = json!({
        "desk": format!("http://{}", site.desk()),
        "portal": format!("http://{}", site.portal()),
        "console": format!("http://{}", world.hq.console),
        "lead": { "name": LEAD.name, "pin": LEAD.secret },
        "staff": { "name": STAFF.name, "pin": STAFF.secret },
        "officer": { "name": OFFICER.name, "password": OFFICER.secret },
    });
    println!("{told}");
}
