//! A telephone number, as digits.
//!
//! Japanese numbers begin with 0, all others with `+`. It does not know area codes, nor whether
//! anybody answers.

use std::str::FromStr;

use super::clean::{half_width, is_hyphen};
use super::{Quiet, answers, quiet_debug};

/// A number without marks: `09012345678`, or `+9779812345678` from abroad.
///
/// `+81` is written as the leading 0 it stands for, so the same telephone is the same value.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("the number is empty")]
    Empty,
    #[error("the number holds something other than digits: write one number, digits only")]
    NotADigit(Quiet<char>),
    #[error("the number has no area code: begin with 0, or with + and the country from abroad")]
    NoAreaCode,
    #[error("digits are missing: Japanese numbers have 10, mobile numbers 11")]
    TooShort,
    #[error("there are too many digits: Japanese numbers have 10, mobile numbers 11")]
    TooLong,
}

answers! { PhoneError {
    Self::Empty => "phone-empty";
    Self::NotADigit(c) => "phone-not-a-digit", c.0;
    Self::NoAreaCode => "phone-no-area-code";
    Self::TooShort => "phone-too-short";
    Self::TooLong => "phone-too-long";
} }

impl Phone {
    /// `+` and the 15 digits that E.164 allows.
    pub const CHARS_MAX: usize = 1 + Self::ABROAD_DIGITS_MAX;
    const ABROAD_DIGITS_MAX: usize = 15;
    /// The shortest in use: a small country's code and six digits.
    const ABROAD_DIGITS_MIN: usize = 8;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(typed: &str) -> Result<Self, PhoneError> {
        let number = national(&bare(typed)?);
        let digits = number.trim_start_matches('+').len();
        let (least, most) = digits_of(&number)?;
        match digits {
            _ if digits < least => Err(PhoneError::TooShort),
            _ if digits > most => Err(PhoneError::TooLong),
            _ => Ok(Self(number)),
        }
    }
}

/// Digits, and `+` where it was typed first; what people put between digits is gone.
fn bare(typed: &str) -> Result<String, PhoneError> {
    let number: String = half_width(typed)
        .chars()
        .filter(|&c| !is_hyphen(c) && !matches!(c, '(' | ')' | '[' | ']' | '.' | '/'))
        .collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    match digits.chars().find(|c| !c.is_ascii_digit()) {
        Some(c) => Err(PhoneError::NotADigit(Quiet(c))),
        None if digits.is_empty() => Err(PhoneError::Empty),
        None => Ok(number),
    }
}

/// `+81 90…` and `+81 (0)90…` are dialled 090… at home.
fn national(number: &str) -> String {
    match number.strip_prefix("+81") {
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None => number.to_owned(),
    }
}

/// How many digits the number must have, at least and at most.
fn digits_of(number: &str) -> Result<(usize, usize), PhoneError> {
    /// Mobile, IP and paging numbers have 11 digits; a missing one is the commonest mistake.
    const ELEVEN_DIGITS: [&str; 6] = ["020", "050", "060", "070", "080", "090"];

    if number.starts_with('+') {
        return Ok((Phone::ABROAD_DIGITS_MIN, Phone::ABROAD_DIGITS_MAX));
    }
    if !number.starts_with('0') {
        return Err(PhoneError::NoAreaCode);
    }
    let eleven = ELEVEN_DIGITS
        .iter()
        .any(|prefix| number.starts_with(prefix));
    Ok(if eleven { (11, 11) } else { (10, 10) })
}

quiet_debug!(Phone);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phone(typed: &str) -> Result<String, PhoneError> {
        typed.parse().map(|phone: Phone| phone.as_str().to_owned())
    }

    #[test]
    fn one_telephone_is_one_number_however_it_is_written() {
        let ways = [
            "09012345678",
            "090-1234-5678",
            "０９０ー１２３４ー５６７８",
            "090−1234–5678",
            "(090)1234.5678",
            "090 1234　5678",
            "+81 90-1234-5678",
            "＋81（0）90 1234 5678",
        ];
        for typed in ways {
            assert_eq!(phone(typed).unwrap(), "09012345678");
        }
        assert_eq!(phone("03(1234)5678").unwrap(), "0312345678");
    }

    #[test]
    fn a_number_from_abroad_keeps_its_plus() {
        assert_eq!(phone("+977 981-2345678").unwrap(), "+9779812345678");
        assert_eq!(phone("+1234567890123456"), Err(PhoneError::TooLong));
        assert_eq!(phone("+97798"), Err(PhoneError::TooShort));
    }

    #[test]
    fn a_missing_digit_of_a_mobile_number_is_noticed() {
        assert_eq!(phone("090-1234-567"), Err(PhoneError::TooShort));
        assert_eq!(phone("03-1234-56789"), Err(PhoneError::TooLong));
    }

    #[test]
    fn a_number_without_its_area_code_is_asked_for_it() {
        assert_eq!(phone("1234-5678"), Err(PhoneError::NoAreaCode));
    }

    #[test]
    fn letters_and_emptiness_are_no_number() {
        assert_eq!(
            phone("090-1234-5678 内線2"),
            Err(PhoneError::NotADigit(Quiet('内')))
        );
        assert_eq!(
            phone("090+12345678"),
            Err(PhoneError::NotADigit(Quiet('+')))
        );
        assert_eq!(phone(" - "), Err(PhoneError::Empty));
    }

    proptest! {
        #[test]
        fn a_stored_number_reads_back_as_itself(typed in "[+0０]?[0-9０-９ー() -]{6,18}") {
            if let Ok(stored) = phone(&typed) {
                prop_assert!(stored.len() <= Phone::CHARS_MAX);
                prop_assert_eq!(phone(&stored), Ok(stored));
            }
        }
    }
}
