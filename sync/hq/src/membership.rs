//! Which scopes get a document's changes. A household belongs to the shelter whose node registered
//! it, and to every shelter that its whereabouts name or that an officer sends it to; entering a
//! scope brings all its changes along.

use yadori_ledger::id::{ChangeHash, ChangeKey, DocId, NodeId, ShelterId};
use yadori_ledger::session::Lane;

use crate::ground::{self, Entry, GroundError, Why};
use crate::hq::Hq;
use crate::store::{StoreError, Tx};

/// A change that joined its document in this transaction.
pub(crate) type Fresh = (ChangeHash, Lane, Option<NodeId>);

/// The log entries that are due after `fresh` changes joined a document that concerns `shelters`.
/// `first` is the shelter whose node brought them, to which a new document belongs.
pub(crate) async fn spread(
    tx: &Tx,
    doc: DocId,
    fresh: &[Fresh],
    shelters: &[ShelterId],
    first: Option<&ShelterId>,
    why: Why,
    now_s: i64,
) -> Result<Vec<Entry>, StoreError> {
    let members = ground::scopes(tx, doc).await?;
    let mut entries = Vec::new();
    for scope in &members {
        entries.extend(fresh.iter().map(|change| entry(scope, doc, *change)));
    }
    let first = first.filter(|_| members.is_empty());
    for shelter in first.into_iter().chain(shelters) {
        let why = if Some(shelter) == first {
            Why::Registered
        } else {
            why
        };
        entries.extend(enter(tx, doc, shelter, why, now_s).await?);
    }
    ground::drop_withheld(tx, doc).await?;
    Ok(entries)
}

/// The entries that bring a document into a scope; none when it belongs to it already.
async fn enter(
    tx: &Tx,
    doc: DocId,
    shelter: &ShelterId,
    why: Why,
    now_s: i64,
) -> Result<Vec<Entry>, StoreError> {
    let scope = shelter.as_str();
    if !ground::enter(tx, doc, scope, why, now_s).await? {
        return Ok(Vec::new());
    }
    // One lane for all: causes stay before effects.
    let all = ground::landed(tx, doc).await?;
    Ok(all
        .into_iter()
        .map(|(hash, _, origin)| entry(scope, doc, (hash, Lane::People, origin)))
        .collect())
}

/// An officer sends a household to a shelter that expects it. `Some(false)` when it belonged to it
/// already; `None` when there is no such document.
pub(crate) async fn send(
    hq: &Hq,
    doc: DocId,
    shelter: &ShelterId,
    officer: i64,
) -> Result<Option<bool>, GroundError> {
    let now_s = hq.clock.now_s();
    hq.db
        .write(|tx| async move {
            if ground::landed(&tx, doc).await?.is_empty() {
                return Ok(None);
            }
            ground::lock(&tx, doc).await?;
            let entries = enter(&tx, doc, shelter, Why::Sent { officer }, now_s).await?;
            ground::drop_withheld(&tx, doc).await?;
            let entered = !entries.is_empty();
            ground::append(&tx, entries).await?;
            Ok(Some(entered))
        })
        .await
}

fn entry(scope: &str, doc: DocId, (hash, lane, origin): Fresh) -> Entry {
    Entry {
        scope: scope.to_owned(),
        lane,
        key: ChangeKey { doc, hash },
        origin,
    }
}
