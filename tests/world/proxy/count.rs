//! Counting: bytes in each direction, connections, and flights.
//!
//! A *flight* is a one-way trip that something had to wait for. What an end sends after it got
//! a byte of flight n belongs to flight n + 1; the longest such chain is what the delay of the
//! link is multiplied by. When both ends stream for long, late bytes count as answers to early
//! ones, so the number is exact for short exchanges and an upper bound for long ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub up_bytes: u64,
    pub down_bytes: u64,
    pub connections: u32,
    /// The longest chain of one-way trips in any one connection, TCP's own opening not counted.
    pub flights: u32,
}

impl Counted {
    pub fn bytes(&self) -> u64 {
        self.up_bytes + self.down_bytes
    }

    /// There and back, the opening of the TCP connection not counted.
    pub fn round_trips(&self) -> u32 {
        self.flights.div_ceil(2)
    }
}

#[derive(Default)]
pub(super) struct Counter {
    up_bytes: Arc<AtomicU64>,
    down_bytes: Arc<AtomicU64>,
    connections: AtomicU32,
    flights: Arc<AtomicU32>,
}

/// The counting of one connection: the flight that has arrived at each end.
pub(super) struct Flight {
    up_bytes: Arc<AtomicU64>,
    down_bytes: Arc<AtomicU64>,
    flights: Arc<AtomicU32>,
    near: AtomicU32,
    far: AtomicU32,
}

/// One direction of one connection.
pub(super) struct Tally<'a> {
    bytes: &'a AtomicU64,
    flights: &'a AtomicU32,
    arrived_at_sender: &'a AtomicU32,
    arrived_at_reader: &'a AtomicU32,
}

impl Counter {
    pub(super) fn connection(&self) -> Flight {
        self.connections.fetch_add(1, Ordering::SeqCst);
        Flight {
            up_bytes: Arc::clone(&self.up_bytes),
            down_bytes: Arc::clone(&self.down_bytes),
            flights: Arc::clone(&self.flights),
            near: AtomicU32::new(0),
            far: AtomicU32::new(0),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.up_bytes.load(Ordering::SeqCst) + self.down_bytes.load(Ordering::SeqCst)
    }

    pub(super) fn read(&self) -> Counted {
        Counted {
            up_bytes: self.up_bytes.load(Ordering::SeqCst),
            down_bytes: self.down_bytes.load(Ordering::SeqCst),
            connections: self.connections.load(Ordering::SeqCst),
            flights: self.flights.load(Ordering::SeqCst),
        }
    }

    pub(super) fn reset(&self) {
        self.up_bytes.store(0, Ordering::SeqCst);
        self.down_bytes.store(0, Ordering::SeqCst);
        self.connections.store(0, Ordering::SeqCst);
        self.flights.store(0, Ordering::SeqCst);
    }
}

impl Flight {
    pub(super) fn up(&self) -> Tally<'_> {
        Tally {
            bytes: &self.up_bytes,
            flights: &self.flights,
            arrived_at_sender: &self.near,
            arrived_at_reader: &self.far,
        }
    }

    pub(super) fn down(&self) -> Tally<'_> {
        Tally {
            bytes: &self.down_bytes,
            flights: &self.flights,
            arrived_at_sender: &self.far,
            arrived_at_reader: &self.near,
        }
    }
}

impl Tally<'_> {
    /// Bytes entered the line; returns the flight that they belong to.
    pub(super) fn sent(&self, bytes: usize) -> u32 {
        self.bytes.fetch_add(bytes as u64, Ordering::SeqCst);
        let flight = self.arrived_at_sender.load(Ordering::SeqCst) + 1;
        self.flights.fetch_max(flight, Ordering::SeqCst);
        flight
    }

    /// Bytes of that flight came out at the other end.
    pub(super) fn arrived(&self, flight: u32) {
        self.arrived_at_reader.fetch_max(flight, Ordering::SeqCst);
    }
}
