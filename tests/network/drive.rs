//! Conversations over links that are good, narrow, cut and dead.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use yadori_transport::drive::{ConverseError, Limits, Summary, converse};
use yadori_transport::frames::Wire;

use crate::shelf::{Shelf, callee, caller};

type Ended = Result<Summary, ConverseError>;

#[tokio::test]
async fn two_stores_agree_and_the_bytes_are_counted() {
    let (node, hq) = (Shelf::new(1), Shelf::new(2));
    node.write(0..10);

    let (at_node, at_hq) = talk(&node, &hq, 64 * 1024, usize::MAX).await;

    let (at_node, at_hq) = (at_node.unwrap(), at_hq.unwrap());
    assert!(at_node.outcome.agreed && at_hq.outcome.agreed);
    assert_eq!((node.count(), hq.count()), (10, 10));
    assert_eq!(at_node.traffic.sent_bytes, at_hq.traffic.received_bytes);
    assert_eq!(at_hq.traffic.sent_bytes, at_node.traffic.received_bytes);
    assert!(at_node.traffic.sent_bytes > 10_000);
}

#[tokio::test]
async fn two_with_much_to_say_do_not_wait_for_each_other() {
    let (node, hq) = (Shelf::new(1), Shelf::new(2));
    node.write(0..3_000);
    hq.write(10_000..13_000);
    let narrow = talk(&node, &hq, 1_024, usize::MAX);

    let (at_node, _) = tokio::time::timeout(Duration::from_secs(60), narrow)
        .await
        .unwrap();

    assert!(at_node.unwrap().outcome.agreed);
    assert_eq!((node.count(), hq.count()), (6_000, 6_000));
}

#[tokio::test]
async fn a_link_cut_anywhere_keeps_every_batch_that_arrived_whole() {
    for cut_after in [10, 1_000, 20_000, 60_000, 150_000] {
        let (node, hq) = (Shelf::new(1), Shelf::new(2));
        node.write(0..200);

        let (at_node, at_hq) = talk(&node, &hq, 1024 * 1024, cut_after).await;

        assert!(at_node.is_err() && at_hq.is_err(), "cut after {cut_after}");
        // A batch is at most 16 KiB; all before the one that was cut is kept.
        let lost = cut_after.saturating_sub(hq.count() * 1_040);
        assert!(
            lost <= 18 * 1024,
            "cut after {cut_after}: {} changes arrived",
            hq.count()
        );

        let kept = hq.count();
        let again = talk(&node, &hq, 1024 * 1024, usize::MAX).await.0.unwrap();
        assert_eq!(hq.count(), 200);
        let sent_twice = again
            .traffic
            .sent_bytes
            .saturating_sub((200 - kept as u64) * 1_040);
        assert!(
            sent_twice <= 20 * 1024,
            "cut after {cut_after}: {sent_twice} bytes again"
        );
    }
}

#[tokio::test]
async fn a_link_on_which_nothing_moves_is_dropped_and_says_so() {
    let (node, keys) = (Shelf::new(1), keys());
    let (near, _silent) = tokio::io::duplex(1024);
    let limits = Limits {
        stall_after: Duration::from_millis(50),
    };
    let mut session = caller(&keys[0], keys[1].verifying_key());

    let ended = converse(&mut session, &mut Wire::new(near), &node, &limits).await;

    assert!(matches!(ended, Err(ConverseError::Stalled(_))), "{ended:?}");
    assert!(
        ended
            .unwrap_err()
            .to_string()
            .starts_with("no byte moved for")
    );
}

#[tokio::test]
async fn several_conversations_follow_each_other_on_one_wire() {
    let (node, hq, keys) = (Shelf::new(1), Shelf::new(2), keys());
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (mut near, mut far) = (Wire::new(near), Wire::new(far));
    for round in 0..3 {
        node.write(round * 100..round * 100 + 50);
        hq.write(round * 100 + 50..round * 100 + 100);
        let mut calling = caller(&keys[0], keys[1].verifying_key());
        let mut called = callee(&keys[1], keys[0].verifying_key());
        let limits = Limits::default();
        let (there, here) =
            tokio::join!(converse(&mut calling, &mut near, &node, &limits), async {
                assert!(far.is_spoken_to().await.unwrap());
                converse(&mut called, &mut far, &hq, &limits).await
            });
        assert!(there.unwrap().outcome.agreed && here.unwrap().outcome.agreed);
    }
    assert_eq!((node.count(), hq.count()), (300, 300));
    near.close().await;
    assert!(!far.is_spoken_to().await.unwrap());
}

async fn talk(node: &Shelf, hq: &Shelf, width: usize, cut_after: usize) -> (Ended, Ended) {
    let keys = keys();
    let (near, far) = tokio::io::duplex(width);
    let mut near = Wire::new(Cut {
        inner: Some(near),
        left: cut_after,
    });
    let mut far = Wire::new(far);
    let mut calling = caller(&keys[0], keys[1].verifying_key());
    let mut called = callee(&keys[1], keys[0].verifying_key());
    let limits = Limits::default();
    tokio::join!(
        converse(&mut calling, &mut near, node, &limits),
        converse(&mut called, &mut far, hq, &limits)
    )
}

fn keys() -> [SigningKey; 2] {
    [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]))
}

/// A pipe that is cut after so many bytes were written.
struct Cut {
    inner: Option<DuplexStream>,
    left: usize,
}

impl Cut {
    fn inner(&mut self) -> io::Result<Pin<&mut DuplexStream>> {
        self.inner
            .as_mut()
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Cut {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.left == 0 {
            self.inner = None;
        }
        let now = buf.len().min(self.left);
        let polled = self.inner()?.poll_write(cx, &buf[..now]);
        if let Poll::Ready(Ok(bytes)) = polled {
            self.left -= bytes;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner()?.poll_shutdown(cx)
    }
}
