//! The first change of every kind of document: identical bytes everywhere, for ever.
//!
//! It makes all containers that a kind will ever need. A container made later, by two writers out
//! of touch with one another, would hide one writer's content (measured: sync.md §2.1 a), so new
//! features take one of the containers below and never add one.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjType, ROOT};

use crate::id::DocKind;

/// A flat map under the root, holding scalars only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// `subject.fact` → text. Disagreements are read from here.
    Facts,
    /// Random id → one immutable, versioned, encoded event.
    Events,
    /// Household: one-time items given (blankets, cash, vouchers).
    Grants,
    /// Household: consent by tier and purpose.
    Consents,
    /// Household: tokens of cards, old and new, and other cards that stand for the family.
    Tokens,
    /// Ledger: head counts without names.
    Tallies,
    /// Ledger and shelter: stock rights, each cell written by one actor only.
    Rights,
    /// Shelter: what is in the store room, and its movements.
    Stock,
    /// Shelter: the daily report as confirmed by a person.
    Reports,
    /// Shelter: blocks, desks and capacity.
    Places,
    /// Notice, request, finding: the text in each language.
    Texts,
    /// Request: what is asked for, line by line.
    Lines,
    /// Request, feedback and notice: answers.
    Replies,
    /// Municipality: the form definition.
    Form,
    /// Municipality: the item catalogue.
    Items,
    /// Municipality: rules of fairness.
    Rules,
    /// Every kind: kept free for what nobody has thought of.
    More,
}

impl Container {
    pub fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Events => "events",
            Self::Grants => "grants",
            Self::Consents => "consents",
            Self::Tokens => "tokens",
            Self::Tallies => "tallies",
            Self::Rights => "rights",
            Self::Stock => "stock",
            Self::Reports => "reports",
            Self::Places => "places",
            Self::Texts => "texts",
            Self::Lines => "lines",
            Self::Replies => "replies",
            Self::Form => "form",
            Self::Items => "items",
            Self::Rules => "rules",
            Self::More => "more",
        }
    }

    /// The containers of a kind, in the order in which its genesis makes them.
    pub fn of(kind: DocKind) -> &'static [Self] {
        use Container::{
            Consents, Events, Facts, Form, Grants, Items, Lines, More, Places, Replies, Reports,
            Rights, Rules, Stock, Tallies, Texts, Tokens,
        };
        match kind {
            DocKind::Household => &[Facts, Events, Grants, Consents, Tokens, More],
            DocKind::Ledger => &[Facts, Events, Grants, Tallies, Rights, Stock, More],
            DocKind::Shelter => &[Facts, Events, Rights, Stock, Reports, Places, Replies, More],
            DocKind::Notice => &[Facts, Events, Texts, Replies, More],
            DocKind::Request => &[Facts, Events, Texts, Lines, Replies, More],
            DocKind::Finding => &[Facts, Events, Texts, Replies, More],
            DocKind::Link => &[Facts, Events, More],
            DocKind::Municipality => &[Facts, Events, Texts, Form, Items, Rules, More],
        }
    }
}

/// The genesis of a kind.
pub fn genesis(kind: DocKind) -> &'static Change {
    static ALL: OnceLock<BTreeMap<u8, Change>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        DocKind::ALL
            .into_iter()
            .map(|kind| (kind as u8, make(kind)))
            .collect()
    });
    all.get(&(kind as u8)).expect("every kind was made above")
}

fn make(kind: DocKind) -> Change {
    let mut actor = *b"yadori genesis  ";
    actor[15] = kind as u8;
    let mut auto = Automerge::new().with_actor(ActorId::from(actor.as_slice()));
    let mut transaction = auto.transaction();
    for container in Container::of(kind) {
        transaction
            .put_object(ROOT, container.name(), ObjType::Map)
            .expect("a new document takes a new map");
    }
    transaction.commit_with(CommitOptions::default().with_time(0));
    auto.get_last_local_change()
        .expect("containers were just written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_genesis_is_the_same_bytes_as_in_the_first_version() {
        let hashes = DocKind::ALL
            .map(|kind| format!("{kind:?} {}\n", genesis(kind).hash()))
            .concat();
        insta::assert_snapshot!(hashes, @"
        Household f253ffa5ceeb3467e07d43e239584a55140c65b668d8e03b29d9d790f6b24608
        Ledger db1eb58d1958bfea19131fe0487979e454542a546d868dff0776ab05f8c0b5c5
        Shelter 24c4ef9ca3239f5d3807d29b2fb79552663b1d9c54d307e7729b52c812aae892
        Notice 016b74d757acad0552f927b46fe8203dd540c6b1b1117aed266f6775222f266f
        Request 01118067d557e2a1faa5663933cddc6a819fa961720944728c32a0f647ed87b2
        Finding f4687ea4c45f15fa32f22fc0a567ece00a1e4b29cf4cb38763b8f2125930b9c6
        Link 86e24ac6e3c10e414c64d57670b70eaccb08afc59b67395990933486a454a488
        Municipality 626ed72068de0a2b56ee7465d62885cbde54e85d6e9cae89e48b727c9984d589
        ");
    }
}
