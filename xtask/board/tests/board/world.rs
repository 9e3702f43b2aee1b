//! One board and those who talk to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::client::{Answer, ask};
use crate::database::Database;

/// What takes longer hangs.
const HANG: Duration = Duration::from_secs(60);

/// Between two looks at something that is about to happen.
const LOOK: Duration = Duration::from_millis(10);

/// The instructor's secret in these tests.
pub const SECRET: &str = "a secret of the tests alone";

/// A board, which ends with this value.
pub struct Board {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

/// Somebody who has joined.
#[derive(Clone, Debug)]
pub struct Attendee {
    /// What the board calls it.
    pub id: String,
    /// Its token.
    pub token: String,
}

/// Waits until this is seen.
#[track_caller]
pub fn until(seen: impl Fn() -> bool) {
    let end = Instant::now() + HANG;
    while !seen() {
        assert!(Instant::now() < end, "it never happened");
        thread::sleep(LOOK);
    }
}

impl Board {
    /// A board on this database, whose tables are made first where that is a task of its own.
    pub fn start(database: &Database) -> Self {
        if database.url().is_some() {
            assert!(Self::command(database, &["migrate"]).status().unwrap().success());
        }
        Self::again(database)
    }

    /// Another board on the same database.
    pub fn again(database: &Database) -> Self {
        Self::started(Self::command(database, &["serve", "--port", "0", "--while-stdin-is-open"]))
    }

    /// A board that is started by this command.
    pub fn started(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "the board ended before it listened");
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["message"] == "listening" {
                break said["address"].as_str().unwrap().rsplit_once(':').unwrap().1.parse().unwrap();
            }
        };
        // Whatever it says from now on must not stop it.
        thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(drop));
        Self { child, port }
    }

    /// The program on this database.
    pub fn command(database: &Database, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workshop-board"));
        command.args(arguments).arg("--home").arg(database.home.path()).args(["--lang", "en"]);
        command.arg("--workshop").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        command.env("BOARD_SECRET", SECRET).env_remove("DATABASE_URL").env_remove("HOST").env_remove("PORT");
        command.envs(database.url().map(|url| ("DATABASE_URL", url)));
        command.stdout(Stdio::null());
        command
    }

    /// Asks as a program does.
    pub fn api(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        self.try_api(method, path, token, body).unwrap()
    }

    /// The same, where the board may be gone.
    pub fn try_api(&self, method: &str, path: &str, token: &str, body: &Value) -> std::io::Result<Answer> {
        let bearer = format!("Bearer {token}");
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        ask(self.port, method, path, &[("Authorization", &bearer)], &body)
    }

    /// Signs in and keeps the cookie.
    pub fn instructor(&self) -> Browser<'_> {
        let body = format!("word={}", SECRET.replace(' ', "+"));
        Browser { board: self, cookie: cookie(&self.form("/instructor", "", &body)) }
    }

    /// Signs an attendee's browser in, with the ticket from the terminal.
    pub fn browser(&self, attendee: &Attendee) -> Browser<'_> {
        let ticket = self.api("POST", "/api/v1/ticket", &attendee.token, &Value::Null).json();
        let body = format!("word={}", ticket["ticket"].as_str().unwrap());
        Browser { board: self, cookie: cookie(&self.form("/me/sign-in", "", &body)) }
    }

    /// Sends a form from a page of the board.
    pub fn form(&self, path: &str, cookie: &str, body: &str) -> Answer {
        let kind = ("Content-Type", "application/x-www-form-urlencoded");
        ask(self.port, "POST", path, &[kind, ("Sec-Fetch-Site", "same-origin"), ("Cookie", cookie)], body.as_bytes())
            .unwrap()
    }

    /// Joins.
    pub fn join(&self, nickname: &str) -> Attendee {
        let answer = self.join_with(&self.code(), nickname, &device(nickname));
        assert_eq!(answer.status, 201, "{nickname}");
        let said = answer.json();
        let token = said["token"].as_str().unwrap().to_owned();
        let id = token.split('.').next().unwrap().to_owned();
        Attendee { id, token }
    }

    /// Asks to join.
    pub fn join_with(&self, code: &str, nickname: &str, device: &str) -> Answer {
        let body = json!({ "format_version": 1, "code": code, "nickname": nickname, "device": device });
        self.api("POST", "/api/v1/join", "", &body)
    }

    /// The current join code.
    pub fn code(&self) -> String {
        let page = self.instructor().page("/room");
        let (_, rest) = page.split_once("/join/").expect("the page shows the invitation");
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    }

    /// Reports events.
    pub fn report(&self, attendee: &Attendee, events: &[Value]) -> Answer {
        self.try_report(attendee, events).unwrap()
    }

    /// The same, where the board may be gone.
    pub fn try_report(&self, attendee: &Attendee, events: &[Value]) -> std::io::Result<Answer> {
        let body = json!({ "format_version": 1, "now": 1_000_000, "events": events });
        self.try_api("POST", "/api/v1/events", &attendee.token, &body)
    }

    /// What everybody has done, as the instructor sees it.
    pub fn table(&self) -> String {
        self.instructor().page("/report.csv")
    }

    /// The number of a metric.
    pub fn metric(&self, name: &str) -> u64 {
        let all = ask(self.port, "GET", "/metrics", &[], &[]).unwrap().words();
        let line = all.lines().find(|line| line.starts_with(&format!("{name} "))).expect(name);
        line.rsplit_once(' ').unwrap().1.parse().unwrap()
    }

    /// What the board takes of the memory, in MiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id().cast_signed()).unwrap(), signal).unwrap();
    }

    /// Waits for the end.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Somebody's browser that has signed in.
