//! The rows of the form: one for each person, known or still to be entered.

use crate::registry::names::{place_choices, sex_choices};
use crate::web::form::Posted;
use crate::web::frame::{Choice, Frame};

/// More rows than people on a card would never be saved.
pub(super) const ROWS_MAX: usize = yadori_ledger::words::HeadCount::MAX as usize;

/// One person's fields.
pub(super) struct Row {
    /// What the names of the fields begin with.
    pub(super) prefix: String,
    pub(super) number: usize,
    /// Whether the person stands in the household already.
    pub(super) is_known: bool,
    pub(super) name: String,
    pub(super) reading: String,
    pub(super) birth: String,
    pub(super) allergy: String,
    pub(super) medicine: String,
    pub(super) is_mistaken: bool,
    pub(super) has_more: bool,
    pub(super) sexes: Vec<Choice>,
    pub(super) places: Vec<Choice>,
}

impl Row {
    pub(super) fn field(&self, what: &str) -> String {
        format!("{}.{what}", self.prefix)
    }
}

/// The rows of a form as it was typed.
pub(super) fn rows(frame: &Frame, typed: &Posted) -> Vec<Row> {
    prefixes(typed)
        .into_iter()
        .zip(1..)
        .map(|(prefix, number)| row(frame, typed, prefix, number))
        .collect()
}

fn row(frame: &Frame, typed: &Posted, prefix: String, number: usize) -> Row {
    let get = |what: &str| typed.get(&format!("{prefix}.{what}")).to_owned();
    let (allergy, medicine, place) = (get("allergy"), get("medicine"), get("place"));
    let is_mistaken = !get("mistaken").is_empty();
    let own_place = Choice {
        value: String::new(),
        label: frame.t("form-place-with-family"),
        chosen: place.is_empty(),
    };
    let wrong = ["allergy", "medicine", "place"]
        .iter()
        .any(|what| !frame.problems.of(&format!("{prefix}.{what}")).is_empty());
    Row {
        number,
        is_known: !is_new(&prefix),
        name: get("name"),
        reading: get("reading"),
        birth: get("birth"),
        has_more: wrong
            || is_mistaken
            || [&allergy, &medicine, &place]
                .iter()
                .any(|text| !text.is_empty()),
        sexes: sex_choices(frame.lang, &get("sex")),
        places: std::iter::once(own_place)
            .chain(place_choices(frame.lang, &place))
            .collect(),
        allergy,
        medicine,
        is_mistaken,
        prefix,
    }
}

/// What the rows' names begin with, in the order of the form. A row has a box for the name.
pub(super) fn prefixes(typed: &Posted) -> Vec<String> {
    let mut prefixes: Vec<String> = Vec::new();
    for (name, _) in typed.pairs() {
        let prefix = name.strip_suffix(".name").filter(|prefix| *prefix != "h");
        if let Some(prefix) = prefix
            && !prefixes.iter().any(|known| known == prefix)
        {
            prefixes.push(prefix.to_owned());
        }
    }
    prefixes
}

/// Whether the row is for somebody who is not entered yet.
pub(super) fn is_new(prefix: &str) -> bool {
    prefix
        .strip_prefix('n')
        .is_some_and(|number| number.len() < 4 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The form with more empty rows.
pub(super) fn more(typed: Posted, count: usize) -> Posted {
    let known = prefixes(&typed);
    let news = known
        .iter()
        .filter_map(|prefix| prefix.strip_prefix('n')?.parse::<usize>().ok());
    let next = news.max().map_or(0, |last| last + 1);
    let count = count.min(ROWS_MAX.saturating_sub(known.len()));
    let added = (next..next + count).map(|number| (format!("n{number}.name"), String::new()));
    let pairs = typed
        .pairs()
        .iter()
        .filter(|(name, _)| name != "more")
        .cloned();
    Posted::of(pairs.chain(added))
}
