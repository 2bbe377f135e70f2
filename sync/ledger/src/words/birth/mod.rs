//! When a person was born, as far as anybody at the desk knows: a day, a month, a year, or only
//! an age.
//!
//! Eras are turned into the Gregorian calendar on the way in and back on the way out. What is
//! not known stays unknown; nothing is filled up with the first of January. Staff check what they
//! typed by the echo ([`Birth::era_text`] and [`Birth::age_on`]).

mod typed;

use std::ops::RangeInclusive;

use self::typed::Typed;
use super::date::{self, CivilDate};
use super::era::Era;
use super::{Quiet, answers, quiet_debug};

/// A date of birth with unknown parts, or an age on a day.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Birth(Known);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Known {
    Day(CivilDate),
    Month {
        year: u16,
        month: u8,
    },
    Year(u16),
    /// `on` is missing when the node that took the age down did not know the day.
    Age {
        least: u16,
        most: u16,
        on: Option<CivilDate>,
    },
}

/// Whether the caller stands by today's date. A node that woke up in 1970 does not, and then no
/// birth is refused for being in the future, and no age is tied to the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TodayTrust {
    Trusted,
    Untrusted,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BirthError {
    #[error("nothing is known: leave the box empty, or write about how old, like 40代")]
    Empty,
    #[error("not understood: write 42, S60.4.1, 1985-04-01, or S60.4.? if the day is not known")]
    Unclear,
    #[error("the year is not clear: write the era, like S60.4.1, or all four digits")]
    EraMissing,
    #[error("there is no such day in the calendar")]
    NoSuchDay,
    #[error("the era does not have that year or day: it may be another era")]
    NotInEra(Quiet<String>),
    #[error("that day has not come yet")]
    InFuture,
    #[error("older than {} years: check the era and the digits", Birth::AGE_MAX)]
    TooOld,
}

answers! { BirthError {
    Self::Empty => "birth-empty";
    Self::Unclear => "birth-unclear";
    Self::EraMissing => "birth-era-missing";
    Self::NoSuchDay => "birth-no-such-day";
    Self::NotInEra(better) => "birth-not-in-era", better.0;
    Self::InFuture => "birth-in-future";
    Self::TooOld => "birth-too-old", Birth::AGE_MAX;
} }

impl Birth {
    /// Nobody is known to have lived longer than 122 years; beyond 130 it is a mistyped era.
    pub const AGE_MAX: u16 = 130;
    /// The stored form at its longest: `~120-129@2026-11-22`.
    pub const CHARS_MAX: usize = 19;
    /// Japan took the Gregorian calendar; an earlier day would be another day.
    const YEAR_MIN: u16 = 1873;

    /// What was typed in the one box: `42`, `40代`, `S60.4.1`, `昭和60年4月1日`, `R元.5.2`,
    /// `19850401`, `S27.3.?`, `1985`, in any width and case.
    pub fn parse(typed: &str, today: CivilDate, trust: TodayTrust) -> Result<Self, BirthError> {
        let trusted = trust == TodayTrust::Trusted;
        let known = match typed::read(typed)? {
            Typed::Age { least, most } => Known::aged(least, most, trusted.then_some(today))?,
            Typed::Date {
                era,
                year,
                month,
                day,
            } => {
                let year = era.map_or(Some(year), |era| era.gregorian(year));
                let known = Known::dated(year.ok_or(BirthError::Unclear)?, month, day)?;
                known.refuse_outside(era)?;
                known
            }
        };
        if trusted {
            known.refuse_impossible(today)?;
        }
        Ok(Self(known))
    }

    /// What [`Birth::stored`] wrote, here or on another node.
    pub fn from_stored(stored: &str) -> Result<Self, BirthError> {
        let known = match stored.strip_prefix('~') {
            Some(age) => Known::aged_stored(age),
            None => Known::dated_stored(stored),
        };
        let birth = Self(known.ok_or(BirthError::Unclear)?);
        // One birth, one text: otherwise equal answers would look like a disagreement.
        if birth.stored() == stored {
            Ok(birth)
        } else {
            Err(BirthError::Unclear)
        }
    }

    /// `1985-04-01`, `1985-04-??`, `1985-??-??`, `~42@2026-11-22` (42 on that day),
    /// `~40-49@2026-11-22`, `~42` (42 on a day that nobody knew).
    pub fn stored(&self) -> String {
        match &self.0 {
            Known::Day(day) => day.to_string(),
            Known::Month { year, month } => format!("{year:04}-{month:02}-??"),
            Known::Year(year) => format!("{year:04}-??-??"),
            Known::Age { least, most, on } => {
                let most = if least == most {
                    String::new()
                } else {
                    format!("-{most}")
                };
                let on = on.map_or_else(String::new, |on| format!("@{on}"));
                format!("~{least}{most}{on}")
            }
        }
    }

