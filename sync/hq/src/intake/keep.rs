//! Keeps one batch in one transaction: the changes, the logs, the digests, the rows and our place
//! in the node's log, or nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use yadori_ledger::id::{ChangeHash, ChangeKey, DocId};
use yadori_ledger::session::{Committed, Incoming};

use super::case::{Case, Landing};
use super::policy::Held;
use crate::aid::{Share, look_for_doubles};
use crate::chance;
use crate::drawn::Drawn;
use crate::ground::{self, Entry, GroundError, Kept, Peer, State, Why};
use crate::hq::Hq;
use crate::membership::{self, Fresh};
use crate::store::{StoreError, Tx, params, statements};

statements! {
    BATCH = "insert into batch (batch, author, epoch, signature, arrived_s) values ($1, $2, $3, $4, $5)";
}

/// Keeps what arrived; the numbers are true once the transaction is committed.
pub(super) async fn keep(
    hq: &Hq,
    peer: &Peer,
    incoming: &Incoming,
) -> Result<Committed, GroundError> {
    let by_document = &by_document(incoming);
    hq.db
        .write(|tx| async move {
            let now_s = hq.clock.now_s();
            let log = (incoming.scope, incoming.lane);
            ground::cursor_moved(&tx, peer, incoming.their_epoch, log, incoming.cursor, now_s)
                .await?;
            for doc in by_document.keys() {
                ground::lock(&tx, *doc).await?;
            }
            let mut keeping = Keeping::new(&tx, hq, peer, incoming, now_s);
            for (doc, came) in by_document {
                keeping.document(*doc, came).await?;
            }
            keeping.finish().await
        })
        .await
}

fn by_document(incoming: &Incoming) -> BTreeMap<DocId, Vec<(ChangeHash, Vec<u8>)>> {
    let mut by_document = BTreeMap::<_, Vec<_>>::new();
    for (key, bytes) in &incoming.changes {
        by_document
            .entry(key.doc)
            .or_default()
            .push((key.hash, bytes.clone()));
    }
    by_document
}

struct Keeping<'a> {
    tx: &'a Tx,
    hq: &'a Hq,
    peer: &'a Peer,
    incoming: &'a Incoming,
    now_s: i64,
    /// Random, because a counter would make all nodes wait for one another.
    batch: i64,
    told: Committed,
    /// For the end, because they take locks that many want.
    entries: Vec<Entry>,
    shares: BTreeSet<Share>,
}

impl<'a> Keeping<'a> {
    fn new(tx: &'a Tx, hq: &'a Hq, peer: &'a Peer, incoming: &'a Incoming, now_s: i64) -> Self {
        let batch = i64::from_be_bytes(chance::bytes());
        let (told, entries, shares) = (Committed::default(), Vec::new(), BTreeSet::new());
        Self {
            tx,
            hq,
            peer,
            incoming,
            now_s,
            batch,
            told,
            entries,
            shares,
        }
    }

    async fn document(
        &mut self,
        doc: DocId,
        came: &[(ChangeHash, Vec<u8>)],
    ) -> Result<(), GroundError> {
        let stored = ground::of_document(self.tx, doc).await?;
        let is_new = !stored.iter().any(|change| change.state == State::Applied);
        let is_member = is_new || ground::is_member(self.tx, doc, self.scope()).await?;
        let case = Case::sort(self.peer, self.incoming, doc, came, stored, is_member);
        self.told.new_count += case.new_count();
        self.hold_back(&case).await?;
        if !is_member {
            self.withhold(doc, &case.applied).await?;
        }
        if case.tried.is_empty() {
            return Ok(());
        }
        let landing = case.absorb(self.hq.ours.actor).await?;
        match case.misplaced(&landing, &self.peer.shelter) {
            Some(held) => self.turn_away(&case, held).await,
            None => self.land(&case, landing).await,
        }
    }

    /// Stores what policy refuses. A verdict that stands is left alone: what waits for its author
    /// must not be spoilt by somebody else.
    async fn hold_back(&mut self, case: &Case<'_>) -> Result<(), GroundError> {
        for (hash, held) in &case.held {
            if case.stored(*hash).is_none() {
                self.quarantine(case, *hash, held.key()).await?;
            }
        }
        let held: Vec<_> = case.held.iter().map(|(hash, _)| *hash).collect();
        self.withhold(case.doc, &held).await
    }

    /// All that was tried belongs to another shelter, as the document itself says.
    async fn turn_away(&mut self, case: &Case<'_>, held: Held) -> Result<(), GroundError> {
        for hash in &case.tried {
            self.quarantine(case, *hash, held.key()).await?;
        }
        self.withhold(case.doc, &case.tried).await
    }

