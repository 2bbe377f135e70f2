//! Stored answers in the officer's words.

use yadori_ledger::registry::{Fact, Origin, Status};
use yadori_ledger::words::{Birth, CivilDate, Sex, SupportNeeds, TodayTrust};

use crate::web::Frame;

/// What an answer to a question looks like on the page. Shelters are named by the caller.
pub(super) fn words(frame: &Frame, fact: Fact, stored: &str) -> String {
    let t = frame.t;
    match fact {
        Fact::Birth => birth_words(frame, stored),
        Fact::Sex => Sex::from_stored(stored)
            .map_or_else(|| stored.to_owned(), |sex| t.say_of("sex", sex.stored())),
        Fact::Needs => needs_words(frame, stored),
        Fact::Origin => Origin::from_code(stored).map_or_else(
            || stored.to_owned(),
            |origin| t.say_of("origin", origin.code()),
        ),
        Fact::Status => match Status::from_code(stored) {
            Status::Active => t.say("status-active"),
            Status::Mistaken => t.say("entered-by-mistake"),
        },
        _ => stored.to_owned(),
    }
}

/// `1985-04-01（昭和60年4月1日）・41歳`, as far as known.
pub(super) fn birth_words(frame: &Frame, stored: &str) -> String {
    let Ok(birth) = Birth::from_stored(stored) else {
        return stored.to_owned();
    };
    let date = match (birth.year(), birth.era_text()) {
        (Some(_), Some(era)) => frame.t.say_nm("birth-date", stored.replace("-??", ""), era),
        _ => String::new(),
    };
    let age = CivilDate::in_japan(frame.now_s)
        .and_then(|today| birth.age_on(today))
        .map(|ages| {
            let (least, most) = ages.into_inner();
            match least == most {
                true => frame.t.say_n("age-years", least.to_string()),
                false => frame.t.say_n("age-years", format!("{least}–{most}")),
            }
        });
    [Some(date).filter(|date| !date.is_empty()), age]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}

/// A word that is a whole birth date in some spelling; ages and years alone are too common.
pub(super) fn birth_of(typed: &str) -> Option<Birth> {
    // Which day it is matters for ages only, and those are left out.
    let any_day = CivilDate::new(2026, 1, 1).ok()?;
    let birth = Birth::parse(typed, any_day, TodayTrust::Untrusted).ok()?;
    birth.day().is_some().then_some(birth)
}

fn needs_words(frame: &Frame, stored: &str) -> String {
    let needs = SupportNeeds::from_stored(stored);
    let mut words: Vec<_> = needs
        .iter()
        .map(|need| frame.t.say_of("need", need.as_str()))
        .collect();
    if needs.newer_count() > 0 {
        words.push(frame.t.say_n("needs-newer", needs.newer_count()));
    }
    words.join(&frame.t.say("and-list"))
}
