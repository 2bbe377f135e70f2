//! The commands as a technician types them.

#![allow(clippy::unwrap_used, reason = "a failed step of a test may end it")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

#[test]
fn from_an_empty_directory_to_an_admitted_node() {
    let room = tempfile::tempdir().unwrap();
    provision(
        room.path(),
        "authority init --dir authority --name 千代田区",
    );
    provision(room.path(), "hq init --authority authority --dir hq");

    let told = provision(room.path(), NODE_INIT);
    let listed = provision(room.path(), "node list node");

    assert!(told.ends_with(&listed), "{told}");
    assert!(
        listed.ends_with(" E1310100001112 K7F 九段小学校\n"),
        "{listed}"
    );
    assert_eq!(listed.split(' ').next().unwrap().len(), 64);
}

#[test]
fn the_settings_name_the_shelter_and_pin_headquarters_key() {
    let room = with_node();
    let settings: toml::Table = fs::read_to_string(room.path().join("node/node.toml"))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(settings["shelter_id"].as_str(), Some("E1310100001112"));
    assert_eq!(settings["shelter_name"].as_str(), Some("九段小学校"));
    assert_eq!(settings["node_code"].as_str(), Some("K7F"));
    assert_eq!(settings["hq_address"].as_str(), Some("hq.example:7070"));
    assert_eq!(settings["hq_key"].as_str().unwrap().len(), 64);
    assert_eq!(settings["desk_http"].as_str(), Some("127.0.0.1:8080"));
    assert_eq!(settings["portal_http"].as_str(), Some("0.0.0.0:8081"));
    assert_eq!(settings["heartbeat_s"].as_integer(), Some(60));
    assert!(!settings.contains_key("desk_https"));
    let hq: toml::Table = fs::read_to_string(room.path().join("hq/hq.toml"))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(hq["data_dir"].as_str(), Some("/var/lib/yadori-hq"));
    assert_eq!(hq["intake"].as_str(), Some("0.0.0.0:7070"));
}

#[test]
fn only_the_owner_can_read_a_key() {
    let room = with_node();
    for secret in [
        "authority/authority.key.pem",
        "node/identity.key.pem",
        "node/web.pem",
        "hq/hq.toml",
    ] {
        let mode = fs::metadata(room.path().join(secret))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
}

#[test]
fn a_second_node_in_the_same_directory_is_refused_and_the_first_one_stays() {
    let room = with_node();
    let before = provision(room.path(), "node list node");

    let refused = run(room.path(), NODE_INIT);

    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("exists already and is not overwritten"),
        "{said}"
    );
    assert_eq!(provision(room.path(), "node list node"), before);
}

#[test]
fn renewing_the_web_certificate_leaves_the_identity_alone() {
    let room = with_node();
    let file = |name: &str| fs::read_to_string(room.path().join("node").join(name)).unwrap();
    let (web, identity) = (file("web.pem"), file("identity.pem"));

    provision(
        room.path(),
        "web --authority authority --dir node --lan-name gym.local --lan-name 192.168.1.5",
    );

    assert_ne!(file("web.pem"), web);
    assert_eq!(file("identity.pem"), identity);
}

#[test]
fn mistakes_are_answered_with_what_to_do() {
    let room = with_node();
    let said = |typed: &str| String::from_utf8(run(room.path(), typed).stderr).unwrap();
    assert!(said("node list nowhere").contains("Name the directory that `node init` wrote"));
    assert!(
        said("hq init --authority nowhere --dir hq2")
            .contains("Name the directory that `authority init` wrote")
    );
    assert!(
        said("web --authority authority --dir node --lan-name example.com")
            .contains("give a private address")
    );
    assert!(said(&NODE_INIT.replace("K7F", "KIL")).contains("--code"));
    assert!(said(&NODE_INIT.replace("九段小学校", "\n")).contains("one line"));
}

const NODE_INIT: &str = "node init --authority authority --hq hq --dir node --shelter E1310100001112 \
                         --name 九段小学校 --code K7F --hq-address hq.example:7070";

fn with_node() -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    provision(room.path(), "authority init --dir authority");
    provision(room.path(), "hq init --authority authority --dir hq");
    provision(room.path(), NODE_INIT);
    room
}

fn provision(room: &Path, typed: &str) -> String {
    let done = run(room, typed);
    assert!(
        done.status.success(),
        "{typed}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

fn run(room: &Path, typed: &str) -> Output {
    let words = typed.split(' ').filter(|word| !word.is_empty());
    Command::new(env!("CARGO_BIN_EXE_yadori-provision"))
        .args(words)
        .current_dir(room)
        .output()
        .unwrap()
}
