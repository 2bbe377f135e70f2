//! Drives one conversation: passes frames between the link and the session, and what the session
//! needs between it and a store.
//!
//! Knows nothing of SQL and of what a change means. Logs nothing: who called or listened knows the
//! peer, and logs how the conversation ended, once.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};
use yadori_ledger::frame::{Frame, FrameError};
use yadori_ledger::session::{Answer, Input, Need, Outcome, Output, Session};

use crate::frames::{Inbox, READ_BYTES_MAX, REFUSAL_MAX, Traffic, Wire};
use crate::link::LinkError;

/// What holds the changes: the node's or headquarters' database.
pub trait Store: Sync {
    /// Answers one need; for [`Need::Commit`] after the transaction is on disk, not before.
    fn answer(&self, need: Need) -> impl Future<Output = Result<Answer, StoreError>> + Send;
}

/// Any store's own error; its text goes to the log.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// What a conversation may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A link on which no byte moves for this long, while one is expected, is dropped.
    pub stall_after: Duration,
}

/// A satellite that hands over or meets heavy rain is back within a minute.
const STALL_AFTER: Duration = Duration::from_secs(90);

impl Default for Limits {
    fn default() -> Self {
        Self {
            stall_after: STALL_AFTER,
        }
    }
}

/// How a conversation went.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    pub outcome: Outcome,
    pub traffic: Traffic,
}

/// Why a conversation ended early. What was committed stays; the next link takes up from there.
#[derive(Debug, thiserror::Error)]
pub enum ConverseError {
    #[error("no byte moved for {} s, so the link was dropped; the rest follows on the next one", .0.as_secs())]
    Stalled(Duration),
    #[error("the peer closed the link before the end; the rest follows on the next one")]
    Closed,
    #[error("the link was cut in the middle of a frame; the rest follows on the next one")]
    Truncated,
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Either side refused the other; the text says which.
    #[error("{0}")]
    Refused(#[from] FrameError),
    #[error(
        "the store failed: {0}; what came since the last commit follows again on the next link"
    )]
    Store(StoreError),
}

/// Talks until both sides hold the same, or the link fails. After an error, `session.outcome()` and
/// `wire.traffic()` tell how far it came; the wire is then of no more use but to be closed, which lets a
/// refusal arrive.
pub async fn converse<S, St>(
    session: &mut Session,
    wire: &mut Wire<S>,
    store: &St,
    limits: &Limits,
) -> Result<Summary, ConverseError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    St: Store,
{
    let before = wire.traffic;
    let mut talk = Conversation::new(session, store);
    match talk.run(wire, limits).await {
        Ok(outcome) => Ok(Summary {
            outcome,
            traffic: wire.traffic.since(before),
        }),
        Err(ConverseError::Refused(error)) => {
            talk.tell(&error, wire).await;
            Err(ConverseError::Refused(error))
        }
        Err(error) => {
            talk.keep_what_arrived(&mut wire.inbox).await;
            Err(error)
        }
    }
}

impl Traffic {
    fn since(self, before: Self) -> Self {
        Self {
            sent_bytes: self.sent_bytes - before.sent_bytes,
            received_bytes: self.received_bytes - before.received_bytes,
        }
    }
}

/// Frames waiting to go out, above which the store is not asked for more to send: one batch on its
/// way and one ready.
const OUTBOX_BYTES_ENOUGH: usize = 32 * 1024;

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, StoreError>> + Send + 'a>>;

struct Conversation<'a, St> {
    session: &'a mut Session,
    store: &'a St,
    outbox: Outbox,
    /// What the session waits for: not yet asked, then being answered. Never both.
    asked: Option<Need>,
    answering: Option<Answering<'a>>,
    finished: Option<Outcome>,
}

/// What happened next.
enum Event {
    Read(usize),
    Wrote(usize),
    Answered(Answer),
    Silence,
}

impl<'a, St: Store> Conversation<'a, St> {
    fn new(session: &'a mut Session, store: &'a St) -> Self {
        Self {
            session,
            store,
            outbox: Outbox::default(),
            asked: None,
            answering: None,
            finished: None,
        }
    }

    async fn run<S>(
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
        while self.finished.is_none() && self.session.has_room() {
            let Some(frame) = inbox.next()? else { break };
            self.session.handle(Input::Frame(frame));
            fed = true;
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
        let store = self.store;
        if let Some(need) = self
            .asked
            .take_if(|need| !(enough && matches!(need, Need::Range { .. })))
        {
            self.answering = Some(Box::pin(store.answer(need)));
        }
    }

    fn is_asking(&self) -> bool {
        self.asked.is_some() || self.answering.is_some()
    }

    /// Tells the peer why it is refused, behind what is still on its way out. A peer that refused us
    /// is told nothing.
    async fn tell<S: AsyncWrite + Unpin>(&mut self, error: &FrameError, wire: &mut Wire<S>) {
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

    /// The link is gone; the frames that came before are committed nevertheless, so that they are
    /// not paid for twice. The session takes them before it asks for anything to send.
    async fn keep_what_arrived(&mut self, inbox: &mut Inbox) {
        if let Some(need) = self.asked.take() {
            self.answering = Some(Box::pin(self.store.answer(need)));
        }
        loop {
            if self.answering.is_some() {
                match answered(&mut self.answering).await {
                    Ok(answer) => self.session.handle(Input::Answer(answer)),
                    Err(_) => return, // the first error is the one that is told
                }
            }
            if self.feed(inbox).is_err() {
                return;
            }
            match self.session.poll() {
                Some(Output::Send(_)) => {}
                Some(
                    Output::Need(Need::Range { .. }) | Output::Refuse(_) | Output::Finished(_),
                )
                | None => return,
                Some(Output::Need(need)) => {
                    self.answering = Some(Box::pin(self.store.answer(need)))
                }
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

/// Frames as bytes, on their way out.
#[derive(Default)]
struct Outbox {
    bytes: Vec<u8>,
    written: usize,
    /// Bytes were handed to the stream that it may still hold back.
    held_back: bool,
}

impl Outbox {
    fn push(&mut self, frame: &Frame) {
        self.bytes.drain(..self.written);
        self.written = 0;
        self.bytes.extend_from_slice(&frame.encode());
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    fn is_flushed(&self) -> bool {
        self.len() == 0 && !self.held_back
    }

    /// Writes a part, or flushes when all is written. A dropped write has written nothing.
    async fn write(&mut self, writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<usize> {
        if self.len() == 0 {
            writer.flush().await?;
            self.held_back = false;
            return Ok(0);
        }
        let bytes = writer.write(&self.bytes[self.written..]).await?;
        if bytes == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.written += bytes;
        self.held_back = true;
        Ok(bytes)
    }
}
