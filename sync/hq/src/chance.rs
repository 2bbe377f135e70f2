//! Random bits, from the operating system.

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .expect("the operating system gives random bits once it has started");
    bytes
}

/// A random number that is not zero, which the protocol keeps for "never".
pub(crate) fn epoch() -> u64 {
    u64::from_be_bytes(bytes()) | 1
}
