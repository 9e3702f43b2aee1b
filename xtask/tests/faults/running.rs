//! A run that is followed by its events and disturbed while it goes on.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::processes::look_again;
use crate::scene::{Ended, HANG, Scene};

/// `cargo xtask check factor-3 --json …`, going on.
pub struct Running {
    child: Child,
    events: Receiver<String>,
    said: String,
}

impl Running {
    /// Starts it with further words.
    pub fn start(scene: &Scene, words: &str) -> Self {
        Self::of(scene.command(&format!("check factor-3 --json {words}")))
    }

    /// Starts it as another program does that it must not outlive.
    pub fn tied(scene: &Scene, words: &str) -> Self {
        let mut command = scene.command(&format!("__while-stdin-is-open check factor-3 --json {words}"));
        command.stdin(Stdio::piped());
        Self::of(command)
    }

    /// Ends what ties it to this program.
    pub fn let_go(&mut self) {
        self.child.stdin.take().expect("it was started tied");
    }

    /// Starts a command that writes events.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let events = follow(child.stdout.take().unwrap());
        Self { child, events, said: String::new() }
    }

    /// Its process.
    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Waits for an event of this kind.
    #[track_caller]
    pub fn wait_for(&mut self, kind: &str) -> Value {
        loop {
            let line = self.next_line().unwrap_or_else(|| panic!("no {kind} came:\n{}", self.said));
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// Waits until `seen` is something.
    #[track_caller]
    pub fn until<T>(&self, mut seen: impl FnMut() -> Option<T>) -> T {
        let end = Instant::now() + HANG;
        loop {
            if let Some(found) = seen() {
                return found;
            }
            assert!(Instant::now() < end, "it never happened");
            look_again();
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid()).unwrap(), signal).unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        while self.next_line().is_some() {}
        let code = self.child.wait().unwrap().code();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ended { code, stdout: std::mem::take(&mut self.said), stderr }
    }

    /// Its next event; `None` at the end of its output.
    #[track_caller]
    fn next_line(&mut self) -> Option<String> {
        match self.events.recv_timeout(HANG) {
            Ok(line) => {
                self.said.push_str(&line);
                self.said.push('\n');
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("it hangs after:\n{}", self.said),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that fails in the middle must not leave its grader running.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn follow(stdout: ChildStdout) -> Receiver<String> {
    let (sender, events) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            drop(sender.send(line));
        }
    });
    events
}
