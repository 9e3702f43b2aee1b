//! A network and a file tree of the service's own, out of unprivileged Linux namespaces.
//!
//! The supervisor itself enters a user namespace, in which it may create the rest, and a network namespace, so that it can watch and bridge.
//! It keeps the host's file tree, in which the grader's Unix sockets and the scratch folder are. The service alone gets the new tree, between
//! fork and exec. There is no PID namespace: the service would be process 1 there, for which signals mean something else than at home.

mod bridge;
mod dns;
mod filter;
mod machines;
mod mounts;
mod names;
mod namespaces;
mod netlink;
mod remount;
mod sniffer;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use crate::protocol::{Report, Root, SandboxSpec};
use crate::run::Reports;
use bridge::Bridges;
use dns::Responder;
pub(crate) use mounts::Tree;
pub(crate) use sniffer::Sniffer;

/// A sandbox that stands, with everything in it that must exist before the service does.
pub(crate) struct Sandbox {
    tree: Tree,
    sniffer: Sniffer,
    responder: Responder,
    bridges: Bridges,
}

impl Sandbox {
    /// Moves this process, which must have a single thread, into new namespaces, brings their network up and listens.
    ///
    /// # Errors
    ///
    /// `SandboxUnavailable` for what this machine lacks, `CouldNotStart` for a specification that cannot be met (a path that does not exist).
    pub(crate) fn enter(spec: &SandboxSpec) -> Result<Self, Report> {
        // Paths are resolved first, by the user who wrote them.
        let tree = Tree::new(spec).map_err(|error| refused(&error))?;
        namespaces::enter().map_err(|missing| Report::SandboxUnavailable { missing })?;
        // The watcher stands before the network is up: no packet can come before it.
        let (sniffer, responder) = network(allowed(spec)).map_err(|missing| Report::SandboxUnavailable { missing })?;
        let bridges = Bridges::open(spec).map_err(|error| refused(&error))?;
        Ok(Self { tree, sniffer, responder, bridges })
    }

    /// The tree that the service enters.
    pub(crate) fn tree(&self) -> Tree {
        self.tree.clone()
    }

    /// Starts the threads that watch, answer and forward, which live as long as this process. Sockets have queued what came before.
    pub(crate) fn start(self, reports: &Reports) -> Arc<Sniffer> {
        self.responder.start();
        self.bridges.start();
        self.sniffer.start(reports)
    }
}

/// Tries all that a sandbox needs, in this process, which is of no other use afterwards.
///
/// # Errors
///
/// What is missing.
pub(crate) fn probe() -> Result<(), String> {
    let spec = SandboxSpec {
        root: Root::HostReadOnly { hide: Vec::new(), show: Vec::new() },
        writable: Vec::new(),
        allowed: Vec::new(),
        outgoing: Vec::new(),
        incoming: Vec::new(),
        hosts: Vec::new(),
    };
    let tree = Tree::new(&spec).map_err(|error| error.to_string())?;
    namespaces::enter()?;
    network(Vec::new())?;
    tree.enter()
}

fn network(allowed: Vec<SocketAddr>) -> Result<(Sniffer, Responder), String> {
    let words = |what: &'static str| move |error: std::io::Error| format!("{what}: {error}");
    let sniffer = Sniffer::open(allowed).map_err(words("packet sockets (AF_PACKET)"))?;
    netlink::everything_is_here().map_err(words("the network of a namespace (rtnetlink)"))?;
    let responder = Responder::open().map_err(words("UDP port 53 of a namespace"))?;
    Ok((sniffer, responder))
}

/// Bridges are the grader's own doings, in both families of the loopback: `localhost` may mean either.
fn allowed(spec: &SandboxSpec) -> Vec<SocketAddr> {
    let bridges = spec.outgoing.iter().chain(&spec.incoming);
    let ends = bridges.flat_map(|bridge| {
        [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)]
            .map(|address| SocketAddr::new(address, bridge.port))
    });
    let hosts = spec
        .hosts
        .iter()
        .flat_map(|host| host.ports.iter().map(|bridge| SocketAddr::new(IpAddr::from(host.address), bridge.port)));
    spec.allowed.iter().copied().chain(ends).chain(hosts).collect()
}

fn refused(error: &std::io::Error) -> Report {
    Report::CouldNotStart { error: format!("the sandbox: {error}"), missing_program: false }
}
