//! Servers that run as programs of this machine: where the programs are, as whom they run, and their ports.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use backing_protocol::Refusal;

use crate::refusals::failing;

/// How often another port is tried when somebody was faster.
pub const PORT_TRIES: u32 = 5;

/// Finds a program on `PATH`, then in `folders`, in which one `*` stands for any part of a name. Of several the last one by name,
/// which is the newest version.
pub fn find(program: &str, folders: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    let elsewhere = || folders.iter().flat_map(|folder| expand(folder)).map(|folder| folder.join(program));
    on_path.or_else(|| elsewhere().filter(|file| file.is_file()).max_by_key(|file| version_order(file)))
}

fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![PathBuf::from(pattern)] };
    let (parent, start) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = fs::read_dir(format!("{parent}/")).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with(start)).map(|name| PathBuf::from(format!("{parent}/{name}{after}"))).collect()
}

/// The numbers in a path: `/usr/lib/postgresql/16/bin` comes after `…/9.6/bin`.
fn version_order(path: &Path) -> Vec<u32> {
    let text = path.to_string_lossy();
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// As whom a server runs.
#[derive(Clone, Copy, Debug)]
pub struct User {
    uid: u32,
    gid: u32,
}

/// PostgreSQL refuses to run as root, and no server needs to; root's servers run as a user who owns nothing. `None` for everybody
/// else, whose servers run as themselves.
pub fn unprivileged() -> Option<User> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"].into_iter().find_map(|name| user(&users, name))
}

fn user(users: &str, name: &str) -> Option<User> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2).map_while(|number| number.parse().ok());
    Some(User { uid: numbers.next()?, gid: numbers.next()? })
}

/// Gives the folder and all it holds to the user who will work in it.
pub fn hand_over(path: &Path, user: Option<User>) -> io::Result<()> {
    let Some(User { uid, gid }) = user else { return Ok(()) };
    std::os::unix::fs::lchown(path, Some(uid), Some(gid))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            hand_over(&entry?.path(), user)?;
        }
    }
    Ok(())
}

/// Copies a folder with all it holds; folders keep their permissions.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(fs::metadata(from)?.mode()).create(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// A port on which nobody listens right now. Somebody may be faster than the server that gets it: then it ends, and another one is
/// tried.
pub fn free_port() -> Result<u16, Refusal> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(failing("cannot find a free port"))
}

/// A program in a session of its own, in `folder`, without this program's environment and standard input. What it says goes to a file.
pub fn command(program: &Path, folder: &Path, log: &Path, user: Option<User>) -> io::Result<Command> {
    let out = File::options().create(true).append(true).open(log)?;
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C");
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    // SAFETY: setsid is a bare system call, which is allowed between fork and exec.
    unsafe { command.pre_exec(|| Ok(rustix::process::setsid().map(drop)?)) };
    Ok(command)
}

/// The last lines that a server wrote, for a report.
pub fn last_words(log: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers() {
        let order = |path| version_order(Path::new(path));
        assert!(order("/usr/lib/postgresql/16/bin/postgres") > order("/usr/lib/postgresql/9.6/bin/postgres"));
    }

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users = "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(user(users, "postgres").map(|user| (user.uid, user.gid)), Some((101, 104)));
        assert!(user(users, "nobody").is_none());
    }
}
