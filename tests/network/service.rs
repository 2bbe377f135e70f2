//! Headquarters' port, and what strangers and broken peers do to it: nothing.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use ed25519_dalek::SigningKey;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tracing::subscriber::DefaultGuard;
use yadori_ledger::frame::{Frame, FrameError, HEADER_BYTES, Header, Refused, VERSION};
use yadori_transport::Link;
use yadori_transport::accept::accept;
use yadori_transport::dial::dial;
use yadori_transport::drive::{ConverseError, Limits, converse};
use yadori_transport::frames::Wire;

use crate::parties::{Municipality, caller as client, stranger};
use crate::shelf::{Shelf, callee, caller};

#[tokio::test]
async fn a_frame_that_is_too_large_or_of_unknown_version_is_refused_with_a_reason() {
    let intake = Intake::open().await;
    let too_large = [VERSION, 2, 0xff, 0xff, 0xff, 0xff];
    let unknown_version = [9, 1, 0, 0, 0, 0];
    let unknown_kind = [VERSION, 99, 0, 0, 0, 0];
    let unreadable = [VERSION, 1, 3, 0, 0, 0, 0xff, 0xff, 0xff];

    assert_eq!(intake.answer_to(&too_large).await, Refused::TooLarge);
    assert_eq!(intake.answer_to(&unknown_version).await, Refused::Version);
    assert_eq!(intake.answer_to(&unknown_kind).await, Refused::Malformed);
    assert_eq!(intake.answer_to(&unreadable).await, Refused::Malformed);

    intake.still_serves().await;
    assert_eq!(intake.warnings(), 4);
    assert!(intake.logged("update the older one"));
}

#[tokio::test]
async fn a_frame_cut_short_is_logged_once_and_the_service_goes_on() {
    let intake = Intake::open().await;
    let mut link = intake.link(7).await;
    link.stream
        .write_all(&[VERSION, 2, 100, 0, 0, 0, 1, 2, 3])
        .await
        .unwrap();
    link.stream.shutdown().await.unwrap();
    link.stream.read_to_end(&mut Vec::new()).await.unwrap();

    intake.still_serves().await;
    assert_eq!(intake.warnings(), 1);
    assert!(intake.logged("the link was cut in the middle of a frame"));
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_logged_once_and_the_service_goes_on() {
    let intake = Intake::open().await;
    let client = client(&stranger(&intake.town));

    let mut link = dial(&intake.address.to_string(), &intake.town.callee(), &client)
        .await
        .unwrap();

    assert!(link.stream.read_u8().await.is_err());
    intake.still_serves().await;
    assert_eq!(intake.warnings(), 1);
    assert!(intake.logged("the peer's certificate is from another authority"));
}

#[tokio::test]
async fn a_stranger_without_tls_is_logged_once_and_the_service_goes_on() {
    let intake = Intake::open().await;
    let mut browser = TcpStream::connect(intake.address).await.unwrap();
    browser.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    drop(browser.read_to_end(&mut Vec::new()).await);

    intake.still_serves().await;
    assert_eq!(intake.warnings(), 1);
}

#[tokio::test]
async fn a_node_that_is_refused_is_told_by_name_of_the_reason() {
    let intake = Intake::open().await;
    let node = intake.town.node(NOT_ADMITTED);
    let link = intake.link(NOT_ADMITTED).await;
    let mut session = caller(node.signing_key(), intake.town.hq.verifying_key());

    let shelf = Shelf::new(1);
    shelf.write(0..500); // it is still speaking when it is refused

    let ended = converse(
        &mut session,
        &mut Wire::new(link.stream),
        &shelf,
        &Limits::default(),
    )
    .await;

    assert!(
        matches!(
            ended,
            Err(ConverseError::Refused(FrameError::RefusedByPeer(
                Refused::NotAdmitted
            )))
        ),
        "{ended:?}"
    );
}

/// The seed of a node whose certificate is good but whose key is on no list.
const NOT_ADMITTED: u8 = 66;

/// Headquarters as a real port, with a store in memory.
struct Intake {
    town: Municipality,
    address: SocketAddr,
    shelf: Shelf,
    log: Log,
    _quiet: DefaultGuard,
}

impl Intake {
    async fn open() -> Self {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let quiet = tracing::subscriber::set_default(subscriber);
        let town = Municipality::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shelf = Shelf::new(2);
        let desk = Desk {
            own: town.hq.signing_key().clone(),
            shelf: shelf.clone(),
        };
        tokio::spawn(listen(listener, town.intake(), desk));
        Self {
            town,
            address,
            shelf,
            log,
            _quiet: quiet,
        }
    }

    async fn link(&self, seed: u8) -> Link<TcpStream> {
        let node = self.town.node(seed);
        dial(
            &self.address.to_string(),
            &self.town.callee(),
            &client(&node),
        )
        .await
        .unwrap()
    }

    /// Sends bad bytes and reads what comes back.
    async fn answer_to(&self, bytes: &[u8]) -> Refused {
        let mut link = self.link(7).await;
        link.stream.write_all(bytes).await.unwrap();
        link.stream.flush().await.unwrap();
        let mut told = Vec::new();
        link.stream.read_to_end(&mut told).await.unwrap();
        let (header, body) = told.split_first_chunk::<HEADER_BYTES>().unwrap();
        match Frame::decode(Header::parse(*header).unwrap(), body).unwrap() {
            Frame::Refused(why) => why,
            other => panic!("{other:?}"),
        }
    }

    async fn still_serves(&self) {
        let node = self.town.node(8);
        let shelf = Shelf::new(3);
        shelf.write(0..5);
        let mut session = caller(node.signing_key(), self.town.hq.verifying_key());
        let mut wire = Wire::new(self.link(8).await.stream);
        let summary = converse(&mut session, &mut wire, &shelf, &Limits::default())
            .await
            .unwrap();
        wire.close().await;
        assert!(summary.outcome.agreed);
        assert_eq!(self.shelf.count(), 5);
    }

    fn warnings(&self) -> usize {
        self.log.text().matches(" WARN ").count()
    }

    fn logged(&self, words: &str) -> bool {
        self.log.text().contains(words)
    }
}

/// What answers a link: the manner in which headquarters does it, without its database.
#[derive(Clone)]
struct Desk {
    own: SigningKey,
    shelf: Shelf,
}

async fn listen(listener: TcpListener, config: Arc<ServerConfig>, desk: Desk) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (config, desk) = (Arc::clone(&config), desk.clone());
        tokio::spawn(async move {
            match accept(stream, &config).await {
                Ok(link) => desk.serve(link).await,
                Err(error) => tracing::warn!(%error, "a caller was not let in"),
            }
        });
    }
}

impl Desk {
    async fn serve(&self, link: Link<TcpStream>) {
        let peer = link.peer;
        let mut wire = Wire::new(link.stream);
        if peer.key == SigningKey::from_bytes(&[NOT_ADMITTED; 32]).verifying_key() {
            wire.refuse(Refused::NotAdmitted).await;
        } else {
            let mut session = callee(&self.own, peer.key);
            if let Err(error) =
                converse(&mut session, &mut wire, &self.shelf, &Limits::default()).await
            {
                tracing::warn!(%error, "a conversation ended early");
            }
        }
        wire.close().await;
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
