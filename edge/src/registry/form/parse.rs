//! From the form as typed to what will be written: only the fields that differ from what the form
//! was shown with, each parsed, all mistakes named together.

use yadori_ledger::id::{DocId, PersonId};
use yadori_ledger::registry::{Fact, Subject, Whereabouts};
use yadori_ledger::words::{
    Address, Birth, CivilDate, HeadCount, Name, Note, Phone, PostalCode, Reading, Sex, TodayTrust,
};

use super::complete::complete;
use super::edit::{Answered, Change, NewRow, Placed};
use super::filled::{FAMILY, OTHER_SHELTER, PERSON, name};
use super::rows::{ROWS_MAX, is_new, prefixes};
use crate::registry::household_id;
use crate::registry::names::{PLACES, is_unknown, needs_chosen};
use crate::web::form::{Posted, Problems, told};
use crate::web::words::Lang;

/// Reads the whole form.
pub(super) fn parsed(
    lang: Lang,
    typed: &Posted,
    doc: Option<DocId>,
    today: CivilDate,
    trust: TodayTrust,
) -> Result<Change, Problems> {
    let mut form = Form {
        lang,
        typed,
        today,
        trust,
        problems: Problems::none(),
    };
    let surname = form
        .word::<Name>("surname")
        .map(|name| name.as_str().to_owned());
    let surname_reading = form
        .word::<Reading>("surname_reading")
        .map(|reading| reading.as_str().to_owned());
    let family = form.family();
    let place = form.place("h", true);
    let mut change = Change::new(doc, family, place);
    for prefix in prefixes(typed) {
        form.row(
            &prefix,
            surname.as_deref(),
            surname_reading.as_deref(),
            &mut change,
        );
    }
    form.whole(&mut change);
    if form.problems.is_empty() {
        Ok(change)
    } else {
        Err(form.problems)
    }
}

struct Form<'a> {
    lang: Lang,
    typed: &'a Posted,
    today: CivilDate,
    trust: TodayTrust,
    problems: Problems,
}

