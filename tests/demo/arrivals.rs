//! Invented families come to both shelters, as they would: most to reception, some are written
//! down in full, some register themselves on their phones.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;
use yadori_tests::World;
use yadori_tests::people::{Families, Family};
use yadori_tests::site::{STAFF, Site};
use yadori_tests::visitor::Visitor;

/// Between two families at one shelter: some hundreds of people in a few minutes.
const PAUSE: Duration = Duration::from_millis(400);

/// Families come while this is held. A shelter that already knows people gets no more.
pub(crate) struct Arrivals(JoinSet<()>);

impl Arrivals {
    pub(crate) fn abort_all(mut self) {
        self.0.abort_all();
    }
}

pub(crate) fn begin(world: &World, families: usize) -> Arrivals {
    let mut tasks = JoinSet::new();
    for (number, site) in world
        .sites
        .iter()
        .enumerate()
        .filter(|(_, site)| people(site) == 0)
    {
        let (desk, portal) = (site.desk(), site.portal());
        let ward = site.shelter.municipality.trim_start_matches("東京都");
        let queue: Vec<Family> = Families::of(number as u64 + 1, ward)
            .take(families)
            .collect();
        tasks.spawn(arrive(desk, portal, queue));
    }
    Arrivals(tasks)
}

/// People on the node's roster.
pub(crate) fn people(site: &Site) -> i64 {
    site.database()
        .query_row("select count(*) from person", [], |row| row.get(0))
        .unwrap_or(0)
}

async fn arrive(desk: SocketAddr, portal: SocketAddr, queue: Vec<Family>) {
    let staff = Visitor::at(desk);
    staff
        .post(
            "/sign-in",
            &[("staff_name", STAFF.name), ("staff_pin", STAFF.secret)],
        )
        .await;
    for (number, family) in queue.iter().enumerate() {
        match number % 10 {
            0..=5 => drop(
                staff
                    .receive(&family.head().name, family.people.len())
                    .await,
            ),
            6 => drop(
                Visitor::at(portal)
                    .register_oneself(&family.head().name, family.people.len())
                    .await,
            ),
            _ => drop(staff.register(family).await),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
