//! The grader as partner service: a scripted HTTP server in the role of `screen`, which records everything it is asked.
//!
//! It speaks HTTP by hand, because half of its answers are ones that a proper server refuses to give.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::check::LabError;
use crate::lab::timeline::Timeline;

mod request;

use request::read_call;

/// The path of `screen` that judges a target.
pub const VERDICTS: &str = "/v1/verdicts";
/// The path of `screen` that gives a target a title.
pub const PREVIEWS: &str = "/v1/previews";

/// How much an endless answer says at a time.
const PIECE: usize = 64 * 1024;
/// Characters of an answer that the timeline shows.
const SHOWN: usize = 80;

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
    /// As `screen` does: a title for a preview; for a verdict `deny` for denied hosts, otherwise `allow`.
    #[default]
    Verdict,
    /// As [`Answer::Verdict`], but not before it is released.
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
    /// 200 with these words as they are, said to be JSON.
    Words(String),
    /// 200 and the beginning of a verdict, of which there is ever more: what is sent is counted, and after this many bytes the
    /// partner hangs up.
    Endless(usize),
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
    port: u16,
    timeline: Timeline,
    /// What titles begin with: no service can know it before it has asked.
    title: String,
    script: Mutex<Script>,
    released: watch::Sender<Released>,
    /// How many calls have arrived.
    arrived: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Script {
    answer: Answer,
    held_paths: BTreeSet<String>,
    denied_hosts: BTreeSet<String>,
    calls: Vec<Call>,
    in_flight: usize,
    peak_in_flight: usize,
    /// Bytes of endless answers that were taken.
    taken: usize,
}

/// Which of the held requests may be answered.
#[derive(Debug, Default)]
struct Released {
    everything: bool,
    paths: BTreeSet<String>,
    calls: BTreeSet<u64>,
}

/// As the timeline says it.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict => f.write_str("200"),
            Self::Hold => f.write_str("held"),
            Self::Status(status) => write!(f, "{status}"),
            Self::Drip => f.write_str("200, byte by byte"),
            Self::Redirect(to) => write!(f, "307 to {to}"),
            Self::Garbage => f.write_str("bytes that are not HTTP"),
            Self::Huge(bytes) => write!(f, "200 with {bytes} bytes that are no verdict"),
            Self::Words(words) => write!(f, "200 with {}", words.chars().take(SHOWN).collect::<String>()),
            Self::Endless(_) => f.write_str("200 without an end"),
        }
    }
}

impl Stub {
    /// Starts a partner on a free port; the titles it gives begin with `title`.
    pub async fn start(timeline: &Timeline, title: String) -> Result<Self, LabError> {
        let failed = |error| LabError::new("cannot start the partner service", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let shared = Arc::new(Shared {
            port,
            timeline: timeline.clone(),
            title,
            script: Mutex::default(),
            released: watch::Sender::default(),
            arrived: watch::Sender::default(),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, server })
    }

    /// Its address, as `SCREEN_URL` says it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Changes the answer to every later request.
    pub fn answer(&self, answer: Answer) {
        self.shared.note(&format!("from now on answers {answer}"));
        self.shared.script().answer = answer;
    }

    /// Later requests of this path are held until they are released.
    pub fn hold(&self, path: &str) {
        self.shared.note(&format!("from now on holds {path}"));
        self.shared.script().held_paths.insert(path.to_owned());
        self.shared.released.send_modify(|released| {
            released.paths.remove(path);
        });
    }

    /// Links to `host` are denied from now on.
    pub fn deny(&self, host: &str) {
        self.shared.note(&format!("from now on denies {host}"));
        self.shared.script().denied_hosts.insert(host.to_owned());
    }

    /// Lets every held request, now and later, be answered.
    pub fn release(&self) {
        self.shared.note("lets go of what it holds");
        self.shared.released.send_modify(|released| released.everything = true);
    }

    /// Lets every held request of this path, now and until it is held again, be answered.
    pub fn release_path(&self, path: &str) {
        self.shared.note(&format!("lets go of {path}"));
        self.shared.released.send_modify(|released| {
            released.paths.insert(path.to_owned());
        });
    }

    /// Lets one held request be answered, by its [`Call::sequence`].
    pub fn release_call(&self, sequence: u64) {
        self.shared.released.send_modify(|released| {
            released.calls.insert(sequence);
        });
    }

    /// Returns when `count` requests of this path have arrived since the partner started, with all of them.
    pub async fn received(&self, path: &str, count: usize) -> Vec<Call> {
        let mut arrived = self.shared.arrived.subscribe();
        loop {
            arrived.borrow_and_update();
            let calls = self.calls_of(path);
            if calls.len() >= count {
                return calls;
            }
            // The sender lives in `self`, so waiting can only end with a call.
            drop(arrived.changed().await);
        }
    }

    /// Everything it was asked so far.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.script().calls.clone()
    }

