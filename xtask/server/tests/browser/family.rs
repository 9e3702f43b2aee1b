//! The processes of one test: its folder stands in their command line or environment.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long what was asked to end may take to be gone.
const CLEANUP: Duration = Duration::from_secs(10);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Fails if something is left that does not go away.
#[track_caller]
pub fn gone(left: impl Fn() -> Vec<String>) {
    let end = Instant::now() + CLEANUP;
    loop {
        let left = left();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < end, "this is left:\n{}", left.join("\n"));
        thread::sleep(LOOK);
    }
}

/// The processes of the test whose folder this is.
#[cfg(target_os = "linux")]
pub fn of(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let names = |pid: &str| {
        let read = |file: &str| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let command = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
        let environment = String::from_utf8_lossy(&read("environ")).into_owned();
        (command.contains(folder) || environment.contains(folder)).then(|| format!("process {pid}: {command}"))
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| names(entry.file_name().to_str()?)).collect()
}

/// Elsewhere environments are not shown to everybody.
#[cfg(not(target_os = "linux"))]
pub fn of(folder: &Path) -> Vec<String> {
    let listing = std::process::Command::new("ps").args(["-axww", "-o", "command="]).output().unwrap();
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    listing.lines().filter(|line| line.contains(folder.to_str().unwrap())).map(str::to_owned).collect()
}
