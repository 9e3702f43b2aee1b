//! The files in `/etc` that keep name lookups inside the sandbox.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use rustix::process::{getegid, geteuid};
use rustix::system::uname;

const HOSTS: &str = "hosts";
const ORDER: &str = "nsswitch.conf";
const RESOLVER: &str = "resolv.conf";
const USERS: &str = "passwd";

/// Which files lie over the host's, and where. A link to a file elsewhere is followed; a missing file stays missing, and its default is ours.
pub(super) fn in_host() -> Vec<(&'static str, PathBuf)> {
    let real = |name| Some((name, fs::canonicalize(Path::new("/etc").join(name)).ok()?));
    [HOSTS, ORDER, RESOLVER].into_iter().filter_map(real).collect()
}

/// Which files a bare root has, and where.
pub(super) fn in_bare() -> Vec<(&'static str, PathBuf)> {
    let place = |name| (name, Path::new("/etc").join(name));
    [HOSTS, ORDER, RESOLVER, USERS].map(place).to_vec()
}

/// Writes them all into a folder; `others` are machines that exist in this sandbox alone.
pub(super) fn write(folder: &Path, others: &[(Ipv4Addr, String)]) -> io::Result<()> {
    // A program that looks up its own name asks nobody else: that is no attempt to reach anything.
    let host = uname().nodename().to_string_lossy().into_owned();
    let others: String = others.iter().map(|(address, name)| format!("{address} {name}\n")).collect();
    let hosts = format!("127.0.0.1 localhost {host}\n::1 localhost ip6-localhost ip6-loopback\n{others}");
    fs::write(folder.join(HOSTS), hosts)?;
    fs::write(
        folder.join(ORDER),
        "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    )?;
    fs::write(folder.join(RESOLVER), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")?;
    fs::write(folder.join(USERS), users())
}

fn users() -> String {
    let root = "root:x:0:0:root:/:/sbin/nologin\n";
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    if user == 0 {
        return root.to_owned();
    }
    format!("{root}service:x:{user}:{group}:service:/:/sbin/nologin\n")
}
