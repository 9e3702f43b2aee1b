//! The proxy between a client and an echo server.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::listening::reserve_when_free;
use super::*;
use crate::lab::chance::Chance;
use crate::lab::clock::Clock;
use crate::lab::ports::Ports;

/// A server that answers every byte with itself; it ends with the test's runtime.
async fn echo() -> Upstream {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("is bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                drop(tokio::io::copy(&mut read, &mut write).await);
            });
        }
    });
    ("127.0.0.1".to_owned(), port)
}

async fn proxy(wire: Wire) -> Proxy {
    let port = Ports.lease(&Chance::new(fastrand::u64(..), "proxy")).expect("a port is free");
    Proxy::start(port, echo().await, wire, Timeline::new(&Clock::start())).expect("the port is ours")
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(("127.0.0.1", proxy.port())).await.expect("it listens")
}

/// It listens again when its task has run.
async fn connected_at_last(proxy: &Proxy) -> TcpStream {
    loop {
        match TcpStream::connect(("127.0.0.1", proxy.port())).await {
            Ok(stream) => return stream,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn ask(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(bytes).await?;
    let mut answer = vec![0; bytes.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// Whether the stream has nothing to say for as long as the proxy is not thawed: the answer comes right after.
async fn answers_only_after(stream: &mut TcpStream, thaw: impl FnOnce()) -> Vec<u8> {
    let mut answer = [0; 16];
    let mut thaw = Some(thaw);
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    assert!(stream.try_read(&mut answer).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock));
    thaw.take().expect("is called once")();
    let read = stream.read(&mut answer).await.expect("is forwarded");
    answer[..read].to_vec()
}

#[tokio::test]
async fn it_passes_and_counts() {
    let proxy = proxy(Wire::Opaque).await;
    let mut stream = connect(&proxy).await;
    assert_eq!(ask(&mut stream, b"hello").await.expect("passes"), b"hello");
    let counters = proxy.counters();
    assert_eq!((counters.connects, counters.open, counters.bytes_up, counters.bytes_down), (1, 1, 5, 5));
    drop(stream);
    while proxy.counters().open > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(proxy.counters().peak_open, 1);
}

#[tokio::test]
async fn a_frozen_proxy_forwards_nothing_and_loses_nothing() {
    let proxy = proxy(Wire::Opaque).await;
    let mut stream = connect(&proxy).await;
    ask(&mut stream, b"a").await.expect("passes");
    proxy.set(Mode::Freeze);
    stream.write_all(b"b").await.expect("is open");
    assert_eq!(answers_only_after(&mut stream, || proxy.thaw()).await, b"b");
}

#[tokio::test]
async fn a_refusing_proxy_resets_and_listens_again_on_the_same_port() {
    let proxy = proxy(Wire::Opaque).await;
    let mut stream = connect(&proxy).await;
    ask(&mut stream, b"a").await.expect("passes");
    proxy.set(Mode::Refuse);
    assert!(ask(&mut stream, b"b").await.is_err());
    while TcpStream::connect(("127.0.0.1", proxy.port())).await.is_ok() {
        tokio::task::yield_now().await;
    }
    proxy.set(Mode::Pass);
    assert_eq!(ask(&mut connected_at_last(&proxy).await, b"c").await.expect("passes"), b"c");
}

/// The runtime of this test has one thread: nothing of the proxy runs between two calls that do not wait.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_proxy_refuses_from_the_moment_it_is_told_to() {
    let proxy = proxy(Wire::Opaque).await;
    proxy.also_at(Ipv4Addr::new(127, 0, 0, 2).into()).expect("is this machine's");
    proxy.set(Mode::Refuse);
    for address in [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2)] {
        assert!(std::net::TcpStream::connect((address, proxy.port())).is_err(), "{address}");
    }
    proxy.set(Mode::Pass);
    proxy.set(Mode::Refuse);
    tokio::task::yield_now().await;
    assert!(std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).is_err());
    proxy.set(Mode::Pass);
    assert_eq!(ask(&mut connected_at_last(&proxy).await, b"a").await.expect("passes"), b"a");
    // Whoever changes their mind at once has a proxy that listens, too.
    proxy.set(Mode::Refuse);
    proxy.set(Mode::Pass);
    assert_eq!(ask(&mut connected_at_last(&proxy).await, b"b").await.expect("passes"), b"b");
}

#[tokio::test]
async fn a_blackhole_accepts_and_asks_nobody() {
    let proxy = proxy(Wire::Opaque).await;
    proxy.set(Mode::Blackhole);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"a").await.expect("is read");
    while proxy.counters().connects == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!((proxy.counters().bytes_up, proxy.counters().bytes_down), (0, 0));
    // It ends only when somebody cuts it.
    proxy.cut();
    assert!(matches!(stream.read(&mut [0]).await, Err(_) | Ok(0)));
}

