//! One program under a supervisor: started with exactly the given environment, observed, and gone at the end.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use supervisor::protocol::{Attempt, Command, LeftProcess, Report, Spec};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::check::{CheckResult, LabError, Speaker, Stop};
use crate::lab::clock::Clock;
use crate::lab::ground::Ground;
use crate::lab::listeners::{Listener, descendants, listeners_below, listening_ports_below};
use crate::lab::logs::Logs;
use crate::text::{Text, text};

/// How a program is started.
#[derive(Debug)]
pub struct Launch {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The whole environment: nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// Working directory.
    pub directory: PathBuf,
    /// Scratch folder and sandbox.
    pub spec: Spec,
    /// Secrets to look for in everything the program writes.
    pub needles: Vec<Vec<u8>>,
    /// Who the lines of its standard output and error belong to.
    pub speakers: [Speaker; 2],
}

/// What is known of a running program.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The program runs (or ran).
    pub started: bool,
    /// Why it could not be executed, in the system's words.
    pub could_not_start: Option<String>,
    /// What the sandbox lacks on this machine.
    pub sandbox_missing: Option<String>,
    /// How the main process ended.
    pub exit: Option<Exit>,
    /// What outlived it.
    pub left_behind: Vec<LeftProcess>,
    /// Connections the program tried to make outside its configuration.
    pub attempts: Vec<Attempt>,
    /// The last answered flush.
    pub flushed: u64,
    /// The main process has ended, and so has everything it started.
    pub none_left: bool,
    /// The supervisor is gone.
    pub ended: bool,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl Exit {
    /// In both languages: `exit code 1`, `signal 9`.
    pub fn text(self) -> Text {
        match self {
            Exit::Code(code) => text(format!("exit code {code}"), format!("종료 코드 {code}")),
            Exit::Signal(signal) => text(format!("signal {signal}"), format!("신호 {signal}")),
        }
    }
}

/// A supervised program. Dropping it closes the lifeline, which ends the program and everything it started.
#[derive(Debug)]
pub struct Process {
    control: tokio::sync::Mutex<OwnedWriteHalf>,
    state: watch::Receiver<State>,
    /// What it wrote.
    pub logs: Logs,
    /// The readers of its standard error and, last, output.
    drains: Mutex<Vec<JoinHandle<()>>>,
    listener: JoinHandle<()>,
    supervisor: u32,
}

/// The supervisors of a run; waiting for them proves that nothing is left.
#[derive(Debug, Default)]
pub struct Supervisors {
    waiting: Mutex<JoinSet<()>>,
    lost_one: Arc<AtomicBool>,
}

impl Supervisors {
    /// Returns when every supervisor started so far has ended.
    pub async fn all_ended(&self) {
        let mut waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        while waiting.join_next().await.is_some() {}
    }

    /// Whether a supervisor ended without saying so: somebody killed it, and with it what it watched.
    pub fn lost_one(&self) -> bool {
        self.lost_one.load(Ordering::Relaxed)
    }

    /// A supervisor that is no child of ours has ended when its end of the lifeline is closed.
    fn watch(&self, child: Option<tokio::process::Child>, mut state: watch::Receiver<State>) {
        let ended = async move {
            match child {
                Some(mut child) => drop(child.wait().await),
                None => drop(state.wait_for(|state| state.ended).await),
            }
        };
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).spawn(ended);
    }
}

impl Process {
    /// Starts the supervisor `program` with the launch's program below it, on this machine.
    pub fn launch(program: &Path, launch: Launch, clock: &Clock, supervisors: &Supervisors) -> Result<Self, LabError> {
        match Self::launch_on(&Ground::Machine, program, launch, clock, supervisors) {
            Ok(process) => Ok(process),
            Err(Stop::Error(error)) => Err(error),
            Err(_) => Err(LabError::new("cannot start the supervisor", "this machine lacks itself")),
        }
    }

    /// The same, wherever it shall run.
    pub fn launch_on(
        ground: &Ground,
        program: &Path,
        launch: Launch,
        clock: &Clock,
        supervisors: &Supervisors,
    ) -> CheckResult<Self> {
        let failed = |error: io::Error| LabError::new("cannot start the supervisor", error);
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(failed)?;
        ours.set_nonblocking(true).map_err(failed)?;
        let begun = ground.begin(program, &launch, theirs)?;
        let logs = Logs::new(launch.needles);
        let [out, err] = launch.speakers;
        let drains = [
            begun.err.map(|pipe| tokio::spawn(logs.clone().drain(err, clock.clone(), pipe))),
            begun.out.map(|pipe| tokio::spawn(logs.clone().drain(out, clock.clone(), pipe))),
        ];
        let (reports, control) = UnixStream::from_std(ours).map_err(failed)?.into_split();
        let (sender, state) = watch::channel(State::default());
        supervisors.watch(begun.child, state.clone());
        let listener = tokio::spawn(listen(reports, sender, Arc::clone(&supervisors.lost_one)));
        let drains = Mutex::new(drains.into_iter().flatten().collect());
        let control = tokio::sync::Mutex::new(control);
        Ok(Self { control, state, logs, drains, listener, supervisor: begun.supervisor })
    }

