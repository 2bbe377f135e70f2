//! What the two databases must have in common. PostgreSQL is tried when `HQ_POSTGRES_URL` names a
//! database; each test then works in a schema of its own.

use super::*;
use crate::testing::Bench;

statements! {
    MAKE = "insert into next_number (name, next) values ($1, $2)";
    FIND = "select next from next_number where name = $1";
    RAISE = "update next_number set next = next + $2 where name = $1 returning next";
    NAMES = "select name from next_number where name like 'x%' order by name";
    QUOTED = "select '$1' as quoted, cast($1 as TEXT) as given, cast($2 as bigint) as number -- $3";
    NULLS = "select name, case when name = 'xb' then null else next end as next
               from next_number where name like 'x%' order by 2 desc nulls last, name";
    SUM = "select cast(sum(next) as bigint) as total from next_number where name like 'x%'";
    BARE_SUM = "select sum(next) as total from next_number where name = 'officer'";
    BYTES = "insert into session (id, data, expires_s) values ($1, $2, 0)";
    BYTES_BACK = "select id, data from session where id = $1";
}

async fn raise(db: &Db, name: &str, by: i64) -> Result<i64, StoreError> {
    db.write(|tx| async move { tx.one(RAISE, params![name, by]).await?.get("next") })
        .await
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    for db in Bench::both().await {
        let (blob, text) = (vec![0_u8, 255, 7], "葛󠄀城 '$1' 🏠");
        let row = db
            .write(|tx| {
                let blob = blob.clone();
                async move {
                    tx.run(BYTES, params![blob.clone(), text]).await?;
                    tx.one(BYTES_BACK, params![blob]).await
                }
            })
            .await
            .unwrap();
        assert_eq!(row.get::<Vec<u8>>("id").unwrap(), blob);
        assert_eq!(row.get::<String>("data").unwrap(), text);
        assert!(matches!(
            row.get::<i64>("data"),
            Err(StoreError::Column("data"))
        ));
        assert!(matches!(
            row.get::<i64>("nothing"),
            Err(StoreError::Column("nothing"))
        ));
    }
}

#[tokio::test]
async fn a_parameter_in_quotes_or_a_comment_is_text() {
    for db in Bench::both().await {
        let row = db
            .read(|tx| async move { tx.one(QUOTED, params!["given", 5]).await })
            .await
            .unwrap();
        assert_eq!(row.get::<String>("quoted").unwrap(), "$1");
        assert_eq!(row.get::<String>("given").unwrap(), "given");
        assert_eq!(row.get::<i64>("number").unwrap(), 5);
    }
}

#[tokio::test]
async fn a_wrong_number_of_parameters_is_an_error() {
    for db in Bench::both().await {
        let answer = db
            .read(|tx| async move { tx.row(FIND, params![]).await })
            .await;
        assert!(matches!(answer, Err(StoreError::Parameters("FIND"))));
        let answer = db
            .read(|tx| async move { tx.row(FIND, params!["a", "b"]).await })
            .await;
        assert!(matches!(answer, Err(StoreError::Parameters("FIND"))));
    }
}

#[tokio::test]
async fn text_with_nul_is_refused() {
    for db in Bench::both().await {
        let answer = db
            .write(|tx| async move { tx.run(MAKE, params!["x\0", 1]).await })
            .await;
        assert!(matches!(answer, Err(StoreError::Nul)));
    }
}

