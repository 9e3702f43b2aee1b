//! The grader as partner service: a scripted HTTP server in the role of `screen`, which records everything it is asked.
//!
//! It speaks HTTP by hand, because half of its answers are ones that a proper server refuses to give.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::check::LabError;
use crate::lab::clock::Clock;

/// Requests larger than this are cut off: the partner of a short-link service is sent a link.
const LARGEST_REQUEST: u64 = 1024 * 1024;

/// A running partner. Dropping it closes its port and every connection.
#[derive(Debug)]
pub struct Stub {
    /// Its port on loopback.
    pub port: u16,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// How the partner answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// As `screen` does: `deny` for denied hosts, otherwise `allow`.
    #[default]
    Verdict,
    /// As [`Answer::Verdict`], but not before [`Stub::release`].
    Hold,
    /// An error of this status.
    Status(u16),
    /// As [`Answer::Verdict`], one byte at a time, as fast as the client reads.
    Drip,
    /// A redirect to this address.
    Redirect(String),
    /// Bytes that are not HTTP.
    Garbage,
    /// 200 with a body of this many bytes that is not a verdict.
    Huge(usize),
}

/// A request the partner received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Position among everything observed in this run.
    pub sequence: u64,
    /// The method.
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Call {
    /// The first header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `Null` where it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    script: Mutex<Script>,
    released: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Script {
    answer: Answer,
    denied_hosts: BTreeSet<String>,
    calls: Vec<Call>,
    in_flight: usize,
    peak_in_flight: usize,
}

impl Stub {
    /// Starts a partner on a free port.
    pub async fn start(clock: &Clock) -> Result<Self, LabError> {
        let failed = |error| LabError::new("cannot start the partner service", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let (released, _) = watch::channel(false);
        let shared = Arc::new(Shared { clock: clock.clone(), script: Mutex::default(), released });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, server })
    }

    /// Its address, as `SCREEN_URL` says it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Changes the answer to every later request.
    pub fn answer(&self, answer: Answer) {
        self.shared.script().answer = answer;
    }

    /// Links to `host` are denied from now on.
    pub fn deny(&self, host: &str) {
        self.shared.script().denied_hosts.insert(host.to_owned());
    }

    /// Lets every held request, now and later, be answered.
    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }

    /// Everything it was asked so far.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.script().calls.clone()
    }

    /// The most requests that were being answered at one time.
    pub fn peak_in_flight(&self) -> usize {
        self.shared.script().peak_in_flight
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the call and returns how it is to be answered.
    fn receive(&self, call: Call) -> (Answer, Value) {
        let mut script = self.script();
        let reply = verdict(&call.json(), &script.denied_hosts);
        script.calls.push(call);
        script.in_flight += 1;
        script.peak_in_flight = script.peak_in_flight.max(script.in_flight);
        (script.answer.clone(), reply)
    }
}

/// Counts a request as in flight until its answer is written or its connection is lost.
struct InFlight(Arc<Shared>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.script().in_flight -= 1;
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // The set ends every connection together with the server.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, Arc::clone(&shared)));
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some(call) = read_call(&mut stream, &shared.clock).await {
        let (answer, reply) = shared.receive(call);
        let _in_flight = InFlight(Arc::clone(&shared));
        if write_answer(stream.get_mut(), &answer, &reply, &shared).await.is_none() {
            return;
        }
    }
}

fn verdict(request: &Value, denied: &BTreeSet<String>) -> Value {
    let target = request["target"].as_str().unwrap_or_default();
    let host = target.split_once("://").map_or(target, |(_, rest)| rest).split(['/', ':', '?', '#']).next();
    let deny = host.is_some_and(|host| denied.contains(host));
    json!({ "verdict": if deny { "deny" } else { "allow" }, "reason": if deny { "host" } else { "none" } })
}

async fn read_call(stream: &mut BufReader<TcpStream>, clock: &Clock) -> Option<Call> {
    let request_line = read_line(stream).await?;
    let mut words = request_line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
    }
    let mut call = Call { sequence: clock.tick(), method, path, headers, body: Vec::new() };
    call.body = read_body(stream, &call).await?;
    Some(call)
}

async fn read_body(stream: &mut BufReader<TcpStream>, call: &Call) -> Option<Vec<u8>> {
    if call.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
        return read_chunks(stream).await;
    }
    let length: u64 = call.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    read_exactly(stream, length).await
}

async fn read_chunks(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = read_line(stream).await?;
        let size = u64::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        body.extend(read_exactly(stream, size).await?);
        // The line end after a chunk, or the empty line after the last one (trailers are not expected).
        read_line(stream).await?;
        if size == 0 || body.len() as u64 > LARGEST_REQUEST {
            return Some(body);
        }
    }
}

async fn read_exactly(stream: &mut BufReader<TcpStream>, length: u64) -> Option<Vec<u8>> {
    if length > LARGEST_REQUEST {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    let read = (&mut *stream).take(64 * 1024).read_until(b'\n', &mut line).await.ok()?;
    if read == 0 || line.pop() != Some(b'\n') {
        return None;
    }
    line.pop_if(|byte| *byte == b'\r');
    String::from_utf8(line).ok()
}

/// `None` when the connection is not to be used again.
async fn write_answer(stream: &mut TcpStream, answer: &Answer, reply: &Value, shared: &Shared) -> Option<()> {
    match answer {
        Answer::Verdict => stream.write_all(&response(200, "", &reply.to_string())).await.ok(),
        Answer::Hold => {
            shared.released.subscribe().wait_for(|released| *released).await.ok()?;
            stream.write_all(&response(200, "", &reply.to_string())).await.ok()
        }
        Answer::Status(status) => {
            let body = json!({ "error": "scripted", "message": "the partner was told to answer this" });
            stream.write_all(&response(*status, "", &body.to_string())).await.ok()
        }
        Answer::Drip => {
            for byte in response(200, "", &reply.to_string()) {
                stream.write_all(&[byte]).await.ok()?;
                tokio::task::yield_now().await;
            }
            Some(())
        }
        Answer::Redirect(to) => stream.write_all(&response(307, &format!("location: {to}\r\n"), "")).await.ok(),
        Answer::Garbage => {
            drop(stream.write_all(b"\x00\xffthis is not HTTP\r\n\r\n").await);
            None
        }
        Answer::Huge(bytes) => stream.write_all(&response(200, "", &"x".repeat(*bytes))).await.ok(),
    }
}

fn response(status: u16, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{header}\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
#[path = "stub_tests.rs"]
mod tests;
