//! Sending: the caller's first flight, then batches by urgency, then the standing.

use crate::frame::{BATCH_BYTES_MAX, Batch, Frame, Hello, Payload};
use crate::id::ChangeKey;
use crate::session::{Entry, Greeting, Lane, Need, Positions, Range, Scope, Standing};
use crate::sign;

use super::{Asked, Phase, Session};

/// Raw changes asked of the store for one batch: compressed they are about [`BATCH_BYTES_MAX`].
const RANGE_BYTES_MAX: usize = 4 * BATCH_BYTES_MAX;

/// Batches in the caller's first flight, before it knows how far the peer has read.
const FIRST_FLIGHT_BATCHES_MAX: usize = 8;

impl Session {
    /// Caller: start from what we believe the peer has.
    pub(super) fn greet(&mut self, greeting: Greeting) {
        self.greeting = Some(greeting);
        self.cursor = greeting.cursor;
        self.seen = greeting.seen;
        self.sent = greeting.seen;
        self.last_batch = greeting.seen;
        self.need(
            Phase::FirstStanding,
            Need::Standing {
                seen: greeting.seen,
            },
        );
    }

    pub(super) fn first_range(&mut self, standing: Standing) {
        self.standing = Some(standing);
        self.next_first_range();
    }

    /// Caller: the first flight is at most one batch's bytes, because the peer may have read more
    /// than we know, and then it is sent for nothing.
    pub(super) fn first_flight(&mut self, range: Range) {
        let count_before = self.cut.len();
        self.take(range);
        let bytes: usize = self.cut.iter().map(|batch| batch.payload.len()).sum();
        if bytes > BATCH_BYTES_MAX {
            self.uncut(count_before.max(1));
            self.say_hello();
        } else if self.cut.len() >= FIRST_FLIGHT_BATCHES_MAX {
            self.say_hello();
        } else {
            self.next_first_range();
        }
    }

    fn next_first_range(&mut self) {
        match self.next_log() {
            Some((scope, lane)) => self.ask_range(Phase::FirstRange, scope, lane),
            None => self.say_hello(),
        }
    }

    /// Takes back batches that would make the first flight too long.
    fn uncut(&mut self, keep: usize) {
        for batch in self.cut.drain(keep.min(self.cut.len())..).rev() {
            self.sent.set(batch.scope, batch.lane, batch.after);
            self.last_batch.set(batch.scope, batch.lane, batch.after);
        }
    }

    fn say_hello(&mut self) {
        let (Some(greeting), Some(standing)) = (self.greeting, self.standing) else {
            return;
        };
        let complete = self.next_log().is_none();
        self.send(Frame::Hello(Hello {
            our_epoch: greeting.our_epoch,
            your_epoch: greeting.their_epoch.unwrap_or(0),
            cursor: greeting.cursor,
            following_count: u8::try_from(self.cut.len()).unwrap_or(u8::MAX),
            standing: complete.then(|| self.standing_frame(&standing)),
        }));
        self.said_standing = complete;
        self.send_cut();
        self.phase = Phase::Talking;
    }

    fn send_cut(&mut self) {
        for batch in std::mem::take(&mut self.cut) {
            self.send(Frame::Batch(Box::new(batch)));
        }
    }

    /// The most urgent log with something to send.
    pub(super) fn next_log(&self) -> Option<(Scope, Lane)> {
        let upto = self.standing?.upto;
        Positions::logs().find(|(scope, lane)| self.sent.at(*scope, *lane) < upto.at(*scope, *lane))
    }

    pub(super) fn ask_range(&mut self, phase: Phase, scope: Scope, lane: Lane) {
        let after = self.sent.at(scope, lane);
        let need = Need::Range {
            scope,
            lane,
            after,
            bytes_max: RANGE_BYTES_MAX,
            all: self.all,
        };
        self.need(phase, need);
    }

    pub(super) fn go_on_sending(&mut self, standing: Standing) {
        self.standing = Some(standing);
        self.phase = Phase::Talking;
    }

    pub(super) fn send_range(&mut self, range: Range) {
        self.take(range);
        self.send_cut();
        self.phase = Phase::Talking;
    }

    /// Cuts a range into batches.
    fn take(&mut self, mut range: Range) {
        let (Some((scope, lane)), Some(standing)) = (self.next_log(), self.standing) else {
            return;
        };
        // What was written since we asked where the log ends is not in the digest that goes with
        // it: it follows with the next standing.
        let end = standing.upto.at(scope, lane);
        range.entries.retain(|entry| entry.position <= end);
        // A range that does not move would be asked for again for ever.
        let upto = range.upto.clamp(self.sent.at(scope, lane) + 1, end);
        self.sent.set(scope, lane, upto);
        if !range.entries.is_empty() {
            self.cut_up(scope, lane, upto, &range.entries);
            self.outcome.sent_count += range.entries.len() as u64;
        }
    }

    /// One batch up to `upto`, or several when it compresses badly. Each starts where the one before
    /// it in its log ended, so that a lost one stops the reader's cursor.
    fn cut_up(&mut self, scope: Scope, lane: Lane, upto: u64, entries: &[Entry]) {
        let changes: Vec<_> = entries
            .iter()
            .map(|entry| (entry.key, entry.bytes.clone()))
            .collect();
        let payload = Payload::pack(&changes);
        if payload.len() > BATCH_BYTES_MAX && entries.len() > 1 {
            let (first, rest) = entries.split_at(entries.len() / 2);
            self.cut_up(
                scope,
                lane,
                first.last().map_or(upto, |entry| entry.position),
                first,
            );
            return self.cut_up(scope, lane, upto, rest);
        }
        let keys: Vec<ChangeKey> = entries.iter().map(|entry| entry.key).collect();
        let after = self.last_batch.at(scope, lane);
        let epoch = self.ours.epoch;
        let signature = sign::sign(&self.ours.key, epoch, &keys);
        self.last_batch.set(scope, lane, upto);
        self.cut.push(Batch {
            scope,
            lane,
            after,
            upto,
            epoch,
            signature,
            payload,
        });
    }

    pub(super) fn say_standing(&mut self, standing: Standing) {
        self.standing = Some(standing);
        self.phase = Phase::Talking;
        if self.next_log().is_none() {
            self.said_standing = true;
            self.heard_since_said = false;
            self.send(Frame::Standing(self.standing_frame(&standing)));
        }
    }

    /// Asks for the standing that goes with everything having been sent.
    pub(super) fn ask_to_say(&mut self) {
        self.need(Phase::Asked(Asked::Say), Need::Standing { seen: self.seen });
    }
}
