//! What is read of the machine. Nothing is judged here, and nothing asks the network.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::asking::{answer, printed};
use crate::room::crates::{Downloads, Reach, fetch, locked};

/// A variable of the environment that is set to something.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The version of Rust that the workshop in `root` names.
pub fn wanted_toolchain(root: &Path) -> String {
    let words = fs::read_to_string(root.join("rust-toolchain.toml")).unwrap_or_default();
    let table: toml::Table = words.parse().unwrap_or_default();
    let channel = table.get("toolchain").and_then(|toolchain| toolchain.get("channel")?.as_str());
    channel.unwrap_or(env!("CARGO_PKG_RUST_VERSION")).to_owned()
}

/// What the compiler of the workshop's folder says of itself.
pub fn rustc(root: &Path) -> Option<String> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root).arg("--version");
    // Cargo passes its own choice on, which would answer for every folder.
    printed(rustc.env_remove("RUSTUP_TOOLCHAIN"))
}

/// What git says of itself.
pub fn git() -> Option<String> {
    printed(Command::new("git").arg("--version"))
}

/// Whether a program answers.
pub fn answers(program: &str, words: &[&str]) -> bool {
    printed(Command::new(program).args(words)).is_some()
}

/// What Cargo complains about when it has to do without a network; nothing if it has all it needs. It unpacks what it has, which takes
/// a while the first time, so it is asked only where something is missing, which other systems alone may need.
pub fn offline_fetch(root: &Path) -> Result<(), String> {
    let (wanted, downloads) = (locked(root), Downloads::find());
    if let (Ok(wanted), Ok(downloads)) = (wanted, downloads)
        && wanted.iter().all(|known| downloads.archive(known).is_some())
    {
        return Ok(());
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    // One that waits for another Cargo to finish is not asked longer than any other program.
    let output = answer(&mut fetch(cargo, Reach::ThisMachineOffline)).map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Free bytes where a folder is, or will be.
pub fn free(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let known = rustix::fs::statvfs(existing).ok()?;
    Some(known.f_bavail.saturating_mul(known.f_frsize))
}

/// Whether a file can be written into a folder.
pub fn written(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!("doctor-{}", std::process::id()));
    fs::create_dir_all(folder).and_then(|()| fs::write(&probe, "")).and_then(|()| fs::remove_file(&probe))
}

/// The file systems of this machine, as Linux lists them.
pub fn mounts() -> String {
    fs::read_to_string("/proc/self/mounts").unwrap_or_default()
}

/// Memory of the machine.
pub fn memory() -> Option<u64> {
    if cfg!(target_os = "macos") {
        return printed(Command::new("sysctl").args(["-n", "hw.memsize"]))?.trim().parse().ok();
    }
    let known = fs::read_to_string("/proc/meminfo").ok()?;
    let line = known.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Processors that may be used.
pub fn processors() -> Option<usize> {
    std::thread::available_parallelism().ok().map(usize::from)
}

/// How many files may be open at once. No limit is a very high one.
pub fn open_files() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// How many files one user may watch, and with how many watchers; Linux alone has such limits.
pub fn inotify() -> Option<(u64, u64)> {
    let limit = |name: &str| switch(&format!("fs/inotify/{name}"))?.parse().ok();
    Some((limit("max_user_watches")?, limit("max_user_instances")?))
}

/// A setting of the kernel.
pub fn switch(name: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/sys/{name}")).ok().map(|value| value.trim().to_owned())
}

/// Seconds since 1970, as this machine believes.
pub fn now() -> u64 {
    seconds(SystemTime::now())
}

/// The latest time at which something happened for certain: the last commit, a file's last change, the compilation of this program.
pub fn newest(root: &Path) -> u64 {
    let mut git = Command::new("git");
    git.current_dir(root).args(["log", "-1", "--format=%ct"]);
    let commit = printed(&mut git).and_then(|said| said.trim().parse().ok()).unwrap_or(0);
    let files = [Some(root.join("Cargo.lock")), Some(root.join("README.md")), std::env::current_exe().ok()];
    let changed = |path: PathBuf| fs::metadata(path).and_then(|file| file.modified()).map_or(0, seconds);
    files.into_iter().flatten().map(changed).fold(commit, u64::max)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Whether programs of this machine reach each other.
pub fn loopback() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    TcpStream::connect(listener.local_addr()?).map(drop)
}

/// The names of the programs that run.
pub fn processes() -> Vec<String> {
    if cfg!(target_os = "macos") {
        let said = printed(Command::new("ps").args(["-axo", "comm="])).unwrap_or_default();
        return said.lines().filter_map(|line| line.rsplit('/').next()).map(|name| name.trim().to_owned()).collect();
    }
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| fs::read_to_string(entry.path().join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}
