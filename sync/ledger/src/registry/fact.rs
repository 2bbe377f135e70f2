//! The facts of the registry and the keys under which documents hold them.
//!
//! Keys travel with every change, so they are short; they are never renamed and never reused.

use std::fmt;
use std::str::FromStr;

use crate::id::PersonId;

/// Whom a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    Household,
    Person(PersonId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Household => f.write_str("h"),
            Self::Person(id) => id.fmt(f),
        }
    }
}

impl FromStr for Subject {
    type Err = crate::id::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "h" {
            Ok(Self::Household)
        } else {
            text.parse().map(Self::Person)
        }
    }
}

macro_rules! facts {
    ($($(#[$about:meta])* $name:ident = $code:literal, $long:literal;)*) => {
        /// One question about a household or a person.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fact { $($(#[$about])* $name,)* }

        impl Fact {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The document key after the subject.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The name in forms, columns and translations.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $long,)* }
            }
        }
    };
}

facts! {
    // of the household
    /// The number on the family's card.
    Card = "c", "card";
    /// The shelter that registered the household: its first scope.
    Shelter = "z", "shelter";
    /// How the record came to be: see [`Origin`].
    Origin = "o", "origin";
    Postal = "pc", "postal";
    Address = "ad", "address";
    // of the household or of one person
    Phone = "p", "phone";
    /// Support needs, as the stored text of `words::SupportNeeds`.
    Needs = "w", "needs";
    Note = "x", "note";
    // of a person
    /// Whether the entry stands: see [`Status`]. Its presence makes the person exist.
    Status = "t", "status";
    Name = "n", "name";
    Reading = "k", "reading";
    Birth = "b", "birth";
    Sex = "s", "sex";
    Allergy = "al", "allergy";
    Medicine = "md", "medicine";
    /// Relation to the head of the household.
    Relation = "r", "relation";
    Language = "l", "language";
}

impl Fact {
    /// The fact behind a document key's last part.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.code() == code)
    }

    /// The fact behind the name that forms and columns use.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.name() == name)
    }

    /// Whether a wrong winner would hurt, so that both answers go to a person first
    /// (DESIGN §3.6).
    pub fn matters(self) -> bool {
        matches!(
            self,
            Self::Name | Self::Birth | Self::Allergy | Self::Medicine | Self::Needs | Self::Status
        )
    }

    pub(crate) fn key(self, subject: Subject) -> String {
        format!("{subject}.{}", self.code())
    }

    /// The inverse of [`key`](Self::key); `None` for what a newer version wrote.
    pub(crate) fn of_key(key: &str) -> Option<(Subject, Self)> {
        let (subject, code) = key.rsplit_once('.')?;
        Some((subject.parse().ok()?, Self::from_code(code)?))
    }
}

/// How a household's record came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written at a staff desk.
    Desk,
    /// Written by the family itself; unconfirmed until staff saw it.
    Portal,
    /// The family's own entry, confirmed at a desk.
    Confirmed,
}

impl Origin {
    pub fn code(self) -> &'static str {
        match self {
            Self::Desk => "d",
            Self::Portal => "p",
            Self::Confirmed => "c",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Desk, Self::Portal, Self::Confirmed]
            .into_iter()
            .find(|origin| origin.code() == code)
    }
}

/// Whether a person's entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    /// Entered by mistake. Nobody is deleted; the entry no longer counts.
    Mistaken,
}

impl Status {
    pub fn code(self) -> &'static str {
        match self {
            Self::Active => "a",
            Self::Mistaken => "m",
        }
    }

    /// What a newer version may add counts as a person who is there: nobody is lost.
    pub fn from_code(code: &str) -> Self {
        if code == Self::Mistaken.code() {
            Self::Mistaken
        } else {
            Self::Active
        }
    }
}
