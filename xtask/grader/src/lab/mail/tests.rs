//! The mail server, spoken to by hand.

use super::*;

async fn server() -> (Arc<Shared>, TcpStream, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("is bound");
    let shared = Arc::new(Shared {
        clock: Clock::start(),
        user: "ann".to_owned(),
        password: "p@ss".to_owned(),
        letters: Mutex::default(),
        arrived: watch::Sender::default(),
        held: watch::Sender::default(),
    });
    let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
    (shared, TcpStream::connect(address).await.expect("it listens"), server)
}

/// Says each line and returns the codes of the answers, the greeting's first.
async fn codes(stream: TcpStream, said: &[&str]) -> Vec<String> {
    let mut stream = BufReader::new(stream);
    let mut codes = Vec::new();
    for said in std::iter::once(&"").chain(said) {
        stream.get_mut().write_all(said.as_bytes()).await.expect("is open");
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("is answered");
        codes.push(line.chars().take(3).collect());
    }
    codes
}

const LETTER: &str = "From: a@x.example\r\nTo: b@y.example\r\n\r\n..hello\r\n.\r\n";

#[tokio::test]
async fn both_ways_to_say_who_one_is_are_understood_and_letters_recorded() {
    // "\0ann\0p@ss", and the two words alone.
    for who in [&["AUTH PLAIN AGFubgBwQHNz\r\n"][..], &["AUTH LOGIN\r\n", "YW5u\r\n", "cEBzcw==\r\n"]] {
        let (shared, stream, _server) = server().await;
        let rest = ["MAIL FROM:<a@x.example>\r\n", "RCPT TO:<b@y.example>\r\n", "DATA\r\n", LETTER, "QUIT\r\n"];
        let codes = codes(stream, &[who, &rest].concat()).await;
        assert_eq!(codes[codes.len() - 5..], ["250", "250", "354", "250", "221"]);
        let letters = shared.letters().clone();
        assert_eq!(
            (letters[0].from.as_str(), letters[0].to.as_slice()),
            ("a@x.example", &["b@y.example".to_owned()][..])
        );
        assert_eq!((letters[0].user.as_str(), letters[0].body.as_str()), ("ann", ".hello\n"));
    }
}

#[tokio::test]
async fn nobody_hands_in_a_letter_without_the_password() {
    let (shared, stream, _server) = server().await;
    // "\0ann\0wrong"
    let said = ["AUTH PLAIN AGFubgB3cm9uZw==\r\n", "MAIL FROM:<a@x.example>\r\n", "DATA\r\n"];
    assert_eq!(codes(stream, &said).await, ["220", "535", "530", "503"]);
    assert!(shared.letters().is_empty());
}

#[tokio::test]
async fn a_held_letter_has_arrived_and_is_not_acknowledged() {
    let (shared, stream, _server) = server().await;
    shared.held.send_replace(true);
    let said = ["AUTH PLAIN AGFubgBwQHNz\r\n", "MAIL FROM:<a@x.example>\r\n", "RCPT TO:<b@y.example>\r\n", "DATA\r\n"];
    let said = [&said[..], &[LETTER]].concat();
    let client = tokio::spawn(async move { codes(stream, &said).await });
    shared.arrived.subscribe().wait_for(|arrived| *arrived == 1).await.expect("a letter comes");
    assert!(!client.is_finished());
    shared.held.send_replace(false);
    assert_eq!(client.await.expect("ends").last().map(String::as_str), Some("250"));
}
