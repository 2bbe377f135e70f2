//! Brings the tables to the newest shape. One set of migrations serves both databases; see
//! `migrations/README.md` for the three words that are spelled per database.

use refinery::{Migration, Runner};

use super::StoreError;
use super::postgres::Postgres;
use super::sqlite::Sqlite;

const MIGRATIONS: &[(&str, &str)] = &[
    (
        "V1__ground",
        include_str!("../../migrations/V1__ground.sql"),
    ),
    ("V2__drawn", include_str!("../../migrations/V2__drawn.sql")),
];

/// Any number that no other program of the database uses for its advisory lock.
const MIGRATION_LOCK: i64 = 0x7961_646f_7269;

pub(super) async fn sqlite(db: &Sqlite) -> Result<(), StoreError> {
    let runner = runner(str::to_owned)?;
    db.with_writer(move |connection| runner.run(connection).map(drop).map_err(failed))
        .await
}

pub(super) async fn postgres(db: &Postgres) -> Result<(), StoreError> {
    let runner = runner(|sql| {
        sql.replace(" TEXT", " text collate \"C\"")
            .replace(" BLOB", " bytea")
    })?;
    // Taken out of the pool: closing it also gives the lock back, whatever happens.
    let mut client = deadpool_postgres::Object::take(db.client().await?);
    client
        .execute("select pg_advisory_lock($1)", &[&MIGRATION_LOCK])
        .await?;
    runner
        .run_async(&mut *client)
        .await
        .map(drop)
        .map_err(failed)
}

fn runner(spell: impl Fn(&str) -> String) -> Result<Runner, StoreError> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, &spell(sql)).map_err(failed))
        .collect::<Result<Vec<_>, _>>()?;
    // Together with their marks: one by one, a power cut between a migration and its mark would
    // leave a database that no start can bring up to date.
    Ok(Runner::new(&migrations).set_grouped(true))
}

fn failed(error: refinery::Error) -> StoreError {
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    StoreError::Migrate(cause.map_or(error.to_string(), |cause| format!("{error}: {cause}")))
}
