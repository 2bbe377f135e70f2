//! The columns of a change: which there are, and how many rows each of them claims.
//!
//! Walked by runs only, so a claim of two billion rows costs what the claim weighs. Knows nothing
//! about what the rows say together: that is [`super::ops`].

use super::reader::Reader;
use super::runs::{Read, each_run, falses};
use super::{COLUMNS_MAX, KEY_BYTES_MAX, OPS_MAX, ROWS_MAX, Refusal, VALUE_BYTES_MAX};

/// The columns that our documents fill. One that is absent is empty, and all its rows are null.
#[derive(Default)]
pub(super) struct Columns<'a> {
    /// The object written to, as writer and number of the operation that made it; null: the root.
    pub(super) object_actor: &'a [u8],
    pub(super) object_counter: &'a [u8],
    pub(super) key: &'a [u8],
    insert: &'a [u8],
    pub(super) action: &'a [u8],
    /// Type and length of each value.
    pub(super) value_meta: &'a [u8],
    pub(super) value: &'a [u8],
    /// How many operations each one replaces, and which.
    pub(super) replaced_count: &'a [u8],
    pub(super) replaced_actor: &'a [u8],
    pub(super) replaced_counter: &'a [u8],
}

pub(super) const MAKE_MAP: u64 = 0;
pub(super) const SET: u64 = 1;

/// Set in a column's id when its bytes are deflated: the way to a gigabyte in 261 kB.
const DEFLATED: u64 = 0x08;

impl<'a> Columns<'a> {
    /// Reads the list of columns and cuts the rest of the body into them.
    pub(super) fn of(mut body: Reader<'a>) -> Result<Self, Refusal> {
        let listed = list(&mut body)?;
        let mut columns = Self::default();
        for (id, length) in listed {
            *columns.slot(id)? = body.take(length)?;
        }
        if body.is_empty() {
            Ok(columns)
        } else {
            Err(Refusal::ExtraBytes)
        }
    }

