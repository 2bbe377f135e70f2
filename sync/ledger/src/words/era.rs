//! The eras in which Japanese people know their years.
//!
//! Before 1873 Japan had another calendar, so Meiji begins there with its sixth year: Meiji 1 to
//! 5 (from 1868-10-23 on) have no day of ours that could be written down safely, and nobody born
//! then is alive.

use super::date::CivilDate;

/// An era with its first and last day. The last days of Meiji and of Taishō are also the first
/// of the next era; papers of that day bear either, so both are read, and the later is written.
pub struct Era {
    pub letter: char,
    pub kanji: &'static str,
    first: (u16, u8, u8),
    last: Option<(u16, u8, u8)>,
    /// The Gregorian year of the era's first year.
    year_one: u16,
}

/// Youngest first, because that is the one to write when two share a day.
pub const ERAS: [Era; 5] = [
    Era {
        letter: 'R',
        kanji: "令和",
        first: (2019, 5, 1),
        last: None,
        year_one: 2019,
    },
    Era {
        letter: 'H',
        kanji: "平成",
        first: (1989, 1, 8),
        last: Some((2019, 4, 30)),
        year_one: 1989,
    },
    Era {
        letter: 'S',
        kanji: "昭和",
        first: (1926, 12, 25),
        last: Some((1989, 1, 7)),
        year_one: 1926,
    },
    Era {
        letter: 'T',
        kanji: "大正",
        first: (1912, 7, 30),
        last: Some((1926, 12, 25)),
        year_one: 1912,
    },
    Era {
        letter: 'M',
        kanji: "明治",
        first: (1873, 1, 1),
        last: Some((1912, 7, 30)),
        year_one: 1868,
    },
];

impl Era {
    /// The era that was in force at the end of that day.
    pub fn of(date: CivilDate) -> Option<&'static Self> {
        ERAS.iter().find(|era| era.overlaps(date, date))
    }

    /// The eras that a span of days touches, oldest first.
    pub fn within(from: CivilDate, until: CivilDate) -> impl Iterator<Item = &'static Self> {
        ERAS.iter()
            .rev()
            .filter(move |era| era.overlaps(from, until))
    }

    /// Whether any day of the span lies in this era.
    pub fn overlaps(&self, from: CivilDate, until: CivilDate) -> bool {
        let parts = |date: CivilDate| (date.year(), date.month(), date.day());
        self.first <= parts(until) && self.last.is_none_or(|last| parts(from) <= last)
    }

    /// The Gregorian year of this era's year, which may lie outside the era.
    pub fn gregorian(&self, year: u16) -> Option<u16> {
        (self.year_one + year)
            .checked_sub(1)
            .filter(|year| *year <= 9999)
    }

    /// This era's year in which a Gregorian year falls.
    pub fn year_of(&self, gregorian: u16) -> u16 {
        (gregorian + 1).saturating_sub(self.year_one)
    }

    /// The same as it is written after the era's name: `元` or a number.
    pub fn year_text(&self, gregorian: u16) -> String {
        match self.year_of(gregorian) {
            1 => "元".to_owned(),
            year => year.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kanji(date: &str) -> Option<&'static str> {
        Era::of(date.parse().unwrap()).map(|era| era.kanji)
    }

    #[test]
    fn each_era_begins_on_its_day() {
        assert_eq!(kanji("1872-12-31"), None);
        assert_eq!(kanji("1873-01-01"), Some("明治"));
        assert_eq!(
            (kanji("1912-07-29"), kanji("1912-07-30")),
            (Some("明治"), Some("大正"))
        );
        assert_eq!(
            (kanji("1926-12-24"), kanji("1926-12-25")),
            (Some("大正"), Some("昭和"))
        );
        assert_eq!(
            (kanji("1989-01-07"), kanji("1989-01-08")),
            (Some("昭和"), Some("平成"))
        );
        assert_eq!(
            (kanji("2019-04-30"), kanji("2019-05-01")),
            (Some("平成"), Some("令和"))
        );
    }

    #[test]
    fn the_first_year_has_a_name() {
        assert_eq!(ERAS[0].year_text(2019), "元");
        assert_eq!(ERAS[2].year_text(1985), "60");
    }
}
