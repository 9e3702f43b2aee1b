//! The network of a fresh namespace, set up with three messages to the kernel instead of the `ip` program.

use std::io;

use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with};

// From linux/netlink.h, linux/rtnetlink.h and linux/if.h.
const RTM_NEWLINK: u16 = 16;
const RTM_NEWROUTE: u16 = 24;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_ACK: u16 = 0x4;
const NLM_F_CREATE: u16 = 0x400;
const NLMSG_ERROR: u16 = 2;
const HEADER_LENGTH: usize = 16;
const IFF_UP: u32 = 1;
const RT_TABLE_LOCAL: u8 = 255;
const RTPROT_STATIC: u8 = 4;
const RT_SCOPE_HOST: u8 = 254;
const RTN_LOCAL: u8 = 2;
const RTA_OIF: u16 = 4;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// The loopback is the first interface of every network namespace.
const LOOPBACK: u32 = 1;

/// Brings the loopback up and makes every address an address of this host, as `ip route add local 0.0.0.0/0 dev lo` does.
///
/// A connection to anywhere is then really attempted, so that it is seen, and refused at once, so that nobody waits.
pub(super) fn everything_is_here() -> io::Result<()> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        // NETLINK_ROUTE is the protocol of number zero.
        None,
    )?;
    ask(&socket, RTM_NEWLINK, 0, &loopback_up())?;
    ask(&socket, RTM_NEWROUTE, NLM_F_CREATE, &route(AF_INET))?;
    // A kernel without IPv6 has nowhere to send it either.
    let _ = ask(&socket, RTM_NEWROUTE, NLM_F_CREATE, &route(AF_INET6));
    Ok(())
}

fn ask(socket: &OwnedFd, kind: u16, flags: u16, body: &[u8]) -> io::Result<()> {
    send(socket, &message(kind, flags, body), SendFlags::empty())?;
    let mut answer = [0; 4096];
    let (_, length) = recv(socket, &mut answer[..], RecvFlags::empty())?;
    acknowledged(answer.get(..length).unwrap_or_default())
}

/// `struct nlmsghdr`, then the body.
fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER_LENGTH + body.len()).unwrap_or_default();
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend((NLM_F_REQUEST | NLM_F_ACK | flags).to_ne_bytes());
    // Sequence number and port: one question at a time needs neither.
    message.extend([0; 8]);
    message.extend(body);
    message
}

/// `struct ifinfomsg`: family, padding, type, index, flags, which flags change.
fn loopback_up() -> Vec<u8> {
    let numbers = [LOOPBACK, IFF_UP, IFF_UP].map(u32::to_ne_bytes);
    [[0; 4]].iter().chain(&numbers).flatten().copied().collect()
}

/// `struct rtmsg` for a prefix of no bits, then the attribute that names the interface.
fn route(family: u8) -> Vec<u8> {
    let scope = if family == AF_INET { RT_SCOPE_HOST } else { 0 };
    let mut body = vec![family, 0, 0, 0, RT_TABLE_LOCAL, RTPROT_STATIC, scope, RTN_LOCAL];
    body.extend(0_u32.to_ne_bytes());
    body.extend(8_u16.to_ne_bytes());
    body.extend(RTA_OIF.to_ne_bytes());
    body.extend(LOOPBACK.to_ne_bytes());
    body
}

/// The answer to every question is `struct nlmsgerr`, whose number is zero when all is well.
fn acknowledged(answer: &[u8]) -> io::Result<()> {
    let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes);
    let number = answer.get(16..20).and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes);
    match (kind, number) {
        (Some(NLMSG_ERROR), Some(0)) => Ok(()),
        (Some(NLMSG_ERROR), Some(number)) => Err(io::Error::from_raw_os_error(-number)),
        _ => Err(io::Error::other("an answer that is no acknowledgement")),
    }
}
