//! What a person needs others to know at once (要配慮): the chips on the reception page.
//!
//! It does not know who may see them, nor the details; a note carries those.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::{answers, quiet_debug};

/// One support need, in the order of the chips. Stored codes never change their meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SupportNeed {
    Wheelchair,
    Medicine,
    OxygenOrPower,
    Dialysis,
    PregnantOrInfant,
    Allergy,
    HearingOrSign,
    WatchOver,
    Pet,
    Interpreter,
}

/// The support needs of one person. Stored as codes in the order of the chips: `w,m`.
///
/// A newer node may have stored a need for which this version has no chip. Its code is kept and
/// written back, because a medical need must not vanish when an older desk ticks another chip.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct SupportNeeds {
    known: BTreeSet<SupportNeed>,
    newer: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SupportNeedError {
    #[error("a support need that this version does not know: update, or write it as a note")]
    Unknown,
}

answers! { SupportNeedError {
    Self::Unknown => "need-unknown";
} }

impl SupportNeed {
    pub const ALL: [Self; 10] = [
        Self::Wheelchair,
        Self::Medicine,
        Self::OxygenOrPower,
        Self::Dialysis,
        Self::PregnantOrInfant,
        Self::Allergy,
        Self::HearingOrSign,
        Self::WatchOver,
        Self::Pet,
        Self::Interpreter,
    ];

    /// The stored code: one letter, because every fact is paid for by the byte.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wheelchair => "w",
            Self::Medicine => "m",
            Self::OxygenOrPower => "o",
            Self::Dialysis => "d",
            Self::PregnantOrInfant => "b",
            Self::Allergy => "a",
            Self::HearingOrSign => "h",
            Self::WatchOver => "c",
            Self::Pet => "p",
            Self::Interpreter => "i",
        }
    }
}

impl FromStr for SupportNeed {
    type Err = SupportNeedError;

    fn from_str(code: &str) -> Result<Self, SupportNeedError> {
        Self::ALL
            .into_iter()
            .find(|need| need.as_str() == code)
            .ok_or(SupportNeedError::Unknown)
    }
}

impl SupportNeeds {
    /// Every code of this version once, with commas between.
    pub const CHARS_MAX: usize = 2 * SupportNeed::ALL.len() - 1;

    /// What [`SupportNeeds::stored`] wrote, here or on a newer node. Empty text is a person who
    /// was asked and needs nothing.
    pub fn from_stored(codes: &str) -> Self {
        let mut needs = Self::default();
        for code in codes_of(codes) {
            match code.parse() {
                Ok(need) => needs.known.insert(need),
                Err(SupportNeedError::Unknown) => needs.newer.insert(code.to_owned()),
            };
        }
        needs
    }

    pub fn stored(&self) -> String {
        let known = self.known.iter().map(|need| need.as_str());
        known
            .chain(self.newer.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(",")
    }

    /// The chips as they are ticked now, with what has no chip here kept from before.
    pub fn ticked(&self, chips: Self) -> Self {
        Self {
            known: chips.known,
            newer: self.newer.clone(),
        }
    }

    pub fn contains(&self, need: SupportNeed) -> bool {
        self.known.contains(&need)
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.newer.is_empty()
    }

    /// In the order of the chips.
    pub fn iter(&self) -> impl Iterator<Item = SupportNeed> {
        self.known.iter().copied()
    }

    /// How many needs a newer version recorded, for a page to say that there is more.
    pub fn newer_count(&self) -> usize {
        self.newer.len()
    }
}

impl FromIterator<SupportNeed> for SupportNeeds {
    fn from_iter<T: IntoIterator<Item = SupportNeed>>(needs: T) -> Self {
        Self {
            known: needs.into_iter().collect(),
            newer: BTreeSet::new(),
        }
    }
}

/// From a form or a table: here an unknown code is a mistake, and is asked about.
impl FromStr for SupportNeeds {
    type Err = SupportNeedError;

    fn from_str(codes: &str) -> Result<Self, SupportNeedError> {
        codes_of(codes).map(str::parse::<SupportNeed>).collect()
    }
}

fn codes_of(codes: &str) -> impl Iterator<Item = &str> {
    codes
        .split(',')
        .map(str::trim)
        .filter(|code| !code.is_empty())
}

quiet_debug!(SupportNeed, SupportNeeds);

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(codes: &str) -> Result<String, SupportNeedError> {
        codes.parse().map(|needs: SupportNeeds| needs.stored())
    }

    #[test]
    fn needs_are_stored_in_the_order_of_the_chips_whatever_was_tapped_first() {
        assert_eq!(stored("m, w,m").unwrap(), "w,m");
        assert_eq!(stored("").unwrap(), "");
    }

    #[test]
    fn every_need_has_a_code_of_its_own() {
        let all = SupportNeeds::from_iter(SupportNeed::ALL);
        assert_eq!(all.stored(), "w,m,o,d,b,a,h,c,p,i");
        assert_eq!(all.stored().len(), SupportNeeds::CHARS_MAX);
        assert_eq!(all.stored().parse(), Ok(all));
    }

    #[test]
    fn an_unknown_code_in_a_form_is_asked_about() {
        assert_eq!(stored("w,z"), Err(SupportNeedError::Unknown));
    }

    #[test]
    fn a_need_that_a_newer_node_stored_survives_an_edit_here() {
        let before = SupportNeeds::from_stored("z,w");
        assert_eq!((before.stored().as_str(), before.newer_count()), ("w,z", 1));
        let after = before.ticked("m,p".parse().unwrap());
        assert_eq!(after.stored(), "m,p,z");
        assert!(!SupportNeeds::from_stored("z").is_empty());
    }

    #[test]
    fn what_a_person_needs_is_not_printed() {
        assert_eq!(
            format!("{:?}", "d".parse::<SupportNeeds>()),
            "Ok(SupportNeeds(…))"
        );
    }
}
