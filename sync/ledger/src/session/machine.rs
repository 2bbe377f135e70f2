//! The conversation's state machine: frames and answers in, frames and needs out.

mod receiving;
mod sending;

use std::collections::VecDeque;

use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::frame::{Ack, Batch, Equal, Frame, FrameError, Hello, StandingFrame};

use super::{
    Answer, Greeting, Input, Lane, Need, Outcome, Output, Positions, Scope, Standing, composite,
};

/// Frames that arrive while the store is asked; more than any flight of small batches.
const INBOX_FRAMES_MAX: usize = 64;

/// One side of a conversation with one peer.
///
/// Drive it so: [`poll`](Self::poll) until `None`, carrying out each [`Output`]; then bring the next
/// [`Input`]. After [`Output::Need`] the next answer must come before more is polled.
pub struct Session {
    ours: Party,
    their_key: VerifyingKey,
    phase: Phase,
    inbox: VecDeque<Frame>,
    outbox: VecDeque<Output>,
    outcome: Outcome,

    /// What the store told of this peer; `None` until asked.
    greeting: Option<Greeting>,
    /// How far the peer has read our logs.
    seen: Positions,
    /// How far we have read the peer's logs.
    cursor: Positions,
    their_epoch: u64,
    /// Our logs as far as they were put into batches, or need not be.
    sent: Positions,
    /// Batches that are cut and not yet sent.
    cut: Vec<Batch>,
    /// Where the last batch of each log ended.
    last_batch: Positions,
    standing: Option<Standing>,
    /// The peer's latest word on what it holds.
    their_standing: Option<StandingFrame>,
    /// Stream everything, including what came from the peer.
    all: bool,
    /// The log that a batch is being committed to, and where its cursor will stand.
    committing: Option<(Scope, Lane, u64)>,
    /// The peer's greeting is known, so it is known how far it has read.
    met: bool,
    /// Our standing with everything sent has been said.
    said_standing: bool,
    /// Changes arrived since then, so it is no longer true.
    heard_since_said: bool,
}

/// Who this side is when it signs.
pub struct Party {
    pub key: SigningKey,
    /// The writer's epoch (DESIGN §3.5), not the log's.
    pub epoch: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start(Role),
    /// Asked the store for the greeting.
    Greeting(Role),
    /// Caller: asked where our logs end, for the first flight.
    FirstStanding,
    /// Caller: asked for a range of the first flight.
    FirstRange,
    /// Callee: the greeting is known, this many batches of the caller's first flight are to come.
    FirstFlight {
        following_count: u8,
    },
    /// Waiting for a frame, or with something to send.
    Talking,
    /// Asked the store while talking.
    Asked(Asked),
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Caller,
    Callee,
}

/// What the open need is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Where our logs end, to begin sending.
    Upto,
    Range,
    /// A batch; in the caller's first flight, with how many come after it.
    Commit {
        following_count: Option<u8>,
    },
    /// To compare with the peer's standing.
    Compare,
    /// Callee: the same after the first flight, where nothing has been answered yet.
    CompareFirst,
    /// To say our own standing.
    Say,
    /// A note for the store.
    Note(Then),
}

/// What comes after a note to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Talk,
    /// Callee: end the first flight.
    EndFirstFlight,
    Compare,
    Finish,
}

impl Session {
    /// The side that opened the link.
    pub fn caller(ours: Party, their_key: VerifyingKey) -> Self {
        Self::new(ours, their_key, Role::Caller)
    }

    /// The side that accepted it.
    pub fn callee(ours: Party, their_key: VerifyingKey) -> Self {
        Self::new(ours, their_key, Role::Callee)
    }

    fn new(ours: Party, their_key: VerifyingKey, role: Role) -> Self {
        Self {
            ours,
            their_key,
            phase: Phase::Start(role),
            inbox: VecDeque::new(),
            outbox: VecDeque::new(),
            outcome: Outcome::default(),
            greeting: None,
            seen: Positions::default(),
            cursor: Positions::default(),
            their_epoch: 0,
            sent: Positions::default(),
            cut: Vec::new(),
            last_batch: Positions::default(),
            standing: None,
            their_standing: None,
            all: false,
            committing: None,
            met: false,
            said_standing: false,
            heard_since_said: false,
        }
    }