#[tokio::test]
async fn text_is_ordered_by_its_bytes_and_nulls_where_the_statement_says() {
    for db in Bench::both().await {
        db.write(|tx| async move {
            for (name, next) in [("xb", 9), ("xB", 1), ("xあ", 3), ("xア", 2), ("x一", 4)] {
                tx.run(MAKE, params![name, next]).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
        let names = names(&db, NAMES).await;
        assert_eq!(names, ["xB", "xb", "xあ", "xア", "x一"]);
        assert_eq!(self::names(&db, NULLS).await.last().unwrap(), "xb");
        let total = db
            .read(|tx| async move { tx.one(SUM, params![]).await?.get::<i64>("total") })
            .await;
        assert_eq!(total.unwrap(), 19);
    }
}

async fn names(db: &Db, sql: Sql) -> Vec<String> {
    let rows = db
        .read(|tx| async move { tx.rows(sql, params![]).await })
        .await
        .unwrap();
    rows.iter().map(|row| row.get("name").unwrap()).collect()
}

#[tokio::test]
async fn a_sum_without_its_cast_is_found_on_postgres() {
    if let Some(db) = Bench::postgres_only().await {
        let answer = db
            .read(|tx| async move { tx.one(BARE_SUM, params![]).await })
            .await;
        assert!(answer.is_err());
    }
}

#[tokio::test]
async fn work_that_fails_leaves_nothing() {
    for db in Bench::both().await {
        let failed: Result<(), StoreError> = db
            .write(|tx| async move {
                tx.run(MAKE, params!["half", 1]).await?;
                Err(StoreError::Kind)
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Kind)));
        let found = db
            .read(|tx| async move { tx.row(FIND, params!["half"]).await })
            .await
            .unwrap();
        assert!(found.is_none());
    }
}

#[tokio::test]
async fn a_visitor_who_hangs_up_half_way_leaves_nothing_and_blocks_nobody() {
    for db in Bench::both().await {
        let slow = db.write(|tx| async move {
            tx.run(MAKE, params!["half", 1]).await?;
            std::future::pending::<()>().await;
            Ok::<_, StoreError>(())
        });
        let hung_up = tokio::time::timeout(Duration::from_millis(300), slow).await;
        assert!(hung_up.is_err());
        assert_eq!(raise(&db, "officer", 1).await.unwrap(), 2);
        let found = db
            .read(|tx| async move { tx.row(FIND, params!["half"]).await })
            .await
            .unwrap();
        assert!(found.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_raise_one_number_get_two_numbers() {
    for db in Bench::both().await {
        let raised = (0..20).map(|_| {
            let db = db.clone();
            tokio::spawn(async move { raise(&db, "officer", 1).await })
        });
        let mut numbers = Vec::new();
        for raised in raised.collect::<Vec<_>>() {
            numbers.push(raised.await.unwrap().unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (2..22).collect::<Vec<i64>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_wait_for_one_another_both_get_through() {
    for db in Bench::both().await {
        let both_hold_one = tokio::sync::Barrier::new(2);
        let cross = async |first: &'static str, second: &'static str| {
            let mut meets = Some(&both_hold_one);
            db.write(|tx| {
                let meet = meets.take();
                async move {
                    tx.one(RAISE, params![first, 1]).await?;
                    if let Some(barrier) = meet {
                        // SQLite lets one in at a time, so the other may never come.
                        let _met =
                            tokio::time::timeout(Duration::from_millis(300), barrier.wait()).await;
                    }
                    tx.one(RAISE, params![second, 1]).await.map(drop)
                }
            })
            .await
        };
        let (one, other) = tokio::join!(cross("officer", "read_log"), cross("read_log", "officer"));
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        assert_eq!(raise(&db, "officer", 0).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn many_rows_go_in_at_once_or_not_at_all() {
    for db in Bench::both().await {
        let rows = |names: &[&str]| {
            names
                .iter()
                .map(|name| params![*name, 1].to_vec())
                .collect()
        };
        let (good, bad): (Vec<_>, Vec<_>) = (rows(&["xa", "xb"]), rows(&["xc", "xa"]));
        for (rows, is_good) in [(good, true), (bad, false), (Vec::new(), true)] {
            let rows = &rows;
            let written = db
                .write(|tx| async move { tx.run_each(MAKE, rows.clone()).await })
                .await;
            assert_eq!(written.is_ok(), is_good, "{written:?}");
        }
        assert_eq!(names(&db, NAMES).await, ["xa", "xb"]);
    }
}

#[tokio::test]
async fn reading_does_not_write() {
    for db in Bench::both().await {
        let answer = db
            .read(|tx| async move { tx.row(RAISE, params!["officer", 1]).await })
            .await;
        assert!(answer.is_err());
    }
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    for db in Bench::both().await {
        db.migrate().await.unwrap();
        assert_eq!(raise(&db, "officer", 1).await.unwrap(), 2);
    }
}

/// The dialects drift apart one statement at a time; this finds it on the day it is written.
#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for bench in Bench::both().await {
        let of_these_tests = STATEMENTS
            .iter()
            .copied()
            .filter(|sql| sql.name != BARE_SUM.name);
        for sql in crate::statements().chain(of_these_tests) {
            let ran = bench.try_out(sql).await;
            assert!(
                ran.is_ok(),
                "{} on {}: {:?}",
                sql.name,
                bench.name,
                ran.err()
            );
        }
    }
}
