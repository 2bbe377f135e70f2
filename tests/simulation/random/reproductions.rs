//! Bugs that were found, as readable lists. Each stays.

use super::ops::{Faults, Op};
use super::run;

fn clear(node: usize) -> Op {
    Op::Visit {
        node,
        faults: Faults::NONE,
    }
}

#[test]
fn the_last_frame_lost_counts_nobody_twice() {
    let lost = Faults {
        frames_max: 2,
        ..Faults::NONE
    };
    let ops = [
        Op::Register { node: 0, people: 4 },
        Op::Visit {
            node: 0,
            faults: lost,
        },
        Op::PowerCut { node: 0 },
        clear(0),
    ];
    assert_eq!(run(&ops), Ok(4));
}

#[test]
fn two_shelters_that_told_one_family_differently_show_both_to_headquarters() {
    let ops = [
        Op::Register { node: 0, people: 1 },
        clear(0),
        Op::Send { pick: 0, to: 1 },
        clear(1),
        Op::Tell {
            node: 0,
            pick: 0,
            fact: super::ops::Told::Allergy,
            value: 1,
        },
        Op::Tell {
            node: 1,
            pick: 0,
            fact: super::ops::Told::Allergy,
            value: 2,
        },
        clear(0),
        clear(1),
        Op::HqPowerCut,
        Op::Settle { node: 1, pick: 0 },
        clear(1),
        clear(0),
    ];
    assert_eq!(run(&ops), Ok(1));
}
