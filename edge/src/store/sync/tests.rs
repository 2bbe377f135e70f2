//! Two real stores and the real session, over a pipe. The callee stands for headquarters.

use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use yadori_ledger::clock::By;
use yadori_ledger::id::{ChangeKey, DocId};
use yadori_ledger::session::{Committed, Incoming, Lane, Outcome, Party, Scope, Session};
use yadori_transport::drive::{Limits, converse};
use yadori_transport::frames::Wire;

use super::Peer;
use crate::store::tests::{Home, SHELTER, amend, household, notes, raw};
use crate::store::{Contact, Store, StoreError, ground, log};

#[tokio::test]
async fn two_stores_that_talked_hold_the_same() {
    let (node, hq) = pair();
    for n in 0..20 {
        household(&node.store, n).await.unwrap();
    }
    household(&hq.store, 100).await.unwrap();
    let talk = talk(&node, &hq).await;

    assert!(talk.agreed && !talk.streamed_all);
    assert_eq!((talk.sent_count, talk.received_count), (20, 1));
    assert_same(&node.store, &hq.store).await;
    assert_eq!(
        node.store.read(Contact::read).await.unwrap().waiting_count,
        0
    );
    assert_eq!(self::talk(&node, &hq).await.sent_count, 0);
}

#[tokio::test]
async fn an_edit_goes_over_alone_and_shows_on_the_other_side() {
    let (node, hq) = pair();
    let doc = household(&node.store, 1).await.unwrap();
    talk(&node, &hq).await;
    hq.store
        .write(move |tx| amend(tx, doc, "090-1111-2222", Lane::Emergency))
        .await
        .unwrap();
    let before = node.store.stamp(By::portal()).lamport;
    let talk = talk(&node, &hq).await;

    assert_eq!((talk.sent_count, talk.received_count), (0, 1));
    assert_eq!(notes(&node.store).await, ["090-1111-2222"]);
    assert!(node.store.stamp(By::portal()).lamport > before);
}

#[tokio::test]
async fn an_urgent_change_and_what_it_builds_on_are_sent_once() {
    let (node, hq) = pair();
    let doc = household(&node.store, 1).await.unwrap();
    household(&node.store, 2).await.unwrap();
    node.store
        .write(move |tx| amend(tx, doc, "119", Lane::Emergency))
        .await
        .unwrap();
    let talk = talk(&node, &hq).await;

    assert_eq!(talk.sent_count, 3);
    assert!(talk.agreed && !talk.streamed_all);
    assert_eq!(notes(&hq.store).await, ["119"]);
    assert_eq!(
        node.store.read(Contact::read).await.unwrap().waiting_count,
        0
    );
}

#[tokio::test]
async fn registering_while_the_stores_talk_does_not_make_their_digests_differ() {
    let (node, hq) = pair();
    for n in 0..40 {
        household(&node.store, n).await.unwrap();
    }
    let registering = async {
        for n in 40..120 {
            let doc = household(&node.store, n).await.unwrap();
            node.store
                .write(move |tx| amend(tx, doc, "119", Lane::Emergency))
                .await
                .unwrap();
        }
    };
    let talking = async {
        for _ in 0..10 {
            assert!(!talk(&node, &hq).await.streamed_all);
        }
    };
    tokio::join!(registering, talking);
    talk(&node, &hq).await;
    assert_same(&node.store, &hq.store).await;
}

#[tokio::test]
async fn a_link_that_is_cut_again_and_again_brings_everything_at_last() {
    let (node, hq) = pair();
    for n in 0..60 {
        household(&node.store, n).await.unwrap();
    }
    let mut cuts = 0;
    let talk = loop {
        match talk_until(&node, &hq, 300 + 500 * cuts).await {
            Some(talk) => break talk,
            None => cuts += 1,
        }
    };
    assert!(cuts >= 2, "{cuts} cuts");
    assert!(talk.agreed && !talk.streamed_all);
    assert_same(&node.store, &hq.store).await;
}

#[tokio::test]
async fn a_refused_change_is_kept_with_its_reason_and_blocks_nothing() {
    let (node, hq) = pair();
    node.store
        .write(|tx| {
            let (actor, scope, lane) = (Some(tx.actor()), tx.shelter().as_str(), Lane::People);
            let state = ground::State::Applied;
            ground::keep(
                tx,
                &ground::Kept {
                    change: &raw(9),
                    actor,
                    scope,
                    lane,
                    origin: None,
                    state,
                },
            )
        })
        .await
        .unwrap();
    household(&node.store, 1).await.unwrap();
    let talk = talk(&node, &hq).await;

    assert!(talk.agreed && !talk.streamed_all);
    assert_eq!(
        hq.store
            .read(Contact::read)
            .await
            .unwrap()
            .quarantined_count,
        1
    );
    let reason = |db: &rusqlite::Connection| {
        Ok(
            db.query_row("select reason from change where state = 2", [], |row| {
                row.get::<_, String>(0)
            })?,
        )
    };
    assert_eq!(hq.store.read(reason).await.unwrap(), "not-a-change");
    assert_same(&node.store, &hq.store).await;
}

#[tokio::test]
async fn a_change_that_came_before_what_it_builds_on_waits_for_it() {
    let (node, hq) = pair();
    let doc = household(&node.store, 1).await.unwrap();
    node.store
        .write(move |tx| amend(tx, doc, "090-1111-2222", Lane::People))
        .await
        .unwrap();
    let mut changes = changes(&node.store).await;
    let first = changes.remove(0);

    assert_eq!(bring(&hq, changes.clone()).await.new_count, 1);
    assert!(
        hq.store
            .read(move |db| ground::document(db, doc, hq_actor()))
            .await
            .is_err()
    );
    assert_eq!(bring(&hq, vec![first]).await.new_count, 1);
    assert_eq!(notes(&hq.store).await, ["090-1111-2222"]);
    assert_eq!(bring(&hq, changes).await.new_count, 0);
    assert_same(&node.store, &hq.store).await;
    hq.store.redraw_all().await.unwrap();
}

