//! A running service: how it came up, how it is spoken to, how it ended.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use hyper::Method;
use serde_json::Value;
use supervisor::protocol::{Attempt, LeftProcess};

use crate::check::LogLine;
use crate::lab::Lab;
use crate::lab::connection::Connection;
use crate::lab::http::{Endpoint, NoReply, Reply};
use crate::lab::listeners::Listener;
use crate::lab::logs::Logs;
use crate::lab::looks::LOOK;
use crate::lab::ports::Port;
use crate::lab::process::{Exit, Process};

/// Searching for ports elsewhere reads the process table, which is worth it only when a service is late.
const LOOKS_BETWEEN_SEARCHES: u32 = 10;
/// Signal numbers; these two are the same on every Unix.
const TERMINATE: i32 = 15;
const KILL: i32 = 9;

/// A service that was started. Dropping it ends it and everything it started.
#[derive(Debug)]
pub struct Service {
    pub(super) lab: Lab,
    pub(super) process: Arc<Process>,
    pub(super) endpoint: Endpoint,
    pub(super) origin: Origin,
    pub(super) port: Port,
    pub(super) extra_ports: Vec<Port>,
    /// The folder that holds its working directory, `HOME` and `TMPDIR`.
    pub(super) scratch: PathBuf,
    /// Whether listening anywhere is wrong, so that there is nothing to wait for.
    pub(super) must_refuse: bool,
}

/// What a service was started from.
#[derive(Debug)]
pub(super) struct Origin {
    /// The app, as `app.toml` calls it.
    pub app: String,
    /// The folder with its release.
    pub release: PathBuf,
    /// The first word of its command.
    pub program: PathBuf,
}

/// What became of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Startup {
    /// It accepts connections where `PORT` says.
    Listening,
    /// It accepts connections, and only elsewhere: on other ports, or on its port at another address.
    Elsewhere(BTreeSet<u16>),
    /// It ended.
    Exited(Exit),
    /// It does neither within the hang guard.
    Silent,
    /// The program of the command does not exist or cannot be executed; the system's words.
    NotExecutable(String),
}

impl Service {
    /// The lab that started it.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// The folder that holds its working directory, `HOME` and `TMPDIR`.
    pub fn folder(&self) -> &Path {
        &self.scratch
    }

    /// The app that it is a process of, as `app.toml` calls it.
    pub fn app(&self) -> &str {
        &self.origin.app
    }

    /// The port it was told to use.
    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// Those that its `app.toml` declares besides.
    pub fn extra_ports(&self) -> BTreeSet<u16> {
        self.extra_ports.iter().map(|port| port.number).collect()
    }

    /// The one of them that this variable of `app.toml` names.
    pub fn extra_port(&self, variable: &str) -> Option<u16> {
        let names = &self.lab.bench.subject.manifest.app.get(&self.origin.app)?.extra_ports;
        names.iter().zip(&self.extra_ports).find(|(name, _)| *name == variable).map(|(_, port)| port.number)
    }

    /// `GET` of a path at another port of this machine, such as one of [`Service::extra_ports`].
    pub async fn get_at(&self, port: u16, path: &str) -> Result<Reply, NoReply> {
        let endpoint = Endpoint::Port(port);
        let sent = self.lab.until("answer", endpoint.send(Method::GET, path, &[], None)).await;
        let sent = sent.unwrap_or(Err(NoReply::Silent));
        self.lab
            .note("grader", format!("GET :{port}{path} -> {}", if sent.is_ok() { "answered" } else { "no answer" }));
        sent
    }

    /// From now on requests go to this address: another one of this machine, or where it listens although it was told otherwise.
    pub fn speak_at(&mut self, address: SocketAddr) {
        self.endpoint = Endpoint::At(address);
    }

    /// Waits until it listens, has ended, or has done neither for too long.
    pub async fn startup(&self) -> Startup {
        let ended = async {
            match self.process.exited().await {
                Some(exit) => Startup::Exited(exit),
                None => self.not_executable(),
            }
        };
        let settled = async {
            tokio::select! {
                biased;
                ended = ended => ended,
                listening = self.listening() => listening,
            }
        };
        let startup = self.lab.until("startup", settled).await.unwrap_or(Startup::Silent);
        self.lab.note("service", format!("start -> {startup:?}"));
        startup
    }

    /// Its end, or `None` when it lives on past the hang guard.
    pub async fn exit(&self) -> Option<Exit> {
        let exit = self.lab.until("exit", self.process.exited()).await.flatten();
        self.lab.note("service", format!("end -> {}", exit.map_or("none".to_owned(), |exit| exit.to_string())));
        exit
    }

    /// Sends a request and waits for the whole answer.
    pub async fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply, NoReply> {
        self.request_with(method, path, &[], body).await
    }

    /// The same, with headers.
    pub async fn request_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Reply, NoReply> {
        let sent = self.endpoint.send(method.clone(), path, headers, body);
        let reply = self.lab.until("answer", sent).await.unwrap_or(Err(NoReply::Silent));
        let shown = match &reply {
            Ok(reply) => reply.status.to_string(),
            Err(why) => why.to_string(),
        };
        self.lab.note("grader", format!("{method} {path} -> {shown}"));
        reply
    }

    /// Opens a connection that stays, for several requests, half of one, or none at all.
    pub async fn connect(&self) -> Result<Connection, NoReply> {
        let connection = self.endpoint.connect().await;
        self.lab.note("grader", format!("connect -> {}", if connection.is_ok() { "accepted" } else { "refused" }));
        connection
    }

