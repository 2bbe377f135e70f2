//! What the power board and the node say to each other over a serial line. No heap, no I/O.
//!
//! A frame is COBS(postcard(message) ‖ CRC-32C) and a zero byte: after noise the reader is in step
//! again at the next zero. A frame that cannot be read is an error value, never a panic, and never
//! a message.

#![no_std]

mod message;

use crc::{CRC_32_ISCSI, Crc};

pub use message::{Message, Reset, Urgency};

/// The longest body: the largest message with room for what later versions append.
pub const BODY_BYTES_MAX: usize = 96;

const CRC_BYTES: usize = 4;

/// Body, checksum, one COBS byte per 254, the delimiter.
pub const FRAME_BYTES_MAX: usize = BODY_BYTES_MAX + CRC_BYTES + 2;

/// Finds every burst of up to 32 wrong bits in so short a frame.
const CHECK: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Longer than [`FRAME_BYTES_MAX`], or the buffer is too small.
    TooLong,
    /// Not COBS, or the checksum does not fit: noise on the line.
    Damaged,
    /// Sound, but of a message that this version does not know.
    Unknown,
}

/// Writes a frame with its delimiter. Says how many bytes.
pub fn encode(message: &Message, frame: &mut [u8; FRAME_BYTES_MAX]) -> Result<usize, LinkError> {
    let mut body = [0; BODY_BYTES_MAX + CRC_BYTES];
    let used = postcard::to_slice(message, &mut body[..BODY_BYTES_MAX])
        .map_err(|_| LinkError::TooLong)?
        .len();
    let check = CHECK.checksum(&body[..used]).to_le_bytes();
    body[used..used + CRC_BYTES].copy_from_slice(&check);
    let length = cobs::try_encode(&body[..used + CRC_BYTES], &mut frame[..FRAME_BYTES_MAX - 1]);
    let length = length.map_err(|_| LinkError::TooLong)?;
    frame[length] = 0;
    Ok(length + 1)
}

/// Reads a frame, without its delimiter.
pub fn decode(frame: &[u8]) -> Result<Message, LinkError> {
    if frame.len() >= FRAME_BYTES_MAX {
        return Err(LinkError::TooLong);
    }
    let mut body = [0; FRAME_BYTES_MAX];
    let length = cobs::decode(frame, &mut body).map_err(|_| LinkError::Damaged)?;
    let (body, check) = body[..length]
        .split_last_chunk::<CRC_BYTES>()
        .ok_or(LinkError::Damaged)?;
    if CHECK.checksum(body) != u32::from_le_bytes(*check) {
        return Err(LinkError::Damaged);
    }
    postcard::from_bytes(body).map_err(|_| LinkError::Unknown)
}

/// Cuts a stream of bytes into frames.
pub struct Deframer {
    frame: [u8; FRAME_BYTES_MAX],
    length: usize,
    /// Too long already: wait for the next zero.
    skipping: bool,
}

impl Default for Deframer {
    fn default() -> Self {
        Self {
            frame: [0; FRAME_BYTES_MAX],
            length: 0,
            skipping: false,
        }
    }
}

impl Deframer {
    /// Takes one byte; a message or an error when it ended a frame.
    pub fn push(&mut self, byte: u8) -> Option<Result<Message, LinkError>> {
        if byte != 0 {
            self.keep(byte);
            return None;
        }
        let frame = &self.frame[..self.length];
        let read = match (self.skipping, frame.is_empty()) {
            (true, _) => Some(Err(LinkError::TooLong)),
            (false, true) => None,
            (false, false) => Some(decode(frame)),
        };
        (self.length, self.skipping) = (0, false);
        read
    }

    fn keep(&mut self, byte: u8) {
        match self.frame.get_mut(self.length) {
            Some(place) if !self.skipping => {
                *place = byte;
                self.length += 1;
            }
            _ => self.skipping = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Message; 4] = [
        Message::Hello {
            protocol: 1,
            firmware: 7,
            reset: Reset::Watchdog,
            boots: 3,
        },
        Message::Heartbeat {
            uptime_s: 86_400,
            boot: 9,
            work: 12_345,
        },
        Message::Battery {
            millivolts: 12_810,
            milliamps: -1_900,
            charge_percent: 83,
        },
        Message::RequestUplink {
            window_s: 600,
            urgency: Urgency::Emergency,
        },
    ];

    fn frame(message: &Message) -> ([u8; FRAME_BYTES_MAX], usize) {
        let mut bytes = [0; FRAME_BYTES_MAX];
        let length = encode(message, &mut bytes).unwrap();
        (bytes, length)
    }

    #[test]
    fn every_message_reads_back_and_holds_no_zero_before_its_end() {
        for message in ALL {
            let (bytes, length) = frame(&message);
            assert!(!bytes[..length - 1].contains(&0));
            assert_eq!(decode(&bytes[..length - 1]), Ok(message));
        }
    }

    #[test]
    fn no_single_flipped_bit_makes_another_message() {
        for message in ALL {
            let (bytes, length) = frame(&message);
            for bit in 0..(length - 1) * 8 {
                let mut flipped = bytes;
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(
                    decode(&flipped[..length - 1]).is_err(),
                    "bit {bit} of {message:?}"
                );
            }
        }
    }

    #[test]
    fn after_noise_the_reader_is_in_step_at_the_next_zero() {
        let mut deframer = Deframer::default();
        for noise in (1..=255).cycle().take(1_000) {
            assert_eq!(deframer.push(noise), None);
        }
        assert_eq!(deframer.push(0), Some(Err(LinkError::TooLong)));
        let (bytes, length) = frame(&ALL[2]);
        let mut read = bytes[..length]
            .iter()
            .filter_map(|byte| deframer.push(*byte));
        assert_eq!(read.next(), Some(Ok(ALL[2])));
        assert_eq!(read.next(), None);
    }
}
