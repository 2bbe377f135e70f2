//! Bytes and round trips between a node and headquarters, over real sockets and TLS through a
//! byte-counting proxy, beside Automerge's own sync of the same documents and the same rows as CSV
//! under `zstd -19`.
//!
//! Payload is what the protocol says; TLS is what it says it in. They are told apart: the payload
//! is counted where frames are written, the rest is the difference to what the proxy saw.

mod automerge;
mod households;

use std::error::Error;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use yadori_edge::store::Lane;
use yadori_ledger::clock::{By, Stamp, TimeQuality};
use yadori_ledger::document::{Document, genesis};
use yadori_ledger::id::DocKind;
use yadori_ledger::registry::{self, Answer, NewHousehold, Subject};
use yadori_tests::people::{Families, Family};
use yadori_tests::proxy::{Counted, Shape};
use yadori_tests::site::Site;
use yadori_tests::{Plan, World, shelters};

use crate::figures::Figures;

const HOUSEHOLDS: usize = 1_000;
const EDITS: usize = 50;
const ZSTD_LEVEL: i32 = 19;

/// Long enough that what one side computes is not taken for waiting for the other.
const DELAYED: Shape = Shape {
    one_way: Duration::from_millis(150),
    bits_per_s: None,
    loss_permille: 0,
};

/// TLS 1.3; the proxy counts it with the rest.
const HANDSHAKE_ROUND_TRIPS: u32 = 1;

/// An ordinary evening in 2026.
const NOW_S: i64 = 1_795_000_000;

pub(crate) async fn measure() -> Result<Figures, Box<dyn Error + Send + Sync>> {
    let folder = tempfile::tempdir()?;
    let plan = Plan {
        shape: DELAYED,
        ..Plan::new(folder.path(), &[&shelters::all()[0]])
    };
    let mut world = World::make(plan).await;
    world.start().await;
    world.agrees().await;
    let families: Vec<Family> = Families::new(2_026).take(HOUSEHOLDS).collect();
    let mut rng = households::seeded();
    let shelter = world.sites[0].shelter.common_id.parse()?;
    let news: Vec<NewHousehold> = families
        .iter()
        .zip(1..)
        .map(|(family, number)| households::household(family, number, &shelter, &mut rng))
        .collect();
    let floor =
        zstd::bulk::compress(households::csv(&families, &news).as_bytes(), ZSTD_LEVEL)?.len();

    let new = visit(&mut world, async |site| register(site, news).await).await;
    let documents = new.made;
    let idle = visit(&mut world, async |_| Vec::<Vec<u8>>::new()).await;
    let edits = visit(&mut world, async |site| {
        edit(site, &documents, &mut rng).await
    })
    .await;
    let known = world
        .hq
        .held()
        .await
        .documents(DocKind::Household)
        .await?
        .len();
    world.stop().await;
    assert_eq!(known, HOUSEHOLDS, "headquarters has every household");

    let stock_new = automerge::cost_of_new(&raw(&documents));
    let stock_edits = automerge::cost_of_edits(&raw(&documents), &edits.made);
    Ok(figures(
        floor,
        (&new.cost, &idle.cost, &edits.cost),
        &stock_new,
        &stock_edits,
    ))
}

/// What one visit to headquarters cost.
struct Cost {
    payload_bytes: u64,
    link: Counted,
}

struct Visit<T> {
    made: Vec<T>,
    cost: Cost,
}

