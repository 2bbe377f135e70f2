//! A day of the Gregorian calendar, without time, zone or clock.

use std::fmt;
use std::str::FromStr;

use super::answers;

/// A day that exists, in the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CivilDate {
    year: u16,
    month: u8,
    day: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    #[error("no such day in the calendar")]
    NoSuchDay,
    #[error("not a date: write it as 2026-11-22")]
    Unclear,
}

answers! { DateError {
    Self::NoSuchDay => "date-no-such-day";
    Self::Unclear => "date-unclear";
} }

impl CivilDate {
    /// `2026-11-22`
    pub const CHARS_MAX: usize = 10;

    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, DateError> {
        let exists = (1..=9999).contains(&year) && (1..=days_in(year, month)).contains(&day);
        exists
            .then_some(Self { year, month, day })
            .ok_or(DateError::NoSuchDay)
    }

    /// The day in Japan at a moment given in Unix seconds. `None` outside the years 1 to 9999.
    pub fn in_japan(wall_s: i64) -> Option<Self> {
        const JAPAN_AHEAD_S: i64 = 9 * 3600;
        from_unix_days(wall_s.checked_add(JAPAN_AHEAD_S)?.div_euclid(86_400))
    }

    pub fn year(self) -> u16 {
        self.year
    }

    pub fn month(self) -> u8 {
        self.month
    }

    pub fn day(self) -> u8 {
        self.day
    }

    /// Birthdays from here to `later`, as ages are counted. `None` if `later` is earlier.
    pub fn whole_years_until(self, later: Self) -> Option<u16> {
        let before_birthday = (later.month, later.day) < (self.month, self.day);
        (self <= later).then(|| later.year - self.year - u16::from(before_birthday))
    }
}

/// How many days a month has; none if there is no such month.
pub(crate) fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Days since 1970-01-01, turned by counting years from March (Howard Hinnant's algorithm),
/// which puts the leap day at the end.
fn from_unix_days(days: i64) -> Option<CivilDate> {
    /// 1970-01-01 counted from 0000-03-01.
    const EPOCH_DAYS: i64 = 719_468;
    /// 400 years.
    const CYCLE_DAYS: i64 = 146_097;

    let days = days.checked_add(EPOCH_DAYS)?;
    let (cycle, of_cycle) = (days.div_euclid(CYCLE_DAYS), days.rem_euclid(CYCLE_DAYS));
    let years = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * years + years / 4 - years / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12 + 1;
    let year = cycle * 400 + years + i64::from(month <= 2);
    CivilDate::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    )
    .ok()
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for CivilDate {
    type Err = DateError;

    /// Exactly as [`fmt::Display`] writes it: this reads what is stored and sent, not what is typed.
    fn from_str(stored: &str) -> Result<Self, DateError> {
        let number = |from: usize, until: usize| -> Result<u16, DateError> {
            let digits = stored.get(from..until).ok_or(DateError::Unclear)?;
            let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
            digits
                .parse()
                .ok()
                .filter(|_| all_digits)
                .ok_or(DateError::Unclear)
        };
        let hyphens = stored.get(4..5) == Some("-") && stored.get(7..8) == Some("-");
        if stored.len() != Self::CHARS_MAX || !hyphens {
            return Err(DateError::Unclear);
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        Self::new(
            year,
            month.try_into().unwrap_or(0),
            day.try_into().unwrap_or(0),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    #[test]
    fn leap_days_come_every_fourth_year_but_not_every_century() {
        assert!(CivilDate::new(2024, 2, 29).is_ok());
        assert!(CivilDate::new(2000, 2, 29).is_ok());
        for (year, month, day) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2024, 4, 31),
            (2024, 13, 1),
            (0, 1, 1),
        ] {
            assert_eq!(CivilDate::new(year, month, day), Err(DateError::NoSuchDay));
        }
    }

    #[test]
    fn a_birthday_counts_from_the_day_itself() {
        assert_eq!(
            date("1985-04-01").whole_years_until(date("2026-03-31")),
            Some(40)
        );
        assert_eq!(
            date("1985-04-01").whole_years_until(date("2026-04-01")),
            Some(41)
        );
        assert_eq!(
            date("2026-04-02").whole_years_until(date("2026-04-01")),
            None
        );
    }

    #[test]
    fn a_new_day_begins_in_japan_nine_hours_early() {
        assert_eq!(CivilDate::in_japan(0), Some(date("1970-01-01")));
        assert_eq!(CivilDate::in_japan(1_795_273_199), Some(date("2026-11-21")));
        assert_eq!(CivilDate::in_japan(1_795_273_200), Some(date("2026-11-22")));
        assert_eq!(CivilDate::in_japan(i64::MAX), None);
        assert_eq!(CivilDate::in_japan(i64::MIN), None);
    }

    #[test]
    fn only_the_stored_form_is_read() {
        for text in [
            "2026-1-01",
            "2026/11/22",
            "2026-11-2２",
            "+026-11-22",
            "2026-11-22 ",
        ] {
            assert_eq!(text.parse::<CivilDate>(), Err(DateError::Unclear), "{text}");
        }
        assert_eq!("2026-11-31".parse::<CivilDate>(), Err(DateError::NoSuchDay));
    }

    proptest! {
        #[test]
        fn each_day_is_followed_by_the_next(days in -700_000_i64..2_900_000) {
            let (today, tomorrow) = (from_unix_days(days).unwrap(), from_unix_days(days + 1).unwrap());
            let next = CivilDate::new(today.year, today.month, today.day + 1)
                .or_else(|_| CivilDate::new(today.year, today.month + 1, 1))
                .or_else(|_| CivilDate::new(today.year + 1, 1, 1));
            prop_assert_eq!(Ok(tomorrow), next);
            prop_assert_eq!(today.to_string().parse(), Ok(today));
        }
    }
}
