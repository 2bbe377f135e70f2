//! Builds changes by hand, so that they can be wrong in one place and right in all others.

use sha2::{Digest, Sha256};

pub(in crate::guard) const ACTION: u64 = 0x42;
pub(in crate::guard) const KEY: u64 = 0x15;
pub(in crate::guard) const INSERT: u64 = 0x34;
pub(in crate::guard) const VALUE_META: u64 = 0x56;
pub(in crate::guard) const VALUE: u64 = 0x57;
pub(in crate::guard) const REPLACED_COUNT: u64 = 0x70;
pub(in crate::guard) const REPLACED_ACTOR: u64 = 0x71;
pub(in crate::guard) const REPLACED_COUNTER: u64 = 0x73;
pub(in crate::guard) const OBJECT_ACTOR: u64 = 0x01;
pub(in crate::guard) const OBJECT_COUNTER: u64 = 0x02;

pub(in crate::guard) struct Forge {
    pub(in crate::guard) deps: Vec<[u8; 32]>,
    pub(in crate::guard) actor: Vec<u8>,
    pub(in crate::guard) seq: u64,
    pub(in crate::guard) start_op: u64,
    pub(in crate::guard) message: Vec<u8>,
    pub(in crate::guard) others: Vec<Vec<u8>>,
    pub(in crate::guard) columns: Vec<(u64, Vec<u8>)>,
    pub(in crate::guard) extra: Vec<u8>,
}

impl Forge {
    /// The same key of the root set to null over and over: a few bytes, however often.
    pub(in crate::guard) fn nulls(times: i64) -> Self {
        Self {
            deps: vec![[9; 32]],
            actor: vec![1; 16],
            seq: 1,
            start_op: 1,
            message: Vec::new(),
            others: Vec::new(),
            columns: vec![
                (KEY, run(times, &[1, b'k'])),
                (INSERT, unsigned(times.unsigned_abs())),
                (ACTION, run(times, &[1])),
                (VALUE_META, run(times, &[0])),
                (REPLACED_COUNT, run(times, &[0])),
            ],
            extra: Vec::new(),
        }
    }

    /// Adds or replaces a column, in its place.
    pub(in crate::guard) fn with(mut self, id: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self.columns.retain(|(known, _)| *known != id);
        self.columns.push((id, bytes.into()));
        self.columns.sort_by_key(|(id, _)| *id);
        self
    }

    pub(in crate::guard) fn bytes(&self) -> Vec<u8> {
        let mut body = unsigned(self.deps.len() as u64);
        body.extend(self.deps.concat());
        body.extend(prefixed(&self.actor));
        body.extend([unsigned(self.seq), unsigned(self.start_op), signed(0)].concat());
        body.extend(prefixed(&self.message));
        body.extend(unsigned(self.others.len() as u64));
        body.extend(self.others.iter().flat_map(|actor| prefixed(actor)));
        body.extend(unsigned(self.columns.len() as u64));
        for (id, bytes) in &self.columns {
            body.extend([unsigned(*id), unsigned(bytes.len() as u64)].concat());
        }
        body.extend(self.columns.iter().flat_map(|(_, bytes)| bytes.clone()));
        body.extend(&self.extra);
        sealed(1, &body)
    }
}

/// A chunk of any type around a body, with the checksum that fits.
pub(in crate::guard) fn sealed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, kind];
    chunk.extend(unsigned(body.len() as u64));
    chunk.extend(body);
    reseal(&mut chunk);
    chunk
}

/// Makes the checksum fit again after something was altered.
pub(in crate::guard) fn reseal(chunk: &mut [u8]) {
    if chunk.len() > 8 {
        let digest = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&digest[..4]);
    }
}

/// One value so many times; a single one is written as a literal, as Automerge does.
pub(in crate::guard) fn run(times: i64, value: &[u8]) -> Vec<u8> {
    [&signed(if times == 1 { -1 } else { times }), value].concat()
}

pub(in crate::guard) fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [&unsigned(bytes.len() as u64), bytes].concat()
}

pub(in crate::guard) fn unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub(in crate::guard) fn signed(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !(-64..64).contains(&value) {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8 & 0x7f);
    bytes
}