    /// What is known right now.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Returns when `reached` holds, with the state that reached it; `None` when the supervisor ended before.
    pub async fn when(&self, mut reached: impl FnMut(&State) -> bool) -> Option<State> {
        let mut state = self.state.clone();
        let found = state.wait_for(|state| reached(state) || state.ended).await.ok()?.clone();
        reached(&found).then_some(found)
    }

    /// Returns when the main process has ended and all it wrote has been read.
    pub async fn exited(&self) -> Option<Exit> {
        let state = self.when(|state| state.exit.is_some() || state.could_not_start.is_some()).await?;
        if !state.left_behind.is_empty() {
            // A daemon may hold the pipes open for ever; what it writes later says nothing about the exit.
            self.send(&Command::KillAll).await;
        }
        self.drained().await;
        state.exit
    }

    /// Sends a signal to the service's process group.
    pub async fn signal(&self, number: i32) {
        self.send(&Command::Signal { number }).await;
    }

    /// Sends a signal to the main process alone.
    pub async fn signal_main(&self, number: i32) {
        self.send(&Command::SignalMain { number }).await;
    }

    /// Ends the program and everything it started, and returns when nothing is left.
    pub async fn end(&self) {
        self.send(&Command::End).await;
        self.when(|state| state.ended).await;
        // Nobody is left who could write: what was written last is still to be read.
        self.drained().await;
    }

    /// All connection attempts made until now.
    pub async fn attempts(&self) -> Vec<Attempt> {
        let token = self.state().flushed + 1;
        self.send(&Command::Flush { token }).await;
        self.when(|state| state.flushed >= token).await;
        self.state().attempts
    }

    /// The TCP ports on which the program or anything it started listens; `None` where the system does not tell.
    pub fn listening_ports(&self) -> Option<BTreeSet<u16>> {
        listening_ports_below(self.supervisor)
    }

    /// Who of the program and of what it started listens, and where; `None` where the system does not tell.
    pub fn listeners(&self) -> Option<Vec<Listener>> {
        listeners_below(self.supervisor)
    }

    /// The processes of the program; empty where the system does not tell.
    pub fn descendants(&self) -> Vec<u32> {
        descendants(self.supervisor)
    }

    /// Closes the reading end of its standard output, as a log collector that dies does. Returns when it is closed;
    /// to be called once, while the program runs.
    pub async fn stop_reading_stdout(&self) {
        let reader = self.drains.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(reader) = reader {
            reader.abort();
            // The pipe is closed by the end of the task, not by the request to end.
            drop(reader.await);
        }
    }

    /// Returns when both output pipes have been read to their end.
    async fn drained(&self) {
        let drains = std::mem::take(&mut *self.drains.lock().unwrap_or_else(PoisonError::into_inner));
        for drain in drains {
            drop(drain.await);
        }
    }

    /// A command to a supervisor that has ended is lost, which is right: there is nobody left to obey.
    async fn send(&self, command: &Command) {
        if let Ok(mut line) = serde_json::to_vec(command) {
            line.push(b'\n');
            drop(self.control.lock().await.write_all(&line).await);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both halves of the lifeline must close; the read half lives in the task.
        self.listener.abort();
    }
}

async fn listen(reports: OwnedReadHalf, sender: watch::Sender<State>, lost_one: Arc<AtomicBool>) {
    let mut lines = BufReader::new(reports).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Ok(report) = serde_json::from_str::<Report>(&line) {
            sender.send_modify(|state| state.learn(report));
        }
    }
    // Noted first: whoever learns of the end must be able to tell which one it was.
    lost_one.fetch_or(!sender.borrow().ended, Ordering::Relaxed);
    sender.send_modify(|state| state.ended = true);
}

impl State {
    fn learn(&mut self, report: Report) {
        match report {
            Report::Started { .. } => self.started = true,
            Report::CouldNotStart { error, .. } => self.could_not_start = Some(error),
            Report::SandboxUnavailable { missing } => self.sandbox_missing = Some(missing),
            Report::Exited { code: Some(code), .. } => self.exit = Some(Exit::Code(code)),
            Report::Exited { signal, .. } => self.exit = Some(Exit::Signal(signal.unwrap_or_default())),
            Report::LeftBehind { processes } => self.left_behind = processes,
            Report::Attempt(attempt) => self.attempts.push(attempt),
            Report::Flushed { token } => self.flushed = token,
            Report::Ended => self.ended = true,
            Report::NoneLeft => self.none_left = true,
            Report::SandboxReady => {}
        }
    }
}
