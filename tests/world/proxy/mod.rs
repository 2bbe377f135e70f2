//! A link between two places: a TCP proxy that delays, narrows, loses, cuts and counts.
//!
//! It carries bytes and does not know what they mean; under TLS it could not. What it counts is
//! TCP payload: no IP headers, no retransmissions.

mod count;
mod way;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use count::Counted;
use count::Counter;
use way::Way;

/// What kind of link it is. Both directions are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    pub one_way: Duration,
    /// None: as fast as the machine.
    pub bits_per_s: Option<u64>,
    /// How many of a thousand segments are lost once. TCP delivers in order, so what is lost
    /// holds up everything behind it for another round trip.
    pub loss_permille: u32,
}

impl Shape {
    /// Two programs on one desk.
    pub const LAN: Self = Self {
        one_way: Duration::ZERO,
        bits_per_s: None,
        loss_permille: 0,
    };
    /// A geostationary satellite: 600 ms there and back, 64 kbit/s.
    pub const GEO: Self = Self {
        one_way: Duration::from_millis(300),
        bits_per_s: Some(64_000),
        loss_permille: 5,
    };
    /// A low satellite: 60 ms there and back, 5 Mbit/s.
    pub const LEO: Self = Self {
        one_way: Duration::from_millis(30),
        bits_per_s: Some(5_000_000),
        loss_permille: 2,
    };
    /// The same link, losing nothing: for counting.
    pub const fn without_loss(self) -> Self {
        Self {
            loss_permille: 0,
            ..self
        }
    }
}

/// An open link to one address. Dropping it breaks what it carries.
pub struct Link {
    address: SocketAddr,
    line: Arc<Line>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// What the connections of one link share.
struct Line {
    up: Way,
    down: Way,
    state: watch::Sender<State>,
    counter: Counter,
    /// Breaks what is open once this many bytes in all have passed. `u64::MAX`: never.
    breaks_at: AtomicU64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    weather: Weather,
    /// Counts the cuts: a connection belongs to the time between two of them.
    cuts: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    Clear,
    /// Nothing passes, nothing breaks: what is in the air arrives later.
    Stalled,
    /// Nothing passes, and what was open is gone.
    Cut,
}

impl Link {
    /// Opens a link that ends at `target`. `seed` decides which segments are lost.
    pub async fn open(target: SocketAddr, shape: Shape, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line {
            up: Way::new(shape, seed),
            down: Way::new(shape, seed ^ 1),
            state: watch::Sender::new(State {
                weather: Weather::Clear,
                cuts: 0,
            }),
            counter: Counter::default(),
            breaks_at: AtomicU64::new(u64::MAX),
        });
        let accepting = tokio::spawn(accept(listener, target, Arc::clone(&line)));
        Ok(Self {
            address,
            line,
            tasks: Mutex::new(vec![accepting]),
        })
    }

    /// Where the near end connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn reshape(&self, shape: Shape) {
        self.line.up.reshape(shape);
        self.line.down.reshape(shape);
    }

    /// Ends every open connection at once, with what was in the air; new ones fail until
    /// [`Link::mend`].
    pub fn cut(&self) {
        self.line.cut(Weather::Cut);
    }

    /// Ends every open connection; new ones go through.
    pub fn break_open(&self) {
        self.line.cut(Weather::Clear);
    }

    /// Silence in both directions until [`Link::mend`], as behind a hill: nothing is closed.
    pub fn stall(&self) {
        self.line
            .state
            .send_modify(|state| state.weather = Weather::Stalled);
    }

    pub fn mend(&self) {
        self.line
            .state
            .send_modify(|state| state.weather = Weather::Clear);
    }

    pub fn is_up(&self) -> bool {
        self.line.state.borrow().weather == Weather::Clear
    }

    /// Breaks what is open, once, when `bytes` more have passed in both directions together.
    pub fn break_after(&self, bytes: u64) {
        let at = self.line.counter.bytes().saturating_add(bytes);
        self.line.breaks_at.store(at, Ordering::SeqCst);
    }

    /// The link is there for `open` and gone for `shut`, again and again, beginning open.
    pub fn windows(&self, open: Duration, shut: Duration) {
        let line = Arc::clone(&self.line);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(open).await;
                line.cut(Weather::Cut);
                tokio::time::sleep(shut).await;
                line.state
                    .send_modify(|state| state.weather = Weather::Clear);
            }
        });
        self.tasks.lock().expect("no holder panics").push(task);
    }

    pub fn counted(&self) -> Counted {
        self.line.counter.read()
    }

    /// Begins a new count.
    pub fn count_anew(&self) {
        self.line.counter.reset();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.line.cut(Weather::Cut);
        for task in self.tasks.lock().expect("no holder panics").drain(..) {
            task.abort();
        }
    }
}

impl Line {
    fn cut(&self, weather: Weather) {
        self.state.send_modify(|state| {
            *state = State {
                weather,
                cuts: state.cuts + 1,
            }
        });
    }

    /// Told after every segment, so that a break falls on an exact byte.
    fn passed(&self) {
        let at = self.breaks_at.load(Ordering::SeqCst);
        if self.counter.bytes() >= at {
            self.breaks_at.store(u64::MAX, Ordering::SeqCst);
            self.cut(Weather::Clear);
        }
    }

    /// How many bytes may still pass before the line is to break.
    fn room(&self) -> u64 {
        self.breaks_at
            .load(Ordering::SeqCst)
            .saturating_sub(self.counter.bytes())
    }

    async fn is_cut_after(&self, cuts: u64) {
        let mut state = self.state.subscribe();
        // Fails only when the sender is gone, and `self` holds it.
        drop(state.wait_for(|state| state.cuts > cuts).await);
    }

    async fn is_clear(&self) {
        let mut state = self.state.subscribe();
        drop(
            state
                .wait_for(|state| state.weather == Weather::Clear)
                .await,
        );
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, line: Arc<Line>) {
    while let Ok((near, _)) = listener.accept().await {
        let line = Arc::clone(&line);
        tokio::spawn(async move {
            let State { weather, cuts } = *line.state.borrow();
            if weather != Weather::Cut {
                tokio::select! {
                    () = carry(near, target, &line) => {}
                    () = line.is_cut_after(cuts) => {}
                }
            }
        });
    }
}

/// One connection. An error on either side ends it, as it would end a real one.
async fn carry(near: TcpStream, target: SocketAddr, line: &Line) {
    let Ok(far) = TcpStream::connect(target).await else {
        return;
    };
    if near.set_nodelay(true).and(far.set_nodelay(true)).is_err() {
        return;
    }
    let flight = line.counter.connection();
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    // Both directions run to their end: a half-closed connection still carries the other half.
    tokio::join!(
        way::pass(near_in, far_out, line, &line.up, flight.up()),
        way::pass(far_in, near_out, line, &line.down, flight.down()),
    );
}

#[cfg(test)]
mod tests;
