//! What the console says, in the officer's language. One Fluent file per feature and language,
//! compiled in; a test below finds words that a language or a template lacks.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_langneg::{
    LanguageIdentifier, NegotiationStrategy, negotiate_languages, parse_accepted_languages,
};

/// A language of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    Ja,
    En,
}

macro_rules! words {
    ($tag:literal: $($file:literal),+) => {
        &[$(include_str!(concat!("../locales/", $tag, "/", $file, ".ftl"))),+]
    };
}

const JA: &[&str] =
    words!("ja": "console", "officer", "readlog", "registry", "shelter", "aid", "quarantine");
const EN: &[&str] =
    words!("en": "console", "officer", "readlog", "registry", "shelter", "aid", "quarantine");

type Bundle = FluentBundle<FluentResource>;

impl Tongue {
    pub(crate) const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The tag in `lang` attributes, cookies and folder names.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language's name in itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::En => "English",
        }
    }

    pub(crate) fn tagged(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.tag() == tag)
    }

    /// The best of ours for a browser's `Accept-Language`; Japanese when nothing fits.
    pub(crate) fn accepted(header: &str) -> Self {
        let wanted = parse_accepted_languages(header);
        let ours: Vec<LanguageIdentifier> = Self::ALL
            .iter()
            .filter_map(|tongue| tongue.tag().parse().ok())
            .collect();
        let best = negotiate_languages(&wanted, &ours, ours.first(), NegotiationStrategy::Lookup);
        best.first()
            .and_then(|tag| Self::tagged(&tag.to_string()))
            .unwrap_or(Self::Ja)
    }

    pub(crate) fn say(self, key: &str) -> String {
        self.format(key, None)
    }

    /// A word for one of several values, such as `role-lead`.
    pub(crate) fn say_of(self, what: &str, name: &str) -> String {
        self.say(&format!("{what}-{name}"))
    }

    /// A sentence with one number or text in it, named `n` in the Fluent file.
    pub(crate) fn say_n<'a>(self, key: &str, n: impl Into<FluentValue<'a>>) -> String {
        let mut args = FluentArgs::new();
        args.set("n", n);
        self.format(key, Some(&args))
    }

    /// A sentence with two, named `n` and `m`.
    pub(crate) fn say_nm<'a>(
        self,
        key: &str,
        n: impl Into<FluentValue<'a>>,
        m: impl Into<FluentValue<'a>>,
    ) -> String {
        let mut args = FluentArgs::new();
        args.set("n", n);
        args.set("m", m);
        self.format(key, Some(&args))
    }

    /// A missing word shows as its key: ugly, but the page stays usable.
    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self
            .bundle()
            .get_message(key)
            .and_then(|message| message.value())
        else {
            tracing::warn!(key, tongue = self.tag(), "a word is missing");
            return key.to_owned();
        };
        let mut errors = Vec::new();
        match self.bundle().format_pattern(pattern, args, &mut errors) {
            Cow::Borrowed(text) => text.to_owned(),
            Cow::Owned(text) => text,
        }
    }

    fn bundle(self) -> &'static Bundle {
        static BUNDLES: LazyLock<[Bundle; 2]> =
            LazyLock::new(|| [bundle(Tongue::Ja, JA), bundle(Tongue::En, EN)]);
        &BUNDLES[self as usize]
    }
}

fn bundle(tongue: Tongue, files: &[&str]) -> Bundle {
    let tag = tongue
        .tag()
        .parse()
        .expect("our own tags are language tags");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // No language here is written right to left; isolation marks would only be in the way.
    bundle.set_use_isolating(false);
    for text in files {
        let words = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(words, _)| words);
        bundle.add_resource_overriding(words);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_word_is_there_in_every_language() {
        let (ja, en) = (keys(JA), keys(EN));
        assert_eq!(ja, en, "these are in one language only");
    }

    #[test]
    fn every_word_that_a_page_says_exists_and_every_word_is_said() {
        let mut sources = String::new();
        read_all(
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
            &mut sources,
        );
        for key in keys(JA) {
            assert!(
                sources.contains(&key) || key_is_built(&key),
                "`{key}` is said nowhere"
            );
        }
        for said in said(&sources) {
            assert!(keys(JA).contains(&said), "`{said}` is in no Fluent file");
        }
    }

    #[test]
    fn files_have_no_mistakes() {
        for text in JA.iter().chain(EN) {
            assert!(FluentResource::try_new((*text).to_owned()).is_ok());
        }
    }

    #[test]
    fn a_browser_gets_the_first_of_its_languages_that_we_have() {
        assert_eq!(Tongue::accepted("en-GB,en;q=0.9,ja;q=0.8"), Tongue::En);
        assert_eq!(Tongue::accepted("fr-FR,ja;q=0.5"), Tongue::Ja);
        assert_eq!(Tongue::accepted("de"), Tongue::Ja);
        assert_eq!(Tongue::accepted(""), Tongue::Ja);
    }

    fn keys(files: &[&str]) -> BTreeSet<String> {
        let lines = files.iter().flat_map(|text| text.lines());
        lines
            .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key.to_owned()))
            .collect()
    }

    /// Words whose key is put together from a value, such as `fact-name`.
    fn key_is_built(key: &str) -> bool {
        const BUILT: [&str; 13] = [
            "role-", "act-", "fact-", "place-", "sex-", "need-", "origin-", "member-", "slot-",
            "digest-", "held-", "kind-", "sign-in-",
        ];
        BUILT.iter().any(|prefix| key.starts_with(prefix))
    }

    fn said(sources: &str) -> BTreeSet<String> {
        let calls = ["say(\"", "say_n(\"", "say_nm(\""];
        calls
            .iter()
            .flat_map(|call| sources.split(call).skip(1))
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .filter(|key| !key.is_empty())
            .collect()
    }

    fn read_all(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, into);
            } else if path
                .file_name()
                .is_some_and(|name| name != "i18n.rs" && name != "console.css")
            {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
}
