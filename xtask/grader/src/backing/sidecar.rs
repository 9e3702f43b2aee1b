//! The running sidecar: requests go to its standard input, answers are handed to whoever waits for them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use backing_protocol::{Answer, Ask, Line, Refusal, Reply, Request};
use tokio::sync::{oneshot, watch};

use super::refused;
use crate::check::{LabError, Stop};
use crate::subject::Workspace;

/// How long its end may take: it removes servers and containers. After that its reaper goes on alone.
const LONGEST_END: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(5);

type Waiting = HashMap<u64, oneshot::Sender<Result<Answer, Refusal>>>;

/// The running program. It has threads and no runtime, so that it outlives the runtimes of the runs that use it.
#[derive(Debug)]
pub struct Sidecar {
    child: Mutex<Child>,
    /// `None` once it was told to end.
    requests: Mutex<Option<ChildStdin>>,
    shared: Arc<Shared>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    news: watch::Sender<String>,
    ended: AtomicBool,
}

impl Sidecar {
    /// Starts the program, in a process group of its own: Ctrl-C is for the grader, which then ends it in order.
    pub fn start(program: &Path, workspace: &Workspace) -> Result<Self, LabError> {
        let failed = |error| LabError::new(format!("cannot start {}", program.display()), error);
        let mut child = Command::new(program)
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", &workspace.target)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            news: watch::Sender::new(String::new()),
            ended: AtomicBool::new(false),
        });
        let requests = Mutex::new(child.stdin.take());
        if let Some(answers) = child.stdout.take() {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.listen(answers));
        }
        Ok(Self { child: Mutex::new(child), requests, shared, next: AtomicU64::new(1) })
    }

    /// What takes long, newest last.
    pub fn news(&self) -> watch::Receiver<String> {
        self.shared.news.subscribe()
    }

    /// Whether it has ended, by itself or because somebody killed it.
    pub fn has_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Relaxed)
    }

    /// Asks and waits for the answer.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, Stop> {
        let (sender, answer) = oneshot::channel();
        self.send(ask, Some(sender));
        // A request that was never written is dropped with its sender, like one that was never answered.
        let gone = || LabError::new("the program with the backing services", "ended before it answered");
        answer.await.map_err(|_| gone())?.map_err(refused)
    }

    /// Asks without waiting.
    pub fn tell(&self, ask: Ask) {
        self.send(ask, None);
    }

    fn send(&self, ask: Ask, answer: Option<oneshot::Sender<Result<Answer, Refusal>>>) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(answer) = answer {
            lock(&self.shared.waiting).insert(id, answer);
        }
        let written = self.write(&Request { id, ask });
        if written.is_none() || self.has_ended() {
            lock(&self.shared.waiting).remove(&id);
        }
    }

    fn write(&self, request: &Request) -> Option<()> {
        let mut line = serde_json::to_vec(request).ok()?;
        line.push(b'\n');
        lock(&self.requests).as_mut()?.write_all(&line).ok()
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        // The end of its input is its sign to remove everything and end.
        drop(lock(&self.requests).take());
        let mut child = lock(&self.child);
        let began = Instant::now();
        while matches!(child.try_wait(), Ok(None)) {
            if began.elapsed() > LONGEST_END {
                drop(child.kill());
                drop(child.wait());
                return;
            }
            thread::sleep(LOOK);
        }
    }
}

impl Shared {
    fn listen(&self, answers: ChildStdout) {
        for line in BufReader::new(answers).lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(Line::Reply(reply)) => self.hand_over(reply),
                Ok(Line::News(news)) => drop(self.news.send_replace(news.what)),
                // Not ours; the request that it should have answered ends with the program.
                Err(_) => {}
            }
        }
        self.ended.store(true, Ordering::Relaxed);
        lock(&self.waiting).clear();
    }

    fn hand_over(&self, Reply { id, result }: Reply) {
        if let Some(waiting) = lock(&self.waiting).remove(&id) {
            // Who no longer waits was interrupted.
            drop(waiting.send(result));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
