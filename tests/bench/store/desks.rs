//! Desks that register one family after another.

use std::net::SocketAddr;
use std::time::Duration;

use rand::RngExt;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;
use tokio::time::Instant;
use yadori_ledger::id::{DocId, DocKind};
use yadori_tests::people::Families;

use super::Failure;
use super::node::{STAFF_NAME, STAFF_PIN};

/// A refused desk asks again after this.
const AGAIN_AFTER: Duration = Duration::from_millis(20);

pub(super) struct Counted {
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) refused_count: usize,
}

/// One desk's part.
#[derive(Default)]
struct Registered {
    households: Vec<Vec<u8>>,
    took: Vec<Duration>,
    refused_count: usize,
}

/// Registers from many desks at once, and says which households were acknowledged.
pub(super) async fn register(
    node: SocketAddr,
    desks: usize,
    warm_up: Duration,
    count_for: Duration,
) -> Result<(Counted, Vec<Vec<u8>>), Failure> {
    let signed_in = sign_in(node).await?;
    let counts_from = Instant::now() + warm_up;
    let until = counts_from + count_for;
    let mut working = JoinSet::new();
    for seed in 0..desks as u64 {
        working.spawn(desk(signed_in.clone(), node, seed, counts_from, until));
    }
    let mut all = Registered::default();
    while let Some(desk) = working.join_next().await {
        let desk = desk??;
        all.households.extend(desk.households);
        all.took.extend(desk.took);
        all.refused_count += desk.refused_count;
    }
    all.took.sort_unstable();
    let at = |part: usize| {
        all.took
            .get(all.took.len() * part / 100)
            .map_or(0.0, |took| took.as_secs_f64() * 1e3)
    };
    let counted = Counted {
        per_second: all.took.len() as f64 / count_for.as_secs_f64(),
        p50_ms: at(50),
        p99_ms: at(99),
        refused_count: all.refused_count,
    };
    Ok((counted, all.households))
}

async fn sign_in(node: SocketAddr) -> Result<Client, Failure> {
    let client = Client::builder()
        .cookie_store(true)
        .redirect(Policy::none())
        .build()?;
    let form = [("staff_name", STAFF_NAME), ("staff_pin", STAFF_PIN)];
    let answer = client
        .post(format!("http://{node}/sign-in"))
        .form(&form)
        .send()
        .await?;
    if answer.status() == StatusCode::SEE_OTHER {
        Ok(client)
    } else {
        Err("the desk did not let us in".into())
    }
}

async fn desk(
    client: Client,
    node: SocketAddr,
    seed: u64,
    counts_from: Instant,
    until: Instant,
) -> Result<Registered, Failure> {
    let reception = format!("http://{node}/registry/reception");
    let mut registered = Registered::default();
    let mut families = Families::new(seed);
    while Instant::now() < until {
        let Some(family) = families.next() else { break };
        let household = DocId::new(DocKind::Household, rand::rng().random());
        let form = [
            ("form", household.to_string()),
            ("name", family.head().name.clone()),
            ("people", family.people.len().to_string()),
        ];
        let asked = Instant::now();
        let answer = client.post(&reception).form(&form).send().await?;
        match answer.status() {
            StatusCode::SEE_OTHER => registered.households.push(household.as_bytes().to_vec()),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                registered.refused_count += 1;
                tokio::time::sleep(AGAIN_AFTER).await;
                continue;
            }
            other => return Err(format!("the desk answered {other}").into()),
        }
        if asked >= counts_from {
            registered.took.push(asked.elapsed());
        }
    }
    Ok(registered)
}
