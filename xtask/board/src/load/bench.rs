//! Measures a board of its own: how long until a report is on the disk and on the screen, how many a second, how much memory.
//!
//! Board and load share the machine, so both disturb each other; the figures are those of a bad case.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use grader::outcome::ExitCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use super::client::{Connection, Failed, Stream};
use super::rehearsal::id;
use crate::hub::now;
use crate::keys;
use crate::options::Options;

const POSTERS: usize = 300;
const WATCHERS: usize = 500;
const INSTRUCTORS: usize = 5;
const MANY_WATCHERS: usize = 2000;
const CONNECTIONS: usize = 64;
const LASTS: Duration = Duration::from_secs(20);

/// Measures and says what it found.
pub async fn run(options: &Options) -> Result<ExitCode, Box<dyn std::error::Error>> {
    super::as_many_connections_as_allowed()?;
    let board = Board::start(options)?;
    let bench = Arc::new(Bench {
        address: board.address,
        sent: Mutex::default(),
        acknowledged: AtomicUsize::new(0),
        seen: Mutex::default(),
    });
    let room = Room::open(&bench, &board.secret).await.map_err(said)?;
    say(&format!("{POSTERS} attendees report once a second, {WATCHERS} pages follow, {} s", LASTS.as_secs()))?;
    let watching = room.watch(&bench, WATCHERS).await.map_err(said)?;
    let (posts, screens) = steady(&bench, &room, watching).await.map_err(said)?;
    say(&format!("  from a report to its acknowledgement: {}", quantiles(posts)))?;
    say(&format!("  from a report to the instructor's screen: {}", quantiles(screens)))?;
    say(&format!("  the board's memory: {} MiB", board.memory()))?;
    for together in [1, 50] {
        let rate = flat_out(&bench, &room, together).await.map_err(said)?;
        say(&format!(
            "{CONNECTIONS} connections without a pause, {together} per body: {rate:.0} durable events a second"
        ))?;
    }
    let before = board.memory();
    let many = room.watch(&bench, MANY_WATCHERS).await.map_err(said)?;
    steady(&bench, &room, many).await.map_err(said)?;
    say(&format!("{MANY_WATCHERS} pages follow: {} MiB ({before} before)", board.memory()))?;
    let (acknowledged, stored) = (bench.acknowledged.load(Ordering::Relaxed), room.stored(&bench).await.map_err(said)?);
    say(&format!("acknowledged {acknowledged}, stored {stored}, lost {}", acknowledged.saturating_sub(stored)))?;
    Ok(if stored >= acknowledged { ExitCode::Passed } else { ExitCode::Failed })
}

fn said(failed: Failed) -> Box<dyn std::error::Error> {
    failed
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// A board in a process of its own, so that its memory is its own.
struct Board {
    child: Child,
    address: SocketAddr,
    secret: String,
    home: std::path::PathBuf,
}

impl Board {
    fn start(options: &Options) -> Result<Self, Box<dyn std::error::Error>> {
        let home = options.home.join("bench");
        // What an earlier one left would be measured too.
        drop(std::fs::remove_dir_all(&home));
        let secret = keys::secret()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--port", "0", "--while-stdin-is-open", "--home"]).arg(&home);
        command.env("BOARD_SECRET", &secret).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let said: Value = serde_json::from_str(&line).ok()?;
            said["address"].as_str()?.parse().ok()
        });
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self { child, address: address.ok_or("the board does not listen")?, secret, home })
    }

    /// In MiB; 0 where the system does not tell.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or_default() / 1024
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.home));
    }
}

/// What all tasks share.
struct Bench {
    address: SocketAddr,
    /// When each reason code that is yet to be seen was sent.
    sent: Mutex<HashMap<String, Instant>>,
    acknowledged: AtomicUsize,
    /// How long reports took to the screen.
    seen: Mutex<Vec<Duration>>,
}

/// Those who take part.
struct Room {
    tokens: Vec<String>,
    instructor: String,
    attendee: String,
}

/// Pages that follow the room.
struct Watching {
    tasks: JoinSet<()>,
}

impl Room {
    async fn open(bench: &Bench, secret: &str) -> Result<Self, Failed> {
        let mut connection = Connection::open(bench.address).await?;
        let instructor = connection.sign_in("/instructor", secret).await?;
        let page = connection.page("/room", &instructor).await?;
        let (_, rest) = page.split_once("/join/").ok_or("no invitation")?;
        let code: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let mut tokens = Vec::new();
        for n in 0..POSTERS {
            tokens.push(connection.join(&code, &format!("p{n}")).await?);
        }
        let (_, ticket) = connection.post("/api/v1/ticket", &tokens[0], &Value::Null).await?;
        let attendee = connection.sign_in("/me/sign-in", ticket["ticket"].as_str().unwrap_or_default()).await?;
        Ok(Self { tokens, instructor, attendee })
    }

    /// Mostly attendees' pages, and some that show the whole room.
    async fn watch(&self, bench: &Arc<Bench>, pages: usize) -> Result<Watching, Failed> {
        let mut tasks = JoinSet::new();
        for n in 0..pages {
            let (path, cookie) =
                if n < INSTRUCTORS { ("/stream/room", &self.instructor) } else { ("/stream/me", &self.attendee) };
            let stream = Connection::open(bench.address).await?.follow(path, cookie).await?;
            let bench = (n == 0).then(|| Arc::clone(bench));
            tasks.spawn(follow(stream, bench));
        }
        Ok(Watching { tasks })
    }

