//! The fault proxy: a TCP relay between a service and one of its backing services, which can be disturbed at any moment.
//!
//! It lives in the grader, so a fault needs no container engine, no privilege and no clock: what was forwarded before a
//! fault was forwarded, and nothing after it is. Its port stays the same whatever happens behind it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::ports::Port;
use crate::lab::timeline::Timeline;

mod commands;
mod listening;
mod mode;
mod wire;

use listening::{listen, listening_again, shut};
pub use mode::Mode;
pub use wire::{Startup, Wire};

/// One read; small enough that a fault between two of them cuts an answer in the middle.
const CHUNK: usize = 16 * 1024;

/// A running proxy. Dropping it closes its port and every connection.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    port: Port,
    /// One listener per address; they and their connections end with the set.
    servers: Mutex<JoinSet<()>>,
}

/// Host and port of a server.
pub type Upstream = (String, u16);

/// What was observed since the proxy started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections accepted.
    pub connects: u64,
    /// Connections open now.
    pub open: u64,
    /// The most connections open at one time.
    pub peak_open: u64,
    /// Bytes forwarded to the server.
    pub bytes_up: u64,
    /// Bytes forwarded to the service.
    pub bytes_down: u64,
    /// Whole answers of the server forwarded; only counted for PostgreSQL.
    pub replies: u64,
    /// Pieces of questions that met a fault and were not forwarded at once: somebody is waiting for an answer.
    pub withheld: u64,
}

#[derive(Debug)]
struct Shared {
    wire: Wire,
    port: u16,
    timeline: Timeline,
    mode: watch::Sender<Mode>,
    /// Connections older than this are reset.
    cuts: watch::Sender<u64>,
    state: Mutex<State>,
    latency_ms: AtomicU64,
}

#[derive(Debug)]
struct State {
    upstream: Upstream,
    counters: Counters,
    /// The proxy freezes when this many replies were forwarded.
    freeze_at: Option<u64>,
    startups: Vec<Startup>,
    /// One per address, while it listens.
    listeners: Vec<Weak<TcpListener>>,
}

impl Lab {
    /// A proxy before a server.
    pub async fn proxy(&self, upstream: Upstream, wire: Wire) -> CheckResult<Proxy> {
        let port = self.bench.ports.lease(self.chance())?;
        Ok(Proxy::start(port, upstream, wire, self.own.timeline.clone())?)
    }
}

