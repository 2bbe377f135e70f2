//! Sex, as the daily report and the planning of toilets need it. Nobody has to answer.

use std::str::FromStr;

use super::clean::half_width;
use super::{answers, quiet_debug};

/// What a person answered. Not having been asked is the absence of the fact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sex {
    Male,
    Female,
    Other,
    NoAnswer,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SexError {
    #[error("nothing was chosen")]
    Empty,
    #[error("not a choice: m male, f female, o other, n no answer")]
    NoSuchChoice,
}

answers! { SexError {
    Self::Empty => "sex-empty";
    Self::NoSuchChoice => "sex-no-such-choice";
} }

impl Sex {
    pub const ALL: [Self; 4] = [Self::Male, Self::Female, Self::Other, Self::NoAnswer];

    /// The stored code, which is also the key that a desk presses.
    pub fn stored(self) -> &'static str {
        match self {
            Self::Male => "m",
            Self::Female => "f",
            Self::Other => "o",
            Self::NoAnswer => "n",
        }
    }

    /// What [`Sex::stored`] wrote, here or on another node.
    pub fn from_stored(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sex| sex.stored() == code)
    }

    /// The code in government exchange (GIF, from ISO 5218). GIF's text calls 9 "other"; its
    /// code list says "not applicable". What we store is finer.
    pub fn gif_code(self) -> u8 {
        match self {
            Self::NoAnswer => 0,
            Self::Male => 1,
            Self::Female => 2,
            Self::Other => 9,
        }
    }
}

impl FromStr for Sex {
    type Err = SexError;

    fn from_str(typed: &str) -> Result<Self, SexError> {
        match half_width(typed).to_lowercase().as_str() {
            "" => Err(SexError::Empty),
            "m" | "男" | "男性" => Ok(Self::Male),
            "f" | "女" | "女性" => Ok(Self::Female),
            "o" | "他" | "その他" => Ok(Self::Other),
            "n" | "無" | "無回答" => Ok(Self::NoAnswer),
            _ => Err(SexError::NoSuchChoice),
        }
    }
}

quiet_debug!(Sex);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_or_one_kanji_is_enough() {
        for (typed, sex) in [
            ("m", Sex::Male),
            ("Ｆ", Sex::Female),
            ("女", Sex::Female),
            (" o", Sex::Other),
        ] {
            assert_eq!(typed.parse(), Ok(sex));
        }
    }

    #[test]
    fn a_stored_code_reads_back_as_itself() {
        for sex in Sex::ALL {
            assert_eq!(Sex::from_stored(sex.stored()), Some(sex));
            assert_eq!(sex.stored().parse(), Ok(sex));
        }
    }

    #[test]
    fn government_codes_are_those_of_iso_5218() {
        assert_eq!(Sex::ALL.map(Sex::gif_code), [1, 2, 9, 0]);
    }

    #[test]
    fn anything_else_is_asked_again() {
        assert_eq!("".parse::<Sex>(), Err(SexError::Empty));
        assert_eq!(Sex::from_stored("男"), None);
        assert_eq!("x".parse::<Sex>(), Err(SexError::NoSuchChoice));
    }
}
