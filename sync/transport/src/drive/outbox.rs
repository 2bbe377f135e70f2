//! Frames as bytes, on their way out.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use yadori_ledger::frame::Frame;

#[derive(Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    written: usize,
    /// Bytes were handed to the stream that it may still hold back.
    held_back: bool,
}

impl Outbox {
    pub(super) fn push(&mut self, frame: &Frame) {
        self.bytes.drain(..self.written);
        self.written = 0;
        self.bytes.extend_from_slice(&frame.encode());
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    pub(super) fn is_flushed(&self) -> bool {
        self.len() == 0 && !self.held_back
    }

    /// Writes a part, or flushes when all is written. A dropped write has written nothing.
    pub(super) async fn write(
        &mut self,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<usize> {
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
