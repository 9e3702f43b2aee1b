//! Sees every connection attempt in the sandbox, whether or not anybody listens at its destination.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, eth, recv, socket_with, sockopt};

use super::{dns, filter};
use crate::protocol::{Attempt, Protocol, Report};
use crate::run::Reports;

/// A service that dials at random is told apart by far fewer.
const MOST_ATTEMPTS: usize = 10_000;

/// As large as a system lets it be (it cuts what is too much): some hundred attempts may wait while we have no processor.
const QUEUE: usize = 1 << 22;

/// Longer than any question to a name server.
const PACKET: u16 = 2048;

/// Protocol numbers of IP.
pub(super) const UDP: u8 = 17;
pub(super) const TCP: u8 = 6;

/// The length of IPv6's first header, which none of these packets extends.
pub(super) const IPV6_HEADER: u8 = 40;

/// A packet socket on the loopback of the namespace.
pub(crate) struct Sniffer {
    socket: OwnedFd,
    allowed: Vec<SocketAddr>,
    seen: Mutex<HashSet<Attempt>>,
    reports: OnceLock<Reports>,
}

impl Sniffer {
    /// Starts to queue attempts; they are reported after `start`.
    pub(super) fn open(allowed: Vec<SocketAddr>) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::PACKET, SocketType::DGRAM, flags, Some(eth::ALL))?;
        sockopt::set_socket_recv_buffer_size(&socket, QUEUE)?;
        filter::attempts_only(&socket, PACKET)?;
        Ok(Self { socket, allowed, seen: Mutex::default(), reports: OnceLock::new() })
    }

    /// Starts the thread that reports attempts as they happen.
    pub(super) fn start(self, reports: &Reports) -> Arc<Self> {
        let _ = self.reports.set(reports.clone());
        let sniffer = Arc::new(self);
        let watcher = Arc::clone(&sniffer);
        thread::spawn(move || {
            while watcher.wait().is_ok() {
                watcher.drain();
            }
        });
        sniffer
    }

    /// Reports every attempt made until now: the kernel queues a packet here before the system call that sent it returns.
    pub(crate) fn drain(&self) {
        // The lock is held until the reports are out, so that whoever drains second finds nothing that is not reported yet.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut packet = [0; PACKET as usize];
        while let Ok((_, length)) = recv(&self.socket, &mut packet[..], RecvFlags::DONTWAIT) {
            let attempt = attempt(packet.get(..length).unwrap_or_default());
            let new = attempt.filter(|attempt| self.counts(attempt) && seen.len() < MOST_ATTEMPTS);
            if let Some(attempt) = new.filter(|attempt| seen.insert(attempt.clone())) {
                self.report(attempt);
            }
        }
    }

    fn wait(&self) -> rustix::io::Result<()> {
        match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn counts(&self, attempt: &Attempt) -> bool {
        !self.allowed.contains(&SocketAddr::new(attempt.address, attempt.port))
    }

    fn report(&self, attempt: Attempt) {
        if let Some(reports) = self.reports.get() {
            reports.send(&Report::Attempt(attempt));
        }
    }
}

/// What an IP packet attempts; `None` for our own answers and for what is no attempt.
fn attempt(packet: &[u8]) -> Option<Attempt> {
    let (protocol, source, address, payload) = match packet.first()? >> 4 {
        4 => ipv4(packet)?,
        6 => ipv6(packet)?,
        _ => return None,
    };
    let from = SocketAddr::new(source, number(payload, 0)?);
    let port = number(payload, 2)?;
    if protocol == Protocol::Udp && from == dns::ADDRESS {
        return None;
    }
    let asked = (protocol == Protocol::Udp && port == dns::ADDRESS.port()).then(|| dns::asked_name(payload.get(8..)?));
    Some(Attempt { protocol, address, port, name: asked.flatten() })
}

type Parts<'a> = (Protocol, IpAddr, IpAddr, &'a [u8]);

fn ipv4(packet: &[u8]) -> Option<Parts<'_>> {
    let header = usize::from(packet.first()? & 0xf) * 4;
    // Only the first fragment of a datagram holds its ports.
    if number(packet, 6)? & 0x1fff != 0 {
        return None;
    }
    let source: [u8; 4] = packet.get(12..16)?.try_into().ok()?;
    let destination: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
    let addresses = (Ipv4Addr::from(source).into(), Ipv4Addr::from(destination).into());
    Some((protocol(*packet.get(9)?)?, addresses.0, addresses.1, packet.get(header..)?))
}

fn ipv6(packet: &[u8]) -> Option<Parts<'_>> {
    let source: [u8; 16] = packet.get(8..24)?.try_into().ok()?;
    let destination: [u8; 16] = packet.get(24..40)?.try_into().ok()?;
    let addresses = (Ipv6Addr::from(source).into(), Ipv6Addr::from(destination).into());
    Some((protocol(*packet.get(6)?)?, addresses.0, addresses.1, packet.get(usize::from(IPV6_HEADER)..)?))
}

fn protocol(number: u8) -> Option<Protocol> {
    match number {
        TCP => Some(Protocol::Tcp),
        UDP => Some(Protocol::Udp),
        _ => None,
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
