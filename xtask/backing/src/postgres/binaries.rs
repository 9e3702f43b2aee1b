//! A PostgreSQL server from programs of this machine: a prepared data directory is copied to the fastest place and started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use backing_protocol::Refusal;
use tokio_postgres::Config;

use super::{OPTIONS, Postgres};
use crate::house::House;
use crate::local::{self, User};
use crate::refusals::{failed, failing};
use crate::session::record::Trace;
use crate::waiting::first_answer;

/// Where PostgreSQL is when it is not on `PATH`.
const FOLDERS: [&str; 7] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// The server's administrator.
const ADMIN: &str = "postgres";

/// After this long it does not come up any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// What only concerns a server on this machine.
const OPTIONS_HERE: [&str; 3] = [
    "listen_addresses=127.0.0.1",
    "logging_collector=off",
    // Files in the data directory go with it; named pieces of shared memory would outlive a server that is killed.
    "dynamic_shared_memory_type=mmap",
];

/// Older ones are no longer looked after by anybody, and lack what a migration of today takes for granted.
const OLDEST: u32 = 13;

/// The programs that are needed.
#[derive(Debug)]
pub struct Binaries {
    postgres: PathBuf,
    initdb: PathBuf,
}

/// Finds both programs of one installation that is not too old.
pub fn find() -> Option<Binaries> {
    let postgres = local::find("postgres", &FOLDERS)?;
    // Its sibling is of the same version; the link in a folder of PATH may be lonely.
    let real = fs::canonicalize(&postgres).ok()?;
    let initdb =
        [&real, &postgres].into_iter().map(|path| path.with_file_name("initdb")).find(|path| path.is_file())?;
    Some(Binaries { postgres: real, initdb }).filter(is_recent)
}

fn is_recent(binaries: &Binaries) -> bool {
    let version = version(binaries).unwrap_or_default();
    let major = version.split([' ', '.']).nth(1).and_then(|number| number.parse().ok());
    major.is_some_and(|major: u32| major >= OLDEST)
}

/// The version, as the program tells it: `PostgreSQL 15.18`.
pub fn version(binaries: &Binaries) -> Option<String> {
    let output = Command::new(&binaries.postgres).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(|n| format!("PostgreSQL {n}"))
}

/// Starts a server.
pub async fn start(house: &House, binaries: &Binaries) -> Result<Postgres, Refusal> {
    let user = local::unprivileged();
    let template = template(house, binaries, user).await?;
    let folder = house.session.folder("postgres")?;
    let data = folder.join("data");
    local::copy(&template, &data).map_err(failing("cannot copy the prepared data directory"))?;
    local::hand_over(&folder, user).map_err(failing("cannot hand over the data directory"))?;
    let mut last = failed("PostgreSQL", "was never started");
    for _ in 0..local::PORT_TRIES {
        let port = local::free_port()?;
        match come_up(house, binaries, &folder, user, port).await {
            Ok(postgres) => return Ok(postgres),
            Err(refusal) if says_port_taken(&folder) => last = refusal,
            Err(refusal) => return Err(refusal),
        }
    }
    Err(last)
}

async fn come_up(
    house: &House,
    binaries: &Binaries,
    folder: &Path,
    user: Option<User>,
    port: u16,
) -> Result<Postgres, Refusal> {
    let log = log(folder);
    let _ = fs::remove_file(&log);
    let mut command = local::command(&binaries.postgres, folder, &log, user).map_err(failing("PostgreSQL"))?;
    command.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string());
    command.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
    for option in OPTIONS.into_iter().chain(OPTIONS_HERE) {
        command.args(["-c", option]);
    }
    let server = house.session.spawn(&mut command)?;
    let mut admin = Config::new();
    // The socket lies in a folder that only this user and the server's can enter; so the administrator needs no password.
    admin.host_path(folder).port(port).user(ADMIN).connect_timeout(PATIENCE);
    let address = ("127.0.0.1".to_owned(), port);
    let ask = async || Postgres::greet("local", admin.clone(), address.clone(), None).await;
    let ended = async || (!server.lives()).then(|| local::last_words(&log));
    let postgres = first_answer("PostgreSQL", PATIENCE, ask, ended).await?;
    postgres.close_to_others().await?;
    Ok(postgres)
}

fn log(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

fn says_port_taken(folder: &Path) -> bool {
    fs::read_to_string(log(folder)).is_ok_and(|text| text.contains("could not create any TCP/IP sockets"))
}

/// A data directory made once per version. It is made where servers run, since the user who runs them may not be allowed into the
/// workshop's folder, and kept in the target folder.
async fn template(house: &House, binaries: &Binaries, user: Option<User>) -> Result<PathBuf, Refusal> {
    let version = version(binaries).ok_or_else(|| failed(binaries.postgres.display(), "does not tell its version"))?;
    let kept = house.place.kept.join(format!("template-{}", version.replace(' ', "-")));
    if kept.is_dir() {
        return Ok(kept);
    }
    house.news(format!("preparing a data directory for {version}, once"));
    let folder = house.session.folder("initdb")?;
    local::hand_over(&folder, user).map_err(failing("cannot hand over a folder"))?;
    let made = initdb(binaries, &folder, user, house).await;
    let made = made.and_then(|data| keep(house, &data, &kept));
    let _ = fs::remove_dir_all(&folder);
    made.map(|()| kept)
}

async fn initdb(binaries: &Binaries, folder: &Path, user: Option<User>, house: &House) -> Result<PathBuf, Refusal> {
    let (data, log) = (folder.join("data"), log(folder));
    let mut command = local::command(&binaries.initdb, folder, &log, user).map_err(failing("initdb"))?;
    let locale = if cfg!(target_os = "linux") { "--locale=C.UTF-8" } else { "--locale=en_US.UTF-8" };
    command.args(["--no-sync", "--no-instructions", "--encoding=UTF8", locale, "--username", ADMIN]);
    // Copied for every server, so small: pieces of the log of 1 MB instead of 16.
    command.args(["--auth-local=trust", "--auth-host=scram-sha-256", "--wal-segsize=1", "-D"]).arg(&data);
    let status = house.session.run(&mut command).await?;
    if !status.success() {
        return Err(failed(format!("initdb ended with {status}"), local::last_words(&log)));
    }
    Ok(data)
}

/// Puts the directory in place in one step; of two programs that made it at the same time the slower one uses the other's.
fn keep(house: &House, data: &Path, kept: &Path) -> Result<(), Refusal> {
    let partial = house.place.kept.join(format!("partial-{}", house.session.id));
    house.session.note(&Trace::Folder { path: partial.clone() })?;
    let copied = local::copy(data, &partial).and_then(|()| put_in_place(&partial, kept));
    copied.map_err(failing("cannot keep the data directory"))
}

fn put_in_place(partial: &Path, kept: &Path) -> std::io::Result<()> {
    match fs::rename(partial, kept) {
        Err(_) if kept.is_dir() => fs::remove_dir_all(partial),
        other => other,
    }
}
