//! One Automerge document over the fixed genesis of its kind.
//!
//! Automerge is used as the data type, never as the protocol (DESIGN §3): documents are built here
//! from raw changes that are already on our own disk. Bytes from anywhere else go through
//! [`crate::guard`] first.
//!
//! Shape, the same in every kind: containers directly under the root, made by the genesis, holding
//! scalars only. Two writers that each made a container would hide one another's content.

mod genesis;
mod told;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    Automerge, AutomergeError, Change, ObjId, ROOT, ReadDoc, ScalarValue, Value, legacy,
};

use crate::clock::Stamp;
use crate::guard;
use crate::id::{ActorId, ChangeHash, ChangeKey, DocId, IdError};

pub use genesis::{Container, genesis};
pub use told::{Source, Told};

/// The root key under which the first change after genesis writes the document's id.
pub const ID_KEY: &str = "id";

#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("the document's kind is unknown to this version: update the node's software")]
    Kind(#[from] IdError),
    #[error(
        "a stored change cannot be read: check the disk, then redraw from a sibling or headquarters"
    )]
    StoredChange,
    #[error("documents of this kind have no container `{0}`")]
    NoContainer(&'static str),
    #[error("too much at once for one change: {0}; save it in smaller parts")]
    TooMuch(#[from] guard::Refusal),
    #[error("the document engine failed: {0}")]
    Engine(#[from] AutomergeError),
}

/// A change as it is stored and sent.
#[derive(Clone, PartialEq, Eq)]
pub struct NewChange {
    pub key: ChangeKey,
    /// A raw, uncompressed Automerge change chunk.
    pub bytes: Vec<u8>,
}

/// Shows the identity only: the bytes are about people.
impl std::fmt::Debug for NewChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewChange({:?}, {} bytes)", self.key, self.bytes.len())
    }
}

pub struct Document {
    id: DocId,
    auto: Automerge,
    /// Written, but not yet closed into a change. Reads do not see it.
    pending: Vec<Pending>,
}

struct Pending {
    object: ObjId,
    key: String,
    value: ScalarValue,
}

impl Document {
    /// A new document. Its id is written by the first [`commit`](Self::commit).
    pub fn create(id: DocId, actor: ActorId) -> Result<Self, DocumentError> {
        let mut document = Self::open::<&[u8]>(id, actor, [])?;
        let value = ScalarValue::Bytes(id.as_bytes().to_vec());
        document.pending.push(Pending {
            object: ROOT,
            key: ID_KEY.into(),
            value,
        });
        Ok(document)
    }

    /// The document that `changes` make, in any order that puts dependencies first.
    ///
    /// `changes` are our own stored bytes, admitted by the guard when they came in.
    pub fn open<B: AsRef<[u8]>>(
        id: DocId,
        actor: ActorId,
        changes: impl IntoIterator<Item = B>,
    ) -> Result<Self, DocumentError> {
        let mut auto =
            Automerge::new().with_actor(automerge::ActorId::from(actor.as_bytes().as_slice()));
        let mut all = vec![genesis(id.kind()?).clone()];
        for bytes in changes {
            all.push(
                Change::from_bytes(bytes.as_ref().to_vec())
                    .map_err(|_| DocumentError::StoredChange)?,
            );
        }
        auto.apply_changes(all)?;
        Ok(Self {
            id,
            auto,
            pending: Vec::new(),
        })
    }

    pub fn id(&self) -> DocId {
        self.id
    }

    /// Closes what was written since the last commit into one change; `None` when nothing was.
    pub fn commit(&mut self, stamp: &Stamp) -> Result<Option<NewChange>, DocumentError> {
        if self.pending.is_empty() {
            return Ok(None);
        }
        let mut transaction = self.auto.transaction();
        for Pending { object, key, value } in self.pending.drain(..) {
            transaction.put(object, key, value)?;
        }
        let options = CommitOptions::default()
            .with_time(stamp.wall_s)
            .with_message(stamp.message());
        let (hash, _) = transaction.commit_with(options);
        let change = self
            .auto
            .get_last_local_change()
            .filter(|change| Some(change.hash()) == hash);
        change.map(|change| self.admissible(&change)).transpose()
    }

    /// What the guard of every other node would refuse must not be stored here either.
    fn admissible(&self, change: &Change) -> Result<NewChange, DocumentError> {
        guard::inspect(change.raw_bytes())?;
        let key = ChangeKey {
            doc: self.id,
            hash: ChangeHash::new(change.hash().0),
        };
        Ok(NewChange {
            key,
            bytes: change.raw_bytes().to_vec(),
        })
    }

    /// Applies one admitted change whose dependencies are here. Says whether it landed.
    pub(crate) fn apply(&mut self, change: Change) -> Result<bool, DocumentError> {
        let hash = change.hash();
        self.auto.apply_changes([change])?;
        Ok(self.auto.get_change_meta_by_hash(&hash).is_some())
    }

