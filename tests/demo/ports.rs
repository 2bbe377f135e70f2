//! The ports that people are told: the same every time, unless something else has them.

use std::net::TcpListener;

use yadori_tests::WorldPorts;
use yadori_tests::headquarters::Ports;

const CONSOLE: u16 = 8080;
const DESK: u16 = 8081;
const PORTAL: u16 = 8181;

/// Any other where one is taken.
pub(crate) fn free(shelters: usize) -> WorldPorts {
    let of_each = u16::try_from(shelters).expect("few shelters");
    let all_free = |first: u16, count: u16| (first..first + count).all(is_free);
    WorldPorts {
        hq: Ports {
            intake: 0,
            console: if is_free(CONSOLE) { CONSOLE } else { 0 },
        },
        desk: if all_free(DESK, of_each) { DESK } else { 0 },
        portal: if all_free(PORTAL, of_each) { PORTAL } else { 0 },
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
