//! A Japanese postal code. It does not know which town it stands for.

use std::str::FromStr;

use super::clean::{half_width, is_hyphen};
use super::{answers, quiet_debug};

/// Seven digits, without mark or hyphen: `1000013`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostalCode(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostalCodeError {
    #[error("the postal code is empty")]
    Empty,
    #[error(
        "a postal code has {} digits: leave it empty if it is not known",
        PostalCode::CHARS_MAX
    )]
    NotSevenDigits,
}

answers! { PostalCodeError {
    Self::Empty => "postal-code-empty";
    Self::NotSevenDigits => "postal-code-not-seven-digits";
} }

impl PostalCode {
    /// All codes have had seven digits since 1998.
    pub const CHARS_MAX: usize = 7;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is written on an envelope: `100-0013`.
    pub fn hyphened(&self) -> String {
        format!("{}-{}", &self.0[..3], &self.0[3..])
    }
}

impl FromStr for PostalCode {
    type Err = PostalCodeError;

    fn from_str(typed: &str) -> Result<Self, PostalCodeError> {
        let code: String = half_width(typed)
            .chars()
            .filter(|&c| !is_hyphen(c) && c != '〒' && c != '〠')
            .collect();
        match code.len() {
            0 => Err(PostalCodeError::Empty),
            Self::CHARS_MAX if code.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(code)),
            _ => Err(PostalCodeError::NotSevenDigits),
        }
    }
}

quiet_debug!(PostalCode);

#[cfg(test)]
mod tests {
    use super::*;

    fn code(typed: &str) -> Result<String, PostalCodeError> {
        typed
            .parse()
            .map(|code: PostalCode| code.as_str().to_owned())
    }

    #[test]
    fn marks_and_widths_make_no_difference() {
        for typed in [
            "1000013",
            "100-0013",
            "〒１００－００１３",
            "〒 100 0013",
            "100ー0013",
        ] {
            assert_eq!(code(typed).unwrap(), "1000013");
        }
        assert_eq!(
            "1000013".parse::<PostalCode>().unwrap().hyphened(),
            "100-0013"
        );
    }

    #[test]
    fn anything_but_seven_digits_is_asked_again() {
        assert_eq!(code("〒"), Err(PostalCodeError::Empty));
        for typed in ["100-001", "100-00134", "abcdefg", "百0013"] {
            assert_eq!(code(typed), Err(PostalCodeError::NotSevenDigits));
        }
    }
}
