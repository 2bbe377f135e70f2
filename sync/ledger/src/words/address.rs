//! Where a household lives or is, on one line, without its postal code.
//!
//! It does not know towns or house numbers: an address of another country is one too.

use std::str::FromStr;

use super::clean::{self, Unfit};
use super::{answers, quiet_debug};

/// An address as typed, on one line.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("the address is empty")]
    Empty,
    #[error(
        "the address is longer than {} characters: leave out the building",
        Address::CHARS_MAX
    )]
    TooLong,
    #[error("the address holds a character that cannot be seen: type it again")]
    Hidden,
    #[error("the address holds a character that other machines cannot draw: write a similar one")]
    Undrawable,
    #[error("the address holds `<` or `>`: leave them out")]
    AngleBracket,
}

answers! { AddressError {
    Self::Empty => "address-empty";
    Self::TooLong => "address-too-long", Address::CHARS_MAX;
    Self::Hidden => "address-hidden-character";
    Self::Undrawable => "address-undrawable-character";
    Self::AngleBracket => "address-angle-bracket";
} }

impl Address {
    /// A long Kyoto street address with building and room is about seventy characters; the same
    /// in Latin letters needs half as many again.
    pub const CHARS_MAX: usize = 120;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(typed: &str) -> Result<Self, AddressError> {
        if typed.contains(['<', '>']) {
            return Err(AddressError::AngleBracket);
        }
        let address = clean::one_line(typed)?;
        match address.chars().count() {
            0 => Err(AddressError::Empty),
            1..=Self::CHARS_MAX => Ok(Self(address)),
            _ => Err(AddressError::TooLong),
        }
    }
}

impl From<Unfit> for AddressError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Hidden => Self::Hidden,
            Unfit::Undrawable => Self::Undrawable,
        }
    }
}

quiet_debug!(Address);

#[cfg(test)]
mod tests {
    use super::*;

    fn address(typed: &str) -> Result<String, AddressError> {
        typed
            .parse()
            .map(|address: Address| address.as_str().to_owned())
    }

    #[test]
    fn two_typed_lines_become_one() {
        let typed = "東京都千代田区　霞が関１－２－３\r\n第４ビル 501";
        assert_eq!(
            address(typed).unwrap(),
            "東京都千代田区 霞が関１－２－３ 第４ビル 501"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(address("\n"), Err(AddressError::Empty));
        assert_eq!(address("<b>1-2-3"), Err(AddressError::AngleBracket));
        assert_eq!(address("1\u{202e}2"), Err(AddressError::Hidden));
        assert_eq!(address("\u{e001}町"), Err(AddressError::Undrawable));
        assert_eq!(address(&"町".repeat(121)), Err(AddressError::TooLong));
    }
}
