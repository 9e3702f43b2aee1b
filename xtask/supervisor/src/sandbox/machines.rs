//! The machines that a service knows by name: they have a network of their own, as other machines do.
//!
//! In the service's own network a listener on `10.96.0.10:8080` would be in the way of a service that opens 8080 on all addresses, as it
//! should, and most Services of a cluster have the port of their Pods.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsFd;
use std::path::PathBuf;

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use super::{namespaces, netlink};
use crate::protocol::{Bridge, Host};

/// Whom the machines see as their caller: an address of a Pod, as most clusters give them.
const CALLER: Ipv4Addr = Ipv4Addr::new(10, 244, 0, 2);

/// Listens at every port of every machine.
///
/// # Errors
///
/// An address or a port that is taken. Where the kernel has no cables between namespaces, the machines share the service's network.
pub(super) fn listen(hosts: &[Host]) -> io::Result<Vec<(TcpListener, PathBuf)>> {
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    let here = File::open("/proc/thread-self/ns/net")?;
    namespaces::unshare(UnshareFlags::NEWNET)?;
    let addresses: Vec<Ipv4Addr> = hosts.iter().map(|host| host.address).collect();
    let cable = netlink::cable_to(here.as_fd(), &addresses, CALLER);
    // The listeners keep their network when this process has left it.
    let there = cable.is_ok().then(|| open(hosts));
    move_into_link_name_space(here.as_fd(), Some(LinkNameSpaceType::Network))?;
    match there {
        Some(listeners) => netlink::cable_from(&addresses, CALLER).and(listeners),
        None => open(hosts),
    }
}

fn open(hosts: &[Host]) -> io::Result<Vec<(TcpListener, PathBuf)>> {
    let bridges = hosts.iter().flat_map(|host| host.ports.iter().map(|bridge| (host.address, bridge)));
    bridges.map(|(address, bridge)| open_one(address, bridge)).collect()
}

fn open_one(address: Ipv4Addr, bridge: &Bridge) -> io::Result<(TcpListener, PathBuf)> {
    let listener = TcpListener::bind((address, bridge.port));
    let failed = |error: io::Error| io::Error::new(error.kind(), format!("{address}:{}: {error}", bridge.port));
    listener.map(|listener| (listener, bridge.socket.clone())).map_err(failed)
}
