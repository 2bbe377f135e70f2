//! Decides about bytes from elsewhere before Automerge sees one of them.
//!
//! Automerge 0.12.0 believes what it reads: a legal change of 111 bytes costs it 894 MB, and
//! altered bytes panic it in 18 places (reliability.md §0, §2). So everything that can be known of
//! a change is found out here first, in time and memory that follow its length ([`inspect`]); then
//! it is held against the document that it wants to join ([`absorb`]).
//!
//! Strict on purpose: what passes is what our own documents write (DESIGN §3.4), in the one way in
//! which Automerge writes it. Written in any other way, a change lands but comes back out under
//! another hash, and Automerge panics on the next that builds on it. A writer that could leave the
//! limits below inspects its own change before it is stored. Signatures, scopes and who may write what are decided by the caller, before and after.

mod absorb;
mod columns;
mod history;
mod ops;
mod reader;
mod refusal;
mod runs;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::id::{ActorId, ChangeHash};
use columns::Columns;
use reader::Reader;

pub use absorb::{Absorbed, absorb};
pub use refusal::Refusal;

/// Thirty people with thirty facts of 35 bytes are 32 KiB; a frame is at most 256 KiB.
pub const CHANGE_BYTES_MAX: usize = 64 * 1024;
/// Those people are 900 operations. Automerge takes some 450 bytes of memory for each.
pub const OPS_MAX: u64 = 4_096;
/// One per writer that was out of touch when the change was made.
pub const DEPS_MAX: u64 = 64;
/// Writers whose values a change replaces, itself included.
pub const ACTORS_MAX: u64 = 64;
/// Automerge knows 14 columns of a change, of which ours fill ten.
pub const COLUMNS_MAX: u64 = 64;
/// Ten columns of [`OPS_MAX`] rows, and room for values that settle several others.
pub const ROWS_MAX: u64 = 65_536;
/// `person.fact` is some 30. A run repeats one key for every operation, and Automerge copies each.
pub const KEY_BYTES_MAX: usize = 128;
/// Some 5,000 characters of Japanese: more than a form takes.
pub const VALUE_BYTES_MAX: u64 = 16 * 1024;
/// A stamp is at most nine; the rest is for later versions.
pub const MESSAGE_BYTES_MAX: usize = 64;
/// Automerge counts operations in 32 bits, and panics beyond.
pub const COUNTER_MAX: u64 = u32::MAX as u64;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// What a change says about itself. Only its form has been proved: the document that it wants to
/// join ([`absorb`]) and the batch that it came in have a say yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Inspected {
    pub hash: ChangeHash,
    pub actor: ActorId,
    /// Numbers the writer's changes of this document, from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// Advisory (DESIGN §3.7).
    pub time_s: i64,
    pub message: Option<String>,
    pub deps: Vec<ChangeHash>,
    pub ops_count: u32,
}

/// Shows no message: a stranger wrote it.
impl fmt::Debug for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Inspected({}, {} #{}, {} ops)",
            self.hash, self.actor, self.seq, self.ops_count
        )
    }
}

/// Finds out everything that can be known of a raw change without its document.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, Refusal> {
    Scanned::of(bytes).map(|scanned| scanned.about)
}

/// A change that passed, with its columns for a second look.
struct Scanned<'a> {
    about: Inspected,
    /// Its writer, then the others that its operations refer to by place in this list.
    actors: Vec<ActorId>,
    columns: Columns<'a>,
}

