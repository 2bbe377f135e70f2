//! How fast one phone may post. The whole portal is capped in the store
//! ([`super::entry`]); this keeps one visitor from using that up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request as Asked;
use axum::http::Request;
use axum::middleware::{Next, from_fn};
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use crate::web::App;

/// Posts at once: two families on one phone, with a mistake on every page.
const POSTS_AT_ONCE: u32 = 16;

/// Then one in this many seconds.
const POST_EVERY_S: u64 = 5;

/// Phones remembered; a shelter has fewer. Above it, those that may post freely are forgotten.
const PHONES_MAX: usize = 8_192;

/// A phone's address, or its /64: one phone takes many addresses of its own network in IPv6.
#[derive(Clone)]
pub(super) struct Phone;

impl KeyExtractor for Phone {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let from = request.extensions().get::<ConnectInfo<SocketAddr>>();
        Ok(
            from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(from)| {
                key(from.ip())
            }),
        )
    }
}

fn key(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let network = six.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
    }
}

/// The same routes, each phone slowed to the rates above.
pub(super) fn limited(posts: Router<App>) -> Router<App> {
    let config = GovernorConfigBuilder::default()
        .period(Duration::from_secs(POST_EVERY_S))
        .burst_size(POSTS_AT_ONCE)
        .key_extractor(Phone)
        .finish()
        .expect("the rates are not zero");
    let config = Arc::new(config);
    let known = config.clone();
    let forget = from_fn(move |request: Asked, next: Next| {
        if known.limiter().len() > PHONES_MAX {
            known.limiter().retain_recent();
        }
        next.run(request)
    });
    posts.layer(GovernorLayer::new(config)).layer(forget)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_of_the_newer_protocol_is_one_phone() {
        let key_of = |text: &str| key(text.parse().unwrap());
        assert_eq!(key_of("2001:db8:1:2::1"), key_of("2001:db8:1:2:ffff::9"));
        assert_ne!(key_of("2001:db8:1:2::1"), key_of("2001:db8:1:3::1"));
        assert_ne!(key_of("10.0.0.1"), key_of("10.0.0.2"));
    }
}
