//! The container engine of the tests and its images, on the build server: nobody else provides them there.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use supervisor::protocol::{Command as Ask, Report, Spec};

use crate::session::Session;
use crate::trouble::Trouble;

/// After this long an engine does not come up any more.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);
/// What is built once is not built again: without a limit the layers of all image builds fill the disk.
const CONFIG: &str = r#"{"builder": {"gc": {"enabled": true, "defaultKeepStorage": "1GB"}}}"#;

/// An engine that was started for the tests. Dropping it ends it.
pub struct Engine {
    supervisor: Child,
    lifeline: UnixStream,
}

/// Starts an engine unless one answers, and provides the images that the tests need.
pub fn provide(session: &mut Session) -> Result<Option<Engine>, Trouble> {
    let engine = if answers() { None } else { start(session)? };
    if answers() {
        images(session)?;
    }
    Ok(engine)
}

/// Only root can start one; others have it from their system, or their tests say what is missing.
fn start(session: &mut Session) -> Result<Option<Engine>, Trouble> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    session.say(session.messages().starting_engine())?;
    let log = session.workspace.target.join("dockerd.log");
    let mut engine = launch(&log).map_err(|error| Trouble::failed("cannot start dockerd", error))?;
    let began = Instant::now();
    while !answers() {
        let ended = engine.supervisor.try_wait().ok().flatten().is_some();
        if ended || began.elapsed() > PATIENCE {
            return Err(Trouble::failed("dockerd does not answer", format!("see {}", log.display())));
        }
        thread::sleep(LOOK);
    }
    Ok(Some(engine))
}

/// Under a supervisor, so that it ends with this program, however that ends.
fn launch(log: &Path) -> std::io::Result<Engine> {
    log.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    let config = log.with_extension("json");
    std::fs::write(&config, CONFIG)?;
    let log = File::create(log)?;
    let (lifeline, control) = UnixStream::pair()?;
    let spec = serde_json::to_string(&Spec::default())?;
    let mut supervisor = Command::new(std::env::current_exe()?);
    supervisor.args([supervisor::COMMAND, "--spec", &spec, "--", "dockerd", "--config-file"]).arg(config);
    supervisor.stdin(OwnedFd::from(control)).stdout(log.try_clone()?).stderr(log);
    Ok(Engine { supervisor: supervisor.spawn()?, lifeline })
}

fn answers() -> bool {
    let version = Command::new("docker")
        .args(["version", "--format", "{{.Server.Version}}"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// From a registry, or else made here.
fn images(session: &mut Session) -> Result<(), Trouble> {
    session.say(session.messages().providing_images())?;
    let script = session.workspace.root.join("xtask/backing/images/build");
    let status = Command::new(&script).arg("--pull").stdin(Stdio::null()).status();
    let status = status.map_err(|error| Trouble::failed(script.display(), error))?;
    if status.success() { Ok(()) } else { Err(Trouble::failed(script.display(), status)) }
}

impl Drop for Engine {
    /// Asks first: an engine that ends in order ends what it started.
    fn drop(&mut self) {
        let ask = serde_json::to_string(&Ask::Signal { number: Signal::TERM.as_raw() });
        let asked = ask.map_err(std::io::Error::from).and_then(|ask| writeln!(self.lifeline, "{ask}"));
        if asked.is_ok() {
            let reports = BufReader::new(&self.lifeline).lines().map_while(Result::ok);
            let ended = |line: &String| matches!(serde_json::from_str(line), Ok(Report::Exited { .. }));
            // The reading ends with it, or with a supervisor that somebody has killed.
            let _ = { reports }.find(ended);
        }
        let _ = self.lifeline.shutdown(Shutdown::Both);
        let _ = self.supervisor.wait();
    }
}
