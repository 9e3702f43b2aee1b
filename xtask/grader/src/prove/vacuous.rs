//! Three services that do nothing. A check that one of them passes checks nothing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

/// `null` answers 200 `{}` to everything, `absent` ends at once, `frozen` accepts connections and never answers.
pub const KINDS: [&str; 3] = ["null", "absent", "frozen"];

/// Runs one of them on `PORT`; `flood` writes a gigabyte to its standard output and ends, to measure the grader.
pub fn main(kind: &str) -> ExitCode {
    if kind == "flood" {
        return flood();
    }
    let port = std::env::var("PORT").ok().and_then(|port| port.parse::<u16>().ok()).unwrap_or_default();
    let listener = match kind {
        "null" | "frozen" => TcpListener::bind(("127.0.0.1", port)),
        _ => return ExitCode::SUCCESS,
    };
    let Ok(listener) = listener else { return ExitCode::FAILURE };
    let mut kept = Vec::new();
    for stream in listener.incoming().flatten() {
        if kind == "null" {
            thread::spawn(move || answer(stream));
        } else {
            kept.push(stream);
        }
    }
    ExitCode::SUCCESS
}

fn flood() -> ExitCode {
    let lines = [b'x'; 1024 * 1024];
    let mut out = std::io::stdout().lock();
    let written = (0..1024).try_for_each(|_| out.write_all(&lines));
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn answer(mut stream: TcpStream) {
    let mut request = [0; 16 * 1024];
    while let Ok(1..) = stream.read(&mut request) {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}
