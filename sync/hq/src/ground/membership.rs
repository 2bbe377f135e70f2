//! Which documents a shelter's nodes hold. Written by headquarters alone; a household that enters
//! a scope brings all its changes into that scope's log.

use yadori_ledger::id::DocId;

use crate::store::{StoreError, Tx, params, statements};

statements! {
    OF = "select scope from membership where doc = $1 order by scope";
    IS = "select scope from membership where doc = $1 and scope = $2";
    ENTER = "insert into membership (doc, scope, version, since_s, why, officer) values ($1, $2, 1, $3, $4, $5)
             on conflict (doc, scope) do nothing";
    DROP_WITHHELD = "delete from withheld
                      where doc = $1
                        and scope in (select scope from membership where doc = $1)
                        and hash in (select hash from change where doc = $1 and state = 0)";
}

/// Why a document belongs to a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A node of the shelter wrote it first.
    Registered,
    /// Its whereabouts name the shelter.
    Placed,
    /// An officer sent it there: somebody is expected.
    Sent { officer: i64 },
    /// It concerns what the shelter handed out.
    Found,
}

impl Why {
    fn parts(self) -> (&'static str, Option<i64>) {
        match self {
            Self::Registered => ("registered", None),
            Self::Placed => ("placed", None),
            Self::Sent { officer } => ("sent", Some(officer)),
            Self::Found => ("found", None),
        }
    }
}

pub(crate) async fn scopes(tx: &Tx, doc: DocId) -> Result<Vec<String>, StoreError> {
    let rows = tx.rows(OF, params![doc.as_bytes()]).await?;
    rows.iter().map(|row| row.get("scope")).collect()
}

pub(crate) async fn is_member(tx: &Tx, doc: DocId, scope: &str) -> Result<bool, StoreError> {
    Ok(tx.row(IS, params![doc.as_bytes(), scope]).await?.is_some())
}

/// `false` when the document belonged to the scope already. The caller then owes the scope's log
/// all the document's changes.
pub(crate) async fn enter(
    tx: &Tx,
    doc: DocId,
    scope: &str,
    why: Why,
    now_s: i64,
) -> Result<bool, StoreError> {
    let (why, officer) = why.parts();
    let entered = tx
        .run(ENTER, params![doc.as_bytes(), scope, now_s, why, officer])
        .await?;
    Ok(entered == 1)
}

/// What has landed and is in the log no longer counts as withheld.
pub(crate) async fn drop_withheld(tx: &Tx, doc: DocId) -> Result<(), StoreError> {
    tx.run(DROP_WITHHELD, params![doc.as_bytes()])
        .await
        .map(drop)
}