#[tokio::test]
async fn a_retargeted_proxy_sends_new_connections_elsewhere() {
    let proxy = proxy(Wire::Opaque).await;
    let mut old = connect(&proxy).await;
    ask(&mut old, b"a").await.expect("passes");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("is bound").port();
    proxy.retarget(("127.0.0.1".to_owned(), port));
    let _new = connect(&proxy).await;
    drop(listener.accept().await.expect("the other server is connected"));
    assert_eq!(ask(&mut old, b"b").await.expect("stays where it was"), b"b");
}

#[tokio::test]
async fn it_freezes_right_behind_the_answer_that_was_asked_for() {
    const READY: [u8; 6] = [b'Z', 0, 0, 0, 5, b'I'];
    let proxy = proxy(Wire::Postgres).await;
    let mut stream = connect(&proxy).await;
    proxy.freeze_after_replies(2);
    // The echo answers three at once; only two come through.
    stream.write_all(&READY.repeat(3)).await.expect("is open");
    let mut two = [0; 12];
    stream.read_exact(&mut two).await.expect("two answers come");
    proxy.frozen().await;
    assert_eq!(proxy.counters().replies, 2);
    assert_eq!(answers_only_after(&mut stream, || proxy.thaw()).await, READY);
    assert_eq!(proxy.counters().replies, 3);
}

#[tokio::test]
async fn a_question_that_is_withheld_is_counted() {
    let proxy = proxy(Wire::Opaque).await;
    let mut stream = connect(&proxy).await;
    ask(&mut stream, b"a").await.expect("passes");
    assert_eq!(proxy.counters().withheld, 0);
    proxy.set(Mode::Freeze);
    stream.write_all(b"b").await.expect("is accepted");
    while proxy.counters().withheld == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(answers_only_after(&mut stream, || proxy.set(Mode::Pass)).await, b"b");
}

#[tokio::test]
async fn it_listens_at_several_addresses_and_is_disturbed_at_all_of_them() {
    let proxy = proxy(Wire::Opaque).await;
    let second = IpAddr::from([127, 0, 0, 2]);
    if proxy.also_at(second).is_err() {
        return; // A system with one loopback address.
    }
    let mut stream = TcpStream::connect((second, proxy.port())).await.expect("it listens");
    assert_eq!(ask(&mut stream, b"hello").await.expect("passes"), b"hello");
    proxy.set(Mode::Refuse);
    assert!(matches!(stream.read(&mut [0]).await, Err(_) | Ok(0)));
    while TcpStream::connect((second, proxy.port())).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn it_can_refuse_again_and_again() {
    let proxy = proxy(Wire::Opaque).await;
    for round in 0..200 {
        let mut stream = connect(&proxy).await;
        ask(&mut stream, b"a").await.expect("passes");
        proxy.set(Mode::Refuse);
        while TcpStream::connect(("127.0.0.1", proxy.port())).await.is_ok() || proxy.counters().open > 0 {
            tokio::task::yield_now().await;
        }
        proxy.set(Mode::Pass);
        let mut tries = 0;
        while TcpStream::connect(("127.0.0.1", proxy.port())).await.is_err() {
            tries += 1;
            assert!(tries < 100_000, "round {round}");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_copy_of_the_listener_in_another_process_only_delays_it() {
    let copy = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = copy.local_addr().expect("is bound");
    let reserved = tokio::spawn(reserve_when_free(address));
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    assert!(!reserved.is_finished());
    drop(copy);
    assert!(reserved.await.expect("ends").is_ok());
}

#[tokio::test]
async fn what_is_done_to_it_is_in_the_timeline() {
    let proxy = proxy(Wire::Opaque).await;
    proxy.set(Mode::Refuse);
    proxy.set(Mode::Refuse);
    proxy.thaw();
    let said: Vec<_> = proxy.shared.timeline.moments().into_iter().map(|moment| moment.what).collect();
    let name = format!("the server :{}", proxy.port());
    assert_eq!(said, [format!("{name} refuses connections"), format!("{name} passes again")]);
}
