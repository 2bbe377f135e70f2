//! What people do, over real pages, real TLS and real databases. Each story is one file; those
//! that headquarters' database has a part in run on both kinds.

mod aid;
mod night;
mod once;
mod portal;
mod settling;

use tempfile::TempDir;
use yadori_hq::Headquarters;
use yadori_ledger::id::{CardNumber, DocId, DocKind};
use yadori_ledger::registry::Household;
use yadori_tests::shelters::{self, Shelter};
use yadori_tests::{Plan, World, postgres};

/// Two shelters of one ward.
fn two_shelters() -> [&'static Shelter; 2] {
    [&shelters::all()[0], &shelters::all()[1]]
}

/// A world in a folder of its own, on SQLite.
async fn world() -> (World, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (
        World::make(Plan::new(folder.path(), &two_shelters())).await,
        folder,
    )
}

/// The same on a fresh PostgreSQL database; `None` where no server was started for the tests.
async fn world_on_postgres() -> Option<(World, TempDir, postgres::Database)> {
    let database = postgres::Database::fresh()
        .await
        .expect("the server answers")?;
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan {
        postgres_url: Some(database.url().to_owned()),
        ..Plan::new(folder.path(), &two_shelters())
    };
    Some((World::make(plan).await, folder, database))
}

/// The cards of all households that headquarters holds, sorted, one for each household.
async fn cards(world: &World) -> Vec<CardNumber> {
    let held = world.hq.held().await;
    let mut cards = Vec::new();
    for id in held
        .documents(DocKind::Household)
        .await
        .expect("a sound database")
    {
        cards.push(
            household(&held, id)
                .await
                .card()
                .expect("every household has a card"),
        );
    }
    cards.sort();
    cards
}

async fn household(held: &Headquarters, id: DocId) -> Household {
    let document = held
        .document(id)
        .await
        .expect("a sound database")
        .expect("it is held");
    Household::read(&document).expect("readable")
}
