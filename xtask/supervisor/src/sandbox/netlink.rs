//! Networks of fresh namespaces, set up with messages to the kernel instead of the `ip` program.

use std::io;
use std::net::Ipv4Addr;

use rustix::fd::{AsRawFd, BorrowedFd, OwnedFd};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with};

// From linux/netlink.h, linux/rtnetlink.h and linux/if.h.
const RTM_NEWLINK: u16 = 16;
const RTM_NEWADDR: u16 = 20;
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
const RT_SCOPE_LINK: u8 = 253;
const RTN_UNICAST: u8 = 1;
const RTN_LOCAL: u8 = 2;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_PREFSRC: u16 = 7;
const IFA_LOCAL: u16 = 2;
const IFLA_IFNAME: u16 = 3;
const IFLA_LINKINFO: u16 = 18;
const IFLA_NET_NS_FD: u16 = 28;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// The loopback is the first interface of every network namespace.
const LOOPBACK: u32 = 1;

/// The number of either end of a cable. A fresh namespace may have interfaces of its own, with small numbers.
const CABLE: u32 = 4711;

/// Brings the loopback up and makes every address an address of this host, as `ip route add local 0.0.0.0/0 dev lo` does.
///
/// A connection to anywhere is then really attempted, so that it is seen, and refused at once, so that nobody waits.
pub(super) fn everything_is_here() -> io::Result<()> {
    let socket = socket()?;
    ask(&socket, RTM_NEWLINK, 0, &up(LOOPBACK))?;
    ask(&socket, RTM_NEWROUTE, NLM_F_CREATE, &route(AF_INET))?;
    // A kernel without IPv6 has nowhere to send it either.
    let _ = ask(&socket, RTM_NEWROUTE, NLM_F_CREATE, &route(AF_INET6));
    Ok(())
}

/// Lays a cable from this namespace to another one and makes `addresses` this host's own, and no others. Whoever is at the other end
/// has the address `neighbour`.
pub(super) fn cable_to(other: BorrowedFd<'_>, addresses: &[Ipv4Addr], neighbour: Ipv4Addr) -> io::Result<()> {
    let socket = socket()?;
    ask(&socket, RTM_NEWLINK, NLM_F_CREATE, &cable(other))?;
    ask(&socket, RTM_NEWLINK, 0, &up(LOOPBACK))?;
    ask(&socket, RTM_NEWLINK, 0, &up(CABLE))?;
    for address in addresses {
        ask(&socket, RTM_NEWROUTE, NLM_F_CREATE, &route_to(*address, RTN_LOCAL, RT_SCOPE_HOST, LOOPBACK, None))?;
    }
    ask(&socket, RTM_NEWROUTE, NLM_F_CREATE, &route_to(neighbour, RTN_UNICAST, RT_SCOPE_LINK, CABLE, None))
}

/// The other end of the cable: `addresses` are reached through it, and see `own` as their caller.
pub(super) fn cable_from(addresses: &[Ipv4Addr], own: Ipv4Addr) -> io::Result<()> {
    let socket = socket()?;
    ask(&socket, RTM_NEWLINK, 0, &up(CABLE))?;
    // The kernel gives the cable an address of IPv6. Whoever looks names up for the kinds of addresses that a host has
    // (`AI_ADDRCONFIG`, as Node does) would then ask for those of IPv6 alone, and find no machine.
    ask(&socket, RTM_NEWADDR, NLM_F_CREATE, &address_of(CABLE, own))?;
    for address in addresses {
        ask(&socket, RTM_NEWROUTE, NLM_F_CREATE, &route_to(*address, RTN_UNICAST, RT_SCOPE_LINK, CABLE, Some(own)))?;
    }
    Ok(())
}

/// A socket belongs to the namespace in which it was made. `NETLINK_ROUTE` is the protocol of number zero.
fn socket() -> io::Result<OwnedFd> {
    Ok(socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?)
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
fn interface(index: u32, flags: u32) -> Vec<u8> {
    let numbers = [index, flags, flags].map(u32::to_ne_bytes);
    [[0; 4]].iter().chain(&numbers).flatten().copied().collect()
}

fn up(index: u32) -> Vec<u8> {
    interface(index, IFF_UP)
}

/// A pair of interfaces, the second of which begins in another namespace.
fn cable(other: BorrowedFd<'_>) -> Vec<u8> {
    let far = [
        interface(CABLE, 0),
        attribute(IFLA_IFNAME, b"cluster\0"),
        attribute(IFLA_NET_NS_FD, &other.as_raw_fd().to_ne_bytes()),
    ];
    let data = attribute(IFLA_INFO_DATA, &attribute(VETH_INFO_PEER, &far.concat()));
    let info = [attribute(IFLA_INFO_KIND, b"veth"), data].concat();
    [interface(CABLE, 0), attribute(IFLA_IFNAME, b"pod\0"), attribute(IFLA_LINKINFO, &info)].concat()
}

/// `struct rtattr`: length, kind and value, up to the next multiple of four.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or_default();
    let mut attribute = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    attribute.extend(value);
    attribute.resize(attribute.len().next_multiple_of(4), 0);
    attribute
}

/// `struct ifaddrmsg`: family, length of the prefix, flags, scope, index; then the address.
fn address_of(interface: u32, address: Ipv4Addr) -> Vec<u8> {
    [vec![AF_INET, 32, 0, 0], interface.to_ne_bytes().to_vec(), attribute(IFA_LOCAL, &address.octets())].concat()
}

/// `struct rtmsg` for one address, in the table that is asked first: there it comes before the route for all addresses.
fn route_to(address: Ipv4Addr, kind: u8, scope: u8, interface: u32, source: Option<Ipv4Addr>) -> Vec<u8> {
    let mut body = vec![AF_INET, 32, 0, 0, RT_TABLE_LOCAL, RTPROT_STATIC, scope, kind, 0, 0, 0, 0];
    body.extend(attribute(RTA_DST, &address.octets()));
    body.extend(attribute(RTA_OIF, &interface.to_ne_bytes()));
    body.extend(source.into_iter().flat_map(|source| attribute(RTA_PREFSRC, &source.octets())));
    body
}

/// `struct rtmsg` for a prefix of no bits, then the attribute that names the interface.
fn route(family: u8) -> Vec<u8> {
    let scope = if family == AF_INET { RT_SCOPE_HOST } else { 0 };
    let mut body = vec![family, 0, 0, 0, RT_TABLE_LOCAL, RTPROT_STATIC, scope, RTN_LOCAL];
    body.extend(0_u32.to_ne_bytes());
    body.extend(attribute(RTA_OIF, &LOOPBACK.to_ne_bytes()));
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
