//! Breaking things from a list: power, links, clocks, and what must still be true afterwards.

mod powercut;
mod random;
