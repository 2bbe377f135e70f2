//! Invented families who come to a shelter: names with their true readings, ages that fit
//! together, an address in the neighbourhood. The same seed gives the same people.
//!
//! They are nobody. Phone numbers use 090-0000, which no carrier hands out. Nothing here knows
//! forms or documents; each caller says these facts in its own way.

use std::sync::LazyLock;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::shelters;

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::read(include_str!("../data/names.csv")));

/// The year in which everyone's age is reckoned; fixed, so that a seed means the same people
/// on any day.
pub const THIS_YEAR: i32 = 2026;

/// How many of a hundred families come from abroad and have no kanji name.
const FROM_ABROAD_PERCENT: u32 = 3;

/// Endless families from one seed.
pub struct Families {
    rng: StdRng,
    towns: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The first is the one who speaks for the family.
    pub people: Vec<Person>,
    pub address: String,
    pub phone: Option<String>,
    pub note: Option<&'static str>,
    pub stays: Stays,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub name: String,
    /// Katakana. Empty for someone whose name has none.
    pub kana: String,
    pub sex: Sex,
    /// Year, month, day.
    pub birth: (i32, u8, u8),
    pub need: Option<Need>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
    Unsaid,
}

/// Where a family spends the night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    Shelter,
    Car,
    Home,
    Elsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Wheelchair,
    Medicine,
    Oxygen,
    Dialysis,
    Pregnant,
    Infant,
    Allergy,
    Hearing,
}

impl Families {
    /// Families of all Tokyo.
    pub fn new(seed: u64) -> Self {
        Self::of(seed, "")
    }

    /// Families who live in one municipality, e.g. `千代田区`.
    pub fn of(seed: u64, municipality: &str) -> Self {
        let mut towns: Vec<_> = shelters::all()
            .iter()
            .filter(|shelter| shelter.municipality.ends_with(municipality))
            .map(shelters::Shelter::town)
            .collect();
        towns.dedup();
        assert!(!towns.is_empty(), "nobody lives in {municipality}");
        Self {
            rng: StdRng::seed_from_u64(seed),
            towns,
        }
    }

    fn family(&mut self) -> Family {
        let surname = self.surname();
        let people = self
            .ages()
            .into_iter()
            .map(|(age, sex)| self.person(&surname, age, sex))
            .collect();
        Family {
            people,
            address: self.address(),
            phone: self.rng.random_bool(0.8).then(|| self.phone()),
            note: self.rng.random_bool(0.08).then(|| *self.pick(NOTES)),
            stays: self.stays(),
        }
    }

    fn surname(&mut self) -> Option<&'static Name> {
        let from_abroad = self.rng.random_ratio(FROM_ABROAD_PERCENT, 100);
        (!from_abroad).then(|| self.pick(&NAMES.surnames))
    }

    /// Ages and sexes that fit together: one alone, a couple, parents and children, and
    /// sometimes a grandparent, roughly as Tokyo's census has it.
    fn ages(&mut self) -> Vec<(i32, Sex)> {
        let size = *[1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5]
            .choose(&mut self.rng)
            .expect("not empty");
        let first_sex = self.sex();
        if size == 1 {
            return vec![(self.rng.random_range(19..95), first_sex)];
        }
        let first_age = if size == 2 {
            self.rng.random_range(24..92)
        } else {
            self.rng.random_range(26..55)
        };
        let partner_age = (first_age + self.rng.random_range(-6..=6)).max(20);
        let mut members = vec![(first_age, first_sex), (partner_age, first_sex.other())];
        for _ in 2..size.min(4) {
            members.push((
                self.rng.random_range(0..=(first_age - 22).min(24)),
                self.sex(),
            ));
        }
        if size == 5 {
            members.push((first_age + self.rng.random_range(24..34), self.sex()));
        }
        members
    }

    fn person(&mut self, surname: &Option<&'static Name>, age: i32, sex: Sex) -> Person {
        let (name, kana) = match surname {
            Some(surname) => self.japanese(surname, sex),
            None => ((*self.pick(ABROAD)).to_owned(), String::new()),
        };
        let birth = (
            THIS_YEAR - age,
            self.rng.random_range(1..=12),
            self.rng.random_range(1..=28),
        );
        Person {
            name,
            kana,
            sex: self.says(sex),
            birth,
            need: self.need(age, sex),
        }
    }

    fn japanese(&mut self, surname: &Name, sex: Sex) -> (String, String) {
        let given = match sex {
            Sex::Male | Sex::Unsaid => self.pick(&NAMES.male),
            Sex::Female => self.pick(&NAMES.female),
        };
        (
            format!("{} {}", surname.kanji, given.kanji),
            format!("{} {}", surname.kana, given.kana),
        )
    }

    fn need(&mut self, age: i32, sex: Sex) -> Option<Need> {
        let likely = match age {
            0..=2 => return Some(Need::Infant),
            3..=64 => 0.04,
            _ => 0.3,
        };
        if !self.rng.random_bool(likely) {
            return None;
        }
        let may_be_pregnant = sex == Sex::Female && (20..43).contains(&age);
        Some(if may_be_pregnant {
            Need::Pregnant
        } else {
            *self.pick(NEEDS)
        })
    }

    /// A town near a shelter and a house number that the town need not have.
    fn address(&mut self) -> String {
        let town = *self.towns.choose(&mut self.rng).expect("checked in `of`");
        let (block, house) = (self.rng.random_range(1..30), self.rng.random_range(1..30));
        let chome = self.rng.random_range(1..7);
        format!("{town}{chome}-{block}-{house}")
    }

    fn phone(&mut self) -> String {
        format!("090-0000-{:04}", self.rng.random_range(0..10_000))
    }

    fn stays(&mut self) -> Stays {
        match self.rng.random_range(0..20) {
            0..=15 => Stays::Shelter,
            16 | 17 => Stays::Car,
            18 => Stays::Home,
            _ => Stays::Elsewhere,
        }
    }

    fn sex(&mut self) -> Sex {
        if self.rng.random_bool(0.5) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// One in a hundred would rather not say.
    fn says(&mut self, sex: Sex) -> Sex {
        if self.rng.random_ratio(1, 100) {
            Sex::Unsaid
        } else {
            sex
        }
    }

    fn pick<T>(&mut self, from: &'static [T]) -> &'static T {
        from.choose(&mut self.rng).expect("no list here is empty")
    }
}

impl Iterator for Families {
    type Item = Family;

    fn next(&mut self) -> Option<Family> {
        Some(self.family())
    }
}

impl Family {
    /// The one who speaks for the family.
    pub fn head(&self) -> &Person {
        &self.people[0]
    }
}

impl Stays {
    /// The word in forms and documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shelter => "shelter",
            Self::Car => "car",
            Self::Home => "home",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl Sex {
    /// The letter in forms and documents.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Male => "m",
            Self::Female => "f",
            Self::Unsaid => "n",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Male => Self::Female,
            Self::Female | Self::Unsaid => Self::Male,
        }
    }
}

