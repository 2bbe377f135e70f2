//! How many people came together: the one number that reception must have.
//!
//! It says nothing about who they are; their names may come later or never.

use std::str::FromStr;

use super::answers;
use super::clean::half_width;

/// The people on one card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HeadCount(u8);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadCountError {
    #[error("the number of people is empty")]
    Empty,
    #[error("not a number: write how many people came together")]
    NotANumber,
    #[error("nobody: at least one person stands at the desk")]
    Nobody,
    #[error(
        "more than {} people: give a large group several cards",
        HeadCount::MAX
    )]
    TooMany,
}

answers! { HeadCountError {
    Self::Empty => "head-count-empty";
    Self::NotANumber => "head-count-not-a-number";
    Self::Nobody => "head-count-nobody";
    Self::TooMany => "head-count-too-many", HeadCount::MAX;
} }

impl HeadCount {
    /// A coach full of people with one guide. Above it stand mistyped numbers (`44` for `4` is
    /// still possible, a house number is not), and a household document that nobody can handle.
    pub const MAX: u8 = 50;

    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u64> for HeadCount {
    type Error = HeadCountError;

    fn try_from(people: u64) -> Result<Self, HeadCountError> {
        match u8::try_from(people) {
            Ok(0) => Err(HeadCountError::Nobody),
            Ok(people) if people <= Self::MAX => Ok(Self(people)),
            _ => Err(HeadCountError::TooMany),
        }
    }
}

impl FromStr for HeadCount {
    type Err = HeadCountError;

    fn from_str(typed: &str) -> Result<Self, HeadCountError> {
        let typed = half_width(typed);
        let number = typed.trim_end_matches(['人', '名']);
        match kanji_numeral(number) {
            Some(people) => Self::try_from(people),
            None if typed.is_empty() => Err(HeadCountError::Empty),
            None if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) => {
                Err(HeadCountError::NotANumber)
            }
            // Digits that do not fit a number are too many people too.
            None => Self::try_from(number.parse().unwrap_or(u64::MAX)),
        }
    }
}

fn kanji_numeral(number: &str) -> Option<u64> {
    let mut chars = number.chars();
    let (first, None) = (chars.next()?, chars.next()) else {
        return None;
    };
    "一二三四五六七八九十"
        .chars()
        .zip(1..)
        .find_map(|(c, value)| (c == first).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(typed: &str) -> Result<u8, HeadCountError> {
        typed.parse().map(HeadCount::get)
    }

    #[test]
    fn a_number_may_be_typed_in_any_width_or_in_kanji() {
        for typed in ["4", "４", "四", " 4 人", "04", "４名"] {
            assert_eq!(people(typed), Ok(4));
        }
        assert_eq!(people("十"), Ok(10));
    }

    #[test]
    fn between_one_and_fifty_people_share_a_card() {
        assert_eq!(people("0"), Err(HeadCountError::Nobody));
        assert_eq!(people("50"), Ok(50));
        for typed in ["51", "306", "99999999999999999999999"] {
            assert_eq!(people(typed), Err(HeadCountError::TooMany));
        }
    }

    #[test]
    fn what_is_no_number_is_asked_again() {
        assert_eq!(people(""), Err(HeadCountError::Empty));
        for typed in ["-1", "four", "人", "4.5", "十一"] {
            assert_eq!(people(typed), Err(HeadCountError::NotANumber));
        }
    }
}
