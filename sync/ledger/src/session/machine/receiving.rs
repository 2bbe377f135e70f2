//! Receiving: greetings, batches, and the comparison of digests.

use crate::frame::{Ack, Batch, Equal, Frame, FrameError, Hello, StandingFrame};
use crate::id::ChangeKey;
use crate::session::{Committed, Greeting, Incoming, Need, Positions, Standing, composite};
use crate::sign;

use super::{Asked, Phase, Session, Then};

impl Session {
    /// Takes the next frame; without one, goes on sending. `false` when there is nothing to do.
    pub(super) fn talk(&mut self) -> bool {
        if let Some(frame) = self.inbox.pop_front() {
            self.take_frame(frame);
            return true;
        }
        if self.phase != Phase::Talking || !self.met {
            return false;
        }
        match (self.standing, self.next_log()) {
            (None, _) => self.need(
                Phase::Asked(Asked::Upto),
                Need::Standing { seen: self.seen },
            ),
            (Some(_), Some((scope, lane))) => {
                self.ask_range(Phase::Asked(Asked::Range), scope, lane)
            }
            (Some(_), None) if !self.said_standing || self.is_outdated() => self.ask_to_say(),
            (Some(_), None) => return false,
        }
        true
    }

    /// Our standing was said before the last of the peer's changes came in.
    fn is_outdated(&self) -> bool {
        self.heard_since_said
            && self
                .their_standing
                .as_ref()
                .is_some_and(|theirs| self.has_all_of(theirs))
    }

    fn has_all_of(&self, theirs: &StandingFrame) -> bool {
        Positions::logs()
            .all(|(scope, lane)| self.cursor.at(scope, lane) >= theirs.upto.at(scope, lane))
    }

    fn take_frame(&mut self, frame: Frame) {
        match (frame, self.phase) {
            (Frame::Hello(hello), Phase::Talking) if !self.met => self.hello_back(&hello),
            (Frame::Batch(batch), Phase::FirstFlight { following_count }) => {
                self.take_batch(&batch, Some(following_count.saturating_sub(1)));
            }
            (Frame::Batch(batch), Phase::Talking) if self.met => self.take_batch(&batch, None),
            (Frame::Ack(ack), Phase::Talking) if self.met => self.take_ack(&ack),
            (Frame::Standing(theirs), Phase::Talking) if self.met => {
                self.take_standing(theirs, Then::Compare)
            }
            (Frame::Equal(equal), Phase::Talking) => self.take_equal(&equal),
            (Frame::Differs, Phase::Talking) if self.met => self.stream_all(),
            _ => self.refuse(FrameError::OutOfTurn),
        }
    }

    /// Callee: what we remember of the caller is known now.
    pub(super) fn greeted(&mut self, greeting: Greeting) {
        let Some(Frame::Hello(hello)) = self.inbox.pop_front() else {
            return self.refuse(FrameError::OutOfTurn);
        };
        self.meet(greeting, &hello);
        self.their_standing.clone_from(&hello.standing);
        match hello.following_count {
            0 => self.end_first_flight(),
            following_count => self.phase = Phase::FirstFlight { following_count },
        }
    }

    /// Caller: the callee greets back, with how far it has read after our first flight.
    fn hello_back(&mut self, hello: &Hello) {
        let Some(greeting) = self.greeting else {
            return;
        };
        self.meet(greeting, hello);
        self.said_standing &= self.next_log().is_none();
        self.need(Phase::Asked(Asked::Note(Then::Talk)), Need::Seen(self.seen));
    }

    /// Callee: all of the first flight is committed; answer it.
    pub(super) fn end_first_flight(&mut self) {
        match self.their_standing.take() {
            Some(theirs) => self.take_standing(theirs, Then::EndFirstFlight),
            None => self.say_hello_back(),
        }
    }

    fn say_hello_back(&mut self) {
        let our_epoch = self.greeting.map_or(0, |greeting| greeting.our_epoch);
        let hello = Hello {
            our_epoch,
            your_epoch: self.their_epoch,
            cursor: self.cursor,
            following_count: 0,
            standing: None,
        };
        self.send(Frame::Hello(hello));
        self.need(Phase::Asked(Asked::Note(Then::Talk)), Need::Seen(self.seen));
    }

    fn take_batch(&mut self, batch: &Batch, following_count: Option<u8>) {
        let changes = match batch.payload.unpack() {
            Ok(changes) => changes,
            Err(error) => return self.refuse(error),
        };
        let keys: Vec<ChangeKey> = changes.iter().map(|(key, _)| *key).collect();
        if !sign::verify(&self.their_key, batch.epoch, &keys, &batch.signature) {
            return self.refuse(FrameError::Signature);
        }
        let Batch {
            scope,
            lane,
            after,
            upto,
            epoch,
            signature,
            ..
        } = *batch;
        // A batch that starts after where we stand leaves the cursor: something before it was lost.
        let stands = self.cursor.at(scope, lane);
        let cursor = if after <= stands {
            stands.max(upto)
        } else {
            stands
        };
        self.committing = Some((scope, lane, cursor));
        self.outcome.received_count += keys.len() as u64;
        let their_epoch = self.their_epoch;
        let incoming = Incoming {
            scope,
            lane,
            their_epoch,
            cursor,
            epoch,
            signature,
            changes,
        };
        self.need(
            Phase::Asked(Asked::Commit { following_count }),
            Need::Commit(incoming),
        );
    }

