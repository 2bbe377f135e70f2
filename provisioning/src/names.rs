//! Names that our authority may vouch for on a shelter's network.
//!
//! Staff tablets are told to trust the authority. So that its key, if it were stolen, cannot be
//! used against their bank, the authority's own certificate says that it speaks only for these.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints, SanType};

/// Names that mean something only inside a network; nobody can own them on the internet.
const DOMAINS: [&str; 4] = ["localhost", "internal", "local", "home.arpa"];

/// Private and link-local networks, this machine, and the portal's fixed address 192.0.0.8.
const NETWORKS_V4: [([u8; 4], u8); 6] = [
    ([10, 0, 0, 0], 8),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    ([169, 254, 0, 0], 16),
    ([127, 0, 0, 0], 8),
    ([192, 0, 0, 8], 32),
];
const NETWORKS_V6: [(u128, u8); 3] = [(0xfc00 << 112, 7), (0xfe80 << 112, 10), (1, 128)];

/// How a tablet on the shelter's network calls the desk: `gym.local` or `192.168.1.5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LanName {
    Address(IpAddr),
    Host(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name inside a shelter's network: give a private address such as 192.168.1.5, or a \
     name that ends in .local, .internal or .home.arpa"
)]
pub struct LanNameError(String);

impl LanName {
    /// The longest name that DNS can carry.
    pub const CHARS_MAX: usize = 253;

    pub(crate) fn subject(&self) -> Result<SanType, rcgen::Error> {
        Ok(match self {
            Self::Address(address) => SanType::IpAddress(*address),
            Self::Host(host) => SanType::DnsName(host.as_str().try_into()?),
        })
    }
}

impl FromStr for LanName {
    type Err = LanNameError;

    fn from_str(typed: &str) -> Result<Self, LanNameError> {
        let name = typed.trim().trim_end_matches('.').to_ascii_lowercase();
        match name.parse::<IpAddr>() {
            Ok(address) if is_local(address) => Ok(Self::Address(address)),
            Err(_) if is_local_host(&name) => Ok(Self::Host(name)),
            _ => Err(LanNameError(typed.into())),
        }
    }
}

impl fmt::Display for LanName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Host(host) => f.write_str(host),
        }
    }
}

pub(crate) fn constraints() -> NameConstraints {
    let domains = DOMAINS.map(|domain| GeneralSubtree::DnsName(domain.into()));
    let v4 = NETWORKS_V4
        .map(|(net, bits)| GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(net, bits)));
    let v6 = NETWORKS_V6.map(|(net, bits)| {
        GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(net.to_be_bytes(), bits))
    });
    NameConstraints {
        permitted_subtrees: domains.into_iter().chain(v4).chain(v6).collect(),
        excluded_subtrees: Vec::new(),
    }
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => NETWORKS_V4.iter().any(|(net, bits)| {
            u32::from(address) >> (32 - bits) == u32::from_be_bytes(*net) >> (32 - bits)
        }),
        IpAddr::V6(address) => NETWORKS_V6
            .iter()
            .any(|(net, bits)| u128::from(address) >> (128 - bits) == net >> (128 - bits)),
    }
}

fn is_local_host(name: &str) -> bool {
    let known = DOMAINS.iter().any(|domain| {
        name.strip_suffix(domain)
            .is_some_and(|front| front.is_empty() || front.ends_with('.'))
    });
    known && name.len() <= LanName::CHARS_MAX && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_inside_a_network_are_taken_and_names_on_the_internet_are_not() {
        for good in [
            "localhost",
            "Gym.local",
            "desk.k7f.internal",
            "192.168.1.5",
            "192.0.0.8",
            "fe80::1",
            "::1",
        ] {
            assert!(good.parse::<LanName>().is_ok(), "{good}");
        }
        for bad in [
            "example.com",
            "notlocal",
            "a..local",
            "-a.local",
            "8.8.8.8",
            "192.0.0.9",
            "2001:db8::1",
            "",
            "会.local",
        ] {
            assert!(bad.parse::<LanName>().is_err(), "{bad}");
        }
    }
}
