//! A Redis server from the program of this machine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use backing_protocol::Refusal;

use super::client::{Access, Client};
use super::{Databases, OWN_DATABASES, Redis};
use crate::house::House;
use crate::local;
use crate::refusals::{failed, failing};
use crate::session::random_word;
use crate::waiting::first_answer;

/// Where Redis is when it is not on `PATH`.
const FOLDERS: [&str; 5] =
    ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/homebrew/opt/redis*/bin", "/usr/local/opt/redis*/bin"];

/// After this long it does not come up any more.
const PATIENCE: Duration = Duration::from_secs(15);

/// Finds the program, or its successor of another name that several systems have instead.
pub fn find() -> Option<PathBuf> {
    ["redis-server", "valkey-server"].into_iter().find_map(|program| local::find(program, &FOLDERS))
}

/// The version, as the program tells it: `Redis 7.0.15`.
pub fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().find_map(|word| word.strip_prefix("v=")).map(|number| format!("Redis {number}"))
}

/// Starts a server.
pub async fn start(house: &House, program: &Path) -> Result<Redis, Refusal> {
    let folder = house.session.folder("redis")?;
    local::hand_over(&folder, local::unprivileged()).map_err(failing("cannot hand over a folder"))?;
    let password = random_word().map_err(failing("cannot draw a random number"))?;
    let mut last = failed("Redis", "was never started");
    for _ in 0..local::PORT_TRIES {
        let access = Access {
            host: "127.0.0.1".to_owned(),
            port: local::free_port()?,
            user: String::new(),
            password: password.clone(),
        };
        let log = folder.join(format!("{}.log", access.port));
        match come_up(house, program, &folder, &log, &access).await {
            Ok(()) => return Redis::greet("local", access, Databases::Own(Mutex::default())).await,
            Err(refusal) if local::last_words(&log).contains("Address already in use") => last = refusal,
            Err(refusal) => return Err(refusal),
        }
    }
    Err(last)
}

async fn come_up(house: &House, program: &Path, folder: &Path, log: &Path, access: &Access) -> Result<(), Refusal> {
    let mut command = local::command(program, folder, log, local::unprivileged()).map_err(failing("Redis"))?;
    // Its settings go through a pipe: the arguments of a process, and so the password, can be read by everybody.
    let (settings_pipe, mut pipe) = std::io::pipe().map_err(failing("Redis"))?;
    // A pipe holds more than this even when nobody reads it.
    pipe.write_all(settings(access).as_bytes()).map_err(failing("cannot tell Redis its settings"))?;
    drop(pipe);
    command.arg("-").stdin(settings_pipe);
    let server = house.session.spawn(&mut command)?;
    // An answer to the password proves that it is ours, and not somebody who was faster at the port.
    let ask = async || Client::connect(access).await.map(drop);
    first_answer("Redis", PATIENCE, ask, async || (!server.lives()).then(|| local::last_words(log))).await
}

fn settings(access: &Access) -> String {
    let Access { port, password, .. } = access;
    let network = format!("bind 127.0.0.1\nport {port}\nrequirepass {password}\n");
    format!("{network}databases {OWN_DATABASES}\nsave \"\"\nappendonly no\ndaemonize no\n")
}
