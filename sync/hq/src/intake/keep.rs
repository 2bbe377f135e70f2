//! Keeps one batch in one transaction: the changes, the logs, the digests, the rows and our place
//! in the node's log, or nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use yadori_ledger::guard::{self, Absorbed};
use yadori_ledger::id::{ActorId, ChangeHash, ChangeKey, DocId, DocKind};
use yadori_ledger::session::{Committed, Incoming, Lane};

use super::policy::{Held, judge};
use crate::aid::{Share, look_for_doubles};
use crate::drawn::Drawn;
use crate::ground::{self, Entry, GroundError, Kept, Peer, State, Stored, Why};
use crate::hq::Hq;
use crate::membership::{self, Fresh};
use crate::store::{StoreError, Tx, params, statements};

statements! {
    NEXT_BATCH = "update next_number set next = next + 1 where name = 'batch' returning next - 1 as batch";
    BATCH = "insert into batch (batch, author, epoch, signature, arrived_s) values ($1, $2, $3, $4, $5)";
}

/// The changes of a batch, by document.
type ByDocument = BTreeMap<DocId, Vec<(ChangeHash, Vec<u8>)>>;

/// Keeps what arrived; the numbers are true once the transaction is committed.
pub(super) async fn keep(hq: &Hq, peer: &Peer, incoming: &Incoming) -> Result<Committed, GroundError> {
    let by_document = &by_document(incoming);
    hq.db
        .write(|tx| async move {
            let now_s = hq.clock.now_s();
            let log = (incoming.scope, incoming.lane);
            ground::cursor_moved(&tx, peer, incoming.their_epoch, log, incoming.cursor, now_s).await?;
            let batch = signed_batch(&tx, peer, incoming, now_s).await?;
            for doc in by_document.keys() {
                ground::lock(&tx, *doc).await?;
            }
            let mut keeping =
                Keeping { tx: &tx, hq, peer, incoming, batch, now_s, told: Committed::default(), due: Due::default() };
            for (doc, changes) in by_document {
                keeping.document(*doc, changes).await?;
            }
            keeping.finish().await
        })
        .await
}

fn by_document(incoming: &Incoming) -> ByDocument {
    let mut by_document = ByDocument::new();
    for (key, bytes) in &incoming.changes {
        by_document.entry(key.doc).or_default().push((key.hash, bytes.clone()));
    }
    by_document
}

/// The signature stays with the changes: it says who stands for them.
async fn signed_batch(tx: &Tx, peer: &Peer, incoming: &Incoming, now_s: i64) -> Result<i64, StoreError> {
    let batch: i64 = tx.one(NEXT_BATCH, params![]).await?.get("batch")?;
    let values = params![batch, peer.node.as_bytes(), incoming.epoch, incoming.signature, now_s];
    tx.run(BATCH, values).await?;
    Ok(batch)
}

struct Keeping<'a> {
    tx: &'a Tx,
    hq: &'a Hq,
    peer: &'a Peer,
    incoming: &'a Incoming,
    batch: i64,
    now_s: i64,
    told: Committed,
    due: Due,
}

/// What is done after all documents: it takes locks that many want.
#[derive(Default)]
struct Due {
    entries: Vec<Entry>,
    shares: BTreeSet<Share>,
}

/// What a batch brings to one document.
#[derive(Default)]
struct Brought {
    /// To be tried with the document.
    tried: Vec<(ChangeHash, Vec<u8>)>,
    actors: BTreeMap<ChangeHash, Option<ActorId>>,
    held: Vec<(ChangeHash, Held)>,
    /// Held here already, in a log that the node reads or not.
    applied: Vec<ChangeHash>,
}

