//! The service's processes: who they are, how they end.
//!
//! On Linux the supervisor is a sub-reaper, so every descendant stays its descendant, daemons included, and `/proc` shows them all. Elsewhere
//! a process that left the service's process group *and* lost its parent cannot be found: what is done there is the best effort.

use std::io;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, kill_process_group};

use crate::protocol::LeftProcess;

/// Waits for the death of a child, adopted ones included; `None` when there is none any more.
pub(crate) fn wait(main: Pid) -> Option<(Pid, WaitStatus)> {
    loop {
        // Without a sub-reaper there are no adopted children, and waiting for all would steal the `ps` below.
        let ended = if cfg!(target_os = "linux") {
            rustix::process::wait(WaitOptions::empty())
        } else {
            rustix::process::waitpid(Some(main), WaitOptions::empty())
        };
        match ended {
            Ok(ended) => return ended,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

/// Sends SIGKILL once to the service's group and to each of its processes.
pub(crate) fn kill_all(main: Pid) {
    // Errors mean that somebody is gone already.
    let _ = kill_process_group(main, Signal::KILL);
    for process in living(main).unwrap_or_default() {
        if let Some(pid) = Pid::from_raw(process.pid) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// The processes of the service that are alive now.
pub(crate) fn left(main: Pid) -> Vec<LeftProcess> {
    let living = living(main).unwrap_or_default();
    living.into_iter().map(|process| LeftProcess { pid: process.pid, command: command(process) }).collect()
}

/// One line of the system's table of processes.
struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    name: String,
}

fn living(main: Pid) -> io::Result<Vec<Process>> {
    let mut others = table()?;
    let main = main.as_raw_nonzero().get();
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    // Whoever is in the group belongs to the service even if its parents are gone; this finds nobody new on Linux.
    let mut family: Vec<Process> = Vec::new();
    loop {
        let is_child =
            |one: &Process| one.parent == own || one.group == main || family.iter().any(|of| of.pid == one.parent);
        let (found, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(is_child);
        if found.is_empty() {
            return Ok(family);
        }
        family.extend(found);
        others = rest;
    }
}

#[cfg(target_os = "linux")]
fn table() -> io::Result<Vec<Process>> {
    let entries = std::fs::read_dir("/proc")?.flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    // A process that ends while we look has no line any more.
    Ok(pids.filter_map(|pid| parse(pid, &std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)).collect())
}

/// Reads `PID (NAME) STATE PPID PGRP …`, where the name may hold spaces and parentheses; the dead who wait for their parent do not count.
#[cfg(target_os = "linux")]
fn parse(pid: i32, stat: &str) -> Option<Process> {
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    let process = Process {
        pid,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
        name: name.to_owned(),
    };
    (!matches!(state, "Z" | "X")).then_some(process)
}

#[cfg(target_os = "linux")]
fn command(process: Process) -> String {
    let line = std::fs::read(format!("/proc/{}/cmdline", process.pid)).unwrap_or_default();
    let words = String::from_utf8_lossy(&line).replace('\0', " ").trim_end().to_owned();
    if words.is_empty() { process.name } else { words }
}

#[cfg(not(target_os = "linux"))]
fn table() -> io::Result<Vec<Process>> {
    use std::process::{Command, Stdio};
    let mut ps = Command::new("/bin/ps")
        .args(["-axo", "pid=,ppid=,pgid=,stat=,command="])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let own = i32::try_from(ps.id()).unwrap_or_default();
    let text = ps.stdout.take().map(io::read_to_string).transpose()?.unwrap_or_default();
    ps.wait()?;
    let lines = text.lines().filter_map(parse);
    Ok(lines.filter(|process| process.pid != own).collect())
}

#[cfg(not(target_os = "linux"))]
fn parse(line: &str) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let process = Process {
        pid: fields.next()?.parse().ok()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
        name: String::new(),
    };
    let dead = fields.next()?.starts_with('Z');
    let name = fields.collect::<Vec<_>>().join(" ");
    (!dead).then_some(Process { name, ..process })
}

#[cfg(not(target_os = "linux"))]
fn command(process: Process) -> String {
    process.name
}