pub struct Browser<'a> {
    board: &'a Board,
    /// What it was given.
    pub cookie: String,
}

impl Browser<'_> {
    /// Asks for a page.
    pub fn get(&self, path: &str) -> Answer {
        ask(self.board.port, "GET", path, &[("Cookie", &self.cookie)], &[]).unwrap()
    }

    /// A page that is there.
    pub fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}");
        answer.words()
    }

    /// Presses a button.
    pub fn press(&self, path: &str, body: &str) {
        let answer = self.board.form(path, &self.cookie, body);
        assert_eq!(answer.status, 303, "{path} {body}");
    }
}

fn cookie(answer: &Answer) -> String {
    assert_eq!(answer.status, 303);
    let signed = answer.all("set-cookie").find(|cookie| !cookie.starts_with("lang=")).expect("a cookie");
    signed.split(';').next().unwrap().to_owned()
}

/// A word that only this machine knows; here it is made of the name.
pub fn device(name: &str) -> String {
    format!("{name:-<40}")
}

/// An id that no other event has.
pub fn id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("0193639e-6f1c-7000-8000-{:012x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A run that failed with this check, or passed. It happened `seq` seconds into the clock of these tests.
pub fn run(seq: i64, factor: u8, failed: Option<(&str, &str)>) -> Value {
    let checks: Vec<Value> = failed
        .map(|(check, reason)| json!({ "check": check, "verdict": "FAIL", "reason": reason }))
        .into_iter()
        .chain([json!({ "check": "another", "verdict": "PASS", "reason": null })])
        .collect();
    let standing = if failed.is_some() { "failed" } else { "passed" };
    json!({ "id": id(), "seq": seq, "at": seq * 1000, "kind": "graded", "factor": factor, "standing": standing,
            "whole": true, "core_passed": failed.is_none(), "blocked": null, "checks": checks })
}

/// A hand.
pub fn hand(seq: i64, raised: bool) -> Value {
    json!({ "id": id(), "seq": seq, "at": seq * 1000, "kind": "hand", "raised": raised, "factor": 3 })
}
