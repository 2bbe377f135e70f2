//! The one thread that writes. It takes everything that waits, gives each job a savepoint of its
//! own, commits once and only then answers: one flush of the disk carries many registrations.
//!
//! Knows nothing about what the jobs write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::{Node, StoreError, Tx};

/// Jobs that may wait. At a card's 20 ms flush this is about a second of work; who comes later is
/// better told to try again than kept waiting.
pub const JOBS_WAITING_MAX: usize = 1_024;

/// Jobs in one commit. Beyond this the flush is a small part of the time already, and the first
/// of the group would wait for the last.
pub const GROUP_JOBS_MAX: usize = 256;

/// How many jobs share a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commits {
    /// Everything that waits, up to [`GROUP_JOBS_MAX`].
    #[default]
    Grouped,
    /// One each; only for measuring what grouping brings.
    Each,
}

pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    commits: Arc<AtomicU64>,
    committed: watch::Receiver<u64>,
}

impl Writer {
    pub(super) fn start(
        db: Connection,
        node: Arc<Node>,
        mode: Commits,
    ) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(JOBS_WAITING_MAX);
        let (announce, committed) = watch::channel(0);
        let commits = Arc::new(AtomicU64::new(0));
        let thread = thread::Builder::new().name("store".into()).spawn({
            let commits = commits.clone();
            move || serve(db, &node, mode, &jobs, &commits, &announce)
        })?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            commits,
            committed,
        })
    }

    /// Queues `work` and answers after the commit that holds it.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Work {
            work: Some(work),
            made: None,
            reply,
        });
        let queue = self.queue.as_ref().ok_or(StoreError::Closing)?;
        queue.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Overloaded,
            TrySendError::Disconnected(_) => StoreError::Closing,
        })?;
        answer.await.unwrap_or(Err(StoreError::Closing))
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) fn committed(&self) -> watch::Receiver<u64> {
        self.committed.clone()
    }
}

/// Dropping the writer lets it finish what waits. A job may hold the last handle of the store; then
/// this runs on the writer's own thread, which cannot wait for itself.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread ended with a panic");
        }
    }
}

fn serve(
    mut db: Connection,
    node: &Node,
    mode: Commits,
    jobs: &Receiver<Box<dyn Job>>,
    commits: &AtomicU64,
    announce: &watch::Sender<u64>,
) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        if mode == Commits::Grouped {
            group.extend(jobs.try_iter().take(GROUP_JOBS_MAX - 1));
        }
        let committed = commit(&mut db, node, &mut group);
        if let Err(error) = &committed {
            tracing::error!(%error, jobs = group.len(), "a commit failed; none of its jobs is saved");
        }
        let count = commits.fetch_add(u64::from(committed.is_ok()), Ordering::Relaxed);
        group
            .into_iter()
            .for_each(|job| job.answer(committed.clone()));
        announce.send_replace(count + 1);
    }
}

fn commit(db: &mut Connection, node: &Node, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    if !db.is_autocommit() {
        db.execute_batch("rollback")?; // a failing disk may have refused the last one
    }
    let mut all = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in group {
        attempt(&mut all, node, job.as_mut())?;
    }
    node.save_counters(&all)?;
    Ok(all.commit()?)
}

/// Runs one job so that its failure undoes only its own rows. `Err` when SQLite gave up the whole
/// transaction, as it may when the disk is full.
fn attempt(all: &mut Transaction<'_>, node: &Node, job: &mut dyn Job) -> Result<(), StoreError> {
    let own = all.savepoint()?;
    let made = job.run(&Tx::new(&own, node));
    if own.is_autocommit() {
        return Err(made.err().unwrap_or(StoreError::Full));
    }
    match made {
        Ok(()) => own.commit()?,
        Err(_) => own.finish()?, // a savepoint that is not committed rolls back
    }
    Ok(())
}

trait Job: Send {
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Work<T, W> {
    work: Option<W>,
    made: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Job for Work<T, W>
where
    T: Send,
    W: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let work = self.work.take().ok_or(StoreError::Closing)?;
        // A panic in one feature must not take every other feature's writes with it.
        let made = catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|cause| {
            let cause = cause
                .downcast_ref::<&str>()
                .copied()
                .unwrap_or("a panic without words");
            Err(StoreError::Panicked(cause.to_owned()))
        });
        let told = made.as_ref().map(|_| ()).map_err(StoreError::clone);
        self.made = Some(made);
        told
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (self.made, committed) {
            (Some(Ok(made)), Ok(())) => Ok(made),
            (Some(Err(own)), _) => Err(own),
            (_, Err(of_the_group)) => Err(of_the_group),
            (None, Ok(())) => Err(StoreError::Closing),
        };
        // Nobody listens when the client has gone away; what was committed stays committed.
        drop(self.reply.send(answer));
    }
}
