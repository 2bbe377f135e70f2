//! The grammar of the box: separators, widths, eras and unknown parts. It knows no calendar.

use unicode_normalization::UnicodeNormalization;

use super::BirthError;
use crate::words::clean::is_hyphen;
use crate::words::era::{ERAS, Era};

/// What was typed, before anybody asked whether there was such a day.
pub(super) enum Typed {
    Age {
        least: u16,
        most: u16,
    },
    Date {
        era: Option<&'static Era>,
        year: u16,
        month: Option<u8>,
        day: Option<u8>,
    },
}

pub(super) fn read(typed: &str) -> Result<Typed, BirthError> {
    let text = typed.nfkc().collect::<String>().to_uppercase();
    let text = text
        .trim()
        .trim_end_matches("生まれ")
        .trim_end_matches('生')
        .trim_end();
    if is_unknown(text) || text.is_empty() {
        return Err(BirthError::Empty);
    }
    if let Some(age) = age(text)? {
        return Ok(age);
    }
    let (era, rest) = era(text);
    if is_digits(rest) {
        compact(era, rest)
    } else {
        separated(era, rest)
    }
}

/// `42`, `42歳`, `40代`. One to three digits alone are an age.
fn age(text: &str) -> Result<Option<Typed>, BirthError> {
    let digits = text.trim_end_matches(['歳', '才', '代']).trim_end();
    let bare = digits.len() == text.len();
    if !is_digits(digits) || (bare && digits.len() > 3) {
        return Ok(None);
    }
    let least: u16 = digits.parse().map_err(|_| BirthError::TooOld)?;
    if !text.ends_with('代') {
        return Ok(Some(Typed::Age { least, most: least }));
    }
    match least {
        10..=120 if least.is_multiple_of(10) => Ok(Some(Typed::Age {
            least,
            most: least + 9,
        })),
        _ => Err(BirthError::Unclear),
    }
}

/// The era's name, its first character or its letter, and what follows it.
fn era(text: &str) -> (Option<&'static Era>, &str) {
    for era in &ERAS {
        let first = era.kanji.chars().next().unwrap_or(era.letter);
        let rest = text
            .strip_prefix(era.kanji)
            .or_else(|| text.strip_prefix(first))
            .or_else(|| text.strip_prefix(era.letter));
        if let Some(rest) = rest {
            return (
                Some(era),
                rest.trim_start_matches(|c: char| c == '.' || c.is_whitespace()),
            );
        }
    }
    (None, text)
}

/// `19850401`, `1985`, `S600401`, `S60`. Six or seven digits without an era would be a guess.
fn compact(era: Option<&'static Era>, digits: &str) -> Result<Typed, BirthError> {
    let year_digits = match (era, digits.len()) {
        (None, 4 | 8) => 4,
        (Some(_), 6) => 2,
        (Some(_), len @ 1..=3) => len,
        _ => return Err(BirthError::Unclear),
    };
    let (year, rest) = digits.split_at(year_digits);
    let two = |at: usize| rest.get(at..at + 2).map(number).transpose();
    Ok(Typed::Date {
        era,
        year: number(year)?,
        month: two(0)?,
        day: two(2)?,
    })
}

fn separated(era: Option<&'static Era>, rest: &str) -> Result<Typed, BirthError> {
    let dotted = dotted(rest);
    let parts: Vec<&str> = dotted
        .strip_suffix('.')
        .unwrap_or(&dotted)
        .split('.')
        .collect();
    let (year, month, day) = match parts[..] {
        [year] => (year, "?", "?"),
        [year, month] => (year, month, "?"),
        [year, month, day] => (year, month, day),
        _ => return Err(BirthError::Unclear),
    };
    let year = match era {
        Some(_) if year == "元" => 1,
        Some(_) if year.len() > 3 => return Err(BirthError::Unclear),
        None if is_digits(year) && year.len() != 4 => return Err(BirthError::EraMissing),
        _ => number(year)?,
    };
    match (known(month)?, known(day)?) {
        (None, Some(_)) => Err(BirthError::Unclear),
        (month, day) => Ok(Typed::Date {
            era,
            year,
            month,
            day,
        }),
    }
}

/// One `.` between parts, whatever was there: `60年 4月 1日`, `60/4/1`, `60 4 1`.
fn dotted(rest: &str) -> String {
    let is_mark = |c: char| is_hyphen(c) || "./,、。・·年月日".contains(c);
    let marked: String = rest
        .chars()
        .map(|c| if is_mark(c) { '.' } else { c })
        .collect();
    let words: Vec<&str> = marked.split_whitespace().collect();
    words
        .join(" ")
        .replace(". ", ".")
        .replace(" .", ".")
        .replace(' ', ".")
}

/// A month or a day, if it is known.
fn known(part: &str) -> Result<Option<u8>, BirthError> {
    if is_unknown(part) {
        Ok(None)
    } else {
        number(part).map(Some)
    }
}

fn is_unknown(part: &str) -> bool {
    part == "不明" || (!part.is_empty() && part.chars().all(|c| c == '?'))
}

fn number<T: std::str::FromStr>(digits: &str) -> Result<T, BirthError> {
    digits
        .parse()
        .ok()
        .filter(|_| is_digits(digits))
        .ok_or(BirthError::Unclear)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
