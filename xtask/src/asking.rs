//! Short questions to other programs, which may be absent, fail, or never answer.

use std::io;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// An engine that hangs must not hold up everything: somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a program answers to a question. One that takes too long is ended, and has not answered.
pub fn answer(command: &mut Command) -> io::Result<Output> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (sender, answered) = channel();
    // Who no longer listens has lost patience.
    thread::spawn(move || drop(sender.send(child.wait_with_output())));
    answered.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        // It has not been waited for, so the number is still its own.
        let _ = pid.map(|pid| kill_process(pid, Signal::KILL));
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", PATIENCE.as_secs())))
    })
}

/// What a program prints, if it succeeds.
pub fn printed(command: &mut Command) -> Option<String> {
    let output = answer(command).ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_counts_only_with_success() {
        let say = |words: &str| printed(Command::new("sh").args(["-c", words]));
        assert_eq!(say("echo yes").as_deref(), Some("yes\n"));
        assert_eq!(say("echo no; exit 1"), None);
        assert_eq!(printed(&mut Command::new("/no/such/program")), None);
    }
}
