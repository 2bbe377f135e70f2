//! One direction of the line: when the next segment may leave, and when it arrives.

use std::sync::Mutex;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::count::Tally;
use super::{Line, Shape};

/// What fits in one packet on the way.
const SEGMENT_BYTES: usize = 1_400;

/// How much a connection may have in the air: about what an untuned TCP window allows. When it
/// is full the sender waits, as it would in life.
const IN_THE_AIR_SEGMENTS_MAX: usize = 48;

/// TCP waits at least this long before it sends a lost segment again.
const RETRANSMIT_AFTER_MIN: Duration = Duration::from_millis(200);

/// All connections of a link share the line, so the state of the line is here and not in them.
pub(super) struct Way(Mutex<Inner>);

struct Inner {
    shape: Shape,
    /// When the last bit that was accepted will have left.
    free_at: Instant,
    /// When the last segment arrives; a later one never overtakes it.
    arrives_at: Instant,
    losses: StdRng,
}

struct Segment {
    bytes: Vec<u8>,
    arrives_at: Instant,
    flight: u32,
}

impl Way {
    pub(super) fn new(shape: Shape, seed: u64) -> Self {
        let now = Instant::now();
        let losses = StdRng::seed_from_u64(seed);
        Self(Mutex::new(Inner {
            shape,
            free_at: now,
            arrives_at: now,
            losses,
        }))
    }

    pub(super) fn reshape(&self, shape: Shape) {
        self.0.lock().expect("no holder panics").shape = shape;
    }

    /// Takes up the line for one segment; returns when its last bit has left and when it arrives.
    fn send(&self, bytes: usize) -> (Instant, Instant) {
        let mut inner = self.0.lock().expect("no holder panics");
        let shape = inner.shape;
        let takes = shape.bits_per_s.map_or(Duration::ZERO, |rate| {
            Duration::from_secs_f64(bytes as f64 * 8.0 / rate as f64)
        });
        inner.free_at = inner.free_at.max(Instant::now()) + takes;
        let mut arrives_at = inner.free_at + shape.one_way;
        if inner.losses.random_ratio(shape.loss_permille, 1_000) {
            arrives_at += RETRANSMIT_AFTER_MIN.max(shape.one_way * 2);
        }
        inner.arrives_at = inner.arrives_at.max(arrives_at);
        (inner.free_at, inner.arrives_at)
    }
}

/// Carries one direction of one connection until its end.
pub(super) async fn pass(
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    line: &Line,
    way: &Way,
    tally: Tally<'_>,
) {
    let (air, landing) = mpsc::channel(IN_THE_AIR_SEGMENTS_MAX);
    tokio::join!(
        take_off(from, air, line, way, &tally),
        land(landing, to, line, &tally)
    );
}

async fn take_off(
    mut from: OwnedReadHalf,
    air: mpsc::Sender<Segment>,
    line: &Line,
    way: &Way,
    tally: &Tally<'_>,
) {
    let mut buffer = [0; SEGMENT_BYTES];
    loop {
        line.is_clear().await;
        let room = usize::try_from(line.room())
            .unwrap_or(SEGMENT_BYTES)
            .clamp(1, SEGMENT_BYTES);
        let Ok(count @ 1..) = from.read(&mut buffer[..room]).await else {
            return;
        };
        let (left_at, arrives_at) = way.send(count);
        let flight = tally.sent(count);
        let segment = Segment {
            bytes: buffer[..count].to_vec(),
            arrives_at,
            flight,
        };
        if air.send(segment).await.is_err() {
            return;
        }
        line.passed();
        tokio::time::sleep_until(left_at).await;
    }
}

async fn land(
    mut landing: mpsc::Receiver<Segment>,
    mut to: OwnedWriteHalf,
    line: &Line,
    tally: &Tally<'_>,
) {
    while let Some(segment) = landing.recv().await {
        tokio::time::sleep_until(segment.arrives_at).await;
        line.is_clear().await;
        tally.arrived(segment.flight);
        if to.write_all(&segment.bytes).await.is_err() {
            return;
        }
    }
    // The sender has finished; the reader is told so. If it is gone, there is nobody to tell.
    to.shutdown().await.ok();
}
