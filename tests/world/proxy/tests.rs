use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const QUIET: Duration = Duration::from_millis(300);

/// Answers every byte with the same byte.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await.ok();
            });
        }
    });
    address
}

async fn link(shape: Shape) -> (Link, TcpStream) {
    let link = Link::open(echo().await, shape, 1).await.unwrap();
    let stream = TcpStream::connect(link.address()).await.unwrap();
    (link, stream)
}

async fn ask(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    let mut answer = vec![0; bytes.len()];
    stream.read_exact(&mut answer).await?;
    assert_eq!(answer, bytes);
    Ok(())
}

#[tokio::test]
async fn what_goes_in_comes_out_and_both_directions_are_counted() {
    let (link, mut stream) = link(Shape::LAN).await;
    ask(&mut stream, &[7; 100_000]).await.unwrap();
    let counted = link.counted();
    assert_eq!(
        (counted.up_bytes, counted.down_bytes, counted.connections),
        (100_000, 100_000, 1)
    );
}

#[tokio::test]
async fn an_exchange_takes_as_many_round_trips_as_it_has_questions() {
    let (link, mut stream) = link(Shape {
        one_way: Duration::from_millis(20),
        ..Shape::LAN
    })
    .await;
    for _ in 0..3 {
        ask(&mut stream, b"there and back").await.unwrap();
    }
    assert_eq!(link.counted().round_trips(), 3);
    link.count_anew();
    assert_eq!(link.counted(), Counted::default());
}

#[tokio::test]
async fn delay_and_rate_are_kept() {
    let shape = Shape {
        one_way: Duration::from_millis(100),
        bits_per_s: Some(800_000),
        ..Shape::LAN
    };
    let (_link, mut stream) = link(shape).await;
    let began = Instant::now();
    // 20 kB at 100 kB/s in each direction, overlapping, and 100 ms each way.
    ask(&mut stream, &[1; 20_000]).await.unwrap();
    let took = began.elapsed();
    assert!(
        (Duration::from_millis(400)..Duration::from_millis(1_500)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_cut_ends_what_is_open_and_lets_nothing_new_in_until_it_is_mended() {
    let (link, mut stream) = link(Shape::LAN).await;
    ask(&mut stream, b"before").await.unwrap();
    link.cut();
    assert!(ask(&mut stream, b"during").await.is_err());
    let mut next = TcpStream::connect(link.address()).await.unwrap();
    assert!(ask(&mut next, b"still").await.is_err());
    link.mend();
    let mut next = TcpStream::connect(link.address()).await.unwrap();
    ask(&mut next, b"after").await.unwrap();
}

#[tokio::test]
async fn a_stalled_link_is_silent_and_goes_on_where_it_stopped() {
    let (link, mut stream) = link(Shape::LAN).await;
    ask(&mut stream, b"before").await.unwrap();
    link.stall();
    assert!(
        tokio::time::timeout(QUIET, ask(&mut stream, b"late"))
            .await
            .is_err()
    );
    link.mend();
    let mut late = [0; 4];
    stream.read_exact(&mut late).await.unwrap();
    assert_eq!(&late, b"late");
}

#[tokio::test]
async fn a_break_falls_on_the_byte_and_happens_once() {
    for bytes in [1, 5_000] {
        let (link, mut stream) = link(Shape::LAN).await;
        link.break_after(bytes);
        assert!(ask(&mut stream, &[1; 10_000]).await.is_err());
        let mut next = TcpStream::connect(link.address()).await.unwrap();
        ask(&mut next, &[2; 10_000]).await.unwrap();
    }
}

#[tokio::test]
async fn windows_open_and_shut_by_themselves() {
    let (link, mut stream) = link(Shape::LAN).await;
    link.windows(QUIET, QUIET);
    ask(&mut stream, b"open").await.unwrap();
    tokio::time::sleep(QUIET + QUIET / 2).await;
    assert!(!link.is_up());
    tokio::time::sleep(QUIET).await;
    assert!(link.is_up());
}

#[tokio::test]
async fn lost_segments_come_late_but_in_order() {
    let (_link, mut stream) = link(Shape {
        loss_permille: 100,
        ..Shape::LAN
    })
    .await;
    let sent: Vec<u8> = (0..40_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    ask(&mut stream, &sent).await.unwrap();
}