    /// How many events the board says it has stored.
    async fn stored(&self, bench: &Bench) -> Result<usize, Failed> {
        let metrics = Connection::open(bench.address).await?.page("/metrics", "").await?;
        let line = metrics.lines().find(|line| line.starts_with("board_events_stored_total ")).ok_or("no metrics")?;
        Ok(line.rsplit(' ').next().unwrap_or_default().parse()?)
    }
}

/// Reads all that comes. One page looks for reports in it, and how old they are.
async fn follow(mut stream: Stream, bench: Option<Arc<Bench>>) {
    while let Some(event) = stream.next().await {
        let Some(bench) = &bench else { continue };
        let came = Instant::now();
        let words = String::from_utf8_lossy(&event);
        let mut sent = bench.sent.lock().unwrap_or_else(PoisonError::into_inner);
        for part in words.split("probe-").skip(1) {
            let reason: String = part.chars().take_while(char::is_ascii_digit).collect();
            let mut seen = bench.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.extend(sent.remove(&reason).map(|sent| came - sent));
        }
    }
}

/// Everybody reports once a second; how long both ways took.
async fn steady(bench: &Arc<Bench>, room: &Room, watching: Watching) -> Result<(Vec<Duration>, Vec<Duration>), Failed> {
    let mut posters = JoinSet::new();
    for token in room.tokens.clone() {
        posters.spawn(poster(Arc::clone(bench), token));
    }
    let mut took = Vec::new();
    while let Some(posted) = posters.join_next().await {
        took.extend(posted??);
    }
    // The last ones have yet to reach the screen.
    sleep(Duration::from_secs(2)).await;
    let mut tasks = watching.tasks;
    tasks.shutdown().await;
    Ok((took, std::mem::take(&mut bench.seen.lock().unwrap_or_else(PoisonError::into_inner))))
}

async fn poster(bench: Arc<Bench>, token: String) -> Result<Vec<Duration>, Failed> {
    sleep(Duration::from_millis(fastrand::u64(0..1000))).await;
    let mut connection = Connection::open(bench.address).await?;
    let mut ticks = interval(Duration::from_secs(1));
    let mut took = Vec::new();
    for _ in 0..LASTS.as_secs() {
        ticks.tick().await;
        let event = event();
        let reason = event["checks"][0]["reason"].as_str().unwrap_or_default().trim_start_matches("probe-").to_owned();
        let began = Instant::now();
        bench.sent.lock().unwrap_or_else(PoisonError::into_inner).insert(reason, began);
        let status = connection.report(&token, &[event]).await?;
        took.push(began.elapsed());
        if status != 201 {
            return Err(format!("a report was answered with HTTP {status}").into());
        }
        bench.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    Ok(took)
}

/// As fast as it goes, over all attendees in turn, since each has a limit of its own.
async fn flat_out(bench: &Arc<Bench>, room: &Room, together: usize) -> Result<f64, Failed> {
    let (began, mut tasks) = (Instant::now(), JoinSet::new());
    for part in 0..CONNECTIONS {
        let tokens: Vec<String> = room.tokens.iter().skip(part).step_by(CONNECTIONS).cloned().collect();
        tasks.spawn(press(Arc::clone(bench), tokens, together, began));
    }
    let mut stored = 0;
    while let Some(pressed) = tasks.join_next().await {
        stored += pressed??;
    }
    Ok(stored as f64 / began.elapsed().as_secs_f64())
}

async fn press(bench: Arc<Bench>, tokens: Vec<String>, together: usize, began: Instant) -> Result<usize, Failed> {
    let mut connection = Connection::open(bench.address).await?;
    let mut stored = 0;
    for token in tokens.iter().cycle() {
        if began.elapsed() > LASTS / 2 {
            break;
        }
        let events: Vec<Value> = (0..together).map(|_| event()).collect();
        if connection.report(token, &events).await? == 201 {
            stored += together;
        }
    }
    bench.acknowledged.fetch_add(stored, Ordering::Relaxed);
    Ok(stored)
}

/// A report whose reason code is like no other.
fn event() -> Value {
    static SEQ: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    let seq = SEQ.fetch_add(1, Ordering::Relaxed);
    let checks = [json!({ "check": "measured", "verdict": "FAIL", "reason": format!("probe-{seq}") })];
    json!({ "id": id(), "seq": seq, "at": now(), "kind": "graded", "factor": 3, "standing": "failed", "whole": true,
            "core_passed": false, "checks": checks })
}

fn quantiles(mut took: Vec<Duration>) -> String {
    took.sort();
    let at = |part: f64| took.get(((took.len() as f64 * part) as usize).min(took.len().saturating_sub(1)));
    let shown = |part| at(part).map_or_else(|| "-".to_owned(), |took| format!("{} ms", took.as_millis()));
    format!("p50 {}, p99 {}, most {} ({} measured)", shown(0.5), shown(0.99), shown(1.0), took.len())
}
