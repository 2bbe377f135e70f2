//! What the pages say, in the reader's language: one Fluent file per feature and language.
//!
//! Knows no page. A key that is missing in one language is said in Japanese, because a shelter
//! in Japan always has somebody who reads it; a test keeps that from happening.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// The languages of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// Japanese, the language of last resort.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Every language, in the order of the language switch.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The language with this tag, if the pages speak it.
    pub fn of(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// The BCP 47 tag, for `lang` attributes and links.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language's name for itself, in its own script.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::En => "English",
        }
    }

    /// The best language for an `Accept-Language` header.
    pub fn accepted(header: &str) -> Self {
        let wanted = fluent_langneg::parse_accepted_languages(header);
        let spoken: Vec<fluent_langneg::LanguageIdentifier> = Self::ALL
            .iter()
            .filter_map(|lang| lang.tag().parse().ok())
            .collect();
        let strategy = fluent_langneg::NegotiationStrategy::Filtering;
        fluent_langneg::negotiate_languages(&wanted, &spoken, None, strategy)
            .first()
            .and_then(|found| Self::of(found.language.as_str()))
            .unwrap_or_default()
    }

    /// The text of a message without arguments.
    pub fn t(self, key: &str) -> String {
        self.say(key, None)
    }

    /// The text of a message with the number `$count`.
    pub fn n(self, key: &str, count: impl Display) -> String {
        let count = count.to_string();
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::try_number(&count));
        self.say(key, Some(&args))
    }

    /// The text of a message with the text `$value`.
    pub fn s(self, key: &str, value: impl Display) -> String {
        let mut args = FluentArgs::new();
        args.set("value", value.to_string());
        self.say(key, Some(&args))
    }

    /// The text of a message with the texts `$first` and `$second`.
    pub fn s2(self, key: &str, first: impl Display, second: impl Display) -> String {
        let mut args = FluentArgs::new();
        args.set("first", first.to_string());
        args.set("second", second.to_string());
        self.say(key, Some(&args))
    }

    /// Whether this language itself has the message.
    pub fn knows(self, key: &str) -> bool {
        bundle(self).has_message(key)
    }

    fn identifier(self) -> LanguageIdentifier {
        self.tag()
            .parse()
            .expect("the tags above are language identifiers")
    }

    fn say(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        [self, Self::Ja]
            .into_iter()
            .find_map(|lang| lang.try_say(key, args))
            .unwrap_or_else(|| {
                tracing::error!(key, "a message is missing");
                key.to_owned()
            })
    }

    fn try_say(self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle = bundle(self);
        let pattern = bundle.get_message(key)?.value()?;
        let mut flaws = Vec::new();
        Some(
            bundle
                .format_pattern(pattern, args, &mut flaws)
                .into_owned(),
        )
    }
}

type Bundle = FluentBundle<FluentResource>;

fn bundle(lang: Lang) -> &'static Bundle {
    static JA: LazyLock<Bundle> = LazyLock::new(|| made(Lang::Ja));
    static EN: LazyLock<Bundle> = LazyLock::new(|| made(Lang::En));
    match lang {
        Lang::Ja => &JA,
        Lang::En => &EN,
    }
}

fn made(lang: Lang) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![lang.identifier()]);
    // The marks that isolate text directions would end up inside attributes and card numbers.
    bundle.set_use_isolating(false);
    for source in sources(lang) {
        let resource =
            FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(parsed, flaws)| {
                tracing::error!(
                    flaws = flaws.len(),
                    lang = lang.tag(),
                    "a locale file is flawed"
                );
                parsed
            });
        bundle.add_resource_overriding(resource);
    }
    bundle
}

macro_rules! locale {
    ($tag:literal) => {
        &[
            include_str!(concat!("../../locales/", $tag, "/web.ftl")),
            include_str!(concat!("../../locales/", $tag, "/word.ftl")),
            include_str!(concat!("../../locales/", $tag, "/staff.ftl")),
            include_str!(concat!("../../locales/", $tag, "/registry.ftl")),
            include_str!(concat!("../../locales/", $tag, "/aid.ftl")),
            include_str!(concat!("../../locales/", $tag, "/portal.ftl")),
        ]
    };
}

