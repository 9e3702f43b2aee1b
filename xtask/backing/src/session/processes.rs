//! Processes by number and time of birth, so that a number which the system has given to somebody else is not mistaken.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

/// Between two looks at a process that shall end.
const PAUSE: Duration = Duration::from_millis(10);

/// A process that cannot be mistaken for another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its number.
    pub pid: u32,
    /// When it was born, in the system's own words.
    pub born: String,
}

impl Identity {
    /// This program.
    pub fn own() -> Self {
        Self::of(std::process::id())
    }

    /// The process that has this number now.
    pub fn of(pid: u32) -> Self {
        Self { pid, born: born(pid).unwrap_or_default() }
    }

    /// Whether it still runs; the dead who wait for their parent do not count.
    pub fn lives(&self) -> bool {
        born(self.pid).is_some_and(|born| born == self.born)
    }

    fn signal(&self, signal: Signal) {
        if let (true, Some(pid)) = (self.lives(), Pid::from_raw(self.pid.cast_signed())) {
            // An error means that it is gone or not ours.
            let _ = kill_process(pid, signal);
        }
    }
}

/// Ends the processes: with `politely` first, which lets a server free what it shares with its children, then with force.
pub async fn end(processes: &[Identity], politely: Signal, grace: Duration) {
    processes.iter().for_each(|process| process.signal(politely));
    if gone_within(processes, grace).await {
        return;
    }
    processes.iter().for_each(|process| process.signal(Signal::KILL));
    gone_within(processes, grace).await;
}

/// Waits until none of them lives; `false` when one does for longer.
pub async fn gone_within(processes: &[Identity], grace: Duration) -> bool {
    let deadline = Instant::now() + grace;
    while processes.iter().any(Identity::lives) {
        if Instant::now() > deadline {
            return false;
        }
        sleep(PAUSE).await;
    }
    true
}

/// The processes that work in `folder` or below it: children of a server that outlived it, or a server that was started in the
/// very moment in which its starter died. Only Linux tells.
#[cfg(target_os = "linux")]
pub fn working_in(folder: &Path) -> Vec<Identity> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let works_there =
        |pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|directory| directory.starts_with(folder));
    pids.filter(works_there).map(Identity::of).collect()
}

#[cfg(not(target_os = "linux"))]
pub fn working_in(_: &Path) -> Vec<Identity> {
    Vec::new()
}

/// Reads `PID (NAME) STATE PPID …`, where the name may hold spaces and parentheses; the time of birth is the 22nd field.
#[cfg(target_os = "linux")]
fn born(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let born = fields.nth(18)?;
    (!matches!(state, "Z" | "X")).then(|| born.to_owned())
}

#[cfg(not(target_os = "linux"))]
fn born(pid: u32) -> Option<String> {
    let ps =
        std::process::Command::new("/bin/ps").args(["-o", "stat=,lstart=", "-p", &pid.to_string()]).output().ok()?;
    let text = String::from_utf8_lossy(&ps.stdout);
    let (state, born) = text.trim().split_once(' ')?;
    (!state.starts_with('Z')).then(|| born.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_given_to_somebody_else_is_somebody_else() {
        let own = Identity::own();
        assert!(own.lives());
        assert!(!Identity { born: "0".to_owned(), ..own }.lives());
    }
}
