//! Two stores in memory, a link that can lose, cut and delay, and what they say to each other.

mod store;

use std::collections::VecDeque;

use super::*;
use store::{Memory, key};

/// What went over the link in one conversation.
struct Talk {
    caller: Outcome,
    callee: Outcome,
    bytes: usize,
    /// Batch bytes sent by the caller.
    batch_bytes: usize,
    /// Flights that one side had to wait for, halved: round trips until the caller was finished.
    round_trips: usize,
}

/// A link that delivers at most `frames_max` frames and loses those that `lose` says.
fn talk_over(
    a: &mut Memory,
    b: &mut Memory,
    frames_max: usize,
    lose: impl Fn(usize) -> bool,
) -> Talk {
    let mut sessions = [
        Session::caller(a.party(), b.key()),
        Session::callee(b.party(), a.key()),
    ];
    let (peer_a, peer_b) = (a.name, b.name);
    let mut stores = [(a, peer_b), (b, peer_a)];
    let mut wires: [VecDeque<Vec<u8>>; 2] = Default::default();
    let (mut bytes, mut batch_bytes, mut flights, mut sent) = (0, 0, 0, 0);
    let mut finished = [false; 2];
    for side in (0..2).cycle().take(100_000) {
        let arrived = std::mem::take(&mut wires[side]);
        let had = !arrived.is_empty();
        for frame in arrived {
            sessions[side].handle(Input::Frame(decode(&frame)));
            drain(
                side,
                &mut sessions,
                &mut stores,
                &mut finished,
                &mut |frame| {
                    wires[1 - side].push_back(frame);
                },
            );
        }
        drain(
            side,
            &mut sessions,
            &mut stores,
            &mut finished,
            &mut |frame| wires[1 - side].push_back(frame),
        );
        flights += usize::from(had && !finished[0]);
        let out = std::mem::take(&mut wires[1 - side]);
        for frame in out {
            sent += 1;
            bytes += frame.len();
            batch_bytes += if side == 0 && frame[1] == 2 {
                frame.len()
            } else {
                0
            };
            if sent <= frames_max && !lose(sent) {
                wires[1 - side].push_back(frame);
            }
        }
        if side == 1 && wires.iter().all(VecDeque::is_empty) {
            break;
        }
    }
    let [caller, callee] = &sessions;
    Talk {
        caller: caller.outcome(),
        callee: callee.outcome(),
        bytes,
        batch_bytes,
        round_trips: flights.div_ceil(2),
    }
}

fn drain(
    side: usize,
    sessions: &mut [Session; 2],
    stores: &mut [(&mut Memory, u8); 2],
    finished: &mut [bool; 2],
    send: &mut dyn FnMut(Vec<u8>),
) {
    while let Some(output) = sessions[side].poll() {
        match output {
            Output::Send(frame) => send(frame.encode()),
            Output::Need(need) => {
                let (store, peer) = &mut stores[side];
                let answer = store.answer(*peer, need);
                sessions[side].handle(Input::Answer(answer));
            }
            Output::Refuse(_) | Output::Finished(_) => finished[side] = true,
        }
    }
}

fn decode(bytes: &[u8]) -> Frame {
    let (header, body) = bytes.split_first_chunk().unwrap();
    Frame::decode(crate::frame::Header::parse(*header).unwrap(), body).unwrap()
}

fn talk(a: &mut Memory, b: &mut Memory) -> Talk {
    talk_over(a, b, usize::MAX, |_| false)
}

/// Node, headquarters and the first conversation behind them.
fn acquainted() -> (Memory, Memory) {
    let (mut node, mut hq) = (Memory::new(1), Memory::new(2));
    node.write(0..20, Lane::People);
    assert!(talk(&mut node, &mut hq).caller.agreed);
    (node, hq)
}

#[test]
fn two_that_never_met_end_with_the_same_changes() {
    let (mut node, mut hq) = (Memory::new(1), Memory::new(2));
    node.write(0..500, Lane::People);
    hq.write(1_000..1_200, Lane::Rest);
    let first = talk(&mut node, &mut hq);
    assert!(first.caller.agreed, "{:?} {:?}", first.caller, first.callee);
    assert_eq!((node.held(), hq.held()), (700, 700));
    assert!(!first.caller.streamed_all);
}

#[test]
fn nothing_new_costs_one_round_trip_and_under_a_hundred_bytes() {
    let (mut node, mut hq) = acquainted();
    let idle = talk(&mut node, &mut hq);
    assert!(idle.caller.agreed && idle.callee.agreed);
    assert_eq!(idle.round_trips, 1);
    assert!(idle.bytes <= 150, "{} bytes", idle.bytes);
}

