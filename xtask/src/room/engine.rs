//! The container engine by its own program, `docker` or `podman`: it downloads, saves and loads the images.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use backing_protocol::settings::{FILE, Settings};
use grader::outcome::ExitCode;
use rustix::process::Signal;

use crate::asking::printed;
use crate::trouble::Trouble;

/// What programs end with that a person has interrupted, `docker` among them.
pub const INTERRUPTED: i32 = ExitCode::Interrupted as i32;

/// Why an engine's program did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A person did not want it any more.
    Interrupted,
    /// It says why.
    Because(String),
}

/// An engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The program that talks to it.
    pub program: &'static str,
    /// What it runs, as Go calls it: `linux/amd64`.
    pub platform: String,
}

/// The engine, if one answers.
pub fn find() -> Option<Engine> {
    // Podman has no server that could have another platform, and calls the same thing differently.
    let docker = ask("docker", &["version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"]);
    let docker = docker.map(|platform| Engine { program: "docker", platform });
    docker.or_else(|| {
        let platform = ask("podman", &["version", "--format", "{{.Client.OsArch}}"])?;
        Some(Engine { program: "podman", platform })
    })
}

/// The images that checks use, as `workshop.toml` in `root` names them.
pub fn wanted(root: &Path) -> Result<Vec<String>, Trouble> {
    let path = root.join(FILE);
    let settings = match fs::read_to_string(&path) {
        Ok(words) => toml::from_str(&words).map_err(|error| Trouble::failed(path.display(), error))?,
        Err(error) if error.kind() == ErrorKind::NotFound => Settings::default(),
        Err(error) => return Err(Trouble::failed(path.display(), error)),
    };
    Ok(settings.images.names().map(str::to_owned).to_vec())
}

impl Engine {
    /// The size of an image that is here.
    pub fn size(&self, image: &str) -> Option<u64> {
        ask(self.program, &["image", "inspect", "--format", "{{.Size}}", image])?.parse().ok()
    }

    /// Downloads an image; layers that are here already are not downloaded again.
    pub fn pull(&self, image: &str) -> Result<(), Failure> {
        self.run(&["pull", image])
    }

    /// Writes images into one file. Layers that they share are in it once.
    pub fn save(&self, images: &[String], file: &Path) -> Result<(), Failure> {
        let mut words = vec!["save", "--output"];
        let file = file.to_string_lossy();
        words.push(&file);
        if self.program == "podman" {
            words.push("--multi-image-archive");
        }
        words.extend(images.iter().map(String::as_str));
        self.run(&words)
    }

    /// Takes the images of such a file over.
    pub fn load(&self, file: &Path) -> Result<(), Failure> {
        self.run(&["load", "--input", &file.to_string_lossy()])
    }

    /// Runs the program; what it complains about last is the reason.
    fn run(&self, words: &[&str]) -> Result<(), Failure> {
        let output = Command::new(self.program).args(words).stdin(Stdio::null()).stdout(Stdio::null()).output();
        let output = output.map_err(|error| Failure::Because(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        // Before it listens for the signal, it ends of it.
        let interrupted = output.status.signal() == Some(Signal::INT.as_raw());
        match output.status.code() {
            Some(0) => Ok(()),
            Some(INTERRUPTED) => Err(Failure::Interrupted),
            None if interrupted => Err(Failure::Interrupted),
            _ => Err(Failure::Because(last.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned()))),
        }
    }
}

/// The first line of what a program answers, if it succeeds.
fn ask(program: &str, words: &[&str]) -> Option<String> {
    let said = printed(Command::new(program).args(words))?;
    let first = said.lines().next().unwrap_or_default().trim().to_owned();
    (!first.is_empty()).then_some(first)
}