    /// What it was asked of this path so far.
    pub fn calls_of(&self, path: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.path == path).collect()
    }

    /// The title that it gives to a target.
    pub fn title_of(&self, target: &str) -> String {
        title_of(&self.shared.title, target)
    }

    /// How many bytes of its endless answers were taken from it so far.
    pub fn taken(&self) -> usize {
        self.shared.script().taken
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
    fn note(&self, what: &str) {
        self.timeline.note("screen", format!(":{} {what}", self.port));
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the call and returns how it is to be answered.
    fn receive(&self, call: &Call) -> (Answer, Value) {
        let mut script = self.script();
        let reply = match call.path.as_str() {
            PREVIEWS => json!({ "title": title_of(&self.title, target(&call.json())) }),
            _ => verdict(&call.json(), &script.denied_hosts),
        };
        let held = script.held_paths.contains(&call.path);
        let answer = if held { Answer::Hold } else { script.answer.clone() };
        let verdict = reply["verdict"].as_str().filter(|_| answer == Answer::Verdict).unwrap_or_default();
        let what = format!(":{} {} {} -> {answer} {verdict}", self.port, call.method, call.path);
        self.timeline.note_at(call.sequence, "screen", what.trim_end());
        script.calls.push(call.clone());
        script.in_flight += 1;
        script.peak_in_flight = script.peak_in_flight.max(script.in_flight);
        drop(script);
        self.arrived.send_modify(|arrived| *arrived += 1);
        (answer, reply)
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
    while let Some(call) = read_call(&mut stream, shared.timeline.clock()).await {
        let (answer, reply) = shared.receive(&call);
        let _in_flight = InFlight(Arc::clone(&shared));
        if write_answer(stream.get_mut(), &answer, &reply, &call, &shared).await.is_none() {
            return;
        }
    }
}

fn target(request: &Value) -> &str {
    request["target"].as_str().unwrap_or_default()
}

fn title_of(word: &str, target: &str) -> String {
    format!("{word}: {}", target.split_once("://").map_or(target, |(_, rest)| rest))
}

fn verdict(request: &Value, denied: &BTreeSet<String>) -> Value {
    let target = target(request);
    let host = target.split_once("://").map_or(target, |(_, rest)| rest).split(['/', ':', '?', '#']).next();
    let deny = host.is_some_and(|host| denied.contains(host));
    json!({ "verdict": if deny { "deny" } else { "allow" }, "reason": if deny { "host" } else { "none" } })
}

/// `None` when the connection is not to be used again.
async fn write_answer(
    stream: &mut TcpStream,
    answer: &Answer,
    reply: &Value,
    call: &Call,
    shared: &Shared,
) -> Option<()> {
    match answer {
        Answer::Verdict => stream.write_all(&response(200, "", &reply.to_string())).await.ok(),
        Answer::Hold => {
            let is_free = |released: &Released| {
                released.everything || released.paths.contains(&call.path) || released.calls.contains(&call.sequence)
            };
            shared.released.subscribe().wait_for(is_free).await.ok()?;
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
        Answer::Words(words) => stream.write_all(&response(200, "", words)).await.ok(),
        Answer::Endless(limit) => endless(stream, *limit, shared).await,
        Answer::Huge(bytes) => stream.write_all(&response(200, "", &"x".repeat(*bytes))).await.ok(),
    }
}

/// Chunks without an end. `None`, since what comes of it is no whole answer.
async fn endless(stream: &mut TcpStream, limit: usize, shared: &Shared) -> Option<()> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.ok()?;
    let beginning = r#"{"verdict":"allow","title":"t","reason":""#;
    stream.write_all(format!("{:x}\r\n{beginning}\r\n", beginning.len()).as_bytes()).await.ok()?;
    let piece = format!("{:x}\r\n{}\r\n", PIECE, "x".repeat(PIECE));
    for _ in 0..limit.div_ceil(PIECE) {
        stream.write_all(piece.as_bytes()).await.ok()?;
        shared.script().taken += PIECE;
    }
    None
}

fn response(status: u16, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{header}\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests;