    pub(super) fn committed(&mut self, committed: Committed, following_count: Option<u8>) {
        if let Some((scope, lane, cursor)) = self.committing.take() {
            self.cursor.set(scope, lane, cursor);
        }
        self.outcome.quarantined_count += committed.quarantined_count;
        self.heard_since_said = true;
        match following_count {
            Some(0) => self.end_first_flight(),
            Some(following_count) => self.phase = Phase::FirstFlight { following_count },
            None => {
                self.phase = Phase::Talking;
                if self.inbox.is_empty() {
                    self.send(self.ack(false));
                }
            }
        }
    }

    fn take_ack(&mut self, ack: &Ack) {
        self.seen = ack.cursor;
        self.outcome.agreed |= ack.agreed;
        let then = if ack.agreed { Then::Finish } else { Then::Talk };
        self.need(Phase::Asked(Asked::Note(then)), Need::Seen(self.seen));
    }

    /// The callee holds what we hold and has nothing for us: one round trip.
    fn take_equal(&mut self, equal: &Equal) {
        self.outcome.agreed = true;
        self.seen = equal.cursor;
        self.their_epoch = equal.our_epoch;
        self.cursor = equal.upto;
        let advance = Need::Advance {
            their_epoch: self.their_epoch,
            cursor: self.cursor,
            seen: self.seen,
        };
        self.need(Phase::Asked(Asked::Note(Then::Finish)), advance);
    }

    /// Everything up to the peer's end is sent or our own: move the cursors over the rest.
    fn take_standing(&mut self, theirs: StandingFrame, then: Then) {
        for (scope, lane) in Positions::logs() {
            let upto = theirs.upto.at(scope, lane);
            let last_batch = upto.saturating_sub(theirs.beyond.at(scope, lane));
            let stands = self.cursor.at(scope, lane);
            if last_batch <= stands {
                self.cursor.set(scope, lane, stands.max(upto));
            }
        }
        self.seen = theirs.cursor;
        self.their_standing = Some(theirs);
        let advance = Need::Advance {
            their_epoch: self.their_epoch,
            cursor: self.cursor,
            seen: self.seen,
        };
        self.need(Phase::Asked(Asked::Note(then)), advance);
    }

    pub(super) fn noted(&mut self, then: Then) {
        self.phase = Phase::Talking;
        match then {
            Then::Talk => {}
            Then::Finish => self.finish(),
            Then::Compare => self.ask_to_compare(Asked::Compare),
            Then::EndFirstFlight => self.ask_to_compare(Asked::CompareFirst),
        }
    }

    fn ask_to_compare(&mut self, asked: Asked) {
        match &self.their_standing {
            Some(theirs) if self.has_all_of(theirs) => self.need(
                Phase::Asked(asked),
                Need::Standing {
                    seen: theirs.cursor,
                },
            ),
            Some(_) | None if asked == Asked::CompareFirst => self.say_hello_back(),
            Some(_) | None => {}
        }
    }

    /// Compares, when each side says that it has sent everything and neither lacks anything.
    pub(super) fn compare(&mut self, standing: Standing) {
        self.standing = Some(standing);
        self.phase = Phase::Talking;
        match self.verdict(&standing) {
            Some(true) => {
                self.outcome.agreed = true;
                self.send(self.ack(true));
                self.finish();
            }
            Some(false) if self.all => self.finish(),
            Some(false) => {
                self.send(Frame::Differs);
                self.stream_all();
            }
            None => {}
        }
    }

    /// Callee, after the first flight: equal is the shortest answer.
    pub(super) fn compare_first(&mut self, standing: Standing) {
        self.phase = Phase::Talking;
        match self.verdict(&standing) {
            Some(true) => {
                self.outcome.agreed = true;
                self.send(self.equal(standing.upto));
                self.need(
                    Phase::Asked(Asked::Note(Then::Finish)),
                    Need::Seen(standing.upto),
                );
            }
            // What differs is found out, and healed, once both have greeted.
            Some(false) | None => self.say_hello_back(),
        }
    }

    /// Whether both hold the same; `None` while the peer lacks something that is on its way.
    fn verdict(&self, standing: &Standing) -> Option<bool> {
        let theirs = self.their_standing.as_ref()?;
        let lacks_nothing = standing.lacking.iter().all(|sum| sum.count == 0);
        lacks_nothing.then(|| theirs.digest == composite(standing.held))
    }

    /// The sets differ although the cursors say otherwise: everything goes over the link once more.
    fn stream_all(&mut self) {
        if self.all {
            return;
        }
        self.all = true;
        self.outcome.streamed_all = true;
        self.sent = Positions::default();
        self.last_batch = Positions::default();
        self.said_standing = false;
        self.their_standing = None;
        self.need(Phase::Asked(Asked::Note(Then::Talk)), Need::Differs);
    }
}
