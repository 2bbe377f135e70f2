//! What a row leaves unsaid because the form says it elsewhere: the family's name, and the reading
//! of a name in kana.

use yadori_ledger::registry::Fact;
use yadori_ledger::words::Name;

use super::edit::Answered;
use crate::registry::save::reading_of;

/// The family's name goes before a given name, and a name in kana is its own reading.
pub(super) fn complete(
    answers: &mut Vec<Answered>,
    surname: Option<&str>,
    surname_reading: Option<&str>,
    no_reading: bool,
) {
    let Some(name) = answers
        .iter_mut()
        .find(|one| one.fact == Fact::Name && !one.value.is_empty())
    else {
        return;
    };
    let is_given =
        !name.value.contains(' ') && surname.is_some_and(|surname| surname != name.value);
    if let Some(surname) = surname.filter(|_| is_given) {
        name.value = format!("{surname} {}", name.value);
    }
    let name = name.clone();
    let reading = answers
        .iter_mut()
        .find(|one| one.fact == Fact::Reading && !one.value.is_empty());
    match (reading, surname_reading) {
        (Some(reading), Some(before)) if is_given && !reading.value.contains(' ') => {
            reading.value = format!("{before} {}", reading.value);
        }
        (Some(_), _) => {}
        (None, _) => answers.extend(own_reading(
            &name,
            surname_reading.filter(|_| is_given),
            no_reading,
        )),
    }
}

fn own_reading(
    name: &Answered,
    surname_reading: Option<&str>,
    no_reading: bool,
) -> Option<Answered> {
    let (_, given) = name.value.split_once(' ').unwrap_or(("", &name.value));
    let text = match surname_reading {
        Some(before) => format!("{before} {given}"),
        None => name.value.clone(),
    };
    let reading = text
        .parse::<Name>()
        .ok()
        .as_ref()
        .and_then(reading_of)
        .filter(|_| no_reading)?;
    Some(Answered {
        field: name.field.replace(".name", ".reading"),
        subject: name.subject,
        fact: Fact::Reading,
        was: String::new(),
        typed: String::new(),
        value: reading.as_str().to_owned(),
    })
}