    /// What happened so far; also for a conversation that a broken link ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Frame(Frame::Refused(refused)) => {
                self.refuse(FrameError::RefusedByPeer(refused))
            }
            Input::Frame(_) if self.inbox.len() >= INBOX_FRAMES_MAX => {
                self.refuse(FrameError::OutOfTurn)
            }
            Input::Frame(frame) => self.inbox.push_back(frame),
            Input::Answer(answer) => self.answered(answer),
        }
    }

    /// Whether another frame may be brought now; the driver stops reading while not.
    pub fn has_room(&self) -> bool {
        self.inbox.len() < INBOX_FRAMES_MAX
    }

    pub fn poll(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.outbox.pop_front() {
                return Some(output);
            }
            if !self.step() {
                return None;
            }
        }
    }

    /// Does one thing if there is one to do.
    fn step(&mut self) -> bool {
        match self.phase {
            Phase::Start(Role::Caller) => self.need(Phase::Greeting(Role::Caller), Need::Greeting),
            Phase::Start(Role::Callee) => match self.inbox.front() {
                Some(Frame::Hello(_)) => self.need(Phase::Greeting(Role::Callee), Need::Greeting),
                Some(_) => self.refuse(FrameError::OutOfTurn),
                None => return false,
            },
            Phase::FirstFlight { .. } | Phase::Talking => return self.talk(),
            Phase::Greeting(_)
            | Phase::FirstStanding
            | Phase::FirstRange
            | Phase::Asked(_)
            | Phase::Over => {
                return false;
            }
        }
        true
    }

    fn answered(&mut self, answer: Answer) {
        match (self.phase, answer) {
            (Phase::Greeting(Role::Caller), Answer::Greeting(greeting)) => self.greet(greeting),
            (Phase::Greeting(Role::Callee), Answer::Greeting(greeting)) => self.greeted(greeting),
            (Phase::FirstStanding, Answer::Standing(standing)) => self.first_range(standing),
            (Phase::FirstRange, Answer::Range(range)) => self.first_flight(range),
            (Phase::Asked(Asked::Upto), Answer::Standing(standing)) => self.go_on_sending(standing),
            (Phase::Asked(Asked::Range), Answer::Range(range)) => self.send_range(range),
            (Phase::Asked(Asked::Say), Answer::Standing(standing)) => self.say_standing(standing),
            (Phase::Asked(Asked::Compare), Answer::Standing(standing)) => self.compare(standing),
            (Phase::Asked(Asked::CompareFirst), Answer::Standing(standing)) => {
                self.compare_first(standing)
            }
            (Phase::Asked(Asked::Commit { following_count }), Answer::Committed(committed)) => {
                self.committed(committed, following_count);
            }
            (Phase::Asked(Asked::Note(then)), Answer::Done) => self.noted(then),
            (Phase::Over, _) => {}
            // The driver answered another question than it was asked: its fault, not the peer's.
            (phase, answer) => unreachable!("answer {answer:?} in phase {phase:?}"),
        }
    }

    fn need(&mut self, phase: Phase, need: Need) {
        self.phase = phase;
        self.outbox.push_back(Output::Need(need));
    }

    fn send(&mut self, frame: Frame) {
        self.outbox.push_back(Output::Send(frame));
    }

    fn refuse(&mut self, error: FrameError) {
        if self.phase != Phase::Over {
            self.phase = Phase::Over;
            self.outbox.push_back(Output::Refuse(error));
        }
    }

    fn finish(&mut self) {
        self.phase = Phase::Over;
        self.outbox.push_back(Output::Finished(self.outcome));
    }

    /// Both sides know the greeting now: whose epoch is new starts from the beginning.
    fn meet(&mut self, greeting: Greeting, hello: &Hello) {
        self.their_epoch = hello.our_epoch;
        let known = greeting.their_epoch == Some(hello.our_epoch);
        self.cursor = if known {
            greeting.cursor
        } else {
            Positions::default()
        };
        let continues = hello.your_epoch == greeting.our_epoch;
        self.seen = if continues {
            hello.cursor
        } else {
            Positions::default()
        };
        self.greeting = Some(greeting);
        self.sent = self.seen;
        self.last_batch = self.seen;
        self.met = true;
    }

    fn ack(&self, agreed: bool) -> Frame {
        Frame::Ack(Ack {
            cursor: self.cursor,
            agreed,
        })
    }

    fn equal(&self, upto: Positions) -> Frame {
        let our_epoch = self.greeting.map_or(0, |greeting| greeting.our_epoch);
        Frame::Equal(Equal {
            our_epoch,
            cursor: self.cursor,
            upto,
        })
    }

    fn standing_frame(&self, standing: &Standing) -> StandingFrame {
        let mut beyond = Positions::default();
        for (scope, lane) in Positions::logs() {
            let upto = standing.upto.at(scope, lane);
            beyond.set(
                scope,
                lane,
                upto.saturating_sub(self.last_batch.at(scope, lane)),
            );
        }
        StandingFrame {
            digest: composite(standing.held),
            upto: standing.upto,
            beyond,
            cursor: self.cursor,
        }
    }
}
