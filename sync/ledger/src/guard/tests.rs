//! Our own changes pass, and nothing else does.

mod absorbing;
pub(super) mod forge;
mod hostile;
mod inspecting;

use crate::clock::{By, Stamp, TimeQuality};
use crate::document::{Container, Document, NewChange};
use crate::id::{ActorId, ChangeHash, DocId, DocKind};
use forge::Forge;

use super::inspect;

pub(super) const HOUSEHOLD: [u8; 15] = [7; 15];

pub(super) fn household() -> DocId {
    DocId::new(DocKind::Household, HOUSEHOLD)
}

pub(super) fn desk(n: u8) -> ActorId {
    ActorId::new([n; 16])
}

pub(super) fn stamp() -> Stamp {
    Stamp {
        wall_s: 1_700_000_000,
        quality: TimeQuality::Network,
        by: By::staff(3),
        lamport: 1,
    }
}

pub(super) fn open(actor: ActorId, changes: &[Vec<u8>]) -> Document {
    Document::open(household(), actor, changes).unwrap()
}

pub(super) fn write(document: &mut Document, facts: &[(&str, &str)]) -> NewChange {
    for (key, value) in facts {
        document.put(Container::Facts, key, value).unwrap();
    }
    document
        .commit(&stamp())
        .unwrap()
        .expect("something new was written")
}

/// A family's first hours: registered at one desk, amended at two desks that are out of touch,
/// settled at a third. Each change with its hash, dependencies first.
pub(super) fn story() -> Vec<(ChangeHash, Vec<u8>)> {
    let mut gym = Document::create(household(), desk(1)).unwrap();
    let registered = write(
        &mut gym,
        &[
            ("p1.name", "佐藤 花子"),
            ("p1.kana", "サトウ ハナコ"),
            ("p1.place", "gym"),
        ],
    );
    let mut stored = vec![registered.bytes.clone()];

    let mut car_park = open(desk(2), &stored);
    let in_car = write(&mut car_park, &[("p1.place", "car"), ("p1.allergy", "卵")]);
    gym.put_bytes(Container::Events, "e1", vec![1, 2, 3])
        .unwrap();
    let at_home = write(&mut gym, &[("p1.place", "home")]);
    stored.extend([in_car.bytes.clone(), at_home.bytes.clone()]);

    let mut hall = open(desk(3), &stored);
    let settled = write(&mut hall, &[("p1.place", "hospital")]);
    stored.push(settled.bytes.clone());
    let later = write(
        &mut open(desk(1), &stored),
        &[("p1.place", "gym"), ("p1.allergy", "卵, そば")],
    );

    [registered, in_car, at_home, settled, later]
        .map(|change| (change.key.hash, change.bytes))
        .into()
}

/// One null set under the root by a new writer, in every other respect in order.
pub(super) fn onto(stored: &[(ChangeHash, Vec<u8>)]) -> Forge {
    let bytes: Vec<_> = stored.iter().map(|(_, bytes)| bytes.clone()).collect();
    let newest = open(desk(4), &bytes);
    let deps = newest.heads().iter().map(|hash| *hash.as_bytes()).collect();
    let next = stored.iter().map(|(_, bytes)| inspect(bytes).unwrap());
    let start_op = next
        .map(|about| about.start_op + u64::from(about.ops_count))
        .max()
        .unwrap();
    Forge {
        deps,
        actor: vec![4; 16],
        start_op,
        ..Forge::nulls(1)
    }
}
