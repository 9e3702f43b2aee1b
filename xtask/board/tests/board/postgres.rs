//! A PostgreSQL server of these tests alone, which can be stopped and started again.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::world::until;

/// Where PostgreSQL is when it is not on `PATH`.
const FOLDERS: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

/// The server; it ends with this value.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    running: Mutex<Option<Child>>,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts one, with the care for the disk that it has by default.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "the build server has no PostgreSQL");
            // Past the test harness, which shows nothing of a test that passes.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "skipped: no test on PostgreSQL, it is missing (cargo xtask test --setup)").unwrap();
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = Self { folder, programs, port, running: Mutex::default(), databases: AtomicU32::new(0) };
        server.hand_over();
        let mut initdb = server.program("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--pgdata"]);
        initdb.arg(server.data()).stdout(Stdio::null());
        assert!(initdb.status().unwrap().success(), "initdb");
        server.go();
        Some(server)
    }

    /// The address of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("board{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut psql = self.program("psql");
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string(), "-qc"]);
        psql.arg(format!("CREATE DATABASE {name}"));
        assert!(psql.status().unwrap().success(), "{name}");
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Ends it as an administrator does, without waiting for its clients.
    pub fn stop(&self) {
        let mut running = self.running.lock().unwrap();
        let mut child = running.take().unwrap();
        kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
        child.wait().unwrap();
    }

    /// Starts it, and returns when it answers.
    pub fn go(&self) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        for option in ["listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=32MB"] {
            postgres.args(["-c", option]);
        }
        postgres.arg("-c").arg(format!("unix_socket_directories={}", self.folder.path().display()));
        postgres.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        *self.running.lock().unwrap() = Some(postgres.spawn().unwrap());
        until(|| self.answers());
    }

    fn answers(&self) -> bool {
        let mut ask = self.program("psql");
        ask.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string(), "-qtAc", "SELECT 1"]);
        ask.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// PostgreSQL refuses to run as root, and so runs as somebody who owns nothing.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        if let Some((uid, gid)) = unprivileged() {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn hand_over(&self) {
        if let Some((uid, gid)) = unprivileged() {
            std::os::unix::fs::chown(self.folder.path(), Some(uid), Some(gid)).unwrap();
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.running.lock().unwrap().is_some() {
            self.stop();
        }
    }
}

fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for folder in FOLDERS {
        let inside = fs::read_dir(folder).into_iter().flatten().flatten();
        folders.extend(inside.map(|entry| entry.path().join("bin")));
    }
    folders.into_iter().find(|folder| ["postgres", "initdb", "psql"].iter().all(|name| is_file(folder, name)))
}

fn is_file(folder: &Path, name: &str) -> bool {
    folder.join(name).is_file()
}

fn unprivileged() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("postgres:") || line.starts_with("nobody:"))?;
    let mut numbers = line.split(':').skip(2).map(|number| number.parse().unwrap());
    Some((numbers.next()?, numbers.next()?))
}
