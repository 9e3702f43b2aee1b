//! The build stage knows one thing about itself: which commit it was made of (factor 1). It knows nothing of any deploy, since
//! the same build goes into all of them (factor 5).

use std::io::{self, Write};
use std::process::Command;

fn main() -> io::Result<()> {
    let commit = git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    // What is built with changes that no commit holds must not be taken for the commit.
    let clean = git(&["status", "--porcelain"]).is_some_and(|changes| changes.is_empty());
    let mark = if clean { "" } else { "-dirty" };
    let mut cargo = io::stdout().lock();
    writeln!(cargo, "cargo::rustc-env=COMMIT={commit}{mark}")?;
    // A commit, a branch and an edit all change the answer. A file that never exists makes Cargo ask before every build.
    writeln!(cargo, "cargo::rerun-if-changed=.asked-before-every-build")
}

fn git(question: &[&str]) -> Option<String> {
    let output = Command::new("git").args(question).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
