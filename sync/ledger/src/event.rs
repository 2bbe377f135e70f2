//! Things that happened: written once under a random id, never changed, never deleted.
//!
//! An event names the events it comes after. Those that nothing comes after are the leaves; several
//! leaves that say different things are a disagreement. Order for display is the Lamport counter,
//! then the id; the wall clock decides nothing.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::document::{Container, Document, DocumentError, Source};
use crate::id::EventId;

/// The first byte of every stored event. Readers keep what they cannot read and say so.
const VERSION: u8 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<T> {
    pub id: EventId,
    /// The writer's Lamport counter.
    pub lamport: u64,
    /// The events that the writer knew and replaces or goes on from.
    pub after: Vec<EventId>,
    pub what: T,
    pub source: Source,
}

/// What a writer brings; the document adds the source.
pub struct Happened<T> {
    pub id: EventId,
    pub lamport: u64,
    pub after: Vec<EventId>,
    pub what: T,
}

/// The events of a document that this version can read, in order, and how many it cannot.
pub struct Events<T> {
    pub known: Vec<Event<T>>,
    pub unreadable_count: usize,
}

pub fn write<T: Serialize>(
    document: &mut Document,
    happened: &Happened<T>,
) -> Result<(), DocumentError> {
    let body = (happened.lamport, &happened.after, &happened.what);
    let encoded = postcard::to_extend(&body, vec![VERSION]).expect("an event is plain data");
    document.put_bytes(Container::Events, &happened.id.to_string(), encoded)
}

pub fn read<T: DeserializeOwned>(document: &Document) -> Result<Events<T>, DocumentError> {
    let mut events = Events {
        known: Vec::new(),
        unreadable_count: 0,
    };
    for key in document.keys(Container::Events)? {
        match one(document, &key)? {
            Some(event) => events.known.push(event),
            None => events.unreadable_count += 1,
        }
    }
    events.known.sort_by_key(|event| (event.lamport, event.id));
    Ok(events)
}

fn one<T: DeserializeOwned>(
    document: &Document,
    key: &str,
) -> Result<Option<Event<T>>, DocumentError> {
    let Some((bytes, source)) = document.bytes(Container::Events, key)? else {
        return Ok(None);
    };
    let (Ok(id), Some((&VERSION, body))) = (key.parse(), bytes.split_first()) else {
        return Ok(None);
    };
    Ok(postcard::from_bytes(body)
        .ok()
        .map(|(lamport, after, what)| Event {
            id,
            lamport,
            after,
            what,
            source,
        }))
}

/// The events that no other of these comes after.
pub fn leaves<'a, T>(events: &[&'a Event<T>]) -> Vec<&'a Event<T>> {
    let replaced = |id| {
        events
            .iter()
            .any(|event| event.after.contains(&id) && event.id != id)
    };
    events
        .iter()
        .copied()
        .filter(|event| !replaced(event.id))
        .collect()
}

/// The largest Lamport counter in a document: whoever reads it goes on from there.
pub fn lamport_max<T>(events: &[Event<T>]) -> u64 {
    events.iter().map(|event| event.lamport).max().unwrap_or(0)
}
