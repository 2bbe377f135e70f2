//! What was ever written about a family: who, when, from what to what.

use std::collections::HashMap;

use yadori_ledger::id::EventId;
use yadori_ledger::registry::{Entry, Fact, Household, PlaceEvent, Step, Subject};

use super::household::name_of;
use super::source::Teller;

/// One change, as the page tells it.
pub(super) struct Written {
    pub(super) source: String,
    pub(super) lines: Vec<String>,
}

/// The history, newest first.
pub(super) fn written(teller: &Teller, household: &Household, entries: &[Entry]) -> Vec<Written> {
    let events: HashMap<EventId, &PlaceEvent> = household
        .events
        .iter()
        .map(|event| (event.id, event))
        .collect();
    let mut before: HashMap<(Subject, Fact), String> = HashMap::new();
    let mut all: Vec<Written> = entries
        .iter()
        .map(|entry| Written {
            source: teller.source(&entry.source),
            lines: entry
                .steps
                .iter()
                .map(|step| line(teller, household, &events, &mut before, step))
                .collect(),
        })
        .collect();
    all.reverse();
    all
}

fn line(
    teller: &Teller,
    household: &Household,
    events: &HashMap<EventId, &PlaceEvent>,
    before: &mut HashMap<(Subject, Fact), String>,
    step: &Step,
) -> String {
    match step {
        Step::Told {
            subject,
            fact,
            value,
        } => {
            let now = teller.answer(*fact, value);
            let old = before.insert((*subject, *fact), now.clone());
            let whom = name_of(teller, household, *subject);
            let label = teller.lang.t(&format!("fact-{}", fact.name()));
            match old {
                Some(old) => format!("{whom} {label}: {old} → {now}"),
                None => format!("{whom} {label}: {now}"),
            }
        }
        Step::Happened(id) => match events.get(id) {
            Some(event) => placed(teller, household, event),
            None => teller.lang.t("history-newer"),
        },
        Step::Unreadable => teller.lang.t("history-newer"),
    }
}

fn placed(teller: &Teller, household: &Household, event: &PlaceEvent) -> String {
    let yadori_ledger::registry::Happening::Placed { who, place } = &event.what;
    let whom = if who.is_empty() {
        teller.lang.t("the-family")
    } else {
        let names = who
            .iter()
            .map(|id| name_of(teller, household, Subject::Person(*id)));
        names.collect::<Vec<_>>().join("・")
    };
    format!(
        "{whom} {}: {}",
        teller.lang.t("fact-place"),
        teller.place(place)
    )
}