    fn slot(&mut self, id: u64) -> Result<&mut &'a [u8], Refusal> {
        Ok(match id {
            0x01 => &mut self.object_actor,
            0x02 => &mut self.object_counter,
            0x15 => &mut self.key,
            0x34 => &mut self.insert,
            0x42 => &mut self.action,
            0x56 => &mut self.value_meta,
            0x57 => &mut self.value,
            0x70 => &mut self.replaced_count,
            0x71 => &mut self.replaced_actor,
            0x73 => &mut self.replaced_counter,
            // Places in lists and texts; marks.
            0x11 | 0x13 | 0x94 | 0xa5 => return Err(Refusal::ForbiddenAction),
            _ => return Err(Refusal::UnknownColumn),
        })
    }

    /// How many operations there are, once every column agrees. Maps are made in a genesis only.
    pub(super) fn count(&self, genesis: bool) -> Result<u32, Refusal> {
        let ops = self.actions(genesis)?;
        if ops == 0 {
            return Err(Refusal::NoOps);
        }
        even(self.keys()?, ops)?;
        even(self.inserts()?, ops)?;
        even(self.values(ops)?, self.value.len() as u64)?;
        let objects = nullable(self.object_actor)?;
        even(nullable(self.object_counter)?, objects)?;
        if objects != 0 {
            even(objects, ops)?;
        }
        let replaced = self.replaced(ops)?;
        even(
            filled(self.replaced_actor, |bytes| bytes.unsigned())?,
            replaced,
        )?;
        even(
            filled(self.replaced_counter, |bytes| bytes.signed())?,
            replaced,
        )?;
        if ops * 5 + objects * 2 + replaced * 2 > ROWS_MAX {
            return Err(Refusal::TooManyRows);
        }
        u32::try_from(ops).map_err(|_| Refusal::TooManyOps)
    }

    fn actions(&self, genesis: bool) -> Result<u64, Refusal> {
        let mut ops = 0_u64;
        each_run(
            self.action,
            |bytes| bytes.unsigned(),
            |action, times| {
                match action {
                    Some(SET) => {}
                    Some(MAKE_MAP) if genesis => {}
                    _ => return Err(Refusal::ForbiddenAction),
                }
                ops = ops.saturating_add(times);
                if ops <= OPS_MAX {
                    Ok(())
                } else {
                    Err(Refusal::TooManyOps)
                }
            },
        )?;
        Ok(ops)
    }

    fn keys(&self) -> Result<u64, Refusal> {
        filled(self.key, |bytes| {
            match bytes.text(KEY_BYTES_MAX, Refusal::BadKey)? {
                "" => Err(Refusal::BadKey),
                key => Ok(key),
            }
        })
    }

    /// Nothing is inserted anywhere: lists and texts are.
    fn inserts(&self) -> Result<u64, Refusal> {
        falses(self.insert)
    }

    /// The bytes that all values take together; each must be within bounds.
    fn values(&self, ops: u64) -> Result<u64, Refusal> {
        let (mut rows, mut length) = (0_u64, 0_u64);
        each_run(
            self.value_meta,
            |bytes| bytes.unsigned(),
            |meta, times| {
                let each = meta.ok_or(Refusal::UnevenColumns)? >> 4;
                if each > VALUE_BYTES_MAX {
                    return Err(Refusal::ValueTooLong);
                }
                rows = rows.checked_add(times).ok_or(Refusal::TooManyRows)?;
                length = each
                    .checked_mul(times)
                    .and_then(|all| length.checked_add(all))
                    .ok_or(Refusal::TooManyRows)?;
                Ok(())
            },
        )?;
        if rows == ops {
            Ok(length)
        } else {
            Err(Refusal::UnevenColumns)
        }
    }

    /// How many operations are replaced by all of them together.
    fn replaced(&self, ops: u64) -> Result<u64, Refusal> {
        let (mut rows, mut replaced) = (0_u64, 0_u64);
        each_run(
            self.replaced_count,
            |bytes| bytes.unsigned(),
            |count, times| {
                let count = count.ok_or(Refusal::UnevenColumns)?;
                rows = rows.checked_add(times).ok_or(Refusal::TooManyRows)?;
                replaced = count
                    .checked_mul(times)
                    .and_then(|all| replaced.checked_add(all))
                    .ok_or(Refusal::TooManyRows)?;
                if replaced <= ROWS_MAX {
                    Ok(())
                } else {
                    Err(Refusal::TooManyRows)
                }
            },
        )?;
        if rows == ops {
            Ok(replaced)
        } else {
            Err(Refusal::UnevenColumns)
        }
    }
}

fn list(body: &mut Reader<'_>) -> Result<Vec<(u64, u64)>, Refusal> {
    let count = body.unsigned()?;
    if count > COLUMNS_MAX {
        return Err(Refusal::TooManyColumns);
    }
    let mut listed: Vec<(u64, u64)> = Vec::new();
    for _ in 0..count {
        let (id, length) = (body.unsigned()?, body.unsigned()?);
        if id & DEFLATED != 0 {
            return Err(Refusal::DeflatedColumn);
        }
        if length == 0 {
            return Err(Refusal::NotShortest);
        }
        if listed.last().is_some_and(|(before, _)| *before >= id) {
            return Err(Refusal::ColumnOrder);
        }
        listed.push((id, length));
    }
    Ok(listed)
}

fn even(rows: u64, expected: u64) -> Result<(), Refusal> {
    if rows == expected {
        Ok(())
    } else {
        Err(Refusal::UnevenColumns)
    }
}

/// The rows of a column in which no row may be null.
fn filled<'a, V: Copy + PartialEq>(column: &'a [u8], read: Read<'a, V>) -> Result<u64, Refusal> {
    rows(column, read, |value| {
        value.map(|_| ()).ok_or(Refusal::UnevenColumns)
    })
}

fn nullable(column: &[u8]) -> Result<u64, Refusal> {
    rows(column, |bytes| bytes.unsigned(), |_| Ok(()))
}

fn rows<'a, V: Copy + PartialEq>(
    column: &'a [u8],
    read: Read<'a, V>,
    check: fn(Option<V>) -> Result<(), Refusal>,
) -> Result<u64, Refusal> {
    let mut rows = 0_u64;
    each_run(column, read, |value, times| {
        rows = rows.checked_add(times).ok_or(Refusal::TooManyRows)?;
        check(value)
    })?;
    Ok(rows)
}