impl Form<'_> {
    fn word<T>(&mut self, field: &str) -> Option<T>
    where
        T: std::str::FromStr<Err: yadori_ledger::words::Answer>,
    {
        self.problems
            .parse_if_any(self.lang, field, self.typed.get(field))
    }

    /// What was typed and what the form was shown with, if they differ.
    fn changed(&self, field: &str) -> Option<(String, String)> {
        let (now, was) = (
            plain(self.typed.get(field)),
            plain(self.typed.get(&format!("{field}.was"))),
        );
        (now != was).then_some((now, was))
    }

    fn family(&mut self) -> Vec<Answered> {
        let mut all = Vec::new();
        for fact in FAMILY {
            let field = name(Subject::Household, fact.name());
            let answered = if fact == Fact::Needs {
                self.needs(&field)
            } else {
                self.fact(&field, Subject::Household, fact)
            };
            all.extend(answered);
        }
        all
    }

    fn needs(&mut self, field: &str) -> Option<Answered> {
        let needs = needs_chosen(&mut self.problems, self.lang, self.typed, field)?;
        let (value, was) = (
            needs.stored(),
            self.typed.get(&format!("{field}.was")).to_owned(),
        );
        (value != was).then(|| Answered {
            field: field.to_owned(),
            subject: Subject::Household,
            fact: Fact::Needs,
            was,
            typed: value.clone(),
            value,
        })
    }

    fn fact(&mut self, field: &str, subject: Subject, fact: Fact) -> Option<Answered> {
        let (typed, was) = self.changed(field)?;
        let value = self.stored(field, fact, &typed)?;
        Some(Answered {
            field: field.to_owned(),
            subject,
            fact,
            was,
            typed,
            value,
        })
    }

    /// The stored form of a typed answer; empty clears.
    fn stored(&mut self, field: &str, fact: Fact, typed: &str) -> Option<String> {
        if typed.is_empty() {
            return Some(String::new());
        }
        let (lang, problems) = (self.lang, &mut self.problems);
        match fact {
            Fact::Name if is_unknown(typed) => Some(String::new()),
            Fact::Name => problems
                .parse::<Name>(lang, field, typed)
                .map(|word| word.as_str().to_owned()),
            Fact::Reading => problems
                .parse::<Reading>(lang, field, typed)
                .map(|word| word.as_str().to_owned()),
            Fact::Sex => problems
                .parse::<Sex>(lang, field, typed)
                .map(|word| word.stored().to_owned()),
            Fact::Phone => problems
                .parse::<Phone>(lang, field, typed)
                .map(|word| word.as_str().to_owned()),
            Fact::Postal => problems
                .parse::<PostalCode>(lang, field, typed)
                .map(|word| word.as_str().to_owned()),
            Fact::Address => problems
                .parse::<Address>(lang, field, typed)
                .map(|word| word.as_str().to_owned()),
            Fact::Birth => match Birth::parse(typed, self.today, self.trust) {
                Ok(birth) => Some(birth.stored()),
                Err(refused) => {
                    problems.add(field, told(lang, &refused));
                    None
                }
            },
            _ => problems
                .parse::<Note>(lang, field, typed)
                .map(|word| word.as_str().to_owned()),
        }
    }

    /// A kind of place with its words, if it changed. A row's own place may be empty: with the family.
    fn place(&mut self, prefix: &str, is_family: bool) -> Option<Placed> {
        let (kind_field, detail_field) =
            (format!("{prefix}.place"), format!("{prefix}.place_detail"));
        let kind = self.changed(&kind_field);
        let detail = self.changed(&detail_field).filter(|_| is_family);
        if kind.is_none() && detail.is_none() {
            return None;
        }
        let code = plain(self.typed.get(&kind_field));
        let known = PLACES.iter().any(|place| place.name() == code);
        // A place that this form does not offer may stand, but nobody can be moved there by it.
        let stands =
            kind.is_none() && (Whereabouts::named(&code).is_some() || code == OTHER_SHELTER);
        let with_family = code.is_empty() && !is_family;
        if !(known || stands || with_family) {
            self.problems
                .add(&kind_field, self.lang.t("choice-unknown"));
            return None;
        }
        let words = self
            .word::<Note>(&detail_field)
            .map(|note| note.as_str().to_owned());
        Some(Placed {
            field: kind_field,
            was: plain(self.typed.get(&format!("{prefix}.place.was"))),
            code,
            detail: words.filter(|_| is_family),
        })
    }

    fn row(
        &mut self,
        prefix: &str,
        surname: Option<&str>,
        surname_reading: Option<&str>,
        change: &mut Change,
    ) {
        let person = prefix.parse::<PersonId>().ok().filter(|_| !is_new(prefix));
        if person.is_none() && !is_new(prefix) {
            self.problems
                .add(format!("{prefix}.name"), self.lang.t("choice-unknown"));
            return;
        }
        // Until the row is stored, its facts are about somebody with an id of no meaning.
        let subject = Subject::Person(person.unwrap_or(PersonId::from_bytes([0; 8])));
        let was_typed = PERSON
            .iter()
            .any(|fact| self.changed(&format!("{prefix}.{}", fact.name())).is_some());
        let mut answers: Vec<Answered> = Vec::new();
        for fact in PERSON {
            answers.extend(self.fact(&format!("{prefix}.{}", fact.name()), subject, fact));
        }
        let no_reading = self.typed.trimmed(&format!("{prefix}.reading")).is_empty();
        complete(&mut answers, surname, surname_reading, no_reading);
        let place = self.place(prefix, false);
        match person {
            Some(person) => {
                change.answers.extend(answers);
                change.places.extend(place.map(|place| (person, place)));
                if !self.typed.get(&format!("{prefix}.mistaken")).is_empty() {
                    change.mistaken.push(person);
                }
            }
            None if was_typed => {
                let place = place
                    .map(|place| place.code)
                    .filter(|code| !code.is_empty());
                change.new_rows.push(NewRow { answers, place });
            }
            None => {}
        }
    }

    /// What concerns the form as a whole.
    fn whole(&mut self, change: &mut Change) {
        let first = || {
            prefixes(self.typed)
                .first()
                .map_or_else(String::new, |prefix| format!("{prefix}.name"))
        };
        if change.doc.is_none() && change.new_rows.is_empty() && self.problems.is_empty() {
            let field = first();
            self.problems.add(field, self.lang.t("form-nobody"));
        }
        if change.new_rows.len() > ROWS_MAX {
            let field = first();
            self.problems
                .add(field, self.lang.s("head-count-too-many", HeadCount::MAX));
        }
        if change.doc.is_none() {
            match household_id(self.typed.get("form")) {
                Ok(form) => change.form = Some(form),
                Err(_) => self.problems.add("", self.lang.t("form-id-wrong")),
            }
        }
    }
}

/// Browsers send line ends as two characters, and people leave spaces behind.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}