impl Proxy {
    fn start(port: Port, upstream: Upstream, wire: Wire, timeline: Timeline) -> Result<Self, LabError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.number));
        let listener = listen(address).map_err(|error| LabError::new("cannot start a proxy", error))?;
        let counters = Counters::default();
        let state = State { upstream, counters, freeze_at: None, startups: Vec::new(), listeners: Vec::new() };
        let shared = Arc::new(Shared {
            wire,
            port: port.number,
            timeline,
            mode: watch::Sender::new(Mode::Pass),
            cuts: watch::Sender::new(0),
            state: Mutex::new(state),
            latency_ms: AtomicU64::new(0),
        });
        let mut servers = JoinSet::new();
        servers.spawn(serve(shared.opened(listener), address, Arc::clone(&shared)));
        Ok(Self { shared, port, servers: Mutex::new(servers) })
    }

    /// Listens at another address of this machine as well, on the same port.
    ///
    /// # Errors
    ///
    /// An address that this machine does not have, or where somebody else has the port.
    pub fn also_at(&self, address: IpAddr) -> Result<(), LabError> {
        let address = SocketAddr::from((address, self.port.number));
        let listener = listen(address).map_err(|error| LabError::new(format!("cannot listen at {address}"), error))?;
        let server = serve(self.shared.opened(listener), address, Arc::clone(&self.shared));
        self.servers.lock().unwrap_or_else(PoisonError::into_inner).spawn(server);
        Ok(())
    }

    /// The port on loopback that the service is told.
    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// Changes what happens to every connection from now on: whoever connects after this returned meets the new mode.
    pub fn set(&self, mode: Mode) {
        self.shared.set(mode);
    }

    /// Resets every open connection; new ones are served as the mode says.
    pub fn cut(&self) {
        self.shared.note("resets every open connection");
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// New connections go to this server; open ones stay where they are.
    pub fn retarget(&self, upstream: Upstream) {
        self.shared.note("leads to another server");
        self.shared.state().upstream = upstream;
    }

    /// Each piece of an answer comes this much later.
    pub fn latency(&self, latency: Duration) {
        let milliseconds = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.shared.note(&format!("answers {milliseconds} ms late"));
        self.shared.latency_ms.store(milliseconds, Ordering::Relaxed);
    }

    /// Freezes right behind the `count`-th whole answer from now, on whichever connection it comes. 0 freezes at once.
    pub fn freeze_after_replies(&self, count: u64) {
        let mut state = self.shared.state();
        state.freeze_at = Some(state.counters.replies + count);
        if count == 0 {
            self.set(Mode::Freeze);
        }
    }

    /// Forgets a freeze that has not happened, and passes again.
    pub fn thaw(&self) {
        self.shared.state().freeze_at = None;
        self.set(Mode::Pass);
    }

    /// Returns when the proxy has frozen.
    pub async fn frozen(&self) {
        // The sender lives in `self`, so waiting can only end with the mode.
        drop(self.shared.mode.subscribe().wait_for(|mode| *mode == Mode::Freeze).await);
    }

    /// Whether it is frozen now.
    pub fn is_frozen(&self) -> bool {
        self.shared.mode() == Mode::Freeze
    }

    /// What was observed so far.
    pub fn counters(&self) -> Counters {
        self.shared.state().counters
    }

    /// What the connections so far said of who they are; only where the wire is understood.
    pub fn startups(&self) -> Vec<Startup> {
        self.shared.state().startups.clone()
    }

    /// Whether one of the connections said this of itself, the first `before` sayings set aside.
    pub fn was_told(&self, before: usize, name: &str, value: &str) -> bool {
        self.startups().iter().skip(before).any(|said| said.get(name).is_some_and(|told| told == value))
    }
}

impl Shared {
    fn set(&self, mode: Mode) {
        if self.mode.send_replace(mode) != mode {
            self.note(mode.said());
        }
        if mode == Mode::Refuse {
            self.state().listeners.drain(..).filter_map(|listener| listener.upgrade()).for_each(|open| shut(&open));
        }
    }

    /// Remembers a listener, so that it can be shut the moment somebody says so.
    fn opened(&self, listener: TcpListener) -> Arc<TcpListener> {
        let listener = Arc::new(listener);
        self.state().listeners.push(Arc::downgrade(&listener));
        // Said in between, when nobody could find it.
        if self.mode() == Mode::Refuse {
            shut(&listener);
        }
        listener
    }

    fn note(&self, what: &str) {
        self.timeline.note("grader", format!("{} :{} {what}", self.wire.server(), self.port));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mode(&self) -> Mode {
        *self.mode.borrow()
    }

    fn note_question(&self, startups: Vec<Startup>) {
        let withheld = self.mode() != Mode::Pass;
        let mut state = self.state();
        state.startups.extend(startups);
        state.counters.withheld += u64::from(withheld);
    }

    /// Returns once the mode lets bytes through.
    async fn may_pass(&self) {
        drop(self.mode.subscribe().wait_for(|mode| *mode == Mode::Pass).await);
    }

    /// Counts a whole answer; tells whether the proxy is to freeze right behind it.
    fn freezes_behind_this_reply(&self) -> bool {
        let mut state = self.state();
        state.counters.replies += 1;
        let now = state.freeze_at == Some(state.counters.replies);
        state.freeze_at.take_if(|_| now);
        now
    }
}

async fn serve(mut listener: Arc<TcpListener>, address: SocketAddr, shared: Arc<Shared>) {
    // The set ends every connection together with the server.
    let mut connections = JoinSet::new();
    let mut modes = shared.mode.subscribe();
    // It may have been set before this task ran.
    modes.mark_changed();
    loop {
        let is_shut = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(relay(stream, Arc::clone(&shared)));
                    false
                }
                // What a listener says that was shut, even if the mode is another one by now.
                Err(error) => error.kind() == io::ErrorKind::InvalidInput,
            },
            _ = modes.changed() => *modes.borrow_and_update() == Mode::Refuse,
            Some(_) = connections.join_next() => false,
        };
        if is_shut {
            drop(listener);
            let Ok(again) = listening_again(address, &mut modes).await else { return };
            listener = shared.opened(again);
        }
    }
}

