//! The real store of a node, opened without the node: for tests of durability and of speed.

use std::path::Path;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use yadori_edge::clock::SystemClock;
use yadori_edge::registry::save;
use yadori_edge::store::{Commits, Store, StoreError, StoreOptions};
use yadori_edge::web::draw;
use yadori_ledger::clock::By;
use yadori_ledger::id::{CardNumber, DocId, DocKind};
use yadori_ledger::registry::Origin;
use yadori_ledger::words::{HeadCount, SupportNeeds};

use crate::people::Family;
use crate::shelters;

/// Opens or makes `node.db` in a folder, always as the same node.
pub fn open(folder: &Path, commits: Commits) -> Result<Store, StoreError> {
    let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
    let shelter = shelters::all()[0]
        .common_id
        .parse()
        .expect("the list has sound ids");
    let code = "K7F".parse().expect("a sound code");
    let options = StoreOptions::new(key, shelter, code, Arc::new(SystemClock), draw);
    let options = StoreOptions { commits, ..options };
    Store::open(&folder.join("node.db"), options)
}

/// What reception does with a family: one transaction, through the same door.
pub async fn register(
    store: &Store,
    family: &Family,
    doc: DocId,
) -> Result<CardNumber, StoreError> {
    let arrival = save::Arrival {
        doc,
        names: family.head().name.parse().into_iter().collect(),
        reading: family.head().kana.parse().ok(),
        people: HeadCount::try_from(family.people.len() as u64).expect("families are small"),
        needs: SupportNeeds::default(),
        phone: family.phone.as_deref().and_then(|phone| phone.parse().ok()),
        origin: Origin::Desk,
    };
    let received = store
        .write(move |tx| save::receive(tx, &arrival, By::staff(1)))
        .await?;
    match received {
        save::Received::Card(card) => Ok(card),
        save::Received::Used => panic!("{doc} was used before"),
    }
}

/// Ids of households, the same for the same seed.
pub fn doc_ids(seed: u64) -> impl Iterator<Item = DocId> {
    let mut rng = StdRng::seed_from_u64(seed);
    std::iter::repeat_with(move || {
        let mut random = [0; 15];
        rng.fill_bytes(&mut random);
        DocId::new(DocKind::Household, random)
    })
}
