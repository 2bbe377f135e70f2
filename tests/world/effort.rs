//! How hard to try: the same tests hunt for minutes on every push and for hours at night.

use std::env;

/// Set by `cargo suite --long`.
pub const LONG_VARIABLE: &str = "YADORI_LONG";

/// One of two amounts: for every push, or for a long night.
pub fn amount<T>(usual: T, long: T) -> T {
    if env::var_os(LONG_VARIABLE).is_some() {
        long
    } else {
        usual
    }
}