/// Counts a connection as open until it is gone.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: &Arc<Shared>) -> Self {
        let counters = &mut shared.state().counters;
        counters.connects += 1;
        counters.open += 1;
        counters.peak_open = counters.peak_open.max(counters.open);
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.state().counters.open -= 1;
    }
}

async fn relay(service: TcpStream, shared: Arc<Shared>) {
    let _open = Open::new(&shared);
    drop(service.set_nodelay(true));
    let mut cuts = shared.cuts.subscribe();
    let mut modes = shared.mode.subscribe();
    let (mut from_service, mut to_service) = service.into_split();
    tokio::select! {
        () = converse(&mut from_service, &mut to_service, &shared) => {}
        _ = cuts.changed() => reset(from_service, to_service),
        _ = modes.wait_for(|mode| matches!(mode, Mode::Refuse | Mode::Reset)) => reset(from_service, to_service),
    }
}

/// With nothing lingering, closing sends a reset instead of an orderly end.
fn reset(read: OwnedReadHalf, write: OwnedWriteHalf) {
    if let Ok(stream) = read.reunite(write) {
        drop(stream.set_zero_linger());
    }
}

async fn converse(from_service: &mut OwnedReadHalf, to_service: &mut OwnedWriteHalf, shared: &Shared) {
    if shared.mode() == Mode::Blackhole {
        return swallow(from_service).await;
    }
    let (host, port) = shared.state().upstream.clone();
    let Ok(server) = TcpStream::connect((host.as_str(), port)).await else { return };
    drop(server.set_nodelay(true));
    let (mut from_server, mut to_server) = server.into_split();
    let conversation = shared.wire.conversation();
    // Either direction may end first; an orderly end passes on as one, and the other direction goes on.
    tokio::join!(
        upwards(from_service, &mut to_server, &conversation, shared),
        downwards(&mut from_server, to_service, &conversation, shared),
    );
}

async fn swallow(from: &mut OwnedReadHalf) {
    let mut chunk = vec![0; CHUNK];
    while from.read(&mut chunk).await.is_ok_and(|read| read > 0) {}
}

async fn upwards(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, talk: &wire::Conversation, shared: &Shared) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        shared.note_question(talk.asked(&chunk[..read]));
        shared.may_pass().await;
        if to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
        shared.state().counters.bytes_up += read as u64;
    }
    drop(to.shutdown().await);
}

async fn downwards(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, talk: &wire::Conversation, shared: &Shared) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        let latency = shared.latency_ms.load(Ordering::Relaxed);
        if latency > 0 {
            // The fault itself, not a wait of a check.
            tokio::time::sleep(Duration::from_millis(latency)).await;
        }
        shared.may_pass().await;
        if forward(&chunk[..read], to, talk, shared).await.is_err() {
            return;
        }
    }
    drop(to.shutdown().await);
}

async fn forward(piece: &[u8], to: &mut OwnedWriteHalf, talk: &wire::Conversation, shared: &Shared) -> io::Result<()> {
    let mut sent = 0;
    for end in talk.answered(piece) {
        if shared.freezes_behind_this_reply() {
            // Before the answer is written: whoever has read it and asks again finds the proxy frozen.
            shared.set(Mode::Freeze);
            write(&piece[sent..end], to, shared).await?;
            sent = end;
            shared.may_pass().await;
        }
    }
    write(&piece[sent..], to, shared).await
}

async fn write(piece: &[u8], to: &mut OwnedWriteHalf, shared: &Shared) -> io::Result<()> {
    to.write_all(piece).await?;
    shared.state().counters.bytes_down += piece.len() as u64;
    Ok(())
}

#[cfg(test)]
#[path = "proxy/tests.rs"]
mod tests;
