//! How things stand, as every page shows it: what is saved where, and what waits for a person.
//!
//! Counting costs what is waiting, and after days without a link that is everything. So the counts
//! are read again only when something was committed since, and never so often that counting takes
//! more than a small share of the node's time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::App;
use crate::registry::open_questions::OpenQuestions;
use crate::store::Contact;

/// Counting may take one part in this many of the time: while it takes a millisecond, counts are at
/// most 20 ms old.
const SHARE: u32 = 20;

/// The state of the store at one moment.
#[derive(Clone, Copy)]
pub struct Status {
    pub contact: Contact,
    pub questions: OpenQuestions,
}

/// The newest state that was read.
#[derive(Default)]
pub struct Newest(Mutex<Option<Read>>);

#[derive(Clone, Copy)]
struct Read {
    at: Instant,
    took: Duration,
    commits: u64,
    status: Status,
}

/// How things stand; `None` if the store cannot be read.
pub async fn status(app: &App) -> Option<Status> {
    let (at, commits) = (Instant::now(), app.store.commits());
    let kept = *app.newest.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = kept
        .filter(|kept| kept.commits == commits || at.duration_since(kept.at) < kept.took * SHARE)
    {
        return Some(kept.status);
    }
    let read = app.store.read(|db| {
        let begun = Instant::now();
        let status = Status {
            contact: Contact::read(db)?,
            questions: OpenQuestions::read(db)?,
        };
        Ok((status, begun.elapsed()))
    });
    let (status, took) = read.await.ok()?;
    *app.newest.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read {
        at,
        took,
        commits,
        status,
    });
    Some(status)
}
