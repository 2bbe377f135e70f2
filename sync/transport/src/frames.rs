//! Bytes to frames and back, over any stream.
//!
//! A frame's size is checked before its body is taken in, so that a peer cannot make this side hold
//! more than one frame and one read. What a frame means is the session's business.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use yadori_ledger::frame::{FRAME_BYTES_MAX, Frame, FrameError, HEADER_BYTES, Header, Refused};

/// One TLS record's plaintext: more does not come out of one read.
pub(crate) const READ_BYTES_MAX: usize = 16 * 1024;

/// How long a peer that broke the protocol is given to hear why.
pub(crate) const REFUSAL_MAX: Duration = Duration::from_secs(5);

/// How long a closing side waits for the other: two round trips over a satellite. Closing sooner,
/// with bytes unread, would make TCP throw away what is still on its way out.
pub(crate) const LINGER_MAX: Duration = Duration::from_secs(3);

/// A stream with the bytes that came but are no frame yet. Several conversations may follow each
/// other on one wire.
#[derive(Debug)]
pub struct Wire<S> {
    pub(crate) stream: S,
    pub(crate) inbox: Inbox,
    pub(crate) traffic: Traffic,
}

/// Bytes of frames, without TLS and TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub sent_bytes: u64,
    pub received_bytes: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            inbox: Inbox::default(),
            traffic: Traffic::default(),
        }
    }

    /// All that went over this wire, also when a conversation broke.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Waits until the peer begins to speak; `false` when it closed instead. Waits for ever: whoever
    /// keeps a quiet link open decides how long.
    pub async fn is_spoken_to(&mut self) -> io::Result<bool> {
        loop {
            self.inbox.skip_last_word();
            if !self.inbox.is_empty() {
                return Ok(true);
            }
            if self.read().await? == 0 {
                return Ok(false);
            }
        }
    }

    /// Tells the peer why it is not served. It may be gone already; that is no news.
    pub async fn refuse(&mut self, why: Refused) {
        let frame = Frame::Refused(why).encode();
        let told = async {
            self.stream.write_all(&frame).await?;
            self.stream.flush().await
        };
        if let Ok(Ok(())) = timeout(REFUSAL_MAX, told).await {
            self.traffic.sent_bytes += frame.len() as u64;
        }
    }

    /// Says that nothing more comes, and lets what was said arrive.
    pub async fn close(mut self) {
        let closing = async {
            self.stream.shutdown().await?;
            while self.read().await? > 0 {
                self.inbox = Inbox::default();
            }
            Ok::<(), io::Error>(())
        };
        // Whether the peer heard it does not matter: everything committed was acknowledged before.
        drop(timeout(LINGER_MAX, closing).await);
    }

    /// Whether a link that can no longer be written to still holds something to read.
    pub(crate) async fn has_more(&mut self, until: Instant) -> bool {
        self.inbox.has_room() && matches!(timeout_at(until, self.read()).await, Ok(Ok(1..)))
    }

    async fn read(&mut self) -> io::Result<usize> {
        let mut chunk = [0; READ_BYTES_MAX];
        let bytes = self.stream.read(&mut chunk).await?;
        self.inbox.push(&chunk[..bytes]);
        self.traffic.received_bytes += bytes as u64;
        Ok(bytes)
    }
}

/// Bytes that arrived and are not yet read as frames.
#[derive(Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    taken: usize,
}

/// Shows the size only.
impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inbox({} bytes)", self.waiting().len())
    }
}

impl Inbox {
    pub(crate) fn push(&mut self, arrived: &[u8]) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.extend_from_slice(arrived);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    /// Whether reading more may be useful: a whole frame is not here yet.
    pub(crate) fn has_room(&self) -> bool {
        self.waiting().len() < HEADER_BYTES + FRAME_BYTES_MAX
    }

    /// The next frame, when all of it is here.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        let waiting = self.waiting();
        let Some((header, rest)) = waiting.split_first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let header = Header::parse(*header)?;
        let Some(body) = rest.get(..header.body_bytes) else {
            return Ok(None);
        };
        let frame = Frame::decode(header, body)?;
        self.taken += HEADER_BYTES + header.body_bytes;
        Ok(Some(frame))
    }

    /// Drops acknowledgements that belong to the conversation before: when both sides find at the
    /// same moment that they agree, each says so after the other has stopped listening. No
    /// conversation begins with one.
    pub(crate) fn skip_last_word(&mut self) {
        loop {
            let before = self.taken;
            if !matches!(self.next(), Ok(Some(Frame::Ack(_)))) {
                self.taken = before;
                return;
            }
        }
    }

    fn waiting(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadori_ledger::frame::VERSION;

    #[test]
    fn frames_come_out_whole_however_they_were_cut() {
        let sent = [
            Frame::Differs,
            Frame::Refused(Refused::NotAdmitted),
            Frame::Differs,
        ];
        let bytes: Vec<u8> = sent.iter().flat_map(Frame::encode).collect();
        for piece in 1..=bytes.len() {
            let mut inbox = Inbox::default();
            let mut came = Vec::new();
            for part in bytes.chunks(piece) {
                inbox.push(part);
                while let Some(frame) = inbox.next().unwrap() {
                    came.push(frame);
                }
            }
            assert_eq!(came, sent);
            assert!(inbox.is_empty());
        }
    }

    #[test]
    fn a_frame_that_announces_too_much_is_refused_before_its_body_comes() {
        let mut inbox = Inbox::default();
        inbox.push(&[VERSION, 2, 0xff, 0xff, 0xff, 0x7f]);
        assert_eq!(inbox.next(), Err(FrameError::TooLarge(0x7fff_ffff)));
    }
}
