//! Who is let in, at what hour, and what it costs.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use time::OffsetDateTime;
use tokio::io::AsyncReadExt;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use yadori_provision::WebCertificate;
use yadori_transport::{FlooredClock, LinkError, Role, tls};

use crate::parties::{Municipality, call, caller, identity, stranger};

#[tokio::test]
async fn a_node_and_headquarters_prove_themselves_to_each_other() {
    let town = Municipality::new();
    let node = town.node(7);

    let met = call(&caller(&node), &town.callee(), &town.intake()).await;

    let (seen_by_node, seen_by_hq) = (met.node.unwrap().peer, met.hq.unwrap().peer);
    assert_eq!(
        (seen_by_node.role, seen_by_node.key),
        (Role::Hq, town.hq.verifying_key())
    );
    assert_eq!(
        (seen_by_hq.role, seen_by_hq.key),
        (Role::Node, node.verifying_key())
    );
    assert_eq!(seen_by_hq.node, node.node());
}

#[tokio::test]
async fn a_node_of_another_authority_is_refused_and_told_why() {
    let town = Municipality::new();

    let met = call(&caller(&stranger(&town)), &town.callee(), &town.intake()).await;

    assert!(
        matches!(met.hq, Err(LinkError::ForeignAuthority)),
        "{:?}",
        met.hq
    );
    // In TLS 1.3 the caller has finished before its certificate is read; it hears at its first read.
    let heard = met.node.unwrap().stream.read_u8().await.unwrap_err();
    let told = LinkError::of(heard).to_string();
    assert!(
        told.starts_with("the peer refuses our certificate (UnknownCA)"),
        "{told}"
    );
}

#[tokio::test]
async fn a_node_does_not_talk_to_headquarters_of_another_authority() {
    let (town, other) = (Municipality::new(), Municipality::new());
    let met = call(&caller(&town.node(7)), &town.callee(), &other.intake()).await;
    assert!(
        matches!(met.node, Err(LinkError::ForeignAuthority)),
        "{:?}",
        met.node
    );
}

#[tokio::test]
async fn a_node_cannot_pass_for_headquarters() {
    let town = Municipality::new();
    let posing = tls::server_config(&town.node(8), Arc::new(FlooredClock::system())).unwrap();
    let met = call(&caller(&town.node(7)), &town.callee(), &posing).await;
    assert!(met.node.is_err());
}

#[tokio::test]
async fn another_headquarters_key_of_the_same_authority_is_not_the_pinned_one() {
    let town = Municipality::new();
    let second = identity(&town.authority, yadori_provision::Role::Hq, 2);
    let second = tls::server_config(&second, Arc::new(FlooredClock::system())).unwrap();

    let met = call(&caller(&town.node(7)), &town.callee(), &second).await;

    assert!(
        matches!(met.node, Err(LinkError::WrongPeer { .. })),
        "{:?}",
        met.node
    );
}

#[tokio::test]
async fn a_resumed_handshake_costs_less_than_a_kilobyte_and_still_tells_who_calls() {
    let town = Municipality::new();
    let node = town.node(7);
    let (client, server) = (caller(&node), town.intake());

    let first = call(&client, &town.callee(), &server).await.speak().await;
    for _ in 0..3 {
        let again = call(&client, &town.callee(), &server).await.speak().await;
        let (full, resumed) = (first.count.both_ways(), again.count.both_ways());
        assert!(resumed < 1_000, "resumed {resumed} B, full {full} B");

        assert!(resumed < full / 2, "resumed {resumed} B, full {full} B");

        assert!(again.node.unwrap().resumed);
        assert_eq!(again.hq.unwrap().peer.key, node.verifying_key());
    }
    assert!(!first.node.unwrap().resumed);
}

#[tokio::test]
async fn headquarters_that_forgot_the_session_costs_a_full_handshake_and_nothing_else() {
    let town = Municipality::new();
    let client = caller(&town.node(7));
    call(&client, &town.callee(), &town.intake())
        .await
        .speak()
        .await;
    let after_restart = call(&client, &town.callee(), &town.intake())
        .await
        .speak()
        .await;
    assert!(!after_restart.node.unwrap().resumed);
}

#[tokio::test]
async fn a_node_connects_whatever_its_clock_says() {
    let town = Municipality::new();
    let centuries_ahead = 10_000_000_000;
    for now_s in [0, -86_400, i64::from(i32::MAX) + 1, centuries_ahead] {
        let client =
            tls::client_config(&town.node(7), Arc::new(FlooredClock::new(move || now_s))).unwrap();
        let met = call(&client, &town.callee(), &town.intake()).await;
        assert!(
            met.node.is_ok() && met.hq.is_ok(),
            "at {now_s}: {:?}",
            met.node
        );
    }
}

#[tokio::test]
async fn a_browser_that_trusts_the_authority_opens_the_desk_by_the_names_it_was_given() {
    let town = Municipality::new();
    let names = ["kudan.local", "192.168.1.5"].map(|name| name.parse().unwrap());
    let web = WebCertificate::make(&town.authority, &names, OffsetDateTime::now_utc()).unwrap();
    let desk = tls::desk_config(web.pem()).unwrap();
    for known in ["localhost", "kudan.local", "192.168.1.5"] {
        assert!(browser_opens(&town, &desk, known).await, "{known}");
    }
    assert!(!browser_opens(&town, &desk, "other.local").await);
    assert!(!browser_opens(&Municipality::new(), &desk, "localhost").await);
}

async fn browser_opens(
    town: &Municipality,
    desk: &Arc<rustls::ServerConfig>,
    name: &'static str,
) -> bool {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(town.authority.certificate_pem().as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let browser = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let browser = TlsConnector::from(Arc::new(
        browser.with_root_certificates(roots).with_no_client_auth(),
    ));
    let (near, far) = tokio::io::duplex(64 * 1024);
    let desk = TlsAcceptor::from(Arc::clone(desk));
    let (opened, _) = tokio::join!(
        browser.connect(ServerName::try_from(name).unwrap(), near),
        desk.accept(far)
    );
    opened.is_ok()
}