struct Name {
    kanji: &'static str,
    kana: &'static str,
}

struct Names {
    surnames: Vec<Name>,
    male: Vec<Name>,
    female: Vec<Name>,
}

impl Names {
    fn read(file: &'static str) -> Self {
        let of = |wanted: &str| {
            file.lines()
                .skip(1)
                .filter_map(|line| Name::read(line, wanted))
                .collect()
        };
        Self {
            surnames: of("surname"),
            male: of("male"),
            female: of("female"),
        }
    }
}

impl Name {
    fn read(line: &'static str, wanted: &str) -> Option<Self> {
        let (kind, name) = line.split_once(',')?;
        let (kanji, kana) = name.split_once(',')?;
        (kind == wanted).then_some(Self { kanji, kana })
    }
}

static ABROAD: &[&str] = &[
    "NGUYEN VAN AN",
    "TRAN THI HOA",
    "LE MINH",
    "WANG WEI",
    "LI NA",
    "KIM MIN-JUN",
    "PARK SEO-YEON",
    "Maria Santos Cruz",
    "Jose dela Cruz",
    "Sita Gurung",
    "Bishal Shrestha",
    "João da Silva",
    "Ana Paula Souza",
    "Siân O'Neill",
];

static NEEDS: &[Need] = &[
    Need::Wheelchair,
    Need::Medicine,
    Need::Oxygen,
    Need::Dialysis,
    Need::Allergy,
    Need::Hearing,
];

static NOTES: &[&str] = &[
    "犬1匹（小型）といっしょ",
    "夜間は車で休む",
    "祖父が自宅に残っている",
    "インスリンは保冷が必要",
    "通訳がほしい（ベトナム語）",
    "連絡は娘へ",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_seed_others() {
        let some = |seed| Families::new(seed).take(50).collect::<Vec<_>>();
        assert_eq!(some(7), some(7));
        assert_ne!(some(7), some(8));
    }

    #[test]
    fn a_japanese_name_and_its_reading_have_a_surname_and_a_given_name() {
        let people = Families::new(1).take(500).flat_map(|family| family.people);
        for person in people.filter(|person| !person.kana.is_empty()) {
            assert_eq!(person.name.split(' ').count(), 2);
            assert_eq!(person.kana.split(' ').count(), 2);
            assert!(
                person
                    .kana
                    .chars()
                    .all(|letter| letter == ' ' || ('ァ'..='ー').contains(&letter))
            );
        }
    }

    #[test]
    fn one_family_has_one_surname_and_nobody_is_born_after_this_year() {
        for family in Families::of(2, "千代田区").take(500) {
            let surname = |person: &Person| person.kana.split(' ').next().map(str::to_owned);
            assert!(
                family
                    .people
                    .iter()
                    .all(|person| surname(person) == surname(family.head()))
            );
            assert!(
                family
                    .people
                    .iter()
                    .all(|person| person.birth.0 <= THIS_YEAR)
            );
            assert!(family.address.starts_with("東京都千代田区"));
        }
    }

    #[test]
    fn families_are_of_all_sizes_and_some_sleep_elsewhere() {
        let families: Vec<_> = Families::new(3).take(1_000).collect();
        for size in 1..=5 {
            assert!(
                families.iter().any(|family| family.people.len() == size),
                "no family of {size}"
            );
        }
        for stays in [Stays::Shelter, Stays::Car, Stays::Home, Stays::Elsewhere] {
            assert!(families.iter().any(|family| family.stays == stays));
        }
    }
}
