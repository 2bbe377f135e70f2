//! Why a change was not taken in.

use super::{
    ACTORS_MAX, CHANGE_BYTES_MAX, COLUMNS_MAX, DEPS_MAX, KEY_BYTES_MAX, MESSAGE_BYTES_MAX, OPS_MAX,
    ROWS_MAX, VALUE_BYTES_MAX,
};

/// An answer for whoever looks into the quarantine. It never holds anything that the change says.
///
/// A refused change is kept, counts as received, and blocks only what builds on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    // The envelope.
    #[error("larger than {CHANGE_BYTES_MAX} bytes: the writer must split it")]
    TooLarge,
    #[error("not a change at all: ask the sender for it again")]
    NotAChange,
    #[error("ends too early: ask the sender for it again")]
    Truncated,
    #[error("something follows the change: ask the sender for it alone")]
    TrailingBytes,
    #[error("damaged: its checksum does not fit; ask the sender for it again")]
    WrongChecksum,
    #[error("another change than the one announced: ask the sender for it again")]
    WrongHash,
    #[error("a whole document instead of a change: the sender must send changes")]
    DocumentChunk,
    #[error("a compressed change: the sender must send it uncompressed")]
    CompressedChunk,
    #[error("a bundle instead of a change: the sender must send changes")]
    BundleChunk,
    #[error("chunk type {0} is unknown to this version: update the node's software")]
    UnknownChunk(u8),

    // The header.
    #[error("a number in it is malformed: its writer's software is at fault")]
    BadNumber,
    #[error("a text in it is not UTF-8: its writer's software is at fault")]
    BadText,
    #[error("its writer's id is not 16 bytes: it was not written by Yadori")]
    ActorLength,
    #[error(
        "it names a dependency twice, or writers or operations twice or out of order: its writer's software is at fault"
    )]
    OutOfOrder,
    #[error("it names a writer that it has nothing from: its writer's software is at fault")]
    UnusedActor,
    #[error("more than {DEPS_MAX} dependencies: its writer's software is at fault")]
    TooManyDependencies,
    #[error("more than {ACTORS_MAX} writers: its writer's software is at fault")]
    TooManyActors,
    #[error(
        "its message is longer than {MESSAGE_BYTES_MAX} bytes: its writer's software is at fault"
    )]
    MessageTooLong,
    #[error("its counters leave the range that the document engine can hold")]
    CounterRange,
    #[error("bytes that no version knows follow its columns: its writer's software is at fault")]
    ExtraBytes,

    // The columns.
    #[error("more than {COLUMNS_MAX} columns: its writer's software is at fault")]
    TooManyColumns,
    #[error("its columns are out of order: its writer's software is at fault")]
    ColumnOrder,
    #[error("a compressed column: the sender must send it uncompressed")]
    DeflatedColumn,
    #[error("a column is unknown to this version: update the node's software")]
    UnknownColumn,
    #[error("more than {OPS_MAX} operations: the writer must split it")]
    TooManyOps,
    #[error("more than {ROWS_MAX} rows over all columns: its writer's software is at fault")]
    TooManyRows,
    #[error("it does nothing: its writer's software is at fault")]
    NoOps,
    #[error("it is written in a longer way than needed: its writer's software is at fault")]
    NotShortest,
    #[error("its columns are not of one length: its writer's software is at fault")]
    UnevenColumns,

    // The operations.
    #[error("it counts, marks, orders or makes containers, which documents of ours never do")]
    ForbiddenAction,
    #[error("a value of a type that documents of ours never hold")]
    ForbiddenValue,
    #[error("a value is not what its type says: its writer's software is at fault")]
    BadValue,
    #[error(
        "a key is empty or longer than {KEY_BYTES_MAX} bytes: its writer's software is at fault"
    )]
    BadKey,
    #[error("a value is longer than {VALUE_BYTES_MAX} bytes: the writer must split it")]
    ValueTooLong,
    #[error("it refers to what cannot be there: its writer's software is at fault")]
    BadReference,

    // The document.
    #[error("it starts a document in another way than by the genesis of its kind")]
    ForeignGenesis,
    #[error("it was written for another document: the sender mixed them up")]
    ForeignDocument,
    #[error("it writes beside the containers of its document")]
    OutsideContainers,
    #[error(
        "its writer's number was used for another change: a copied card; give that node a new epoch"
    )]
    DuplicateSeq,
    #[error(
        "it does not build on its writer's change before it: its writer's software is at fault"
    )]
    SeqGap,
    #[error(
        "its operations are not numbered on from those it builds on: its writer's software is at fault"
    )]
    CounterGap,
    #[error(
        "it refers to what the changes it builds on do not hold: its writer's software is at fault"
    )]
    DanglingReference,

    // The engine.
    #[error("the document engine refused it: report it with the software's version")]
    EngineRefused,
    #[error("the document engine failed on it: report it with the software's version")]
    EnginePanicked,
    #[error("the document engine passed over it: report it with the software's version")]
    NotLanded,
}

impl Refusal {
    /// The reason as it is stored with the quarantined change. Never renamed: old rows keep it.
    pub fn key(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::NotAChange => "not-a-change",
            Self::Truncated => "truncated",
            Self::TrailingBytes => "trailing-bytes",
            Self::WrongChecksum => "wrong-checksum",
            Self::WrongHash => "wrong-hash",
            Self::DocumentChunk => "document-chunk",
            Self::CompressedChunk => "compressed-chunk",
            Self::BundleChunk => "bundle-chunk",
            Self::UnknownChunk(_) => "unknown-chunk",
            Self::BadNumber => "bad-number",
            Self::BadText => "bad-text",
            Self::ActorLength => "actor-length",
            Self::OutOfOrder => "out-of-order",
            Self::UnusedActor => "unused-actor",
            Self::TooManyDependencies => "too-many-dependencies",
            Self::TooManyActors => "too-many-actors",
            Self::MessageTooLong => "message-too-long",
            Self::CounterRange => "counter-range",
            Self::ExtraBytes => "extra-bytes",
            Self::TooManyColumns => "too-many-columns",
            Self::ColumnOrder => "column-order",
            Self::DeflatedColumn => "deflated-column",
            Self::UnknownColumn => "unknown-column",
            Self::TooManyOps => "too-many-ops",
            Self::TooManyRows => "too-many-rows",
            Self::NoOps => "no-ops",
            Self::NotShortest => "not-shortest",
            Self::UnevenColumns => "uneven-columns",
            Self::ForbiddenAction => "forbidden-action",
            Self::ForbiddenValue => "forbidden-value",
            Self::BadValue => "bad-value",
            Self::BadKey => "bad-key",
            Self::ValueTooLong => "value-too-long",
            Self::BadReference => "bad-reference",
            Self::ForeignGenesis => "foreign-genesis",
            Self::ForeignDocument => "foreign-document",
            Self::OutsideContainers => "outside-containers",
            Self::DuplicateSeq => "duplicate-seq",
            Self::SeqGap => "seq-gap",
            Self::CounterGap => "counter-gap",
            Self::DanglingReference => "dangling-reference",
            Self::EngineRefused => "engine-refused",
            Self::EnginePanicked => "engine-panicked",
            Self::NotLanded => "not-landed",
        }
    }
}
