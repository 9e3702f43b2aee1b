//! `test --setup`: what the tests need beyond Rust.

use std::path::PathBuf;
use std::process::Command;

use crate::console;
use crate::messages::Wrong;
use crate::session::Session;
use crate::trouble::Trouble;

mod engine;

use engine::Engine;

/// A program that tests call, and the Debian package that has it.
struct Needed {
    program: &'static str,
    package: &'static str,
}

/// All of them.
const NEEDED: &[Needed] = &[
    Needed { program: "git", package: "git" },
    Needed { program: "cc", package: "build-essential" },
    // The server itself lies outside PATH; this program comes with it.
    Needed { program: "pg_ctlcluster", package: "postgresql" },
    Needed { program: "redis-server", package: "redis-server" },
    Needed { program: "dockerd", package: "docker.io" },
    Needed { program: "docker-compose", package: "docker-compose" },
    Needed { program: "iptables", package: "iptables" },
    Needed { program: "mmdebstrap", package: "mmdebstrap" },
    Needed { program: "ps", package: "procps" },
    // A bundle is compressed by the one, and used in a network that the other has set up.
    Needed { program: "zstd", package: "zstd" },
    Needed { program: "ip", package: "iproute2" },
    Needed { program: "curl", package: "curl" },
    Needed { program: "kubectl", package: "kubernetes-client" },
    Needed { program: "tmux", package: "tmux" },
    Needed { program: "chromium", package: "chromium" },
    Needed { program: "node", package: "nodejs" },
    Needed { program: "npm", package: "npm" },
];

/// What runs as long as the tests do.
pub struct Setup {
    _engine: Option<Engine>,
}

/// Installs what is missing, after asking, and starts what has to run. `None` when something is still missing.
pub fn run(session: &mut Session, yes: bool) -> Result<Option<Setup>, Trouble> {
    if !install_missing(session, yes)? {
        return Ok(None);
    }
    let engine = if on_the_build_server() { engine::provide(session)? } else { None };
    Ok(Some(Setup { _engine: engine }))
}

fn install_missing(session: &mut Session, yes: bool) -> Result<bool, Trouble> {
    let missing: Vec<&str> =
        NEEDED.iter().filter(|needed| !exists(needed.program)).map(|needed| needed.package).collect();
    let messages = session.messages();
    if missing.is_empty() {
        session.say(messages.all_installed())?;
        return Ok(true);
    }
    let packages = missing.join(" ");
    if !exists("apt-get") {
        session.say(messages.install_yourself(&packages))?;
        return Ok(false);
    }
    if !yes && !agreed(session, &packages)? {
        session.say(messages.nothing_done())?;
        return Ok(false);
    }
    install(&missing)
}

fn on_the_build_server() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

fn agreed(session: &Session, packages: &str) -> Result<bool, Trouble> {
    if on_the_build_server() {
        return Ok(true);
    }
    if !console::can_ask() {
        return Err(Wrong::NeedsYes("test --setup").into());
    }
    Ok(console::confirmed(&session.messages().ask_install(packages))?)
}

fn install(packages: &[&str]) -> Result<bool, Trouble> {
    let flags = ["install", "--yes", "--no-install-recommends"];
    Ok(apt_get(&["update"])? && apt_get(&[&flags[..], packages].concat())?)
}

fn apt_get(arguments: &[&str]) -> Result<bool, Trouble> {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("apt-get");
        sudo
    };
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    let status = command.status().map_err(|error| Trouble::failed("cannot run apt-get", error))?;
    Ok(status.success())
}

/// Servers lie in folders that are not on everybody's `PATH`.
fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let servers = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(servers).any(|folder| folder.join(program).is_file())
}
