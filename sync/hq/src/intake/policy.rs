//! Who may write what: asked before anything joins a document. What is refused is kept in
//! quarantine with the reason, and blocks nothing else.

use yadori_ledger::guard::{self, Refusal};
use yadori_ledger::id::{ActorId, DocKind};
use yadori_ledger::session::Scope;
use yadori_ledger::sign;

use crate::ground::Peer;

/// Why a change is held back. The key is stored and never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Another node's work: it will come from that node, which stands for it.
    ForeignActor,
    /// The document belongs to another shelter.
    OutsideScope,
    /// Headquarters alone writes to what all shelters share, and to this kind of document.
    HqWritesThis,
    /// The guard's verdict on the bytes.
    Guard(Refusal),
}

impl Held {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::ForeignActor => "foreign-actor",
            Self::OutsideScope => "outside-scope",
            Self::HqWritesThis => "hq-writes-this",
            Self::Guard(refusal) => refusal.key(),
        }
    }
}

/// What a change in a batch tells before its document is looked at.
pub(super) struct Judged {
    pub(super) actor: Option<ActorId>,
    pub(super) held: Option<Held>,
}

/// Whether this node may write this, as far as the change alone can tell.
pub(super) fn judge(
    peer: &Peer,
    scope: Scope,
    epoch: u32,
    kind: Option<DocKind>,
    bytes: &[u8],
) -> Judged {
    let inspected = match guard::inspect(bytes) {
        Ok(inspected) => inspected,
        Err(refusal) => {
            return Judged {
                actor: None,
                held: Some(Held::Guard(refusal)),
            };
        }
    };
    let actor = Some(inspected.actor);
    let held = if scope == Scope::Shared || !kind.is_some_and(nodes_write) {
        Some(Held::HqWritesThis)
    } else if !sign::owns(&peer.key, epoch, &inspected.actor) {
        Some(Held::ForeignActor)
    } else {
        None
    };
    Judged { actor, held }
}

fn nodes_write(kind: DocKind) -> bool {
    match kind {
        DocKind::Household
        | DocKind::Ledger
        | DocKind::Shelter
        | DocKind::Request
        | DocKind::Link => true,
        DocKind::Notice | DocKind::Finding | DocKind::Municipality => false,
    }
}