impl<'a> Scanned<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (hash, body) = envelope(bytes)?;
        let scanned = Self::body(hash, body)?;
        let mut used = BTreeSet::from([0]);
        for op in scanned.ops() {
            let op = op?;
            used.extend(
                op.object
                    .iter()
                    .chain(&op.replaces)
                    .map(|reference| reference.actor),
            );
            ascending(
                op.replaces
                    .iter()
                    .map(|replaced| (replaced.counter, scanned.actors[replaced.actor])),
            )?;
        }
        if used.len() == scanned.actors.len() {
            Ok(scanned)
        } else {
            Err(Refusal::UnusedActor)
        }
    }

    fn body(hash: ChangeHash, mut body: Reader<'a>) -> Result<Self, Refusal> {
        let deps = deps(&mut body)?;
        let actor = actor(&mut body)?;
        let seq = body.unsigned()?;
        let start_op = body.unsigned()?;
        let time_s = body.signed()?;
        let message = body.text(MESSAGE_BYTES_MAX, Refusal::MessageTooLong)?;
        let actors = actors(actor, &mut body)?;
        let columns = Columns::of(body)?;
        let ops_count = columns.count(deps.is_empty())?;

        let range = 1..=COUNTER_MAX;
        if !(range.contains(&seq)
            && range.contains(&start_op)
            && start_op + u64::from(ops_count) <= COUNTER_MAX)
        {
            return Err(Refusal::CounterRange);
        }
        let message = Some(message)
            .filter(|text| !text.is_empty())
            .map(str::to_owned);
        let about = Inspected {
            hash,
            actor,
            seq,
            start_op,
            time_s,
            message,
            deps,
            ops_count,
        };
        Ok(Self {
            about,
            actors,
            columns,
        })
    }
}

/// Checks what is around a change, and names it.
fn envelope(bytes: &[u8]) -> Result<(ChangeHash, Reader<'_>), Refusal> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    let mut chunk = Reader::new(bytes);
    if chunk.array()? != MAGIC {
        return Err(Refusal::NotAChange);
    }
    let checksum: [u8; 4] = chunk.array()?;
    match chunk.array()? {
        [0] => return Err(Refusal::DocumentChunk),
        [1] => {}
        [2] => return Err(Refusal::CompressedChunk),
        [3] => return Err(Refusal::BundleChunk),
        [other] => return Err(Refusal::UnknownChunk(other)),
    }
    let length = chunk.unsigned()?;
    let body = Reader::new(chunk.take(length)?);
    if !chunk.is_empty() {
        return Err(Refusal::TrailingBytes);
    }
    // The hash covers the type, the length and the body: all that follows the checksum.
    let digest = Sha256::digest(&bytes[MAGIC.len() + checksum.len()..]);
    if !digest.starts_with(&checksum) {
        return Err(Refusal::WrongChecksum);
    }
    Ok((ChangeHash::new(digest.into()), body))
}

fn deps(body: &mut Reader<'_>) -> Result<Vec<ChangeHash>, Refusal> {
    let count = body.unsigned()?;
    if count > DEPS_MAX {
        return Err(Refusal::TooManyDependencies);
    }
    let deps: Vec<_> = (0..count)
        .map(|_| body.array().map(ChangeHash::new))
        .collect::<Result<_, _>>()?;
    // In any order: Automerge puts the writer's own last change behind the others.
    let distinct: BTreeSet<_> = deps.iter().collect();
    if distinct.len() == deps.len() {
        Ok(deps)
    } else {
        Err(Refusal::OutOfOrder)
    }
}

fn actors(writer: ActorId, body: &mut Reader<'_>) -> Result<Vec<ActorId>, Refusal> {
    let others = body.unsigned()?;
    if others >= ACTORS_MAX {
        return Err(Refusal::TooManyActors);
    }
    let mut actors = vec![writer];
    for _ in 0..others {
        actors.push(actor(body)?);
    }
    ascending(&actors[1..])?;
    if actors[1..].contains(&writer) {
        Err(Refusal::OutOfOrder)
    } else {
        Ok(actors)
    }
}

fn actor(body: &mut Reader<'_>) -> Result<ActorId, Refusal> {
    let bytes = body.prefixed(size_of::<ActorId>(), Refusal::ActorLength)?;
    ActorId::from_bytes(bytes).map_err(|_| Refusal::ActorLength)
}

/// Automerge writes all that it names in order, and gives back in order what came in any other:
/// under another hash.
fn ascending<T: Ord>(named: impl IntoIterator<Item = T>) -> Result<(), Refusal> {
    if named
        .into_iter()
        .is_sorted_by(|before, after| before < after)
    {
        Ok(())
    } else {
        Err(Refusal::OutOfOrder)
    }
}