    /// What it wrote so far, both streams.
    pub fn logs(&self) -> &Logs {
        &self.process.logs
    }

    /// Its last lines, for a report.
    pub fn last_lines(&self) -> Vec<LogLine> {
        self.process.logs.last(12)
    }

    /// Every connection attempt outside its configuration; only a sandboxed service has any.
    pub async fn attempts(&self) -> Vec<Attempt> {
        self.process.attempts().await
    }

    /// Asks it to end, as a platform does (SIGTERM), without waiting.
    pub async fn terminate(&self) {
        self.note_signal("SIGTERM");
        self.process.signal(TERMINATE).await;
    }

    /// Asks its main process to end (SIGTERM), and nobody else: a platform knows no other.
    pub async fn terminate_main(&self) {
        self.note_signal("SIGTERM, to the main process alone,");
        self.process.signal_main(TERMINATE).await;
    }

    /// Returns when the main process has ended. What it started lives on.
    pub async fn main_ended(&self) {
        self.process.when(|state| state.exit.is_some()).await;
    }

    /// Returns when the main process has ended and nothing that it started is left.
    pub async fn none_left(&self) {
        self.process.when(|state| state.none_left).await;
    }

    /// What was still there when the main process ended.
    pub fn left_behind(&self) -> Vec<LeftProcess> {
        self.process.state().left_behind
    }

    /// Its processes, by their numbers; empty where the system does not tell.
    pub fn process_ids(&self) -> Vec<u32> {
        self.process.descendants()
    }

    /// The ports on which any of its processes listens; `None` where the system does not tell.
    pub fn listening_ports(&self) -> Option<BTreeSet<u16>> {
        self.process.listening_ports()
    }

    /// Who of its processes listens, and where; `None` where the system does not tell.
    pub fn listeners(&self) -> Option<Vec<Listener>> {
        self.process.listeners()
    }

    /// Whether a listener is the service itself: a program of its release, or the one that its command names, such as an
    /// interpreter. A process that has just ended is given the benefit of the doubt.
    pub fn is_its_own(&self, listener: &Listener) -> bool {
        let Some(program) = &listener.program else { return true };
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        program.starts_with(real(&self.origin.release)) || *program == real(&self.origin.program)
    }

    /// Asks it to end (SIGTERM) and waits until it has ended and all it wrote was read.
    /// `None` when it lives on past the hang guard.
    pub async fn stop(&self) -> Option<Exit> {
        self.terminate().await;
        self.exit().await
    }

    /// Ends it without asking (SIGKILL), and waits until all it wrote was read. Its folders stay until [`Service::end`].
    pub async fn kill(&self) -> Option<Exit> {
        self.note_signal("SIGKILL");
        self.process.signal(KILL).await;
        self.exit().await
    }

    /// Closes the reading end of its standard output.
    pub async fn stop_reading_stdout(&self) {
        self.lab.note("grader", "closed the reading end of stdout");
        self.process.stop_reading_stdout().await;
    }

    /// Whether its main process has ended.
    pub fn has_ended(&self) -> bool {
        self.process.state().exit.is_some()
    }

    /// Ends it and waits until nothing of it is left.
    pub async fn end(self) {
        self.process.end().await;
    }

    fn note_signal(&self, name: &str) {
        self.lab.note("grader", format!("sent {name}"));
    }

    fn not_executable(&self) -> Startup {
        let state = self.process.state();
        let why = state.could_not_start.unwrap_or_else(|| "the supervisor ended".to_owned());
        Startup::NotExecutable(why)
    }

    /// Returns when the service accepts connections on its port, or has for a while accepted them elsewhere only.
    async fn listening(&self) -> Startup {
        let mut elsewhere_since: Option<Instant> = None;
        for look in 1_u32.. {
            if self.endpoint.accepts().await && self.is_ours() {
                return Startup::Listening;
            }
            if look.is_multiple_of(LOOKS_BETWEEN_SEARCHES) {
                match (self.ports_elsewhere(), elsewhere_since) {
                    (Some(ports), _) if self.must_refuse && tells_enough(&ports, self.port.number) => {
                        return Startup::Elsewhere(ports);
                    }
                    (Some(ports), Some(since)) if since.elapsed() > self.lab.quiet() => {
                        return Startup::Elsewhere(ports);
                    }
                    (Some(_), since) => elsewhere_since = since.or_else(|| Some(Instant::now())),
                    (None, _) => elsewhere_since = None,
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        Startup::Silent
    }

    /// Somebody else's listener must not pass for the service; in a network of its own there is nobody else.
    fn is_ours(&self) -> bool {
        let own_network = matches!(self.endpoint, Endpoint::Bridge(..));
        own_network || self.process.listening_ports().is_none_or(|ports| ports.contains(&self.port.number))
    }

    fn ports_elsewhere(&self) -> Option<BTreeSet<u16>> {
        self.process.listening_ports().filter(|ports| !ports.is_empty())
    }
}

/// Whether these ports settle where a service listens that should not have started at all. Its own port may be among them
/// because it was opened after the last attempt to connect: the next attempt settles it then, and lets the check ask.
fn tells_enough(ports: &BTreeSet<u16>, own: u16) -> bool {
    !ports.contains(&own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_opened_between_two_looks_is_asked_once_more() {
        assert!(tells_enough(&BTreeSet::from([8080]), 24_763));
        assert!(!tells_enough(&BTreeSet::from([24_763]), 24_763));
        assert!(!tells_enough(&BTreeSet::from([8080, 24_763]), 24_763));
    }
}
