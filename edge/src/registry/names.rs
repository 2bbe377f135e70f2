//! The words that several forms of this feature share: a name that may be unknown, the chips of
//! support needs, the kinds of place.

use yadori_ledger::registry::Whereabouts;
use yadori_ledger::words::{Name, Sex, SupportNeed, SupportNeeds};

use crate::web::form::{Posted, Problems, told};
use crate::web::frame::Choice;
use crate::web::words::Lang;

/// What staff write when nobody knows the name.
const UNKNOWN: [&str; 5] = ["不明", "ふめい", "フメイ", "unknown", "?"];

/// The four kinds of place that the forms offer; the others come with the features that need them.
pub(super) const PLACES: [Whereabouts; 4] = [
    Whereabouts::Shelter,
    Whereabouts::Car,
    Whereabouts::Home,
    Whereabouts::Elsewhere,
];

/// A name that somebody must have typed, though it may be 不明: `Some(None)` then.
pub(crate) fn typed_name(
    problems: &mut Problems,
    lang: Lang,
    field: &str,
    typed: &str,
) -> Option<Option<Name>> {
    if is_unknown(typed) {
        return Some(None);
    }
    problems.parse::<Name>(lang, field, typed).map(Some)
}

/// Whether the writer said that the name is not known.
pub(super) fn is_unknown(typed: &str) -> bool {
    UNKNOWN.contains(&typed.trim().to_lowercase().as_str())
}

/// The ticked chips; a value that is no chip is named.
pub(crate) fn needs_chosen(
    problems: &mut Problems,
    lang: Lang,
    typed: &Posted,
    field: &str,
) -> Option<SupportNeeds> {
    let chosen: Result<SupportNeeds, _> =
        typed.values(field).map(str::parse::<SupportNeed>).collect();
    chosen
        .map_err(|refused| problems.add(field, told(lang, &refused)))
        .ok()
}

/// The chips, ticked as they were typed.
pub(crate) fn needs_choices(lang: Lang, typed: &Posted, field: &str) -> Vec<Choice> {
    let ticked: Vec<&str> = typed.values(field).collect();
    SupportNeed::ALL
        .map(|need| Choice {
            value: need.as_str().into(),
            label: lang.t(&format!("need-{}", need.as_str())),
            chosen: ticked.contains(&need.as_str()),
        })
        .into()
}

/// The sexes; each label begins with the key that chooses it.
pub(super) fn sex_choices(lang: Lang, chosen: &str) -> Vec<Choice> {
    let blank = Choice {
        value: String::new(),
        label: lang.t("not-entered"),
        chosen: chosen.is_empty(),
    };
    let sexes = Sex::ALL.map(|sex| Choice {
        value: sex.stored().into(),
        label: format!(
            "{} {}",
            sex.stored(),
            lang.t(&format!("sex-{}", sex.stored()))
        ),
        chosen: chosen == sex.stored(),
    });
    std::iter::once(blank).chain(sexes).collect()
}

/// The kinds of place, and the one that stands if it is none of these.
pub(super) fn place_choices(lang: Lang, chosen: &str) -> Vec<Choice> {
    let stands = Whereabouts::named(chosen).filter(|kind| !PLACES.contains(kind));
    let kinds = PLACES.into_iter().chain(stands);
    kinds
        .map(|kind| Choice {
            value: kind.name().into(),
            label: lang.t(&format!("whereabouts-{}", kind.name())),
            chosen: chosen == kind.name(),
        })
        .collect()
}
