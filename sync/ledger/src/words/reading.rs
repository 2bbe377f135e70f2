//! How a name is read (ふりがな), for search, sorting and calling people.
//!
//! Kana only. A name in Latin letters needs no reading; its box stays empty.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Quiet, answers, quiet_debug};

/// A reading in full-width katakana with single spaces, e.g. `サトウ ハナコ`.
///
/// Two desks typing the same name in hiragana and in half-width katakana get equal values.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reading(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    #[error("the reading is empty")]
    Empty,
    #[error(
        "the reading is longer than {} characters: shorten it",
        Reading::CHARS_MAX
    )]
    TooLong,
    #[error("the reading holds something other than kana: write it in hiragana or katakana")]
    NotKana(Quiet<char>),
}

answers! { ReadingError {
    Self::Empty => "reading-empty";
    Self::TooLong => "reading-too-long", Reading::CHARS_MAX;
    Self::NotKana(c) => "reading-not-kana", c.0;
} }

impl Reading {
    /// A kanji is read with two kana on average; a name of sixty letters takes about as many.
    pub const CHARS_MAX: usize = 80;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reading {
    type Err = ReadingError;

    fn from_str(typed: &str) -> Result<Self, ReadingError> {
        let words = typed
            .split_whitespace()
            .map(to_katakana)
            .collect::<Result<Vec<_>, _>>()?;
        let reading = words.join(" ");
        // Marks alone (`ー`, `・`) are no reading.
        if !reading.chars().any(|c| matches!(c, 'ァ'..='ヺ')) {
            return Err(ReadingError::Empty);
        }
        match reading.chars().count() {
            0..=Self::CHARS_MAX => Ok(Self(reading)),
            _ => Err(ReadingError::TooLong),
        }
    }
}

fn to_katakana(word: &str) -> Result<String, ReadingError> {
    // Free-standing voicing marks are typed after the kana; NFKC would put a space before them.
    let word: String = word
        .nfc()
        .map(attached)
        .nfkc()
        .map(katakana)
        .nfc()
        .collect();
    match word.chars().find(|&c| !is_katakana(c)) {
        Some(c) if is_combining_mark(c) => Err(ReadingError::NotKana(Quiet('゛'))),
        Some(c) => Err(ReadingError::NotKana(Quiet(c))),
        None => Ok(word),
    }
}

fn attached(c: char) -> char {
    match c {
        '゛' => '\u{3099}',
        '゜' => '\u{309a}',
        _ => c,
    }
}

fn katakana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        _ => c,
    }
}

fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | 'ヽ' | 'ヾ' | 'ㇰ'..='ㇿ')
}

quiet_debug!(Reading);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reading(typed: &str) -> Result<String, ReadingError> {
        typed
            .parse()
            .map(|reading: Reading| reading.as_str().to_owned())
    }

    #[test]
    fn hiragana_and_both_widths_of_katakana_are_one_reading() {
        for typed in [
            "わたなべ じろう",
            "ワタナベ　ジロウ",
            " ﾜﾀﾅﾍﾞ ｼﾞﾛｳ",
            "ワタナヘ\u{3099} シ゛ロウ",
        ] {
            assert_eq!(reading(typed).unwrap(), "ワタナベ ジロウ");
        }
        assert_eq!(reading("ﾊﾟｵﾛ").unwrap(), "パオロ");
    }

    #[test]
    fn long_vowels_and_middle_dots_belong_to_foreign_names() {
        assert_eq!(reading("マリー・ヴォーン").unwrap(), "マリー・ヴォーン");
        assert_eq!(reading("まりー･ゔぉーん").unwrap(), "マリー・ヴォーン");
    }

    #[test]
    fn the_first_letter_that_is_not_kana_is_named() {
        assert_eq!(reading("さとう S"), Err(ReadingError::NotKana(Quiet('S'))));
        assert_eq!(reading("佐とう"), Err(ReadingError::NotKana(Quiet('佐'))));
        assert_eq!(reading("゛さ"), Err(ReadingError::NotKana(Quiet('゛'))));
        assert_eq!(reading("さ\0"), Err(ReadingError::NotKana(Quiet('\0'))));
    }

    #[test]
    fn a_reading_has_kana_and_an_end() {
        assert_eq!(reading(" "), Err(ReadingError::Empty));
        assert_eq!(reading("・ー"), Err(ReadingError::Empty));
        assert!(reading(&"あ".repeat(80)).is_ok());
        assert_eq!(reading(&"あ".repeat(81)), Err(ReadingError::TooLong));
    }

    proptest! {
        #[test]
        fn a_stored_reading_reads_back_as_itself(typed in "[ぁ-ヿｦ-ﾟ 　゛]{1,30}") {
            if let Ok(stored) = reading(&typed) {
                prop_assert_eq!(reading(&stored), Ok(stored));
            }
        }

        #[test]
        fn any_text_is_answered(typed in "\\PC*") {
            let _answer = reading(&typed);
        }
    }
}
