//! What the grader and the supervisor say to each other: one JSON document on the command line, then JSON lines over one Unix stream socket.
//!
//! Order the grader may rely on:
//!
//! 1. `SandboxReady` (only if a sandbox was asked for), then `Started`; or `SandboxUnavailable` or `CouldNotStart`, and then `Ended`.
//! 2. `Attempt` at any time after `Started`; each attempt comes before any later `Exited`, `Flushed` or `Ended`.
//! 3. `LeftBehind` right before `Exited`, and only if something was left; so who has read `Exited` knows all of it.
//! 4. `NoneLeft` once, after `Exited`: the last process of the service is gone.
//! 5. `Ended` is the last report; end of file follows.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How one program is to be run; given as JSON after `--spec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// A folder that the supervisor removes with all it holds before it ends, even when the grader was killed.
    pub scratch: Option<PathBuf>,
    /// Where the program runs; `None` runs it on the host as it is.
    pub sandbox: Option<SandboxSpec>,
}

/// A network and a file system of the service's own (Linux).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxSpec {
    /// What the service sees as `/`.
    pub root: Root,
    /// Folders and files that stay writable, at their own paths (the service's `HOME`, `TMPDIR` and working directory). They must exist.
    pub writable: Vec<PathBuf>,
    /// Destinations whose connection attempts are not reported. Both ends of every bridge are allowed without being listed.
    pub allowed: Vec<SocketAddr>,
    /// Listeners inside the sandbox whose connections arrive at a Unix socket of the grader.
    pub outgoing: Vec<Bridge>,
    /// Unix sockets, made by the supervisor, whose connections arrive at a port inside the sandbox.
    pub incoming: Vec<Bridge>,
    /// Other machines, as the service sees them.
    pub hosts: Vec<Host>,
}

/// A machine that exists inside the sandbox alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name, which stands in the sandbox's `/etc/hosts`.
    pub name: String,
    /// Its address, which no other machine of the sandbox has.
    pub address: Ipv4Addr,
    /// Its ports; every other one refuses.
    pub ports: Vec<Bridge>,
}

/// The file tree of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Root {
    /// The host's tree, read-only.
    HostReadOnly {
        /// Folders covered by an empty read-only one; paths that do not exist are ignored.
        hide: Vec<PathBuf>,
        /// Files and folders that stay visible, read-only, although they lie inside a hidden folder (the release in someone's home).
        show: Vec<PathBuf>,
    },
    /// An empty read-only tree with `/proc`, four devices, an empty writable `/tmp`, `/etc/{hosts,nsswitch.conf,passwd,resolv.conf}` and what is listed.
    Bare {
        /// Files and folders bound read-only at their own paths; the program itself and its libraries belong here.
        files: Vec<PathBuf>,
    },
}

/// One TCP port inside the sandbox and one Unix socket outside, joined byte for byte.
///
/// Half-closes pass through. A Unix socket carries a reset only when its closer left bytes unread; otherwise the other side sees an end of file first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge {
    /// The port on 127.0.0.1 (an outgoing bridge listens on `::1` too) or, for one of a host, on its address inside the sandbox.
    pub port: u16,
    /// The path of the Unix socket on the host: at most 107 bytes, a limit of Unix sockets. Nobody removes it except with the scratch folder.
    pub socket: PathBuf,
}

/// What the grader asks for, one JSON object per line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Command {
    /// Send a signal to the service's process group; nothing happens when nobody is left.
    Signal {
        /// The number of the signal on this system, such as 15 for SIGTERM.
        number: i32,
    },
    /// Send a signal to the service's main process alone, as a container engine does; nothing happens when it has ended.
    SignalMain {
        /// The number of the signal on this system.
        number: i32,
    },
    /// SIGKILL to the group and to every descendant until none is left; `Exited` and `NoneLeft` tell when that was.
    KillAll,
    /// Report all connection attempts made until now, then answer `Flushed`.
    Flush {
        /// Comes back in the answer.
        token: u64,
    },
    /// As `KillAll`; then remove the scratch folder, report `Ended` and exit.
    End,
}

/// What the supervisor tells, one JSON object per line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Report {
    /// The sandbox stands; the service starts next.
    SandboxReady,
    /// This machine cannot give the sandbox. Nothing was started.
    SandboxUnavailable {
        /// What is missing, in words for a person.
        missing: String,
    },
    /// The program runs.
    Started {
        /// Its process id, which is also the id of its process group.
        pid: i32,
    },
    /// The program could not be executed.
    CouldNotStart {
        /// The system's words.
        error: String,
        /// Whether the program (or the interpreter it names) does not exist, rather than being refused.
        missing_program: bool,
    },
    /// The main process ended by itself or by a signal.
    Exited {
        /// The exit code, if it exited.
        code: Option<i32>,
        /// The number of the signal that ended it, if one did.
        signal: Option<i32>,
    },
    /// Descendants that still lived when the main process had ended, or at `End` after that. Not sent for a tree that `KillAll` or `End` took down with its main process.
    LeftBehind {
        /// At least one process.
        processes: Vec<LeftProcess>,
    },
    /// No process of the service is left.
    NoneLeft,
    /// The service in the sandbox tried to reach a destination that is not allowed. Equal attempts are reported once.
    Attempt(Attempt),
    /// The answer to `Flush`.
    Flushed {
        /// The token of the question.
        token: u64,
    },
    /// Nothing is left and the supervisor exits.
    Ended,
}

/// A process that outlived the service's main process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftProcess {
    /// Its process id.
    pub pid: i32,
    /// Its command line with spaces between the arguments, or its short name if it shows none.
    pub command: String,
}

/// One attempt to reach something over the network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attempt {
    /// How.
    pub protocol: Protocol,
    /// Whom.
    pub address: IpAddr,
    /// Which port there.
    pub port: u16,
    /// The host name asked for, if this is a DNS query (UDP port 53).
    pub name: Option<String>,
}

/// The transport protocol of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// A SYN was sent.
    Tcp,
    /// A datagram was sent.
    Udp,
}
