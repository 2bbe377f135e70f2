//! A person's name, in the one box that suits every country.
//!
//! It does not know family from given name, and never corrects a character: the bearer's own
//! kanji is the right one. Search finds it through [`crate::fold`].

use std::str::FromStr;

use super::clean::{self, Unfit};
use super::{answers, quiet_debug};

/// A full name as typed, its parts joined by one half-width space, e.g. `山田 花子`.
///
/// Composed (NFC), with variation selectors and rare kanji kept.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("the name is empty: write any name, or 不明 if it is not known")]
    Empty,
    #[error("the name is longer than {} characters: shorten it", Name::CHARS_MAX)]
    TooLong,
    #[error("the name holds a character that cannot be seen: type it again instead of pasting")]
    Hidden,
    #[error("the name holds a character that other machines cannot draw: write a similar one")]
    Undrawable,
    #[error("the name holds `<` or `>`: leave them out")]
    AngleBracket,
}

answers! { NameError {
    Self::Empty => "name-empty";
    Self::TooLong => "name-too-long", Name::CHARS_MAX;
    Self::Hidden => "name-hidden-character";
    Self::Undrawable => "name-undrawable-character";
    Self::AngleBracket => "name-angle-bracket";
} }

impl Name {
    /// A passport's line holds 39 letters of a name, and the longest written out in full (Brazil,
    /// South India) run to about fifty.
    pub const CHARS_MAX: usize = 60;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(typed: &str) -> Result<Self, NameError> {
        // No name has angle brackets, and where they do appear, in lists and exported tables,
        // they look like an attack. The form keeps what was typed.
        if typed.contains(['<', '>']) {
            return Err(NameError::AngleBracket);
        }
        let name = clean::one_line(typed)?;
        match name.chars().count() {
            0 => Err(NameError::Empty),
            1..=Self::CHARS_MAX => Ok(Self(name)),
            _ => Err(NameError::TooLong),
        }
    }
}

impl From<Unfit> for NameError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Hidden => Self::Hidden,
            Unfit::Undrawable => Self::Undrawable,
        }
    }
}

quiet_debug!(Name);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Answer;
    use super::*;

    fn name(typed: &str) -> Result<String, NameError> {
        typed.parse().map(|name: Name| name.as_str().to_owned())
    }

    #[test]
    fn spaces_of_any_sort_and_number_become_one_half_width_space() {
        assert_eq!(name(" 山田　花子\t").unwrap(), "山田 花子");
        assert_eq!(name("Maria\u{a0} da\nSilva").unwrap(), "Maria da Silva");
    }

    #[test]
    fn the_bearers_own_kanji_is_kept() {
        for own in ["𠮷野 家子", "葛\u{e0100}城", "髙﨑", "\u{fa19}谷", "渡邉"] {
            assert_eq!(name(own).unwrap(), own);
        }
    }

    #[test]
    fn a_name_typed_on_a_mac_and_on_windows_is_the_same_name() {
        assert_eq!(
            name("Nguye\u{302}\u{303}n").unwrap(),
            name("Nguyễn").unwrap()
        );
    }

    #[test]
    fn a_nepali_name_keeps_its_joiner() {
        assert_eq!(name("गर\u{94d}\u{200d}यो").unwrap(), "गर\u{94d}\u{200d}यो");
        assert_eq!(name("山\u{200d}田"), Err(NameError::Hidden));
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for hidden in [
            "a\0b",
            "山\u{202e}田",
            "\u{2066}a",
            "a\u{200b}",
            "\u{feff}山田",
            "\u{fe0f}",
        ] {
            assert_eq!(
                name(hidden),
                Err(NameError::Hidden),
                "{}",
                hidden.escape_unicode()
            );
        }
    }

    #[test]
    fn a_character_of_one_machine_only_is_refused_with_advice() {
        assert_eq!(name("山\u{e000}"), Err(NameError::Undrawable));
        assert_eq!(name("\u{fffd}田"), Err(NameError::Undrawable));
    }

    #[test]
    fn markup_is_no_name() {
        assert_eq!(name("<script>"), Err(NameError::AngleBracket));
    }

    #[test]
    fn a_name_has_one_to_sixty_characters() {
        assert_eq!(name(" 　"), Err(NameError::Empty));
        assert_eq!(name(&"あ".repeat(60)).unwrap().chars().count(), 60);
        let error = name(&"あ".repeat(61)).unwrap_err();
        assert_eq!(
            (error.key(), error.hint().as_deref()),
            ("name-too-long", Some("60"))
        );
    }

    proptest! {
        #[test]
        fn a_stored_name_reads_back_as_itself(typed in "\\PC{1,40}") {
            if let Ok(stored) = name(&typed) {
                prop_assert_eq!(name(&stored), Ok(stored));
            }
        }
    }
}
