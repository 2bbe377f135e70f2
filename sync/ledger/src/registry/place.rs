//! Where people are, as events: the roster follows the person.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::{PersonId, ShelterId};

/// The kinds of place. Stored by position: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Whereabouts {
    /// Inside the shelter: counted in its head-count.
    Shelter,
    /// 車中: sleeps in a car, served by the shelter.
    Car,
    /// 在宅: stays at home, served by the shelter.
    Home,
    /// With relatives, in a hotel, or anywhere else.
    Elsewhere,
    Tent,
    Relatives,
    /// 広域避難: in another municipality.
    WideArea,
    Left,
    Deceased,
}

impl Whereabouts {
    pub const ALL: [Self; 9] = [
        Self::Shelter,
        Self::Car,
        Self::Home,
        Self::Elsewhere,
        Self::Tent,
        Self::Relatives,
        Self::WideArea,
        Self::Left,
        Self::Deceased,
    ];

    /// The name in forms, columns and translations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shelter => "shelter",
            Self::Car => "car",
            Self::Home => "home",
            Self::Elsewhere => "elsewhere",
            Self::Tent => "tent",
            Self::Relatives => "relatives",
            Self::WideArea => "wide_area",
            Self::Left => "left",
            Self::Deceased => "deceased",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A kind of place, at or served by a shelter.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    pub whereabouts: Whereabouts,
    /// The shelter where they are, or which serves them.
    pub shelter: Option<ShelterId>,
    /// Free words, such as the car park or the relatives' town.
    pub detail: Option<String>,
}

/// The free words are about people.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place({:?}, {:?})", self.whereabouts, self.shelter)
    }
}

/// What happens to a household. Stored by position: add at the end only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// These people (all of the household when empty) are now at this place.
    Placed { who: Vec<PersonId>, place: Place },
}

impl Happening {
    /// Whether the event is about this person.
    pub(super) fn touches(&self, person: PersonId) -> bool {
        match self {
            Self::Placed { who, .. } => who.is_empty() || who.contains(&person),
        }
    }

    pub fn place(&self) -> &Place {
        match self {
            Self::Placed { place, .. } => place,
        }
    }
}

pub type PlaceEvent = Event<Happening>;
