//! Bytes and numbers, read from the front of a slice. Knows nothing about changes.

use super::Refusal;

#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8], Refusal> {
        let count = usize::try_from(count).map_err(|_| Refusal::Truncated)?;
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Refusal::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Refusal::Truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// LEB128 in its one shortest form: a number that can be written in two ways is a change that
    /// can have two hashes.
    pub(super) fn unsigned(&mut self) -> Result<u64, Refusal> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let too_large = shift == 63 && byte > 1;
            let padded = shift > 0 && byte == 0;
            if too_large || padded {
                return Err(Refusal::BadNumber);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Refusal::BadNumber)
    }

    /// Signed LEB128, likewise in its shortest form.
    pub(super) fn signed(&mut self) -> Result<i64, Refusal> {
        let (mut value, mut before) = (0_i64, 0);
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 != 0 {
                before = byte;
                continue;
            }
            let negative = byte & 0x40 != 0;
            let too_large = shift == 63 && byte != 0 && byte != 0x7f;
            let only_repeats_the_sign = byte == if before & 0x40 == 0 { 0 } else { 0x7f };
            if too_large || (shift > 0 && only_repeats_the_sign) {
                return Err(Refusal::BadNumber);
            }
            let open = shift + 7;
            return Ok(if negative && open < 64 {
                value | (-1 << open)
            } else {
                value
            });
        }
        Err(Refusal::BadNumber)
    }

    /// Bytes after their own length, at most `bytes_max` of them.
    pub(super) fn prefixed(
        &mut self,
        bytes_max: usize,
        longer: Refusal,
    ) -> Result<&'a [u8], Refusal> {
        let length = self.unsigned()?;
        if length > bytes_max as u64 {
            return Err(longer);
        }
        self.take(length)
    }

    pub(super) fn text(&mut self, bytes_max: usize, longer: Refusal) -> Result<&'a str, Refusal> {
        let bytes = self.prefixed(bytes_max, longer)?;
        std::str::from_utf8(bytes).map_err(|_| Refusal::BadText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsigned(bytes: &[u8]) -> Result<u64, Refusal> {
        Reader::new(bytes).unsigned()
    }

    fn signed(bytes: &[u8]) -> Result<i64, Refusal> {
        Reader::new(bytes).signed()
    }

    #[test]
    fn numbers_read_over_their_whole_range() {
        assert_eq!(unsigned(&[0]), Ok(0));
        assert_eq!(unsigned(&[0x80, 1]), Ok(128));
        let mut largest = [0xff; 10];
        largest[9] = 1;
        assert_eq!(unsigned(&largest), Ok(u64::MAX));

        assert_eq!(signed(&[0x40]), Ok(-64));
        assert_eq!(signed(&[0xff, 0x3f]), Ok(8191));
        assert_eq!(signed(&[0x80, 0x40]), Ok(-8192));
        largest[9] = 0;
        assert_eq!(signed(&largest), Ok(i64::MAX));
        let mut least = [0x80; 10];
        least[9] = 0x7f;
        assert_eq!(signed(&least), Ok(i64::MIN));
    }

    #[test]
    fn a_number_that_is_cut_padded_or_too_large_is_refused() {
        assert_eq!(unsigned(&[0x80]), Err(Refusal::Truncated));
        assert_eq!(unsigned(&[0x81, 0]), Err(Refusal::BadNumber));
        assert_eq!(
            unsigned(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]),
            Err(Refusal::BadNumber)
        );
        assert_eq!(unsigned(&[0x81; 12]), Err(Refusal::BadNumber));

        assert_eq!(signed(&[0xbf, 0]), Err(Refusal::BadNumber));
        assert_eq!(signed(&[0x81, 0xff, 0x7f]), Err(Refusal::BadNumber));
        assert_eq!(
            signed(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
            Err(Refusal::BadNumber)
        );
        assert_eq!(signed(&[0x81; 12]), Err(Refusal::BadNumber));
    }
}
