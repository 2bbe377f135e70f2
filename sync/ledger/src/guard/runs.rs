//! The run-length encoding of a change's columns, walked run by run or row by row.
//!
//! Ten bytes can claim more rows than there is memory, so a column is first walked by runs
//! ([`each_run`]), which costs what the column weighs. Only what passed may be walked by rows.

use super::Refusal;
use super::reader::Reader;

/// How one value of a column is read.
pub(super) type Read<'a, V> = fn(&mut Reader<'a>) -> Result<V, Refusal>;

/// A column's rows; `None` is a null.
pub(super) struct Rows<'a, V> {
    bytes: Reader<'a>,
    read: Read<'a, V>,
    run: Run<V>,
    left: u64,
}

#[derive(Clone, Copy)]
enum Run<V> {
    Nulls,
    Same(V),
    Each,
}

impl<'a, V: Copy> Rows<'a, V> {
    pub(super) fn new(column: &'a [u8], read: Read<'a, V>) -> Self {
        Self {
            bytes: Reader::new(column),
            read,
            run: Run::Nulls,
            left: 0,
        }
    }

    /// The next row that must be there and hold a value.
    pub(super) fn value(&mut self) -> Result<V, Refusal> {
        self.row()?.ok_or(Refusal::UnevenColumns)
    }

    /// The next row; a column that ended goes on in nulls, as it does for Automerge.
    pub(super) fn row(&mut self) -> Result<Option<V>, Refusal> {
        while self.left == 0 {
            if !self.start_run()? {
                return Ok(None);
            }
        }
        self.left -= 1;
        match self.run {
            Run::Nulls => Ok(None),
            Run::Same(value) => Ok(Some(value)),
            Run::Each => (self.read)(&mut self.bytes).map(Some),
        }
    }

    fn start_run(&mut self) -> Result<bool, Refusal> {
        if self.bytes.is_empty() {
            return Ok(false);
        }
        let count = self.bytes.signed()?;
        (self.run, self.left) = match count {
            1.. => (
                Run::Same((self.read)(&mut self.bytes)?),
                count.unsigned_abs(),
            ),
            0 => (Run::Nulls, self.bytes.unsigned()?),
            _ => (Run::Each, count.unsigned_abs()),
        };
        Ok(true)
    }
}

/// Tells of every run of a column: its value and how often it stands there. Values written one by
/// one are told one by one, and each of them takes at least a byte.
///
/// Only the shortest encoding passes. Automerge reads others too, but gives the change back in the
/// shortest, under another hash, and panics when it misses the one that others build on.
pub(super) fn each_run<'a, V: Copy + PartialEq>(
    column: &'a [u8],
    read: Read<'a, V>,
    mut told: impl FnMut(Option<V>, u64) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut rows = Rows::new(column, read);
    let mut shortest = Shortest {
        before: None,
        in_literal: false,
    };
    let mut only_nulls = true;
    while rows.start_run()? {
        let literal = matches!(rows.run, Run::Each);
        shortest.run(&rows)?;
        match rows.run {
            Run::Nulls => told(None, rows.left)?,
            Run::Same(value) => told(Some(value), rows.left)?,
            Run::Each => {
                for _ in 0..rows.left {
                    let value = read(&mut rows.bytes)?;
                    shortest.value(Some(value))?;
                    told(Some(value), 1)?;
                }
            }
        }
        shortest.in_literal = literal;
        only_nulls &= matches!(rows.run, Run::Nulls);
    }
    if only_nulls && !column.is_empty() {
        Err(Refusal::NotShortest)
    } else {
        Ok(())
    }
}

/// Follows a column and objects when what came could have been part of what was before.
struct Shortest<V> {
    /// The row before: `Some(None)` is a null.
    before: Option<Option<V>>,
    in_literal: bool,
}

impl<V: Copy + PartialEq> Shortest<V> {
    fn run(&mut self, rows: &Rows<'_, V>) -> Result<(), Refusal> {
        match rows.run {
            Run::Nulls if rows.left > 0 => self.value(None),
            Run::Same(value) if rows.left > 1 => self.value(Some(value)),
            Run::Each if !self.in_literal => Ok(()),
            _ => Err(Refusal::NotShortest),
        }
    }

    fn value(&mut self, value: Option<V>) -> Result<(), Refusal> {
        match self.before.replace(value) {
            Some(before) if before == value => Err(Refusal::NotShortest),
            _ => Ok(()),
        }
    }
}

/// Booleans are bare counts, of false and true in turn: how many there are when none is true.
pub(super) fn falses(column: &[u8]) -> Result<u64, Refusal> {
    if column.is_empty() {
        return Ok(0);
    }
    let mut bytes = Reader::new(column);
    let count = bytes.unsigned()?;
    if bytes.is_empty() {
        Ok(count)
    } else {
        Err(Refusal::ForbiddenAction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsigned(bytes: &mut Reader<'_>) -> Result<u64, Refusal> {
        bytes.unsigned()
    }

    #[test]
    fn runs_literals_and_nulls_read_as_rows() {
        let column = [3, 7, 0x7e, 1, 2, 0, 2];
        let mut rows = Rows::new(&column, unsigned);
        let read: Vec<_> = (0..8).map(|_| rows.row().unwrap()).collect();
        assert_eq!(
            read,
            [
                Some(7),
                Some(7),
                Some(7),
                Some(1),
                Some(2),
                None,
                None,
                None
            ]
        );
    }

    #[test]
    fn a_run_of_any_length_is_told_in_one_step() {
        let mut told = Vec::new();
        let column = [
            0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 7,
        ];
        each_run(&column, unsigned, |value, times| {
            told.push((value, times));
            Ok(())
        })
        .unwrap();
        assert_eq!(told, [(None, u64::MAX), (Some(7), 2)]);
    }

    #[test]
    fn the_longest_literal_ends_where_the_bytes_end() {
        let mut column = vec![0x80; 9];
        column.push(0x7f);
        let told = each_run(&column, unsigned, |_, _| Ok(()));
        assert_eq!(told, Err(Refusal::Truncated));
    }

    #[test]
    fn a_column_that_could_be_shorter_is_refused() {
        let told = |column: &[u8]| each_run(column, unsigned, |_, _| Ok(()));
        assert_eq!(told(&[2, 7, 0, 1, 0x7f, 7]), Ok(()));
        let longer: [&[u8]; 9] = [
            &[1, 7],
            &[2, 7, 2, 7],
            &[0x7e, 7, 7],
            &[0x7f, 7, 0x7f, 8],
            &[0x7f, 7, 2, 7],
            &[2, 7, 0x7f, 7],
            &[2, 7, 0, 0],
            &[0, 1, 0, 1, 2, 7],
            &[0, 3],
        ];
        for column in longer {
            assert_eq!(told(column), Err(Refusal::NotShortest), "{column:?}");
        }
    }

    #[test]
    fn one_count_of_booleans_is_so_many_times_false() {
        assert_eq!(falses(&[5]), Ok(5));
        assert_eq!(falses(&[]), Ok(0));
        assert_eq!(falses(&[0, 3]), Err(Refusal::ForbiddenAction));
    }
}
