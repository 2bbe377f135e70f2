//! The rows of a household: itself, its people, the words by which they are found, and what is
//! disputed. Derived; all of them can be drawn again.

use std::collections::BTreeSet;

use yadori_ledger::document::{Document, DocumentError};
use yadori_ledger::fold::fold;
use yadori_ledger::id::{DocId, ShelterId};
use yadori_ledger::registry::{Fact, Household, Person, Question, Status};

use crate::store::{StoreError, Tx, Value, params, statements};

statements! {
    FORGET_PEOPLE = "delete from person where doc = $1";
    FORGET_TERMS = "delete from term where doc = $1";
    FORGET_DISAGREEMENTS = "delete from disagreement where doc = $1";
    HOUSEHOLD = "insert into household (doc, card, shelter, origin, people_count, pseudonym)
                 values ($1, $2, $3, $4, $5, $6)
                 on conflict (doc) do update set
                     card = excluded.card, shelter = excluded.shelter, origin = excluded.origin,
                     people_count = excluded.people_count, pseudonym = excluded.pseudonym";
    PERSON = "insert into person (doc, person, name, reading, name_fold, reading_fold, birth, sex,
                                  needs, active, place, place_shelter, found_by)
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    TERM = "insert into term (term, doc, person) values ($1, $2, $3) on conflict (term, doc, person) do nothing";
    DISAGREEMENT = "insert into disagreement (doc, subject, question) values ($1, $2, $3)
                    on conflict (doc, subject, question) do nothing";
}

/// A name written without a space may split after each of its first letters: 山田花子 is found by
/// 花子, 佐々木花子 by 花子 too. Readings are longer.
const SPLITS_OF_A_NAME: std::ops::RangeInclusive<usize> = 1..=3;
const SPLITS_OF_A_READING: std::ops::RangeInclusive<usize> = 2..=5;

/// A name in one word of a household's size; what is longer is found by its beginning all the same.
const TERM_CHARS_MAX: usize = 40;

pub(crate) struct Drawn {
    household: Vec<Value>,
    people: Vec<PersonRow>,
    disagreements: Vec<(String, &'static str)>,
    pub(crate) shelters: Vec<ShelterId>,
}

struct PersonRow {
    id: i64,
    values: Vec<Value>,
    terms: BTreeSet<String>,
}

impl Drawn {
    pub(crate) fn of(document: &Document) -> Result<Self, DocumentError> {
        let household = Household::read(document)?;
        let disagreements = household.disagreements();
        Ok(Self {
            household: household_values(&household),
            people: household
                .people
                .iter()
                .map(|person| PersonRow::of(&household, person))
                .collect(),
            disagreements: disagreements
                .iter()
                .map(|disputed| {
                    (
                        disputed.subject.to_string(),
                        question_name(disputed.question),
                    )
                })
                .collect(),
            shelters: household.shelters(),
        })
    }

    pub(crate) async fn store(&self, tx: &Tx, doc: DocId) -> Result<(), StoreError> {
        let doc = doc.as_bytes();
        for forget in [FORGET_PEOPLE, FORGET_TERMS, FORGET_DISAGREEMENTS] {
            tx.run(forget, params![doc]).await?;
        }
        tx.run(HOUSEHOLD, &self.household).await?;
        let people = self
            .people
            .iter()
            .map(|person| person.values.clone())
            .collect();
        tx.run_each(PERSON, people).await?;
        let terms = self
            .people
            .iter()
            .flat_map(|person| person.terms(doc))
            .collect();
        tx.run_each(TERM, terms).await?;
        let disputed = self.disagreements.iter();
        let disputed =
            disputed.map(|(subject, question)| params![doc, subject, *question].to_vec());
        tx.run_each(DISAGREEMENT, disputed.collect()).await?;
        Ok(())
    }
}

/// The question's name in rows, forms and translations.
pub(crate) fn question_name(question: Question) -> &'static str {
    match question {
        Question::Fact(fact) => fact.name(),
        Question::Place => "place",
    }
}

fn household_values(household: &Household) -> Vec<Value> {
    let active_count = i64::try_from(household.active().count()).unwrap_or(i64::MAX);
    vec![
        household.id.as_bytes().into(),
        household.card().map(|card| card.to_string()).into(),
        household.shelter().map(String::from).into(),
        household.origin().code().into(),
        active_count.into(),
        household.id.pseudonym().cast_signed().into(),
    ]
}

impl PersonRow {
    fn terms(&self, doc: &[u8; 16]) -> impl Iterator<Item = Vec<Value>> {
        self.terms
            .iter()
            .map(move |term| params![term, doc, self.id].to_vec())
    }

    fn of(household: &Household, person: &Person) -> Self {
        let text = |fact| person.text(fact).map(without_nul);
        let (name, reading) = (text(Fact::Name), text(Fact::Reading));
        let folded = |text: &Option<String>| text.as_deref().map(fold).unwrap_or_default();
        let (name_fold, reading_fold) = (folded(&name), folded(&reading));
        let terms = terms(household, person);
        let found_by = terms
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let place = person.place();
        let values = vec![
            household.id.as_bytes().into(),
            person.id.to_i64().into(),
            name.into(),
            reading.into(),
            name_fold.into(),
            reading_fold.into(),
            text(Fact::Birth).into(),
            text(Fact::Sex).into(),
            text(Fact::Needs).unwrap_or_default().into(),
            (person.status() == Status::Active).into(),
            place.map(|place| place.whereabouts.name()).into(),
            place
                .and_then(|place| place.shelter.clone())
                .map(String::from)
                .into(),
            found_by.into(),
        ];
        Self {
            id: person.id.to_i64(),
            values,
            terms,
        }
    }
}

/// Everything by whose beginning a person is found, in every spelling that is disputed.
fn terms(household: &Household, person: &Person) -> BTreeSet<String> {
    let told = |fact| {
        let own = person.facts.get(&fact).into_iter().flatten();
        own.chain(household.facts.get(&fact).into_iter().flatten())
            .map(|told| told.value.as_str())
    };
    let mut terms = BTreeSet::new();
    for name in told(Fact::Name) {
        add_parts(&mut terms, name, SPLITS_OF_A_NAME);
    }
    for reading in told(Fact::Reading) {
        add_parts(&mut terms, reading, SPLITS_OF_A_READING);
    }
    for fact in [Fact::Card, Fact::Phone, Fact::Birth] {
        terms.extend(told(fact).map(fold));
    }
    terms.retain(|term| !term.is_empty());
    terms
        .into_iter()
        .map(|term| term.chars().take(TERM_CHARS_MAX).collect())
        .collect()
}

fn add_parts(terms: &mut BTreeSet<String>, name: &str, splits: std::ops::RangeInclusive<usize>) {
    let whole = fold(name);
    let mut words = name.split_whitespace().map(fold).peekable();
    // The first word is the beginning of the whole.
    words.next();
    if words.peek().is_none() {
        terms.extend(splits.map(|at| whole.chars().skip(at).collect::<String>()));
    }
    terms.extend(words);
    terms.insert(whole);
}

/// A hostile node may write it; PostgreSQL cannot hold it.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
