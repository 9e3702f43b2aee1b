//! Who of a service listens, and where (Linux; elsewhere the answer is "unknown").

use std::collections::BTreeSet;
#[cfg(target_os = "linux")]
use std::io::{BufRead, BufReader};
use std::net::IpAddr;
use std::path::PathBuf;

/// A process that accepts TCP connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// At which of the machine's addresses; the unspecified one means all of them.
    pub address: IpAddr,
    /// On which port.
    pub port: u16,
    /// The program that the process runs; `None` for one that has just ended.
    pub program: Option<PathBuf>,
}

/// The listeners among the descendants of a process, or `None` where the system does not tell.
#[cfg(target_os = "linux")]
pub fn listeners_below(pid: u32) -> Option<Vec<Listener>> {
    let mut found = Vec::new();
    for pid in descendants(pid) {
        // Asked per process: in a sandbox it has a network, and so a table, of its own.
        let Some(sockets) = listening_sockets(pid) else { continue };
        // A process that ended meanwhile, or that became another user's, listens for nobody we can see.
        let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        for descriptor in descriptors.flatten() {
            let target = std::fs::read_link(descriptor.path()).unwrap_or_default();
            let inode = target.to_str().and_then(|name| name.strip_prefix("socket:[")?.strip_suffix(']'));
            let inode = inode.and_then(|digits| digits.parse::<u64>().ok());
            let held = sockets.iter().filter(|socket| Some(socket.inode) == inode);
            found.extend(held.map(|socket| Listener {
                address: socket.address,
                port: socket.port,
                program: program.clone(),
            }));
        }
    }
    Some(found)
}

/// Elsewhere the answer is unknown.
#[cfg(not(target_os = "linux"))]
pub fn listeners_below(_pid: u32) -> Option<Vec<Listener>> {
    None
}

/// The ports on which any descendant of a process listens, or `None` where the system does not tell.
pub fn listening_ports_below(pid: u32) -> Option<BTreeSet<u16>> {
    listeners_below(pid).map(|listeners| listeners.iter().map(|listener| listener.port).collect())
}

/// The descendants of a process. The kernel lists children per thread; orphans hang below the supervisor, a sub-reaper.
#[cfg(target_os = "linux")]
pub fn descendants(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        let children: String = children.collect();
        found.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        next += 1;
    }
    found.split_off(1)
}

/// Elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
pub fn descendants(_pid: u32) -> Vec<u32> {
    Vec::new()
}

#[cfg(target_os = "linux")]
#[derive(Debug, PartialEq, Eq)]
struct Socket {
    address: IpAddr,
    port: u16,
    inode: u64,
}

#[cfg(target_os = "linux")]
fn listening_sockets(pid: u32) -> Option<Vec<Socket>> {
    let table = |version: &str| std::fs::File::open(format!("/proc/{pid}/net/{version}")).map(BufReader::new);
    let mut found = listening(table("tcp").ok()?);
    found.extend(table("tcp6").map(listening).unwrap_or_default());
    Some(found)
}

/// Those at the head of a table, behind the names of its columns: Linux lists all that listen before everything else
/// (Documentation/networking/proc_net_tcp.rst). The rest stays unread: after busy minutes it is thousands of connections that
/// have ended, and reading them takes hundreds of times as long.
#[cfg(target_os = "linux")]
fn listening(table: impl BufRead) -> Vec<Socket> {
    table.lines().skip(1).map_while(|line| listening_socket(&line.ok()?)).collect()
}

/// What a line of `/proc/PID/net/tcp` says of a socket in state LISTEN (0A).
#[cfg(target_os = "linux")]
fn listening_socket(line: &str) -> Option<Socket> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = fields.get(1)?.rsplit_once(':')?;
    let listening = *fields.get(3)? == "0A";
    let inode = fields.get(9)?.parse().ok()?;
    listening.then_some(Socket { address: address_of(address)?, port: u16::from_str_radix(port, 16).ok()?, inode })
}

/// The kernel writes an address as whole words, each in the order of this machine's bytes.
#[cfg(target_os = "linux")]
fn address_of(hex: &str) -> Option<IpAddr> {
    let words = hex.as_bytes().chunks(8).map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok());
    let bytes: Vec<u8> = words.collect::<Option<Vec<u32>>>()?.into_iter().flat_map(u32::to_ne_bytes).collect();
    let v4 = <[u8; 4]>::try_from(bytes.as_slice()).map(IpAddr::from);
    // An address of IPv4 in the clothes of IPv6 is one of IPv4.
    v4.or_else(|_| <[u8; 16]>::try_from(bytes.as_slice()).map(|bytes| IpAddr::from(bytes).to_canonical())).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernel_says_address_port_and_socket() {
        let line = |address: &str| format!("0: {address}:1F90 00000000:0000 0A 00000000:00000000 00:0 0 0 0 4711 1");
        let loopback = if cfg!(target_endian = "little") { "0100007F" } else { "7F000001" };
        let expected = |address: &str| Some(Socket { address: address.parse().unwrap(), port: 8080, inode: 4711 });
        assert_eq!(listening_socket(&line(loopback)), expected("127.0.0.1"));
        assert_eq!(listening_socket(&line("00000000")), expected("0.0.0.0"));
        assert_eq!(listening_socket(&line(&"0".repeat(32))), expected("::"));
        assert_eq!(listening_socket(&line(loopback).replace("0A", "01")), None);
    }

    #[test]
    fn the_table_is_read_as_far_as_sockets_listen() {
        let line = |state: &str, inode: u64| {
            format!("0: 0100007F:1F90 00000000:0000 {state} 00000000:00000000 00:0 0 0 0 {inode} 1\n")
        };
        let table =
            format!("  sl  local_address rem_address   st\n{}{}{}", line("0A", 1), line("0A", 2), line("06", 0));
        let mut kernel = std::io::Cursor::new(table + &line("01", 3));
        let found: Vec<u64> = listening(&mut kernel).iter().map(|socket| socket.inode).collect();
        assert_eq!(found, [1, 2]);
        let mut unread = String::new();
        std::io::Read::read_to_string(&mut kernel, &mut unread).unwrap();
        assert_eq!(unread, line("01", 3), "what is connected is not even read");
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    fn the_ports_of_a_child_are_found_and_its_parents_are_not() {
        use std::io::{BufRead, BufReader};
        let ours = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let script = "import socket,sys; s=socket.create_server(('127.0.0.1',0)); print(s.getsockname()[1],flush=True); sys.stdin.read()";
        let started = std::process::Command::new("python3")
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            assert!(std::env::var_os("CI").is_none(), "this test needs python3");
            return eprintln!("skipped: no python3 on this machine");
        };
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("is piped")).read_line(&mut line).expect("it prints its port");
        let ports = listening_ports_below(std::process::id()).expect("Linux tells");
        assert!(ports.contains(&line.trim().parse().expect("is a port")), "{ports:?} misses {line}");
        assert!(!ports.contains(&ours.local_addr().expect("is bound").port()), "{ports:?}");
        drop(child.stdin.take());
        child.wait().expect("it ends with its input");
    }
}
