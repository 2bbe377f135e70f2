//! `world-process edge FOLDER HQ_ADDRESS` and `world-process hq FOLDER DATABASE INTAKE CONSOLE`:
//! one part of the world by itself. See `process.rs` in the library.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, BufReader};
use yadori_edge::clock::SystemClock;
use yadori_edge::{Config, Node};
use yadori_tests::headquarters;
use yadori_tests::process::{Addresses, database};
use yadori_tests::site::HEARTBEAT;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["edge", folder, hq_address] => edge(folder.into(), hq_address).await,
        ["hq", folder, written, intake, console] => {
            let addresses = (
                intake.parse().expect("an address"),
                console.parse().expect("an address"),
            );
            hq(folder.into(), written, addresses).await;
        }
        _ => panic!("world-process edge|hq …"),
    }
}

async fn edge(folder: PathBuf, hq_address: &str) {
    let mut config = Config::read(&folder.join("node.toml")).expect("provisioned");
    config.hq_address = hq_address.to_owned();
    config.heartbeat = HEARTBEAT;
    let node = Node::start(&config, Arc::new(SystemClock))
        .await
        .expect("the node starts");
    let (desk, portal) = (node.addresses.desk_http, node.addresses.portal_http);
    tell(&Addresses { desk, portal });
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(order)) = orders.next_line().await {
        node.link.send_replace(order == "open");
    }
    node.stop().await;
}

async fn hq(
    folder: PathBuf,
    written: &str,
    (intake, console): (std::net::SocketAddr, std::net::SocketAddr),
) {
    let config = headquarters::config(&folder, &database(written)).await;
    let listeners = headquarters::listeners(intake, console).await;
    tell(&Addresses {
        desk: console,
        portal: intake,
    });
    let told_to_end = async {
        let mut orders = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(_)) = orders.next_line().await {}
    };
    let clock = yadori_hq::clock::Clock::system();
    yadori_hq::run(config, listeners, clock, told_to_end)
        .await
        .expect("headquarters runs");
}

#[expect(
    clippy::print_stdout,
    reason = "this is how the world learns the addresses"
)]
fn tell(addresses: &Addresses) {
    println!(
        "{}",
        serde_json::to_string(addresses).expect("plain addresses")
    );
}
