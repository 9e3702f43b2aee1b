//! One test's world: books, a stand-in for the grader, and a server.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{Answer, OUR_PAGE, ask};

/// What takes longer hangs.
const HANG: Duration = Duration::from_secs(30);

/// Between two looks at something that is about to happen.
const LOOK: Duration = Duration::from_millis(10);

const GRADER: &str = include_str!("grader.py");

/// A folder with everything in it, and the server, which ends with it.
pub struct World {
    folder: TempDir,
    server: Child,
    /// Where the server listens.
    pub port: u16,
}

impl World {
    /// With two small books.
    pub fn with_books() -> Self {
        Self::with_options(&[])
    }

    /// With two small books and further options for the server.
    pub fn with_options(options: &[&str]) -> Self {
        let folder = empty();
        for (path, words) in BOOKS {
            put(folder.path(), &format!("books/{path}"), words);
        }
        Self::started(folder, options)
    }

    /// Without books.
    pub fn without_books() -> Self {
        Self::started(empty(), &[])
    }

    fn started(folder: TempDir, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workshop-server"));
        command.arg("--books").arg(folder.path().join("books")).arg("--xtask").arg(folder.path().join("grader"));
        command.args(["--port", "0", "--lang", "en"]).args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let port = port(&mut server);
        Self { folder, server, port }
    }

    /// A path in this world.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of this world.
    pub fn write(&self, name: &str, words: &str) {
        put(self.folder.path(), name, words);
    }

    /// Asks for a page as a browser does that was given the address.
    pub fn get(&self, path: &str) -> Answer {
        ask(self.port, "GET", path, &[])
    }

    /// Starts a run as a page does; its name.
    #[track_caller]
    pub fn start(&self, factor: &str) -> String {
        let answer = ask(self.port, "POST", &format!("/api/checks/{factor}/runs?lang=ko"), &[OUR_PAGE]);
        assert_eq!(answer.status, 202);
        answer.json()["run"].as_str().unwrap().to_owned()
    }

    /// The name of the factor's run, or null.
    pub fn latest(&self, factor: &str) -> Value {
        self.get(&format!("/api/checks/{factor}")).json()["run"].clone()
    }

    /// Follows a run.
    #[track_caller]
    pub fn follow(&self, run: &str) -> Answer {
        let answer = self.get(&format!("/api/runs/{run}/events"));
        assert_eq!(answer.status, 200);
        answer
    }

    /// Lets the factor's grader go on.
    pub fn go_on(&self, factor: &str) {
        self.write(&format!("go-{factor}"), "");
    }

    /// What the graders noted so far.
    pub fn notes(&self) -> Vec<String> {
        fs::read_to_string(self.path("notes")).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Waits until the graders noted this.
    #[track_caller]
    pub fn until_noted(&self, note: &str) {
        self.until(|| self.notes().iter().any(|noted| noted == note));
    }

    #[track_caller]
    fn until(&self, seen: impl Fn() -> bool) {
        let end = Instant::now() + HANG;
        while !seen() {
            assert!(Instant::now() < end, "it never happened; noted: {:?}", self.notes());
            thread::sleep(LOOK);
        }
    }

    /// Sends the server a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.server.id().cast_signed()).unwrap(), signal).unwrap();
    }

    /// Closes the server's standard input.
    pub fn let_go(&mut self) {
        self.server.stdin.take().expect("it is still open");
    }

    /// Waits for the server's end; the rest of what it said.
    pub fn ended(&mut self) -> (ExitStatus, String) {
        let end = Instant::now() + HANG;
        loop {
            if let Some(status) = self.server.try_wait().unwrap() {
                let mut said = String::new();
                self.server.stdout.take().unwrap().read_to_string(&mut said).unwrap();
                return (status, said);
            }
            assert!(Instant::now() < end, "it does not end");
            thread::sleep(LOOK);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

const BOOKS: [(&str, &str); 7] = [
    ("en/index.html", "<title>English</title>"),
    ("ko/index.html", "<title>한국어</title>"),
    ("en/factors/한 글.html", "<title>Hangul</title>"),
    ("en/theme.css", "body {}"),
    ("en/check.js", "let x;"),
    ("en/drawing.svg", "<svg/>"),
    ("source.hash", "one\n"),
];

fn empty() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "grader", &format!("#!/usr/bin/env python3\n{GRADER}"));
    fs::set_permissions(folder.path().join("grader"), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn put(folder: &Path, name: &str, words: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, words).unwrap();
}

/// The first line names the address.
fn port(server: &mut Child) -> u16 {
    let mut stdout = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    server.stdout = Some(stdout.into_inner());
    let (_, port) = line.trim_end().trim_end_matches('/').rsplit_once(':').expect("the first line names the address");
    port.parse().unwrap()
}
