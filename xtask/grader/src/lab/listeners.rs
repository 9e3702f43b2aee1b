//! Which TCP ports the processes of a service listen on (Linux; elsewhere the answer is "unknown").

use std::collections::BTreeSet;

/// The ports on which any descendant of a process listens, or `None` where the system does not tell.
#[cfg(target_os = "linux")]
pub fn listening_ports_below(pid: u32) -> Option<BTreeSet<u16>> {
    let mut ports = BTreeSet::new();
    for pid in descendants(pid) {
        // Asked per process: in a sandbox it has a network, and so a table, of its own.
        let Some(sockets) = listening_sockets(pid) else { continue };
        // A process that ended meanwhile, or that became another user's, listens for nobody we can see.
        let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        for descriptor in descriptors.flatten() {
            let target = std::fs::read_link(descriptor.path()).unwrap_or_default();
            let inode = target.to_str().and_then(|name| name.strip_prefix("socket:[")?.strip_suffix(']'));
            let inode = inode.and_then(|digits| digits.parse::<u64>().ok());
            ports.extend(sockets.iter().filter(|(_, of)| Some(*of) == inode).map(|(port, _)| *port));
        }
    }
    Some(ports)
}

/// Elsewhere the answer is unknown.
#[cfg(not(target_os = "linux"))]
pub fn listening_ports_below(_pid: u32) -> Option<BTreeSet<u16>> {
    None
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
fn listening_sockets(pid: u32) -> Option<Vec<(u16, u64)>> {
    let v4 = std::fs::read_to_string(format!("/proc/{pid}/net/tcp")).ok()?;
    let v6 = std::fs::read_to_string(format!("/proc/{pid}/net/tcp6")).unwrap_or_default();
    Some(v4.lines().chain(v6.lines()).filter_map(listening_socket).collect())
}

/// Port and inode of a line of `/proc/PID/net/tcp` in state LISTEN (0A).
#[cfg(target_os = "linux")]
fn listening_socket(line: &str) -> Option<(u16, u64)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, port) = fields.get(1)?.rsplit_once(':')?;
    let listening = *fields.get(3)? == "0A";
    let inode = fields.get(9)?.parse().ok()?;
    listening.then_some((u16::from_str_radix(port, 16).ok()?, inode))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

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
