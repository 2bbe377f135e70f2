//! One conversation while it lasts: what is read, written, asked and awaited.

use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::{Instant, sleep_until, timeout};
use yadori_ledger::frame::{Frame, FrameError};
use yadori_ledger::session::{Answer, Input, Need, Outcome, Output, Range, Session};

use super::outbox::Outbox;
use super::{ConverseError, Limits, Store, StoreError};
use crate::frames::{Inbox, LINGER_MAX, READ_BYTES_MAX, REFUSAL_MAX, Wire};
use crate::link::LinkError;

/// Frames waiting to go out, above which the store is not asked for more to send: one batch on its
/// way and one ready.
const OUTBOX_BYTES_ENOUGH: usize = 32 * 1024;

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, StoreError>> + Send + 'a>>;

pub(super) struct Conversation<'a, St> {
    session: &'a mut Session,
    store: &'a St,
    outbox: Outbox,
    /// What the session waits for: not yet asked, then being answered. Never both.
    asked: Option<Need>,
    answering: Option<Answering<'a>>,
    finished: Option<Outcome>,
    /// The peer has said something in this conversation.
    heard: bool,
}

/// What happened next.
enum Event {
    Read(usize),
    Wrote(usize),
    Answered(Answer),
    Silence,
}

impl<'a, St: Store> Conversation<'a, St> {
    pub(super) fn new(session: &'a mut Session, store: &'a St) -> Self {
        Self {
            session,
            store,
            outbox: Outbox::default(),
            asked: None,
            answering: None,
            finished: None,
            heard: false,
        }
    }

