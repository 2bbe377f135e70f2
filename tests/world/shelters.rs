//! The designated shelters of Tokyo, as published: real names at real places.
//!
//! The file and its terms are in `tests/data/`. Nothing here knows what happens in a shelter.

use std::sync::LazyLock;

static FILE: &str = include_str!("../data/tokyo-shelters.csv");

static SHELTERS: LazyLock<Vec<Shelter>> = LazyLock::new(|| {
    FILE.lines()
        .skip(1)
        .map(|line| Shelter::read(line).unwrap_or_else(|| panic!("not a shelter: {line}")))
        .collect()
});

/// One row of the published list.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelter {
    /// 全国共通避難所・避難場所ID: `E` and 13 digits.
    pub common_id: &'static str,
    pub municipality_code: &'static str,
    pub municipality: &'static str,
    pub name: &'static str,
    pub address: &'static str,
    /// Degrees, WGS84.
    pub latitude: f64,
    pub longitude: f64,
}

impl Shelter {
    /// The file has no quoted cells (a test holds it to that), so a comma is always a border.
    fn read(line: &'static str) -> Option<Self> {
        let mut cells = line.split(',');
        Some(Self {
            common_id: cells.next()?,
            municipality_code: cells.next()?,
            municipality: cells.next()?,
            name: cells.next()?,
            address: cells.next()?,
            latitude: cells.next()?.parse().ok()?,
            longitude: cells.next()?.parse().ok()?,
        })
    }

    /// The address up to the house number: `東京都千代田区三番町`.
    pub fn town(&self) -> &'static str {
        let number = self.address.find(|letter: char| letter.is_numeric());
        &self.address[..number.unwrap_or(self.address.len())]
    }
}

/// All of them, in the order of the file.
pub fn all() -> &'static [Shelter] {
    &SHELTERS
}

/// The shelter with this name in this municipality; a typing mistake in a test is told at once.
pub fn named(municipality: &str, name: &str) -> &'static Shelter {
    all()
        .iter()
        .find(|shelter| shelter.municipality.ends_with(municipality) && shelter.name == name)
        .unwrap_or_else(|| panic!("the list has no shelter {name} in {municipality}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_shelter_of_the_list_is_read_and_has_an_id_of_its_own() {
        assert!(!FILE.contains('"'), "the reader does not know quoted cells");
        let ids: HashSet<_> = all().iter().map(|shelter| shelter.common_id).collect();
        assert_eq!((all().len(), ids.len()), (3_185, 3_185));
    }

    #[test]
    fn every_shelter_is_in_tokyo() {
        for shelter in all() {
            assert!(shelter.municipality_code.starts_with("13"));
            assert!((20.0..37.0).contains(&shelter.latitude));
            assert!((136.0..155.0).contains(&shelter.longitude));
        }
    }

    #[test]
    fn a_town_ends_before_the_house_number() {
        assert_eq!(
            named("千代田区", "九段小学校").town(),
            "東京都千代田区三番町"
        );
    }
}
