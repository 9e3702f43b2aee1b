//! A client that says exactly what a test wants it to say, and reads an answer while it is still coming.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An answer that takes longer hangs.
const HANG: Duration = Duration::from_secs(60);

/// An answer whose head has come.
pub struct Answer {
    /// The status code.
    pub status: u16,
    head: Vec<(String, String)>,
    body: BufReader<TcpStream>,
}

/// One request. In HTTP/1.0, where an answer simply ends with the connection.
pub fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(HANG))?;
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes())?;
    // A server that has seen enough may answer before it has read everything.
    let _ = stream.write_all(body);
    let mut body = BufReader::new(stream);
    let status = line(&mut body)?;
    let status = status.get(9..12).and_then(|code| code.parse().ok()).ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut head = Vec::new();
    loop {
        let line = line(&mut body)?;
        let Some((name, value)) = line.split_once(": ") else { break };
        head.push((name.to_owned(), value.to_owned()));
    }
    Ok(Answer { status, head, body })
}

impl Answer {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every value of a header.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
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

    /// The data of the next server-sent event; `None` at the end.
    pub fn next_event(&mut self) -> Option<Value> {
        loop {
            let line = line(&mut self.body).ok()?;
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    /// The first event that this is seen in.
    pub fn event_with(&mut self, seen: impl Fn(&str) -> bool) -> Value {
        loop {
            let event = self.next_event().expect("the stream goes on");
            if seen(&event.to_string()) {
                return event;
            }
        }
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
