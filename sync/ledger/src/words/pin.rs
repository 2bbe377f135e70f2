//! The number with which staff open a desk.
//!
//! It lives only from the form to the hash: it cannot be cloned, compared or printed. It does
//! not know how it is hashed, nor how many tries there are.

use std::str::FromStr;

use super::clean::half_width;
use super::{answers, quiet_debug};

/// Four to eight digits that are not the first that anybody would try.
pub struct Pin(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    #[error("the PIN is empty")]
    Empty,
    #[error("a PIN is made of digits only")]
    NotDigits,
    #[error("the PIN is too short: {} digits at least", Pin::CHARS_MIN)]
    TooShort,
    #[error("the PIN is too long: {} digits at most", Pin::CHARS_MAX)]
    TooLong,
    #[error("the PIN is too easy to guess: no 0000, 1234, 9876 or 1212; choose digits that jump")]
    TooEasy,
}

answers! { PinError {
    Self::Empty => "pin-empty";
    Self::NotDigits => "pin-not-digits";
    Self::TooShort => "pin-too-short", Pin::CHARS_MIN;
    Self::TooLong => "pin-too-long", Pin::CHARS_MAX;
    Self::TooEasy => "pin-too-easy";
} }

impl Pin {
    /// With a few tries before a pause, ten thousand numbers hold off a passer-by.
    pub const CHARS_MIN: usize = 4;
    /// Longer numbers end up on a note beside the tablet.
    pub const CHARS_MAX: usize = 8;

    /// For the hash, and for nothing else.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(typed: &str) -> Result<Self, PinError> {
        let digits = half_width(typed);
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PinError::NotDigits);
        }
        match digits.len() {
            0 => Err(PinError::Empty),
            1..Self::CHARS_MIN => Err(PinError::TooShort),
            Self::CHARS_MIN..=Self::CHARS_MAX if is_easy(digits.as_bytes()) => {
                Err(PinError::TooEasy)
            }
            Self::CHARS_MIN..=Self::CHARS_MAX => Ok(Self(digits)),
            _ => Err(PinError::TooLong),
        }
    }
}

/// One digit or one pair again and again, or a straight run up or down (over 9 to 0 too).
fn is_easy(digits: &[u8]) -> bool {
    let steps: Vec<u8> = digits
        .windows(2)
        .map(|two| (10 + two[1] - two[0]) % 10)
        .collect();
    let straight = |step| steps.iter().all(|&s| s == step);
    let pairs = digits.iter().zip(&digits[2..]).all(|(a, b)| a == b);
    pairs || straight(1) || straight(9)
}

quiet_debug!(Pin);

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(typed: &str) -> Result<String, PinError> {
        typed.parse().map(|pin: Pin| pin.as_str().to_owned())
    }

    #[test]
    fn four_to_eight_digits_of_any_width_open_a_desk() {
        assert_eq!(pin("２０７４").unwrap(), "2074");
        assert_eq!(pin("20741985").unwrap(), "20741985");
        assert_eq!(pin("207"), Err(PinError::TooShort));
        assert_eq!(pin("207419852"), Err(PinError::TooLong));
        assert_eq!(pin(" "), Err(PinError::Empty));
        assert_eq!(pin("20a4"), Err(PinError::NotDigits));
    }

    #[test]
    fn the_first_guesses_of_a_passer_by_are_refused() {
        for typed in [
            "0000", "111111", "1234", "87654321", "7890", "3210", "1212", "696969", "45454",
        ] {
            assert_eq!(pin(typed), Err(PinError::TooEasy), "{typed}");
        }
        for typed in ["1235", "1221", "2580"] {
            assert!(pin(typed).is_ok(), "{typed}");
        }
    }

    #[test]
    fn a_pin_prints_nothing() {
        assert_eq!(format!("{:?}", "2074".parse::<Pin>()), "Ok(Pin(…))");
    }
}
