//! The operations of a change, one by one. Only ever walked after [`super::columns`] counted them.

use super::columns::{Columns, MAKE_MAP};
use super::reader::Reader;
use super::runs::Rows;
use super::{COUNTER_MAX, KEY_BYTES_MAX, Refusal, Scanned};

/// One operation on one key.
pub(super) struct Op<'a> {
    /// Its number: with the writer, its identity in the document.
    pub(super) counter: u64,
    /// The operation that made the map it is about; `None`: the root.
    pub(super) object: Option<OpRef>,
    pub(super) key: &'a str,
    pub(super) value: Written<'a>,
    pub(super) replaces: Vec<OpRef>,
}

/// An operation, by its writer's place in the change's list and its number.
#[derive(Clone, Copy)]
pub(super) struct OpRef {
    pub(super) actor: usize,
    pub(super) counter: u64,
}

#[derive(PartialEq, Eq)]
pub(super) enum Written<'a> {
    Map,
    Bytes(&'a [u8]),
    /// Null, boolean, number, text or time: well formed, and of no concern to the guard.
    Other,
}

impl<'a> Scanned<'a> {
    pub(super) fn ops(&self) -> Ops<'a> {
        Ops::new(
            &self.columns,
            self.actors.len(),
            self.about.start_op,
            self.about.ops_count,
        )
    }
}

pub(super) struct Ops<'a> {
    object_actor: Rows<'a, u64>,
    object_counter: Rows<'a, u64>,
    key: Rows<'a, &'a str>,
    action: Rows<'a, u64>,
    value_meta: Rows<'a, u64>,
    value: Reader<'a>,
    replaced_count: Rows<'a, u64>,
    replaced_actor: Rows<'a, u64>,
    replaced_counter: Rows<'a, i64>,
    /// The replaced numbers are written as steps from one to the next.
    replaced_before: i64,
    actors: usize,
    next: u64,
    left: u32,
}

impl<'a> Iterator for Ops<'a> {
    type Item = Result<Op<'a>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let op = self.op();
        if op.is_err() {
            self.left = 0;
        }
        self.next += 1;
        Some(op)
    }
}

impl<'a> Ops<'a> {
    fn new(columns: &Columns<'a>, actors: usize, start_op: u64, ops_count: u32) -> Self {
        let unsigned = |column| Rows::new(column, |bytes| bytes.unsigned());
        Self {
            object_actor: unsigned(columns.object_actor),
            object_counter: unsigned(columns.object_counter),
            key: Rows::new(columns.key, |bytes| {
                bytes.text(KEY_BYTES_MAX, Refusal::BadKey)
            }),
            action: unsigned(columns.action),
            value_meta: unsigned(columns.value_meta),
            value: Reader::new(columns.value),
            replaced_count: unsigned(columns.replaced_count),
            replaced_actor: unsigned(columns.replaced_actor),
            replaced_counter: Rows::new(columns.replaced_counter, |bytes| bytes.signed()),
            replaced_before: 0,
            actors,
            next: start_op,
            left: ops_count,
        }
    }

    fn op(&mut self) -> Result<Op<'a>, Refusal> {
        let object = match (self.object_actor.row()?, self.object_counter.row()?) {
            (None, None) => None,
            (Some(actor), Some(counter)) => Some(self.reference(actor, counter)?),
            _ => return Err(Refusal::UnevenColumns),
        };
        let key = self.key.value()?;
        let value = self.written()?;
        let count = self.replaced_count.value()?;
        let replaces = (0..count)
            .map(|_| self.replaced())
            .collect::<Result<_, _>>()?;
        Ok(Op {
            counter: self.next,
            object,
            key,
            value,
            replaces,
        })
    }

    fn written(&mut self) -> Result<Written<'a>, Refusal> {
        let (action, meta) = (self.action.value()?, self.value_meta.value()?);
        let bytes = self.value.take(meta >> 4)?;
        let written = well_formed(meta & 0x0f, bytes)?;
        match action {
            MAKE_MAP if meta == 0 => Ok(Written::Map),
            MAKE_MAP => Err(Refusal::BadValue),
            _ => Ok(written),
        }
    }

    fn replaced(&mut self) -> Result<OpRef, Refusal> {
        let (actor, step) = (self.replaced_actor.value()?, self.replaced_counter.value()?);
        self.replaced_before = self
            .replaced_before
            .checked_add(step)
            .ok_or(Refusal::BadNumber)?;
        let counter = u64::try_from(self.replaced_before).map_err(|_| Refusal::BadReference)?;
        self.reference(actor, counter)
    }

    /// An operation refers to listed writers and to earlier numbers only.
    fn reference(&self, actor: u64, counter: u64) -> Result<OpRef, Refusal> {
        let actor = usize::try_from(actor)
            .ok()
            .filter(|actor| *actor < self.actors)
            .ok_or(Refusal::BadReference)?;
        let earlier = (1..self.next.min(COUNTER_MAX)).contains(&counter);
        if earlier {
            Ok(OpRef { actor, counter })
        } else {
            Err(Refusal::BadReference)
        }
    }
}

/// Holds a value's bytes against its type. Counters are forbidden: two of them made apart hide one
/// another, and what is counted here is counted in cells with one owner (DESIGN §3.11).
fn well_formed(kind: u64, bytes: &[u8]) -> Result<Written<'_>, Refusal> {
    let mut rest = Reader::new(bytes);
    match kind {
        0..=2 => {}
        3 => drop(rest.unsigned().map_err(|_| Refusal::BadValue)?),
        4 | 9 => drop(rest.signed().map_err(|_| Refusal::BadValue)?),
        5 => drop(rest.array::<8>().map_err(|_| Refusal::BadValue)?),
        6 => {
            return std::str::from_utf8(bytes)
                .map(|_| Written::Other)
                .map_err(|_| Refusal::BadText);
        }
        7 => return Ok(Written::Bytes(bytes)),
        _ => return Err(Refusal::ForbiddenValue),
    }
    if rest.is_empty() {
        Ok(Written::Other)
    } else {
        Err(Refusal::BadValue)
    }
}