#[test]
fn fifty_new_changes_cost_one_round_trip() {
    let (mut node, mut hq) = acquainted();
    node.write(100..150, Lane::People);
    let edits = talk(&mut node, &mut hq);
    assert!(edits.caller.agreed && !edits.caller.streamed_all);
    assert_eq!((edits.round_trips, hq.held()), (1, 70));
    hq.write(200..210, Lane::Emergency);
    let back = talk(&mut node, &mut hq);
    assert!(back.caller.agreed && !back.caller.streamed_all);
    assert_eq!((back.round_trips, node.held()), (1, 80));
}

#[test]
fn changes_on_both_sides_meet_without_streaming_everything() {
    let (mut node, mut hq) = acquainted();
    for round in 1..6 {
        node.write(round * 1_000..round * 1_000 + 300, Lane::People);
        hq.write(round * 1_000 + 500..round * 1_000 + 700, Lane::Aid);
        let both = talk(&mut node, &mut hq);
        assert!(
            both.caller.agreed && !both.caller.streamed_all,
            "round {round}"
        );
        assert_eq!(node.held(), hq.held());
    }
}

#[test]
fn an_urgent_change_arrives_before_a_backlog() {
    let (mut node, mut hq) = acquainted();
    node.write(1_000..3_000, Lane::Rest);
    node.write(5_000..5_001, Lane::Emergency);
    talk_over(&mut node, &mut hq, 2, |_| false);
    assert!(hq.holds(&key(5_000)));
}

#[test]
fn a_link_cut_after_any_frame_resumes_where_it_was() {
    let (mut node, mut hq) = acquainted();
    node.write(1_000..2_000, Lane::People);
    let whole = {
        let (mut node, mut hq) = (node.clone(), hq.clone());
        talk(&mut node, &mut hq).batch_bytes
    };
    let (mut sent, mut cuts) = (0, 0);
    while hq.held() < node.held() {
        sent += talk_over(&mut node, &mut hq, 5, |_| false)
            .batch_bytes
            .min(whole);
        cuts += 1;
        assert!(cuts < 1_000, "no progress");
    }
    assert!(talk(&mut node, &mut hq).caller.agreed);
    assert!(sent > 0);
}

#[test]
fn a_lost_frame_never_makes_a_change_disappear() {
    for lost in 1..40 {
        let (mut node, mut hq) = acquainted();
        node.write(1_000..2_500, Lane::People);
        hq.write(5_000..5_500, Lane::People);
        talk_over(&mut node, &mut hq, usize::MAX, |n| n == lost);
        let next = talk(&mut node, &mut hq);
        assert!(next.caller.agreed, "after frame {lost} was lost");
        assert_eq!(
            (node.held(), hq.held()),
            (2_020, 2_020),
            "after frame {lost} was lost"
        );
    }
}

#[test]
fn a_difference_that_no_cursor_tells_of_is_reported_and_healed() {
    let (mut node, mut hq) = acquainted();
    node.write(100..200, Lane::People);
    hq.write(500..600, Lane::People);
    talk(&mut node, &mut hq);
    hq.forget(&key(7));
    node.forget(&key(550));
    let healed = talk(&mut node, &mut hq);
    assert!(healed.caller.streamed_all && healed.callee.streamed_all);
    assert_eq!((node.held(), hq.held()), (220, 220));
    assert!(node.differs_count + hq.differs_count > 0, "it is reported");
    let after = talk(&mut node, &mut hq);
    assert!(after.caller.agreed && !after.caller.streamed_all && after.round_trips == 1);
}

#[test]
fn a_store_restored_from_an_old_copy_gets_back_what_it_lost() {
    let (mut node, mut hq) = acquainted();
    let mut old = node.clone();
    node.write(100..200, Lane::People);
    hq.write(500..600, Lane::People);
    talk(&mut node, &mut hq);
    old.restored();
    old.write(900..910, Lane::People);
    assert!(talk(&mut old, &mut hq).caller.agreed);
    assert_eq!((old.held(), hq.held()), (230, 230));
}

#[test]
fn a_batch_signed_by_another_is_refused() {
    let (mut node, mut hq) = (Memory::new(1), Memory::new(2));
    node.write(0..5, Lane::People);
    let stranger = Memory::new(3);
    let mut callee = Session::callee(hq.party(), stranger.key());
    let mut caller = Session::caller(node.party(), hq.key());
    let mut refused = None;
    while let Some(output) = caller.poll() {
        match output {
            Output::Need(need) => {
                let answer = node.answer(2, need);
                caller.handle(Input::Answer(answer));
            }
            Output::Send(frame) => callee.handle(Input::Frame(frame)),
            Output::Refuse(_) | Output::Finished(_) => unreachable!(),
        }
    }
    while let Some(output) = callee.poll() {
        match output {
            Output::Need(need) => {
                let answer = hq.answer(1, need);
                callee.handle(Input::Answer(answer));
            }
            Output::Refuse(error) => refused = Some(error),
            Output::Send(_) | Output::Finished(_) => {}
        }
    }
    assert_eq!(refused, Some(FrameError::Signature));
    assert_eq!(hq.held(), 0);
}
