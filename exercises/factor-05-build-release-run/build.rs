//! Asks git which commit is built.

use std::process::Command;

fn main() {
    let git = |question: &[&str]| {
        let output = Command::new("git").args(question).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let clean = git(&["status", "--porcelain"]).is_some_and(|changes| changes.is_empty());
    println!("cargo::rustc-env=COMMIT={commit}{}", if clean { "" } else { "-dirty" });
    println!("cargo::rerun-if-changed=.asked-before-every-build");
}
