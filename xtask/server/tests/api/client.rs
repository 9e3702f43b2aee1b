//! A client that says exactly what a test wants it to say, and reads an answer while it is still coming.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An answer that takes longer hangs.
const HANG: Duration = Duration::from_secs(30);

/// What a page of the server itself says of its requests.
pub const OUR_PAGE: (&str, &str) = ("Sec-Fetch-Site", "same-origin");

/// An answer whose head has come.
pub struct Answer {
    /// The status code.
    pub status: u16,
    head: Vec<(String, String)>,
    body: BufReader<TcpStream>,
}

/// One server-sent event.
#[derive(Debug, PartialEq)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// Its name; empty for a message.
    pub name: String,
    /// Its data.
    pub data: Value,
}

/// Asks the server at `port` by its usual name.
pub fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let host = format!("localhost:{port}");
    ask_as(port, method, path, &[&[("Host", host.as_str())], headers].concat())
}

/// Asks with these headers alone. In HTTP/1.0, where an answer simply ends with the connection.
pub fn ask_as(port: u16, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    stream.write_all(format!("{method} {path} HTTP/1.0\r\n{headers}\r\n").as_bytes()).unwrap();
    let mut body = BufReader::new(stream);
    let status = line(&mut body).unwrap();
    let head = std::iter::from_fn(|| line(&mut body).filter(|line| !line.is_empty()));
    let head = head.map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap());
    Answer { status: status[9..12].parse().unwrap(), head: head.collect(), body }
}

impl Answer {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The whole body.
    pub fn words(mut self) -> String {
        let mut words = String::new();
        self.body.read_to_string(&mut words).unwrap();
        words
    }

    /// The whole body, as JSON.
    pub fn json(self) -> Value {
        serde_json::from_str(&self.words()).unwrap()
    }

    /// The next server-sent event; `None` at the end.
    pub fn next_event(&mut self) -> Option<Sent> {
        let mut sent = Sent { id: String::new(), name: String::new(), data: Value::Null };
        loop {
            let line = line(&mut self.body)?;
            match line.split_once(": ") {
                Some(("id", id)) => sent.id = id.to_owned(),
                Some(("event", name)) => sent.name = name.to_owned(),
                Some(("data", data)) => sent.data = serde_json::from_str(data).unwrap(),
                _ if line.is_empty() && !sent.data.is_null() => return Some(sent),
                _ => {}
            }
        }
    }

    /// All events that are still to come.
    pub fn events(mut self) -> Vec<Sent> {
        std::iter::from_fn(|| self.next_event()).collect()
    }
}

fn line(stream: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).unwrap() > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