#[tokio::test]
async fn rows_that_cannot_be_drawn_do_not_stop_the_changes_from_arriving() {
    let (node, hq) = pair();
    let doc = household(&node.store, 1).await.unwrap();
    node.store
        .write(move |tx| amend(tx, doc, "090-1111-2222", Lane::People))
        .await
        .unwrap();
    hq.store
        .write(|tx| Ok(tx.execute_batch("drop table note")?))
        .await
        .unwrap();
    assert!(talk(&node, &hq).await.agreed);
    assert_same(&node.store, &hq.store).await;
}

#[tokio::test]
async fn a_peer_that_starts_over_is_told_everything_again() {
    let (node, hq) = pair();
    household(&node.store, 1).await.unwrap();
    talk(&node, &hq).await;
    let (_, fresh) = pair();
    assert!(talk(&node, &fresh).await.agreed);
    assert_same(&node.store, &fresh.store).await;
}

/// A store and the key it signs with.
struct Side {
    store: Store,
    key: SigningKey,
    _home: Home,
}

fn pair() -> (Side, Side) {
    (side(1), side(2))
}

fn side(n: u8) -> Side {
    let home = Home::new();
    let key = SigningKey::from_bytes(&[n; 32]);
    let mut options = home.options();
    (options.key, options.random) = (key.verifying_key(), u64::from(n));
    Side {
        store: home.open_with(options),
        key,
        _home: home,
    }
}

fn hq_actor() -> yadori_ledger::id::ActorId {
    yadori_ledger::id::ActorId::new([0; 16])
}

async fn talk(node: &Side, hq: &Side) -> Outcome {
    talk_until(node, hq, usize::MAX)
        .await
        .expect("the link was not cut")
}

/// One conversation over a link that is cut after so many bytes from the node; `None` when cut.
async fn talk_until(node: &Side, hq: &Side, cut_after_bytes: usize) -> Option<Outcome> {
    let (near, middle_near) = duplex(64 * 1024);
    let (middle_far, far) = duplex(64 * 1024);
    tokio::spawn(carry(middle_near, middle_far, cut_after_bytes));
    let party = |side: &Side| Party {
        key: side.key.clone(),
        epoch: side.store.epoch(),
    };
    let mut caller = Session::caller(party(node), hq.key.verifying_key());
    let mut callee = Session::callee(party(hq), node.key.verifying_key());
    let to_hq = Peer::new(node.store.clone(), hq.store.node_id());
    let to_node = Peer::new(hq.store.clone(), node.store.node_id());
    let limits = Limits {
        stall_after: Duration::from_secs(5),
    };
    let (mut near, mut far) = (Wire::new(near), Wire::new(far));
    let calling = converse(&mut caller, &mut near, &to_hq, &limits);
    let answering = converse(&mut callee, &mut far, &to_node, &limits);
    let (called, answered) = tokio::join!(calling, answering);
    answered
        .ok()
        .and(called.ok())
        .map(|summary| summary.outcome)
}

async fn carry(near: DuplexStream, far: DuplexStream, mut left: usize) {
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) =
        (tokio::io::split(near), tokio::io::split(far));
    let back = tokio::io::copy(&mut far_in, &mut near_out);
    let forth = async {
        let mut chunk = [0; 1_024];
        while left > 0 {
            let Ok(read @ 1..) = near_in.read(&mut chunk).await else {
                break;
            };
            let passed = read.min(left);
            left -= passed;
            if far_out.write_all(&chunk[..passed]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        _ = back => {}
        () = forth => {}
    }
}

async fn assert_same(a: &Store, b: &Store) {
    let held = |db: &rusqlite::Connection| log::held(db, SHELTER);
    assert_eq!(a.read(held).await.unwrap(), b.read(held).await.unwrap());
    assert_eq!(
        a.read(counted).await.unwrap(),
        b.read(counted).await.unwrap()
    );
}

fn counted(db: &rusqlite::Connection) -> Result<i64, StoreError> {
    Ok(db.query_row("select count(*) from change", [], |row| row.get(0))?)
}

async fn changes(store: &Store) -> Vec<(ChangeKey, Vec<u8>)> {
    let read = store.read(|db| {
        let mut rows = db.prepare("select doc, bytes from change order by at")?;
        let rows = rows.query_map([], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    });
    let keyed = |(doc, bytes): (Vec<u8>, Vec<u8>)| {
        let doc = DocId::from_bytes(&doc).unwrap();
        (
            ChangeKey {
                doc,
                hash: yadori_ledger::frame::hash_of(&bytes),
            },
            bytes,
        )
    };
    read.await.unwrap().into_iter().map(keyed).collect()
}

async fn bring(to: &Side, changes: Vec<(ChangeKey, Vec<u8>)>) -> Committed {
    let incoming = Incoming {
        scope: Scope::Shelter,
        lane: Lane::People,
        their_epoch: 1,
        cursor: 1,
        epoch: 0,
        signature: [0; 64],
        changes,
    };
    let from = yadori_ledger::id::NodeId::new([1; 16]);
    to.store
        .write(move |tx| super::absorb::commit(tx, from, &incoming))
        .await
        .unwrap()
}
