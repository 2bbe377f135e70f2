//! Free text of a few lines: what a form has no box for.
//!
//! Anything may stand in it, `<` and emoji too; pages escape it like all text.

use std::str::FromStr;

use super::clean::{self, Unfit};
use super::{answers, quiet_debug};

/// Free text with its line breaks (`\n`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Note(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("the note is empty")]
    Empty,
    #[error(
        "the note is longer than {} characters: keep what others must know",
        Note::CHARS_MAX
    )]
    TooLong,
    #[error("the note holds a character that cannot be seen: type it again")]
    Hidden,
    #[error("the note holds a character that other machines cannot draw: write a similar one")]
    Undrawable,
}

answers! { NoteError {
    Self::Empty => "note-empty";
    Self::TooLong => "note-too-long", Note::CHARS_MAX;
    Self::Hidden => "note-hidden-character";
    Self::Undrawable => "note-undrawable-character";
} }

impl Note {
    /// The space for remarks on a paper card, written small; 1.5 kB on the satellite link.
    pub const CHARS_MAX: usize = 500;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(typed: &str) -> Result<Self, NoteError> {
        let note = clean::lines(typed)?;
        match note.chars().count() {
            0 => Err(NoteError::Empty),
            1..=Self::CHARS_MAX => Ok(Self(note)),
            _ => Err(NoteError::TooLong),
        }
    }
}

impl From<Unfit> for NoteError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Hidden => Self::Hidden,
            Unfit::Undrawable => Self::Undrawable,
        }
    }
}

quiet_debug!(Note);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn note(typed: &str) -> Result<String, NoteError> {
        typed.parse().map(|note: Note| note.as_str().to_owned())
    }

    #[test]
    fn lines_stay_lines_whatever_ends_them() {
        assert_eq!(note("薬\r\n朝と夜\r8時\n ").unwrap(), "薬\n朝と夜\n8時");
    }

    #[test]
    fn smileys_and_brackets_are_text() {
        assert_eq!(
            note("熱 <38℃ 👩\u{200d}👧❤\u{fe0f}").unwrap(),
            "熱 <38℃ 👩\u{200d}👧❤\u{fe0f}"
        );
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(note("a\u{1b}[31m"), Err(NoteError::Hidden));
        assert_eq!(note("a\n\u{202e}b"), Err(NoteError::Hidden));
    }

    #[test]
    fn a_note_says_something_within_five_hundred_characters() {
        assert_eq!(note("\r\n"), Err(NoteError::Empty));
        assert!(note(&"あ".repeat(500)).is_ok());
        assert_eq!(note(&"あ".repeat(501)), Err(NoteError::TooLong));
    }

    proptest! {
        #[test]
        fn a_stored_note_reads_back_as_itself(typed in "(\\PC|[\\r\\n\\t]){1,60}") {
            if let Ok(stored) = note(&typed) {
                prop_assert_eq!(note(&stored), Ok(stored));
            }
        }
    }
}