/// Writes while the link is cut, then counts the one visit that brings it.
async fn visit<T>(world: &mut World, write: impl AsyncFnOnce(&Site) -> Vec<T>) -> Visit<T> {
    let site = &mut world.sites[0];
    site.cut_off().await;
    let made = write(site).await;
    let before = site.contact();
    site.link.count_anew();
    site.reconnect().await;
    while site.contact().visits == before.visits {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    site.cut_off().await;
    let (after, link) = (site.contact(), site.link.counted());
    assert_eq!(
        (after.visits, after.waiting_count),
        (before.visits + 1, 0),
        "one visit brought everything"
    );
    let payload =
        |contact: &yadori_edge::store::Contact| contact.bytes_sent + contact.bytes_received;
    let payload_bytes = u64::try_from(payload(&after) - payload(&before)).unwrap_or_default();
    Visit {
        made,
        cost: Cost {
            payload_bytes,
            link,
        },
    }
}

/// A household's document as its node holds it.
struct Known {
    document: Document,
    change: Vec<u8>,
}

async fn register(site: &Site, news: Vec<NewHousehold>) -> Vec<Known> {
    let store = site.store();
    let mut known = Vec::new();
    for new in news {
        let registered = registry::register(
            &new,
            store.actor(),
            &stamp(store.stamp(By::staff(1)).lamport),
        );
        let registered = registered.expect("a family is within all limits");
        let change = registered.change.bytes.clone();
        let kept = store.write(move |tx| {
            tx.keep(&registered.document, &registered.change, Lane::People)?;
            Ok(registered.document)
        });
        known.push(Known {
            document: kept.await.expect("kept"),
            change,
        });
    }
    known
}

/// Somebody corrects one fact in fifty households.
async fn edit(site: &Site, documents: &[Known], rng: &mut StdRng) -> Vec<(usize, Vec<u8>)> {
    let store = site.store();
    let mut edits = Vec::new();
    while edits.len() < EDITS {
        let at = rng.random_range(0..documents.len());
        let id = documents[at].document.id();
        let (fact, value) = households::edit(rng);
        let stamp = stamp(store.stamp(By::staff(1)).lamport);
        let written = store.write(move |tx| {
            let mut document = tx.document(id)?;
            let person = registry::Household::read(&document)?.people[0].id;
            registry::amend(
                &mut document,
                &[Answer {
                    subject: Subject::Person(person),
                    fact,
                    value,
                }],
            )?;
            tx.record(&mut document, &stamp, Lane::People)?;
            Ok(document
                .changes()
                .last()
                .map(|change| change.raw_bytes().to_vec()))
        });
        let is_new = !edits.iter().any(|(known, _)| *known == at);
        let change = written.await.expect("kept").expect("it has changes");
        if is_new && change != documents[at].change {
            edits.push((at, change));
        }
    }
    edits
}

/// A realistic time in every change: people arrive over some hours.
fn stamp(lamport: u64) -> Stamp {
    let wall_s = NOW_S + i64::try_from(lamport).unwrap_or_default() * 11;
    Stamp {
        wall_s,
        quality: TimeQuality::Rtc,
        by: By::staff(u32::try_from(lamport % 6).unwrap_or_default()),
        lamport,
    }
}

/// Each document's raw changes, genesis first.
fn raw(documents: &[Known]) -> Vec<Vec<Vec<u8>>> {
    let first = genesis(DocKind::Household).raw_bytes().to_vec();
    documents
        .iter()
        .map(|known| vec![first.clone(), known.change.clone()])
        .collect()
}

fn figures(
    floor: usize,
    (new, idle, edits): (&Cost, &Cost, &Cost),
    stock_new: &automerge::Cost,
    stock_edits: &automerge::Cost,
) -> Figures {
    let mut figures = Figures::new("Bytes between a node and headquarters, both directions");
    let per_household = |bytes: f64| bytes / HOUSEHOLDS as f64;
    let (new_bytes, floor) = (new.payload_bytes as f64, floor as f64);
    figures.row(
        "1,000 new households: Yadori payload",
        new.payload_bytes,
        &format!("{:.0} B each", per_household(new_bytes)),
    );
    figures.row(
        "  with TLS, as the proxy counted",
        new.link.bytes(),
        &format!("{} round trips", new.link.round_trips()),
    );
    figures.row(
        "  stock Automerge sync",
        stock_new.bytes,
        &format!(
            "{:.1} × ours, {} messages",
            stock_new.bytes as f64 / new_bytes,
            stock_new.message_count
        ),
    );
    figures.row(
        "  the same rows as CSV, zstd -19",
        floor,
        &format!("ours is {:.2} × this", new_bytes / floor),
    );
    let round_trips = edits.link.round_trips() - HANDSHAKE_ROUND_TRIPS;
    figures.row(
        "50 changed of 1,000: Yadori payload",
        edits.payload_bytes,
        &format!("{round_trips} round trips after the handshake's {HANDSHAKE_ROUND_TRIPS}"),
    );
    figures.row("  with TLS, as the proxy counted", edits.link.bytes(), "");
    figures.row(
        "  stock Automerge sync",
        stock_edits.bytes,
        &format!(
            "{:.1} × ours, {} flights, {} messages",
            stock_edits.bytes as f64 / edits.payload_bytes as f64,
            stock_edits.flight_count,
            stock_edits.message_count
        ),
    );
    figures.row(
        "nothing new: Yadori payload",
        idle.payload_bytes,
        &format!("{} with TLS", idle.link.bytes()),
    );
    figures.figure(
        "wire.new.bytes_per_household",
        per_household(new_bytes),
        "B",
    );
    figures.figure("wire.new.floor_ratio", new_bytes / floor, "ratio");
    figures.figure("wire.edit50.bytes", edits.payload_bytes as f64, "B");
    figures.figure(
        "wire.edit50.round_trips",
        f64::from(round_trips),
        "round trips",
    );
    figures.figure("wire.edit50.automerge_bytes", stock_edits.bytes as f64, "B");
    figures
}