fn sources(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::Ja => locale!("ja"),
        Lang::En => locale!("en"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use yadori_ledger::aid::Slot;
    use yadori_ledger::registry::{Fact, Origin, Status, Whereabouts};
    use yadori_ledger::words;

    use super::*;

    #[test]
    fn the_reader_gets_the_best_language_that_the_pages_speak() {
        assert_eq!(Lang::accepted("en-GB,en;q=0.9,ja;q=0.8"), Lang::En);
        assert_eq!(Lang::accepted("ja-JP"), Lang::Ja);
        assert_eq!(Lang::accepted("xx, not a header;;"), Lang::Ja);
        assert_eq!(Lang::accepted(""), Lang::Ja);
    }

    #[test]
    fn every_locale_file_is_sound_and_says_the_same_things() {
        for (ja, en) in sources(Lang::Ja).iter().zip(sources(Lang::En)) {
            assert_eq!(keys(ja), keys(en));
            for text in [ja, en] {
                assert!(FluentResource::try_new((*text).to_string()).is_ok());
            }
        }
    }

    #[test]
    fn every_message_that_a_page_asks_for_exists() {
        let known: BTreeSet<String> = sources(Lang::Ja)
            .iter()
            .flat_map(|text| keys(text))
            .collect();
        let mut missing = Vec::new();
        for file in files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
            let text = fs::read_to_string(&file).unwrap();
            for key in asked(&text).filter(|key| !known.contains(*key)) {
                missing.push(format!("{}: {key}", file.display()));
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_message_whose_key_is_put_together_exists() {
        let parts = |kind: &str, codes: Vec<&str>| -> Vec<String> {
            codes
                .into_iter()
                .map(|code| format!("{kind}-{code}"))
                .collect()
        };
        let all = [
            words::KEYS
                .concat()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            parts("fact", Fact::ALL.iter().map(|fact| fact.name()).collect()),
            parts(
                "whereabouts",
                Whereabouts::ALL.iter().map(|kind| kind.name()).collect(),
            ),
            parts(
                "need",
                words::SupportNeed::ALL
                    .iter()
                    .map(|need| need.as_str())
                    .collect(),
            ),
            parts(
                "sex",
                words::Sex::ALL.iter().map(|sex| sex.stored()).collect(),
            ),
            parts("slot", Slot::ALL.iter().map(|slot| slot.name()).collect()),
            parts(
                "origin",
                [Origin::Desk, Origin::Portal, Origin::Confirmed]
                    .map(Origin::code)
                    .to_vec(),
            ),
            parts(
                "status",
                [Status::Active, Status::Mistaken]
                    .map(Status::code)
                    .to_vec(),
            ),
            parts(
                "item",
                words::NameError::KEYS
                    .iter()
                    .map(|key| &key["name-".len()..])
                    .collect(),
            ),
        ];
        for key in all.concat() {
            assert!(Lang::Ja.knows(&key) && Lang::En.knows(&key), "{key}");
        }
    }

    fn keys(text: &str) -> BTreeSet<String> {
        text.lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
            .collect()
    }

    /// Literal keys only; keys that are put together from parts have tests of their own.
    fn asked(text: &str) -> impl Iterator<Item = &str> {
        [".t(\"", ".n(\"", ".s(\"", ".s2(\""]
            .into_iter()
            .flat_map(|call| {
                text.split(call)
                    .skip(1)
                    .filter_map(|rest| rest.split_once('"'))
                    .map(|(key, _)| key)
            })
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .flat_map(|path| {
                if path.is_dir() {
                    files(&path)
                } else {
                    vec![path]
                }
            })
            .filter(|path| path.file_name().is_some_and(|name| name != "words.rs"))
            .collect()
    }
}