    /// The ages that are possible on a day; one, if enough is known. `None` before the birth,
    /// or before the day on which the age was taken down: one of the two clocks was wrong.
    pub fn age_on(&self, today: CivilDate) -> Option<RangeInclusive<u16>> {
        if let Known::Age { least, most, on } = self.0 {
            let Some(on) = on else {
                return Some(least..=most);
            };
            let years = on.whole_years_until(today)?;
            let anniversary = (on.month(), on.day()) == (today.month(), today.day());
            return Some(least + years..=most + years + u16::from(!anniversary));
        }
        let (first, last) = self.0.span()?;
        let most = first.whole_years_until(today)?;
        Some(last.whole_years_until(today).unwrap_or(0)..=most)
    }

    /// `昭和60年4月1日`, as far as known; both eras where the month or year had two
    /// (`昭和64年・平成元年`). `None` if only an age is known.
    pub fn era_text(&self) -> Option<String> {
        let (first, last) = self.0.span()?;
        let month = self
            .month()
            .map_or_else(String::new, |month| format!("{month}月"));
        let day = self
            .day()
            .map_or_else(String::new, |day| format!("{day}日"));
        let said =
            |era: &Era| format!("{}{}年{month}{day}", era.kanji, era.year_text(first.year()));
        match self.0 {
            Known::Day(date) => Era::of(date).map(said),
            _ => Some(
                Era::within(first, last)
                    .map(said)
                    .collect::<Vec<_>>()
                    .join("・"),
            ),
        }
    }

    pub fn year(&self) -> Option<u16> {
        self.0.span().map(|(first, _)| first.year())
    }

    pub fn month(&self) -> Option<u8> {
        match self.0 {
            Known::Day(date) => Some(date.month()),
            Known::Month { month, .. } => Some(month),
            Known::Year(_) | Known::Age { .. } => None,
        }
    }

    pub fn day(&self) -> Option<u8> {
        match self.0 {
            Known::Day(date) => Some(date.day()),
            _ => None,
        }
    }
}

impl Known {
    fn aged(least: u16, most: u16, on: Option<CivilDate>) -> Result<Self, BirthError> {
        let possible = least <= most && most <= Birth::AGE_MAX;
        possible
            .then_some(Self::Age { least, most, on })
            .ok_or(BirthError::TooOld)
    }

    fn dated(year: u16, month: Option<u8>, day: Option<u8>) -> Result<Self, BirthError> {
        if year < Birth::YEAR_MIN {
            return Err(BirthError::TooOld);
        }
        let known = match (month, day) {
            (Some(month), Some(day)) => CivilDate::new(year, month, day).ok().map(Self::Day),
            (Some(month), None) => Some(Self::Month { year, month }),
            (None, _) => Some(Self::Year(year)),
        };
        known
            .filter(|known| known.span().is_some())
            .ok_or(BirthError::NoSuchDay)
    }

    fn aged_stored(age: &str) -> Option<Self> {
        let (ages, on) = match age.split_once('@') {
            Some((ages, on)) => (ages, Some(on.parse().ok()?)),
            None => (age, None),
        };
        let (least, most) = ages.split_once('-').unwrap_or((ages, ages));
        Self::aged(least.parse().ok()?, most.parse().ok()?, on).ok()
    }

    fn dated_stored(date: &str) -> Option<Self> {
        let mut parts = date.split('-');
        let year = parts.next()?.parse().ok()?;
        let mut part = || match parts.next()? {
            "??" => Some(None),
            number => number.parse().ok().map(Some),
        };
        let (month, day) = (part()?, part()?);
        Self::dated(year, month, day).ok()
    }

    /// The first and the last day on which the birth may have been. None for an age.
    fn span(&self) -> Option<(CivilDate, CivilDate)> {
        let (year, from, until) = match *self {
            Self::Day(date) => return Some((date, date)),
            Self::Month { year, month } => (year, month, month),
            Self::Year(year) => (year, 1, 12),
            Self::Age { .. } => return None,
        };
        let first = CivilDate::new(year, from, 1).ok()?;
        Some((
            first,
            CivilDate::new(year, until, date::days_in(year, until)).ok()?,
        ))
    }

    /// An era that was over, or not begun: the hint is the same date in its own era.
    fn refuse_outside(&self, era: Option<&Era>) -> Result<(), BirthError> {
        let (Some(era), Some((first, last))) = (era, self.span()) else {
            return Ok(());
        };
        if era.overlaps(first, last) {
            return Ok(());
        }
        let better = Era::within(first, last)
            .last()
            .map_or_else(String::new, |era| {
                let year = format!("{}{}", era.letter, era.year_of(first.year()));
                match *self {
                    Self::Day(date) => format!("{year}.{}.{}", date.month(), date.day()),
                    Self::Month { month, .. } => format!("{year}.{month}"),
                    Self::Year(_) | Self::Age { .. } => year,
                }
            });
        Err(BirthError::NotInEra(Quiet(better)))
    }

    fn refuse_impossible(&self, today: CivilDate) -> Result<(), BirthError> {
        let Some((first, last)) = self.span() else {
            return Ok(());
        };
        if first > today {
            return Err(BirthError::InFuture);
        }
        match last.whole_years_until(today) {
            Some(age) if age > Birth::AGE_MAX => Err(BirthError::TooOld),
            _ => Ok(()),
        }
    }
}

quiet_debug!(Birth);

#[cfg(test)]
mod tests;
