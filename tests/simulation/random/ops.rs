//! What may happen.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Shelters in the world.
pub(super) const NODES: usize = 3;

/// `pick` chooses among the households that a node knows, whichever they are at that moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Op {
    Register {
        node: usize,
        people: u8,
    },
    /// Somebody tells a fact about the first person of a family.
    Tell {
        node: usize,
        pick: usize,
        fact: Told,
        value: u8,
    },
    /// A desk adds a member to a family.
    Join {
        node: usize,
        pick: usize,
    },
    /// The family moves to a car, home or back.
    Move {
        node: usize,
        pick: usize,
        to: usize,
    },
    /// Staff settle one disagreement, if there is one.
    Settle {
        node: usize,
        pick: usize,
    },
    /// An officer sends a family's record to another shelter too.
    Send {
        pick: usize,
        to: usize,
    },
    /// A node calls headquarters over a bad link.
    Visit {
        node: usize,
        faults: Faults,
    },
    /// The process dies, with whatever was in its memory.
    PowerCut {
        node: usize,
    },
    HqPowerCut,
    Clock {
        node: usize,
        to: Jump,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Told {
    Name,
    Allergy,
    Medicine,
    Phone,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Jump {
    To1970,
    TenYearsOn,
    AnHourBack,
}

/// What the link does to frames, by a seed of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Faults {
    pub(super) seed: u64,
    pub(super) lost_percent: u32,
    pub(super) doubled_percent: u32,
    pub(super) late_percent: u32,
    /// The link is cut after so many frames.
    pub(super) frames_max: usize,
}

impl Faults {
    pub(super) const NONE: Self = Self {
        seed: 0,
        lost_percent: 0,
        doubled_percent: 0,
        late_percent: 0,
        frames_max: usize::MAX,
    };
}

/// The list of a seed.
pub(super) fn random(seed: u64, count: usize) -> Vec<Op> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..count).map(|_| op(&mut rng)).collect()
}

fn op(rng: &mut StdRng) -> Op {
    let (node, pick) = (rng.random_range(0..NODES), rng.random_range(0..1_000));
    match rng.random_range(0..100) {
        0..30 => Op::Register {
            node,
            people: rng.random_range(1..=5),
        },
        30..48 => Op::Tell {
            node,
            pick,
            fact: told(rng),
            value: rng.random_range(0..4),
        },
        48..53 => Op::Join { node, pick },
        53..60 => Op::Move {
            node,
            pick,
            to: rng.random_range(0..3),
        },
        60..64 => Op::Settle { node, pick },
        64..70 => Op::Send { pick, to: node },
        70..90 => Op::Visit {
            node,
            faults: faults(rng),
        },
        90..94 => Op::PowerCut { node },
        94..96 => Op::HqPowerCut,
        _ => Op::Clock {
            node,
            to: jump(rng),
        },
    }
}

fn told(rng: &mut StdRng) -> Told {
    [Told::Name, Told::Allergy, Told::Medicine, Told::Phone][rng.random_range(0..4)]
}

fn jump(rng: &mut StdRng) -> Jump {
    [Jump::To1970, Jump::TenYearsOn, Jump::AnHourBack][rng.random_range(0..3)]
}

/// A third of the visits meet a clear sky.
fn faults(rng: &mut StdRng) -> Faults {
    if rng.random_ratio(1, 3) {
        return Faults::NONE;
    }
    Faults {
        seed: rng.random(),
        lost_percent: rng.random_range(0..15),
        doubled_percent: rng.random_range(0..15),
        late_percent: rng.random_range(0..15),
        frames_max: rng.random_range(1..25),
    }
}
