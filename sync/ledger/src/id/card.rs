//! The number on a family's card: short enough to say over a bad phone line.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

/// Letters and digits that are not taken for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A prime, so that one wrong digit and any two swapped neighbours change the remainder; below 32,
/// so that the check is a letter one can say.
const CHECK_MODULUS: u32 = 31;

/// The three letters by which a node's cards are known; given at provisioning, unique among the
/// 32,768 nodes that a municipality's authority can name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeCode([u8; 3]);

/// `K7F-0374-C`: the node that gave it, a running number, a check letter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardNumber {
    node: NodeCode,
    number: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    #[error("a card number looks like K7F-0374-C: three letters, a number, a check letter")]
    Malformed,
    #[error(
        "the check letter does not fit: read the card again, one letter is wrong or two are swapped"
    )]
    CheckFails,
}

impl CardError {
    /// The key under which pages translate the error.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Malformed => "card-malformed",
            Self::CheckFails => "card-check-fails",
        }
    }
}

impl CardNumber {
    /// Six decimal digits: a node would give a card a second for eleven days.
    pub const NUMBER_MAX: u32 = 999_999;

    /// `None` when the node has used up its numbers.
    pub fn new(node: NodeCode, number: u32) -> Option<Self> {
        (number <= Self::NUMBER_MAX).then_some(Self { node, number })
    }

    pub fn node(&self) -> NodeCode {
        self.node
    }

    pub fn number(&self) -> u32 {
        self.number
    }

    fn check(&self) -> char {
        let body = format!("{}{:04}", self.node, self.number);
        let sum = body
            .bytes()
            .zip(2u32..)
            .map(|(letter, weight)| value(letter) * weight)
            .sum::<u32>();
        char::from(LETTERS[(sum % CHECK_MODULUS) as usize])
    }
}

fn value(letter: u8) -> u32 {
    LETTERS
        .iter()
        .zip(0..)
        .find(|(known, _)| **known == letter)
        .map_or(0, |(_, at)| at)
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}-{}", self.node, self.number, self.check())
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber(…)")
    }
}

impl FromStr for CardNumber {
    type Err = CardError;

    /// Takes what people type: lower case, full width, O for 0, without or with other hyphens.
    fn from_str(typed: &str) -> Result<Self, CardError> {
        let letters: Vec<char> = typed
            .nfkc()
            .filter(char::is_ascii)
            .filter_map(plain)
            .collect();
        if !(3 + 4 + 1..=3 + 6 + 1).contains(&letters.len()) {
            return Err(CardError::Malformed);
        }
        let (body, check) = letters.split_at(letters.len() - 1);
        let node: NodeCode = body[..3].iter().collect::<String>().parse()?;
        let number = body[3..]
            .iter()
            .collect::<String>()
            .parse()
            .map_err(|_| CardError::Malformed)?;
        let card = Self::new(node, number).ok_or(CardError::Malformed)?;
        if card.check() == check[0] {
            Ok(card)
        } else {
            Err(CardError::CheckFails)
        }
    }
}

fn plain(typed: char) -> Option<char> {
    match typed.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        letter if letter.is_ascii_alphanumeric() => Some(letter),
        _ => None,
    }
}

impl FromStr for NodeCode {
    type Err = CardError;

    fn from_str(text: &str) -> Result<Self, CardError> {
        let code: [u8; 3] = text
            .as_bytes()
            .try_into()
            .map_err(|_| CardError::Malformed)?;
        if code.iter().all(|letter| LETTERS.contains(letter)) {
            Ok(Self(code))
        } else {
            Err(CardError::Malformed)
        }
    }
}

impl fmt::Display for NodeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

impl fmt::Debug for NodeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(number: u32) -> CardNumber {
        CardNumber::new("K7F".parse().unwrap(), number).unwrap()
    }

    #[test]
    fn a_card_reads_back_however_it_is_typed() {
        for number in [0, 7, 374, 9_999, 10_000, 999_999] {
            let printed = card(number).to_string();
            assert_eq!(printed.parse(), Ok(card(number)), "{printed}");
            assert_eq!(
                printed.to_lowercase().replace('-', "").parse(),
                Ok(card(number))
            );
            assert_eq!(printed.replace('0', "Ｏ").parse(), Ok(card(number)));
        }
    }

    #[test]
    fn one_wrong_digit_or_two_swapped_neighbours_are_noticed() {
        let good: Vec<char> = card(4_375).to_string().replace('-', "").chars().collect();
        for at in 3..7 {
            for digit in '0'..='9' {
                let mut typed = good.clone();
                typed[at] = digit;
                let read = typed.iter().collect::<String>().parse::<CardNumber>();
                assert_eq!(read.is_ok(), typed == good);
            }
            let mut swapped = good.clone();
            swapped.swap(at, at - 1);
            let read = swapped.iter().collect::<String>().parse::<CardNumber>();
            assert!(read.is_err() || swapped == good);
        }
    }

    #[test]
    fn a_number_that_is_no_card_says_what_a_card_looks_like() {
        assert_eq!("12".parse::<CardNumber>(), Err(CardError::Malformed));
        assert_eq!(
            "K7F-03x4-C".parse::<CardNumber>(),
            Err(CardError::Malformed)
        );
    }
}