    /// The hashes that no other change builds on, sorted: equal heads are equal documents.
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<_> = self
            .auto
            .get_heads()
            .into_iter()
            .map(|hash| ChangeHash::new(hash.0))
            .collect();
        heads.sort_unstable();
        heads
    }

    /// All changes but the genesis, dependencies first.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = self.auto.get_changes(&[]);
        changes.retain(|change| !change.deps().is_empty());
        changes
    }

    /// Every key of a container, sorted.
    pub fn keys(&self, container: Container) -> Result<Vec<String>, DocumentError> {
        let within = self.container(container)?;
        Ok(self.auto.keys(within).collect())
    }

    /// The distinct texts that writers out of touch with one another gave under one key, the one
    /// that Automerge would pick first. More than one is a disagreement; none when nobody wrote,
    /// or when the text was cleared.
    pub fn told(&self, container: Container, key: &str) -> Result<Vec<Told>, DocumentError> {
        let mut told: Vec<Told> = Vec::new();
        for (value, writer) in self
            .auto
            .get_all(self.container(container)?, key)?
            .into_iter()
            .rev()
        {
            let Some(text) = text(&value) else { continue };
            if !told.iter().any(|known| known.value == text) {
                told.push(Told {
                    value: text,
                    source: self.source(&writer),
                });
            }
        }
        Ok(if told.iter().all(|answer| answer.value.is_empty()) {
            Vec::new()
        } else {
            told
        })
    }

    /// The bytes under a key that is written once: an event.
    pub fn bytes(
        &self,
        container: Container,
        key: &str,
    ) -> Result<Option<(Vec<u8>, Source)>, DocumentError> {
        let found = self.auto.get(self.container(container)?, key)?;
        Ok(found.and_then(|(value, writer)| match value {
            Value::Scalar(scalar) => match scalar.as_ref() {
                ScalarValue::Bytes(bytes) => Some((bytes.clone(), self.source(&writer))),
                _ => None,
            },
            Value::Object(_) => None,
        }))
    }

    /// Writes a text unless it is already the only answer: rewriting an equal value would make a
    /// disagreement out of nothing. An empty text clears. Says whether anything will be written.
    pub fn put(
        &mut self,
        container: Container,
        key: &str,
        value: &str,
    ) -> Result<bool, DocumentError> {
        let object = self.container(container)?;
        let present = self.auto.get_all(&object, key)?;
        let unchanged = match present.as_slice() {
            [] => value.is_empty(),
            [(only, _)] => text(only).as_deref() == Some(value),
            _ => false,
        };
        if unchanged {
            return Ok(false);
        }
        if present.len() > 1 {
            // Writing the answer that is in front already would delete the others and leave no
            // trace of who settled; after a null it is a new answer of the one who settles.
            self.pending.push(Pending {
                object: object.clone(),
                key: key.into(),
                value: ScalarValue::Null,
            });
        }
        self.pending.push(Pending {
            object,
            key: key.into(),
            value: ScalarValue::Str(value.into()),
        });
        Ok(true)
    }

    /// Writes an event. Its key is random, so nobody else writes it.
    pub fn put_bytes(
        &mut self,
        container: Container,
        key: &str,
        value: Vec<u8>,
    ) -> Result<(), DocumentError> {
        let object = self.container(container)?;
        self.pending.push(Pending {
            object,
            key: key.into(),
            value: ScalarValue::Bytes(value),
        });
        Ok(())
    }

    /// Which of these containers a change wrote to, by the name that changes use for it.
    pub(crate) fn written_to(
        &self,
        object: &legacy::ObjectId,
        among: &[Container],
    ) -> Option<Container> {
        let legacy::ObjectId::Id(written) = object else {
            return None;
        };
        among
            .iter()
            .copied()
            .find(|container| match self.container(*container) {
                Ok(ObjId::Id(counter, actor, _)) => {
                    counter == written.counter() && actor == *written.actor()
                }
                _ => false,
            })
    }

    fn container(&self, container: Container) -> Result<ObjId, DocumentError> {
        match self.auto.get(ROOT, container.name())? {
            Some((Value::Object(_), id)) => Ok(id),
            _ => Err(DocumentError::NoContainer(container.name())),
        }
    }

    fn source(&self, writer: &ObjId) -> Source {
        let hash = self.auto.hash_for_opid(writer);
        let change = hash.and_then(|hash| self.auto.get_change_meta_by_hash(&hash));
        change.map_or_else(Source::unknown, |change| {
            Source::new(
                change.actor.to_bytes(),
                change.timestamp,
                change.message.as_deref(),
            )
        })
    }
}

fn text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => Some(text.to_string()),
            _ => None,
        },
        Value::Object(_) => None,
    }
}
