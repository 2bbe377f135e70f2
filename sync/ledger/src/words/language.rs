//! The languages that pages are written in.
//!
//! It does not know which one a browser asks for: pages negotiate that.

use std::fmt;
use std::str::FromStr;

use super::answers;

/// One of the ten locales. Plain Japanese (やさしい日本語) is a language of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    #[default]
    Japanese,
    PlainJapanese,
    English,
    SimplifiedChinese,
    TraditionalChinese,
    Korean,
    Vietnamese,
    Nepali,
    Portuguese,
    Tagalog,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    #[error("pages are not written in this language: choose one of the list")]
    Unknown,
}

answers! { LanguageError {
    Self::Unknown => "language-unknown";
} }

impl Language {
    /// In the order of the list on the first page.
    pub const ALL: [Self; 10] = [
        Self::Japanese,
        Self::PlainJapanese,
        Self::English,
        Self::SimplifiedChinese,
        Self::TraditionalChinese,
        Self::Korean,
        Self::Vietnamese,
        Self::Nepali,
        Self::Portuguese,
        Self::Tagalog,
    ];

    /// The tag, which is stored and names the folder of the locale.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::PlainJapanese => "ja-plain",
            Self::English => "en",
            Self::SimplifiedChinese => "zh-Hans",
            Self::TraditionalChinese => "zh-Hant",
            Self::Korean => "ko",
            Self::Vietnamese => "vi",
            Self::Nepali => "ne",
            Self::Portuguese => "pt",
            Self::Tagalog => "tl",
        }
    }

    /// What a browser and a screen reader know the language by.
    pub fn html_lang(self) -> &'static str {
        match self {
            Self::PlainJapanese => "ja",
            other => other.as_str(),
        }
    }

    /// What the language calls itself, for the one list that everybody must be able to read.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Japanese => "日本語",
            Self::PlainJapanese => "やさしい にほんご",
            Self::English => "English",
            Self::SimplifiedChinese => "简体中文",
            Self::TraditionalChinese => "繁體中文",
            Self::Korean => "한국어",
            Self::Vietnamese => "Tiếng Việt",
            Self::Nepali => "नेपाली",
            Self::Portuguese => "Português",
            Self::Tagalog => "Tagalog",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(tag: &str) -> Result<Self, LanguageError> {
        Self::ALL
            .into_iter()
            .find(|language| language.as_str().eq_ignore_ascii_case(tag))
            .ok_or(LanguageError::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_reads_back_as_its_language_in_any_case() {
        for language in Language::ALL {
            assert_eq!(language.as_str().to_uppercase().parse(), Ok(language));
        }
    }

    #[test]
    fn a_browser_is_not_told_of_plain_japanese() {
        assert_eq!(Language::PlainJapanese.html_lang(), "ja");
        assert_eq!(Language::TraditionalChinese.html_lang(), "zh-Hant");
    }

    #[test]
    fn a_language_without_pages_is_refused() {
        assert_eq!("fr".parse::<Language>(), Err(LanguageError::Unknown));
    }
}
