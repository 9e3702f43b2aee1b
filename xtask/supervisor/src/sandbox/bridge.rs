//! Joins TCP ports inside the sandbox with Unix sockets outside: a path crosses network namespaces, an address does not.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown, sockopt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::machines;
use crate::protocol::{Bridge, SandboxSpec};

/// How long a listener waits when the system has no file descriptor for a connection: nothing tells when it has one again.
const SHORTAGE: Duration = Duration::from_millis(20);

/// All listeners of a sandbox.
pub(super) struct Bridges {
    outgoing: Vec<(TcpListener, PathBuf)>,
    incoming: Vec<(UnixListener, u16)>,
}

impl Bridges {
    /// Listens; connections are queued until `start`.
    ///
    /// # Errors
    ///
    /// A port or a path is taken, or a path is longer than a Unix socket's may be.
    pub(super) fn open(spec: &SandboxSpec) -> io::Result<Self> {
        let mut outgoing = Vec::new();
        for bridge in &spec.outgoing {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, bridge.port)).map_err(|error| at(bridge, &error))?;
            outgoing.push((listener, bridge.socket.clone()));
            // `localhost` may mean this one; a kernel without IPv6 resolves it to the other.
            let second = TcpListener::bind((Ipv6Addr::LOCALHOST, bridge.port));
            outgoing.extend(second.ok().map(|listener| (listener, bridge.socket.clone())));
        }
        outgoing.extend(machines::listen(&spec.hosts)?);
        let incoming = spec.incoming.iter().map(|bridge| {
            let listener = UnixListener::bind(&bridge.socket).map_err(|error| at(bridge, &error))?;
            Ok((listener, bridge.port))
        });
        let incoming = incoming.collect::<io::Result<_>>()?;
        Ok(Self { outgoing, incoming })
    }

    /// Forwards from now on: one thread for each listener and two for each connection.
    pub(super) fn start(self) {
        // The service has its limit already; this raises our own alone. If it fails, fewer connections fit.
        let limit = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
        for (listener, socket) in self.outgoing {
            serve(move || {
                let (tcp, _) = listener.accept()?;
                let socket = socket.clone();
                Ok(move || join(tcp, UnixStream::connect(socket)))
            });
        }
        for (listener, port) in self.incoming {
            serve(move || {
                let (unix, _) = listener.accept()?;
                Ok(move || match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                    Ok(tcp) => join(tcp, Ok(unix)),
                    // Closing at once is how a refusal looks from outside.
                    Err(_) => drop(unix),
                })
            });
        }
    }
}

fn at(bridge: &Bridge, error: &io::Error) -> io::Error {
    let text = format!("bridge {} to {}: {error}", bridge.port, bridge.socket.display());
    io::Error::new(error.kind(), text)
}

fn serve<F>(mut accept: impl FnMut() -> io::Result<F> + Send + 'static)
where
    F: FnOnce() + Send + 'static,
{
    thread::spawn(move || {
        loop {
            match accept() {
                Ok(connection) => drop(thread::Builder::new().spawn(connection)),
                Err(_) => thread::park_timeout(SHORTAGE),
            }
        }
    });
}

/// One connection, of which both ends are forwarded until both have said all, or one is broken.
struct Pair {
    tcp: OwnedFd,
    unix: OwnedFd,
    broken: AtomicBool,
}

fn join(tcp: TcpStream, unix: io::Result<UnixStream>) {
    // Delaying small packets to join them would change the service's timing.
    let _ = tcp.set_nodelay(true);
    let Ok(unix) = unix else {
        // Nobody is at the path: the client, connected already, must at least not take it for an orderly end.
        let _ = sockopt::set_socket_linger(&tcp, Some(Duration::ZERO));
        return;
    };
    let pair = Arc::new(Pair { tcp: tcp.into(), unix: unix.into(), broken: AtomicBool::new(false) });
    let other = Arc::clone(&pair);
    let started = thread::Builder::new().spawn(move || other.forward(&other.unix, &other.tcp));
    if started.is_ok() {
        pair.forward(&pair.tcp, &pair.unix);
    }
}

impl Pair {
    fn forward(&self, from: &OwnedFd, to: &OwnedFd) {
        if self.copy(from, to).is_err() {
            self.give_up();
        }
    }

    fn copy(&self, from: &OwnedFd, to: &OwnedFd) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let (_, length) = recv(from, buffer.as_mut_slice(), RecvFlags::empty())?;
            let mut rest = buffer.get(..length).unwrap_or_default();
            if rest.is_empty() {
                return self.half_close(to);
            }
            while !rest.is_empty() {
                let sent = send(to, rest, SendFlags::NOSIGNAL)?;
                rest = rest.get(sent..).unwrap_or_default();
            }
        }
    }

    fn half_close(&self, to: &OwnedFd) -> io::Result<()> {
        // After `give_up` an end of file is our own doing and not the other side's word.
        if self.broken.load(Ordering::SeqCst) {
            return Ok(());
        }
        Ok(shutdown(to, Shutdown::Write)?)
    }

    /// Wakes the other direction without a word on the wire; when both have let go, the closed TCP connection sends a reset.
    fn give_up(&self) {
        self.broken.store(true, Ordering::SeqCst);
        // Errors mean that the connection is closed already.
        let _ = sockopt::set_socket_linger(&self.tcp, Some(Duration::ZERO));
        let _ = shutdown(&self.tcp, Shutdown::Read);
        let _ = shutdown(&self.unix, Shutdown::Both);
    }
}