    pub(super) async fn run<S>(
        &mut self,
        wire: &mut Wire<S>,
        limits: &Limits,
    ) -> Result<Outcome, ConverseError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Wire {
            stream,
            inbox,
            traffic,
        } = wire;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut chunk = vec![0; READ_BYTES_MAX];
        let mut moved_at = Instant::now();
        loop {
            self.think(inbox)?;
            match self.finished {
                Some(outcome) if self.outbox.is_flushed() => return Ok(outcome),
                _ => {}
            }
            let event = self.next_event(
                &mut reader,
                &mut chunk,
                &mut writer,
                inbox,
                moved_at + limits.stall_after,
            );
            match event.await? {
                Event::Read(0) if inbox.is_empty() => return Err(ConverseError::Closed),
                Event::Read(0) => return Err(ConverseError::Truncated),
                Event::Read(bytes) => {
                    inbox.push(&chunk[..bytes]);
                    traffic.received_bytes += bytes as u64;
                }
                Event::Wrote(bytes) => traffic.sent_bytes += bytes as u64,
                Event::Answered(answer) => self.session.handle(Input::Answer(answer)),
                Event::Silence => return Err(ConverseError::Stalled(limits.stall_after)),
            }
            moved_at = Instant::now();
        }
    }

    /// Whatever can go on first. Reading and writing go on side by side and beside the store, so
    /// that two sides with much to say to each other never both wait.
    async fn next_event(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        chunk: &mut [u8],
        writer: &mut (impl AsyncWrite + Unpin),
        inbox: &Inbox,
        stalls_at: Instant,
    ) -> Result<Event, ConverseError> {
        let hungry = self.finished.is_none() && self.session.has_room() && inbox.has_room();
        let busy = self.answering.is_some();
        tokio::select! {
            biased; // the same order every time, so that a simulated run can be repeated
            wrote = self.outbox.write(writer), if !self.outbox.is_flushed() => Ok(Event::Wrote(wrote.map_err(broken)?)),
            answer = answered(&mut self.answering), if busy => Ok(Event::Answered(answer?)),
            read = reader.read(chunk), if hungry => Ok(Event::Read(read.map_err(broken)?)),
            // While our own store works, the silence is ours.
            () = sleep_until(stalls_at), if !busy => Ok(Event::Silence),
        }
    }

    /// Hands over what came and carries out what the session wants, until it waits.
    fn think(&mut self, inbox: &mut Inbox) -> Result<(), ConverseError> {
        loop {
            let fed = self.feed(inbox)?;
            self.carry_out()?;
            self.ask();
            if !fed || self.is_asking() {
                return Ok(());
            }
        }
    }

    /// `true` when the session got a frame.
    fn feed(&mut self, inbox: &mut Inbox) -> Result<bool, FrameError> {
        let mut fed = false;
        if !self.heard {
            inbox.skip_last_word();
        }
        while self.finished.is_none() && self.session.has_room() {
            let Some(frame) = inbox.next()? else { break };
            if let Frame::Refused(why) = frame {
                return Err(FrameError::RefusedByPeer(why));
            }
            self.session.handle(Input::Frame(frame));
            fed = true;
            self.heard = true;
        }
        Ok(fed)
    }

    fn carry_out(&mut self) -> Result<(), FrameError> {
        while !self.is_asking() && self.finished.is_none() {
            match self.session.poll() {
                Some(Output::Send(frame)) => self.outbox.push(&frame),
                Some(Output::Need(need)) => self.asked = Some(need),
                Some(Output::Refuse(error)) => return Err(error),
                Some(Output::Finished(outcome)) => self.finished = Some(outcome),
                None => break,
            }
        }
        Ok(())
    }

    /// Asks the store, except for more to send while enough is waiting. When the session is also
    /// full of frames it must go on all the same: the peer may be waiting for room just as we are.
    fn ask(&mut self) {
        let enough = self.outbox.len() >= OUTBOX_BYTES_ENOUGH && self.session.has_room();
        let goes_now = |need: &mut Need| !(enough && matches!(need, Need::Range { .. }));
        if let Some(need) = self.asked.take_if(goes_now) {
            self.answering = Some(self.answer(need));
        }
    }

    fn answer(&self, need: Need) -> Answering<'a> {
        let store = self.store;
        Box::pin(store.answer(need))
    }

    fn is_asking(&self) -> bool {
        self.asked.is_some() || self.answering.is_some()
    }

    /// Tells the peer why it is refused, behind what is still on its way out. A peer that refused us
    /// is told nothing.
    pub(super) async fn tell<S: AsyncWrite + Unpin>(
        &mut self,
        error: &FrameError,
        wire: &mut Wire<S>,
    ) {
        if matches!(error, FrameError::RefusedByPeer(_)) {
            return;
        }
        self.outbox.push(&Frame::Refused(error.refusal()));
        let telling = async {
            while !self.outbox.is_flushed() {
                wire.traffic.sent_bytes += self.outbox.write(&mut wire.stream).await? as u64;
            }
            Ok::<(), io::Error>(())
        };
        drop(timeout(REFUSAL_MAX, telling).await); // it may be gone already; that is no news
    }

    /// The link is gone; what came over it before is committed nevertheless, so that it is not paid
    /// for twice. The session takes all frames before it asks for anything to send. `Err` when the
    /// last thing that came was a refusal.
    pub(super) async fn keep_what_arrived<S>(
        &mut self,
        wire: &mut Wire<S>,
    ) -> Result<(), FrameError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let until = Instant::now() + LINGER_MAX;
        if let Some(need) = self.asked.take() {
            self.answering = Some(self.answer(need));
        }
        loop {
            if self.answering.is_some() {
                // The store's own error comes second here: the link's is the one that is told.
                let Ok(answer) = answered(&mut self.answering).await else {
                    return Ok(());
                };
                self.session.handle(Input::Answer(answer));
            }
            self.feed(&mut wire.inbox)?;
            match self.session.poll() {
                Some(Output::Send(_)) => {}
                Some(Output::Need(Need::Range { after, .. })) if wire.has_more(until).await => {
                    let nothing = Range {
                        entries: Vec::new(),
                        upto: after,
                    };
                    self.session.handle(Input::Answer(Answer::Range(nothing)));
                }
                Some(Output::Need(Need::Range { .. }) | Output::Finished(_)) => return Ok(()),
                Some(Output::Need(need)) => self.answering = Some(self.answer(need)),
                Some(Output::Refuse(error)) => return Err(error),
                None if wire.has_more(until).await => {}
                None => return Ok(()),
            }
        }
    }
}

/// Never returns while nothing is being answered; a dropped wait goes on with the next one.
async fn answered(answering: &mut Option<Answering<'_>>) -> Result<Answer, ConverseError> {
    let Some(waiting) = answering else {
        return std::future::pending().await;
    };
    let answer = waiting.await;
    *answering = None;
    answer.map_err(ConverseError::Store)
}

fn broken(error: io::Error) -> LinkError {
    LinkError::of(error)
}
