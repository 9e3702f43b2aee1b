//! Ports for services: leased, so that two runs never hand out the same one.
//!
//! "Bind port 0, close it, tell the child" lost up to one start in thirty when several graders ran at once. Ports here
//! lie below the range the kernel hands out by itself, and the UDP port of the same number keeps other runs away: no
//! service of the workshop uses it, whoever grades on this machine sees it (in another folder, as another user), and it
//! ends with the process that holds it. A locked file per port did so only for runs that shared a folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;

use tokio::net::TcpSocket;

use crate::check::LabError;
use crate::lab::chance::Chance;

const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Hands out this machine's ports.
#[derive(Debug)]
pub struct Ports;

/// A port that is ours until this value is dropped.
#[derive(Debug)]
pub struct Port {
    /// Its number.
    pub number: u16,
    /// None is needed for one in a network of the service's own.
    _lease: Option<UdpSocket>,
}

impl Port {
    /// A port in a network of the service's own, where nobody else is.
    pub(super) fn inside(number: u16) -> Self {
        Self { number, _lease: None }
    }
}

impl Ports {
    /// Leases a port that nobody listens on.
    pub fn lease(&self, chance: &Chance) -> Result<Port, LabError> {
        let start = chance.below(u64::from(COUNT)) as u16;
        for step in 0..COUNT {
            let number = FIRST + (start + step) % COUNT;
            if let Some(lease) = try_lease(number)?
                && nobody_listens(number)
            {
                return Ok(Port { number, _lease: Some(lease) });
            }
        }
        Err(LabError::new("cannot find a free port", format!("{FIRST} to {} are all taken", FIRST + COUNT - 1)))
    }
}

/// The lease of a port, or `None` if somebody else has it.
fn try_lease(number: u16) -> Result<Option<UdpSocket>, LabError> {
    match UdpSocket::bind((Ipv4Addr::LOCALHOST, number)) {
        Ok(lease) => Ok(Some(lease)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(LabError::new(format!("cannot lease port {number}"), error)),
    }
}

/// Both addresses: a service may bind all interfaces or loopback alone.
fn nobody_listens(number: u16) -> bool {
    let probe = |address| reserve(SocketAddr::from((address, number)));
    [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST].into_iter().all(|address| probe(address).is_ok())
}

/// Bound and not listening: connections are refused, and whoever else keeps to the leases leaves the port alone.
///
/// It fails while somebody listens, but does not itself stop anybody from listening. That matters for a probe: a process
/// that is just being forked for somebody else's service holds a copy of it until it has become that service.
pub(super) fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// What cannot run twice on one machine, such as a service that insists on a well-known port, holds this lock.
pub async fn only_one_at_a_time(folder: &Path) -> Result<File, LabError> {
    lock_file(&folder.join("well-known.lock"), || {}).await
}

/// Locks a file for as long as the returned value lives; calls `waiting` if somebody else holds it.
pub async fn lock_file(path: &Path, waiting: impl FnOnce()) -> Result<File, LabError> {
    let name = path.display().to_string();
    let failed = |error: io::Error| LabError::new(format!("cannot lock {name}"), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
        Err(TryLockError::WouldBlock) => waiting(),
    }
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    locked.map_err(|error| LabError::new("cannot wait for a lock", error))?.map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// They share nothing but the machine.
    #[test]
    fn two_graders_with_the_same_seed_get_different_ports() {
        let (first, second) = (lease(), lease());
        assert_ne!(first.number, second.number);
    }

    #[test]
    fn a_port_somebody_listens_on_is_passed_over() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let number = listener.local_addr().expect("is bound").port();
        assert!(!nobody_listens(number));
    }

    /// Elsewhere an address is not shared, even by two that do not listen.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_copy_of_a_probe_in_a_process_just_forked_stops_nobody() {
        let port = lease();
        let _copy = reserve(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port.number))).expect("nobody listens");
        assert!(nobody_listens(port.number));
        TcpListener::bind((Ipv4Addr::LOCALHOST, port.number)).expect("the copy is in nobody's way");
    }

    fn lease() -> Port {
        Ports.lease(&Chance::new(1, "x")).expect("a port is free")
    }
}