impl Keeping<'_> {
    async fn document(&mut self, doc: DocId, changes: &[(ChangeHash, Vec<u8>)]) -> Result<(), GroundError> {
        let stored = ground::of_document(self.tx, doc).await?;
        let is_new = !stored.iter().any(|change| change.state == State::Applied);
        let is_member = is_new || ground::is_member(self.tx, doc, self.scope()).await?;
        let brought = self.sort(doc, changes, &stored, is_member);
        self.told.new_count += changes.iter().filter(|(hash, _)| !stored.iter().any(|s| s.hash == *hash)).count() as u64;
        self.hold_back(doc, changes, &stored, &brought).await?;
        if !is_member {
            self.withhold(doc, &brought.applied).await?;
        }
        if brought.tried.is_empty() {
            return Ok(());
        }
        let landing = absorb(self.hq, doc, &stored, &brought.tried).await?;
        self.land(doc, changes, &stored, &brought, landing).await
    }

    /// Decides about each change as far as that is possible without the document.
    fn sort(&self, doc: DocId, changes: &[(ChangeHash, Vec<u8>)], stored: &[Stored], is_member: bool) -> Brought {
        let kind = doc.kind().ok();
        let mut brought = Brought::default();
        for (hash, bytes) in changes {
            if stored.iter().any(|known| known.hash == *hash && known.state == State::Applied) {
                brought.applied.push(*hash);
                continue;
            }
            let judged = judge(self.peer, self.incoming.scope, self.incoming.epoch, kind, bytes);
            brought.actors.insert(*hash, judged.actor);
            match judged.held.or((!is_member).then_some(Held::OutsideScope)) {
                Some(held) => brought.held.push((*hash, held)),
                None => brought.tried.push((*hash, bytes.clone())),
            }
        }
        brought
    }

    /// Stores what policy refuses. A verdict that stands is left alone: what waits for its author
    /// must not be spoilt by somebody else.
    async fn hold_back(
        &mut self,
        doc: DocId,
        changes: &[(ChangeHash, Vec<u8>)],
        stored: &[Stored],
        brought: &Brought,
    ) -> Result<(), GroundError> {
        for (hash, held) in &brought.held {
            if !stored.iter().any(|known| known.hash == *hash) {
                self.quarantine(doc, changes, brought, *hash, held.key()).await?;
            }
        }
        let held: Vec<_> = brought.held.iter().map(|(hash, _)| *hash).collect();
        self.withhold(doc, &held).await
    }

    async fn land(
        &mut self,
        doc: DocId,
        changes: &[(ChangeHash, Vec<u8>)],
        stored: &[Stored],
        brought: &Brought,
        landing: Landing,
    ) -> Result<(), GroundError> {
        if let Some(held) = self.misplaced(doc, stored, &landing) {
            for (hash, _) in &brought.tried {
                self.quarantine(doc, changes, brought, *hash, held.key()).await?;
            }
            return self.withhold(doc, &hashes(&brought.tried)).await;
        }
        let mut place = stored.iter().filter(|change| change.state == State::Applied).count();
        let mut fresh = Vec::new();
        for hash in &landing.landed {
            let at = i64::try_from(place).unwrap_or(i64::MAX);
            fresh.push(self.verdict(doc, changes, stored, brought, *hash, (State::Applied, None, Some(at))).await?);
            place += 1;
        }
        for hash in &landing.waiting {
            self.verdict(doc, changes, stored, brought, *hash, (State::Waiting, None, None)).await?;
        }
        for (hash, reason) in &landing.refused {
            tracing::warn!(%doc, reason, "a change was put into quarantine");
            self.told.quarantined_count += 1;
            self.verdict(doc, changes, stored, brought, *hash, (State::Quarantined, Some(*reason), None)).await?;
        }
        let unlanded: Vec<_> =
            hashes(&brought.tried).into_iter().filter(|hash| !landing.landed.contains(hash)).collect();
        self.withhold(doc, &unlanded).await?;
        self.show(doc, &fresh, landing.drawn).await
    }

    /// A new ledger must be of the node's own shelter.
    fn misplaced(&self, doc: DocId, stored: &[Stored], landing: &Landing) -> Option<Held> {
        let is_new = !stored.iter().any(|change| change.state == State::Applied);
        let is_ledger = doc.kind() == Ok(DocKind::Ledger);
        let of_another = landing.drawn.as_ref().is_some_and(|drawn| drawn.shelters() != [self.peer.shelter.clone()]);
        (is_new && is_ledger && of_another && !landing.landed.is_empty()).then_some(Held::OutsideScope)
    }

    /// Rows and logs after changes have joined the document.
    async fn show(&mut self, doc: DocId, fresh: &[Fresh], drawn: Option<Drawn>) -> Result<(), GroundError> {
        let Some(drawn) = drawn.filter(|_| !fresh.is_empty()) else { return Ok(()) };
        self.due.shares.extend(drawn.store(self.tx, doc).await?);
        let first = Some(&self.peer.shelter);
        let named = match drawn {
            Drawn::Household(_) => drawn.shelters(),
            Drawn::Day(_) | Drawn::Finding(_) | Drawn::Nothing => &[],
        };
        let entries = membership::spread(self.tx, doc, fresh, named, first, Why::Placed, self.now_s).await?;
        self.due.entries.extend(entries);
        Ok(())
    }

    /// Writes what became of a change, whether it came now or waited.
    async fn verdict(
        &self,
        doc: DocId,
        changes: &[(ChangeHash, Vec<u8>)],
        stored: &[Stored],
        brought: &Brought,
        hash: ChangeHash,
        (state, reason, landed): (State, Option<&str>, Option<i64>),
    ) -> Result<Fresh, StoreError> {
        let key = ChangeKey { doc, hash };
        let came = changes.iter().find(|(came, _)| *came == hash);
        let waited = stored.iter().find(|known| known.hash == hash);
        if let Some((_, bytes)) = came.filter(|_| brought.actors.contains_key(&hash)) {
            let actor = brought.actors.get(&hash).copied().flatten();
            ground::keep(self.tx, Kept { state, reason, landed, ..self.kept(key, bytes, actor) }).await?;
            return Ok((hash, self.incoming.lane, Some(self.peer.node)));
        }
        ground::land(self.tx, key, state, reason, landed).await?;
        let (lane, origin) = waited.map_or((Lane::Rest, None), |known| (known.lane, known.origin));
        Ok((hash, lane, origin))
    }

    async fn quarantine(
        &mut self,
        doc: DocId,
        changes: &[(ChangeHash, Vec<u8>)],
        brought: &Brought,
        hash: ChangeHash,
        reason: &'static str,
    ) -> Result<(), StoreError> {
        tracing::warn!(%doc, reason, node.id = %self.peer.node, "a change was put into quarantine");
        self.told.quarantined_count += 1;
        self.verdict(doc, changes, &[], brought, hash, (State::Quarantined, Some(reason), None)).await.map(drop)
    }

    fn kept<'k>(&self, key: ChangeKey, bytes: &'k [u8], actor: Option<ActorId>) -> Kept<'k> {
        Kept {
            key,
            bytes,
            actor,
            lane: self.incoming.lane,
            origin: Some(self.peer.node),
            batch: Some(self.batch),
            state: State::Waiting,
            reason: None,
            landed: None,
            arrived_s: self.now_s,
        }
    }

    async fn withhold(&self, doc: DocId, hashes: &[ChangeHash]) -> Result<(), GroundError> {
        for hash in hashes {
            ground::withhold(self.tx, self.peer.node, self.scope(), ChangeKey { doc, hash: *hash }).await?;
        }
        Ok(())
    }

    fn scope(&self) -> &str {
        self.peer.scope_name(self.incoming.scope)
    }

    async fn finish(mut self) -> Result<Committed, GroundError> {
        let found = look_for_doubles(self.tx, self.hq, self.due.shares).await?;
        self.due.entries.extend(found);
        ground::append(self.tx, self.due.entries).await?;
        Ok(self.told)
    }
}

