//! Says who wrote an answer and when, and puts stored answers into words.

use std::collections::HashMap;

use rusqlite::Connection;
use yadori_ledger::document::{Source, Told};
use yadori_ledger::id::{ActorId, ShelterId};
use yadori_ledger::registry::{Fact, Place, Status, Whereabouts};
use yadori_ledger::words::{Birth, CivilDate, PostalCode, SupportNeeds};

use crate::store::StoreError;
use crate::web::when::when;
use crate::web::words::Lang;

/// What is needed to tell sources and answers on one page.
pub(super) struct Teller {
    pub(super) lang: Lang,
    pub(super) today: CivilDate,
    /// Who writes on this node.
    pub(super) actor: ActorId,
    pub(super) shelter: ShelterId,
    staff: HashMap<String, String>,
}

impl Teller {
    pub(super) fn new(
        db: &Connection,
        lang: Lang,
        today: CivilDate,
        actor: ActorId,
        shelter: ShelterId,
    ) -> Result<Self, StoreError> {
        let staff = db
            .prepare_cached("select 's' || number, name from staff")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            lang,
            today,
            actor,
            shelter,
            staff,
        })
    }

    /// `田中 ・ 11/22 10:31`.
    pub(super) fn source(&self, source: &Source) -> String {
        format!(
            "{} ・ {}",
            self.who(source),
            when(self.lang, source.wall_s, source.quality)
        )
    }

    /// Staff of this node by name, others by the place where they wrote.
    fn who(&self, source: &Source) -> String {
        let by = source.by.as_ref().map_or("", |by| by.as_str());
        let own = source.actor == Some(self.actor);
        match self.staff.get(by).filter(|_| own) {
            Some(name) => name.clone(),
            None if by == "portal" => self.lang.t("source-family"),
            None if by.starts_with('h') => self.lang.s("source-headquarters", by),
            None if own => self.lang.s("source-here", by),
            None => self.lang.s("source-elsewhere", by),
        }
    }

    /// A stored answer as people say it.
    pub(super) fn answer(&self, fact: Fact, stored: &str) -> String {
        let named = |kind: &str, code: &str| self.lang.t(&format!("{kind}-{code}"));
        match fact {
            _ if stored.is_empty() => self.lang.t("not-entered"),
            Fact::Birth => Birth::from_stored(stored)
                .map_or_else(|_| stored.to_owned(), |birth| self.birth(&birth)),
            Fact::Postal => stored
                .parse::<PostalCode>()
                .map_or_else(|_| stored.to_owned(), |code| code.hyphened()),
            Fact::Sex if self.lang.knows(&format!("sex-{stored}")) => named("sex", stored),
            Fact::Origin if self.lang.knows(&format!("origin-{stored}")) => named("origin", stored),
            Fact::Status => named("status", Status::from_code(stored).code()),
            Fact::Needs => self.needs(stored),
            Fact::Shelter if stored == self.shelter.as_str() => named("whereabouts", "shelter"),
            _ => stored.to_owned(),
        }
    }

    pub(super) fn told(&self, fact: Fact, told: &Told) -> String {
        self.answer(fact, &told.value)
    }

    /// `車いす・薬`.
    pub(super) fn needs(&self, stored: &str) -> String {
        need_words(self.lang, stored).join("・")
    }

    /// `1985-04-01(昭和60年4月1日)・41歳`, as far as known.
    fn birth(&self, birth: &Birth) -> String {
        let date = birth.year().map(|_| birth.stored().replace("-??", ""));
        let era = birth.era_text().filter(|_| self.lang == Lang::Ja);
        let age = age_text(self.lang, birth, self.today);
        let dated = match (date, era) {
            (Some(date), Some(era)) => Some(format!("{date}({era})")),
            (date, _) => date,
        };
        [dated, age]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("・")
    }

    /// Where somebody is: the kind, another shelter if it is one, and the free words.
    pub(super) fn place(&self, place: &Place) -> String {
        let kind = match &place.shelter {
            Some(at) if *at != self.shelter && place.whereabouts == Whereabouts::Shelter => {
                format!("{} {at}", self.lang.t("whereabouts-other-shelter"))
            }
            _ => self
                .lang
                .t(&format!("whereabouts-{}", place.whereabouts.name())),
        };
        match &place.detail {
            Some(detail) => format!("{kind}({detail})"),
            None => kind,
        }
    }
}

/// `41歳`, `40〜49歳`.
pub(super) fn age_text(lang: Lang, birth: &Birth, today: CivilDate) -> Option<String> {
    let ages = birth.age_on(today)?;
    let text = if ages.start() == ages.end() {
        ages.start().to_string()
    } else {
        format!("{}〜{}", ages.start(), ages.end())
    };
    Some(lang.s("age", text))
}

/// The names of stored needs.
pub(super) fn need_words(lang: Lang, stored: &str) -> Vec<String> {
    let needs = SupportNeeds::from_stored(stored);
    needs
        .iter()
        .map(|need| lang.t(&format!("need-{}", need.as_str())))
        .collect()
}
