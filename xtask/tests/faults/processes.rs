//! The processes of this machine that belong to one test: its folder stands in their command line or environment.

use std::fmt;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Between two looks at something that is about to happen. A look, not a wait: every look may end the wait.
const LOOK: Duration = Duration::from_millis(20);

/// A process that names the test's folder.
#[derive(Debug)]
pub struct Process {
    /// Its process id.
    pub pid: i32,
    /// Its command line.
    pub command: String,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}: {}", self.pid, self.command)
    }
}

/// Lets others work before the next look.
pub fn look_again() {
    thread::sleep(LOOK);
}

/// The processes of the test whose folder this is. The dead have neither command line nor environment.
#[cfg(target_os = "linux")]
pub fn of(folder: &Path) -> Vec<Process> {
    let folder = folder.to_str().unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let read = |pid: i32, file: &str| {
        let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    pids.filter_map(|pid: i32| {
        let command = read(pid, "cmdline");
        let ours = command.contains(folder) || read(pid, "environ").contains(folder);
        ours.then_some(Process { pid, command })
    })
    .collect()
}

/// The processes that this one has started and not outlived.
#[cfg(target_os = "linux")]
pub fn children(parent: i32) -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let above = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse::<i32>().ok()?;
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        (above == parent).then_some(Process { pid, command })
    })
    .collect()
}

/// Elsewhere environments are not shown to everybody, but every supervisor and service names a folder on its command line.
#[cfg(not(target_os = "linux"))]
pub fn of(folder: &Path) -> Vec<Process> {
    let listing = std::process::Command::new("ps").args(["-axww", "-o", "pid=,command="]).output().unwrap();
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    let lines = listing.lines().filter(|line| line.contains(folder.to_str().unwrap()));
    lines
        .filter_map(|line| line.trim().split_once(' '))
        .filter_map(|(pid, command)| Some(Process { pid: pid.parse().ok()?, command: command.to_owned() }))
        .collect()
}
