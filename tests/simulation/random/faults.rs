//! One conversation over a link that loses, doubles, delays and cuts. No sockets and no clock: the
//! same faults always meet the same frames.

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use yadori_ledger::frame::{Frame, Header};
use yadori_ledger::session::{Input, Outcome, Output, Session};
use yadori_transport::drive::Store;

use super::ops::Faults;

/// Frames of one conversation; a healthy one has some dozens.
const FRAMES_MAX: usize = 20_000;

/// Lets the caller and the callee talk until both have nothing more to say or the link is cut.
/// A store that fails ends the conversation, as in the real driver.
pub(super) async fn talk<A: Store, B: Store>(
    mut caller: Session,
    ours: &A,
    mut callee: Session,
    theirs: &B,
    faults: Faults,
) -> Outcome {
    let mut link = Link::new(faults);
    let (mut up, mut down) = (VecDeque::new(), VecDeque::new());
    while link.is_up() {
        let said = side(&mut caller, ours, &mut down, &mut up, &mut link).await;
        let answered = side(&mut callee, theirs, &mut up, &mut down, &mut link).await;
        if !said && !answered {
            break;
        }
    }
    caller.outcome()
}

/// Brings one side what arrived and takes what it says. `false` when nothing happened.
async fn side<S: Store>(
    session: &mut Session,
    store: &S,
    arrived: &mut VecDeque<Vec<u8>>,
    out: &mut VecDeque<Vec<u8>>,
    link: &mut Link,
) -> bool {
    let mut happened = drain(session, store, out, link).await;
    while let Some(bytes) = arrived.pop_front() {
        happened = true;
        let (header, body) = bytes.split_first_chunk().expect("frames have headers");
        let frame = Header::parse(*header)
            .and_then(|header| Frame::decode(header, body))
            .expect("our own frame");
        session.handle(Input::Frame(frame));
        drain(session, store, out, link).await;
    }
    happened
}

async fn drain<S: Store>(
    session: &mut Session,
    store: &S,
    out: &mut VecDeque<Vec<u8>>,
    link: &mut Link,
) -> bool {
    let mut happened = false;
    while let Some(output) = session.poll() {
        happened = true;
        match output {
            Output::Send(frame) => link.carry(frame.encode(), out),
            Output::Need(need) => match store.answer(need).await {
                Ok(answer) => session.handle(Input::Answer(answer)),
                Err(error) => panic!("a store failed: {error}"),
            },
            // After a refusal nothing more is said; the next visit starts afresh.
            Output::Refuse(_) => link.cut(),
            Output::Finished(_) => {}
        }
    }
    happened
}

struct Link {
    faults: Faults,
    rng: StdRng,
    carried: usize,
}

impl Link {
    fn new(faults: Faults) -> Self {
        Self {
            faults,
            rng: StdRng::seed_from_u64(faults.seed),
            carried: 0,
        }
    }

    fn is_up(&self) -> bool {
        self.carried < self.faults.frames_max.min(FRAMES_MAX)
    }

    fn cut(&mut self) {
        self.carried = usize::MAX;
    }

    fn carry(&mut self, frame: Vec<u8>, out: &mut VecDeque<Vec<u8>>) {
        if !self.is_up() {
            return;
        }
        self.carried += 1;
        if self.happens(self.faults.lost_percent) {
            return;
        }
        if self.happens(self.faults.doubled_percent) {
            out.push_back(frame.clone());
        }
        let late = self.happens(self.faults.late_percent);
        let at = if late {
            out.len().saturating_sub(1)
        } else {
            out.len()
        };
        out.insert(at, frame);
    }

    fn happens(&mut self, percent: u32) -> bool {
        percent > 0 && self.rng.random_ratio(percent, 100)
    }
}
