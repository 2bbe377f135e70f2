//! What people type, parsed once: a name, a phone number, a date of birth.
//!
//! Each word is a type with a private field that can only be made by parsing, so nothing behind
//! the door checks again. What comes out of a document is parsed the same way: another node,
//! perhaps a newer one, wrote it. Parsing what `as_str` (or `stored`) gives returns the same value.
//!
//! Each word has its own error, whose variants are answers: what is wrong and what to do next.
//! Pages say them in the reader's language by [`Answer::key`]; the English text is for
//! technicians. Nothing that was typed is in the `Debug` or the text of a word or of its error;
//! what a page may show beside the field is in [`Answer::hint`].
//!
//! Words do not know which of them a form requires, nor any clock: today is an argument.

pub mod address;
pub mod birth;
mod clean;
pub mod date;
pub mod era;
pub mod head_count;
pub mod language;
pub mod name;
pub mod note;
pub mod phone;
pub mod pin;
pub mod postal_code;
pub mod reading;
pub mod sex;
pub mod support_need;

use std::fmt;

pub use address::{Address, AddressError};
pub use birth::{Birth, BirthError, TodayTrust};
pub use date::{CivilDate, DateError};
pub use head_count::{HeadCount, HeadCountError};
pub use language::{Language, LanguageError};
pub use name::{Name, NameError};
pub use note::{Note, NoteError};
pub use phone::{Phone, PhoneError};
pub use pin::{Pin, PinError};
pub use postal_code::{PostalCode, PostalCodeError};
pub use reading::{Reading, ReadingError};
pub use sex::{Sex, SexError};
pub use support_need::{SupportNeed, SupportNeedError, SupportNeeds};

/// Why a typed word was not taken, for the form that shows it.
pub trait Answer: std::error::Error {
    /// The message's name in the locale files. Stable: translations hang on it.
    fn key(&self) -> &'static str;

    /// What the message mentions: the character, the limit, the suggested way of writing it.
    /// It may be personal, so it goes to the page and never to a log.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// Something typed, inside an error: it can be shown on the page it came from, but `{:?}` and
/// `{}` of the error around it stay silent.
#[derive(Clone, PartialEq, Eq)]
pub struct Quiet<T>(pub T);

impl<T> fmt::Debug for Quiet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Gives an error its keys, and the list of all of them by which tests check the translations.
macro_rules! answers {
    ($error:ident { $($variant:pat => $key:literal $(, $hint:expr)?;)+ }) => {
        impl $error {
            /// Every key this error can answer with.
            pub const KEYS: &'static [&'static str] = &[$($key),+];
        }

        impl $crate::words::Answer for $error {
            fn key(&self) -> &'static str {
                #[allow(unused_variables, reason = "a payload serves the hint")]
                match self {
                    $($variant => $key,)+
                }
            }

            fn hint(&self) -> Option<String> {
                #[allow(unused_variables, reason = "a payload serves the hint")]
                match self {
                    $($variant => answers!(@hint $($hint)?),)+
                }
            }
        }
    };
    (@hint) => { None };
    (@hint $hint:expr) => { Some($hint.to_string()) };
}
use answers;

/// Shows only that a value is there: no person reaches a log through `{:?}`.
macro_rules! quiet_debug {
    ($($word:ident),+) => {
        $(impl std::fmt::Debug for $word {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($word), "(…)"))
            }
        })+
    };
}
use quiet_debug;

/// Every key that a word can be refused with. A locale that lacks one of them cannot answer.
pub const KEYS: &[&[&str]] = &[
    NameError::KEYS,
    ReadingError::KEYS,
    PhoneError::KEYS,
    BirthError::KEYS,
    DateError::KEYS,
    SexError::KEYS,
    SupportNeedError::KEYS,
    NoteError::KEYS,
    AddressError::KEYS,
    PostalCodeError::KEYS,
    HeadCountError::KEYS,
    LanguageError::KEYS,
    PinError::KEYS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_told_once_and_fits_a_locale_file() {
        let keys: Vec<_> = KEYS.concat();
        let mut seen = std::collections::BTreeSet::new();
        for key in keys {
            assert!(
                key.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            );
            assert!(seen.insert(key), "{key} is told twice");
        }
    }

    #[test]
    fn nothing_typed_reaches_a_log_through_a_word_or_its_error() {
        let name: Name = "山田 花子".parse().unwrap();
        assert_eq!(format!("{name:?}"), "Name(…)");

        let error = "サトウ Hanako".parse::<Reading>().unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("H"));
        assert!(!format!("{error:?} {error}").contains('H'));
    }
}