fn hashes(changes: &[(ChangeHash, Vec<u8>)]) -> Vec<ChangeHash> {
    changes.iter().map(|(hash, _)| *hash).collect()
}

/// What became of the changes that were tried.
struct Landing {
    landed: Vec<ChangeHash>,
    waiting: Vec<ChangeHash>,
    refused: Vec<(ChangeHash, &'static str)>,
    drawn: Option<Drawn>,
}

/// Lets changes join their document, with those that waited; on a thread where that may take long.
async fn absorb(
    hq: &Hq,
    doc: DocId,
    stored: &[Stored],
    tried: &[(ChangeHash, Vec<u8>)],
) -> Result<Landing, GroundError> {
    let of = |state| stored.iter().filter(move |change| change.state == state);
    let applied: Vec<_> = of(State::Applied).map(|change| change.bytes.clone()).collect();
    let waited = of(State::Waiting).filter(|change| !tried.iter().any(|(hash, _)| *hash == change.hash));
    let mut incoming: Vec<_> = waited.map(|change| (change.hash, change.bytes.clone())).collect();
    incoming.extend_from_slice(tried);
    let actor = hq.ours.actor;
    let absorbed = tokio::task::spawn_blocking(move || {
        let Absorbed { document, landed, waiting, refused } = guard::absorb(doc, actor, &applied, incoming);
        let drawn = document.as_ref().map(Drawn::of).transpose()?;
        let refused = refused.into_iter().map(|(hash, refusal)| (hash, refusal.key())).collect();
        Ok(Landing { landed, waiting, refused, drawn })
    });
    absorbed.await.map_err(|_| GroundError::Interrupted)?
}