    async fn land(&mut self, case: &Case<'_>, landing: Landing) -> Result<(), GroundError> {
        let mut fresh = Vec::new();
        for (hash, at) in landing.landed.iter().zip(case.landed_count()..) {
            fresh.push(
                self.verdict(case, *hash, State::Applied, None, Some(at))
                    .await?,
            );
        }
        for hash in &landing.waiting {
            self.verdict(case, *hash, State::Waiting, None, None)
                .await?;
        }
        for (hash, refusal) in &landing.refused {
            self.quarantine(case, *hash, refusal.key()).await?;
        }
        let missed = case
            .tried
            .iter()
            .filter(|hash| !landing.landed.contains(hash));
        self.withhold(case.doc, &missed.copied().collect::<Vec<_>>())
            .await?;
        match landing.drawn {
            Some(drawn) if !fresh.is_empty() => self.show(case.doc, &fresh, &drawn).await,
            _ => Ok(()),
        }
    }

    /// Rows and logs, after changes have joined the document.
    async fn show(
        &mut self,
        doc: DocId,
        fresh: &[Fresh],
        drawn: &Drawn,
    ) -> Result<(), GroundError> {
        self.shares.extend(drawn.store(self.tx, doc).await?);
        // A ledger stays with its shelter; families move.
        let named = match drawn {
            Drawn::Household(_) => drawn.shelters(),
            Drawn::Day(_) | Drawn::Finding(_) | Drawn::Nothing => &[],
        };
        let first = Some(&self.peer.shelter);
        let entries =
            membership::spread(self.tx, doc, fresh, named, first, Why::Placed, self.now_s).await?;
        self.entries.extend(entries);
        Ok(())
    }

    async fn quarantine(
        &mut self,
        case: &Case<'_>,
        hash: ChangeHash,
        reason: &str,
    ) -> Result<(), StoreError> {
        tracing::warn!(doc = %case.doc, reason, "a change was put into quarantine");
        self.told.quarantined_count += 1;
        self.verdict(case, hash, State::Quarantined, Some(reason), None)
            .await
            .map(drop)
    }

    /// Writes what became of a change, whether it came now or waited.
    async fn verdict(
        &self,
        case: &Case<'_>,
        hash: ChangeHash,
        state: State,
        reason: Option<&str>,
        landed: Option<i64>,
    ) -> Result<Fresh, StoreError> {
        let key = ChangeKey {
            doc: case.doc,
            hash,
        };
        if let Some((bytes, actor)) = case.came_now(hash) {
            let (lane, origin) = (self.incoming.lane, Some(self.peer.node));
            let (batch, arrived_s) = (Some(self.batch), self.now_s);
            let kept = Kept {
                key,
                bytes,
                actor,
                lane,
                origin,
                batch,
                state,
                reason,
                landed,
                arrived_s,
            };
            ground::keep(self.tx, kept).await?;
            return Ok((hash, lane, origin));
        }
        ground::land(self.tx, key, state, reason, landed).await?;
        let waited = case.stored(hash);
        Ok(waited.map_or((hash, self.incoming.lane, None), |known| {
            (hash, known.lane, known.origin)
        }))
    }

    async fn withhold(&self, doc: DocId, hashes: &[ChangeHash]) -> Result<(), GroundError> {
        for hash in hashes {
            let key = ChangeKey { doc, hash: *hash };
            ground::withhold(self.tx, self.peer.node, self.scope(), key).await?;
        }
        Ok(())
    }

    fn scope(&self) -> &'a str {
        self.peer.scope_name(self.incoming.scope)
    }

    async fn finish(mut self) -> Result<Committed, GroundError> {
        if !self.incoming.changes.is_empty() {
            self.keep_signature().await?;
        }
        let found = look_for_doubles(self.tx, self.hq, self.shares).await?;
        self.entries.extend(found);
        ground::append(self.tx, self.entries).await?;
        Ok(self.told)
    }

    /// It stays with the changes and says who stands for them. A batch that brought nothing new
    /// leaves none.
    async fn keep_signature(&self) -> Result<(), StoreError> {
        if self.told.new_count == 0 {
            return Ok(());
        }
        let Incoming {
            epoch, signature, ..
        } = self.incoming;
        let values = params![
            self.batch,
            self.peer.node.as_bytes(),
            *epoch,
            signature,
            self.now_s
        ];
        self.tx.run(BATCH, values).await.map(drop)
    }
}
