//! Where the tests of the sandbox run, and as whom.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use libtest_mimic::Failed;
use supervisor::protocol::{Attempt, Report, Root, SandboxSpec, Spec};

use crate::support::{Folder, Grader, User, services};

/// Where a test runs: a folder of the user's, with a copy of this program that the user can reach.
pub struct Place {
    pub user: User,
    pub folder: Folder,
    pub executable: PathBuf,
}

impl Place {
    pub fn new(user: User) -> Result<Self, Failed> {
        let folder = Folder::new(user)?;
        let executable = folder.path("program");
        if fs::hard_link(std::env::current_exe()?, &executable).is_err() {
            fs::copy(std::env::current_exe()?, &executable)?;
        }
        fs::set_permissions(&executable, fs::Permissions::from_mode(0o755))?;
        Ok(Self { user, folder, executable })
    }

    /// The host's tree with nothing hidden.
    pub fn host(&self) -> SandboxSpec {
        self.with(Root::HostReadOnly { hide: Vec::new(), show: Vec::new() })
    }

    /// A root with this program and its libraries.
    pub fn bare(&self) -> Result<SandboxSpec, Failed> {
        let mut files = supervisor::shared_libraries(&self.executable)?;
        files.push(self.executable.clone());
        Ok(self.with(Root::Bare { files }))
    }

    pub fn with(&self, root: Root) -> SandboxSpec {
        SandboxSpec {
            root,
            writable: Vec::new(),
            allowed: Vec::new(),
            outgoing: Vec::new(),
            incoming: Vec::new(),
            hosts: Vec::new(),
        }
    }

    pub fn start(&self, sandbox: SandboxSpec, service: &[&str]) -> Result<Grader, Failed> {
        let words: Vec<_> = [services::WORD].iter().chain(service).collect();
        let spec = Spec { scratch: None, sandbox: Some(sandbox) };
        Grader::start(self.user, &self.executable, &self.executable, &spec, &words)
    }

    /// Runs a service to its end: what it printed and what it attempted.
    pub fn run(&self, sandbox: SandboxSpec, service: &[&str]) -> Result<(String, Vec<Attempt>), Failed> {
        let mut grader = self.start(sandbox, service)?;
        let reports = grader.until(|report| matches!(report, Report::Exited { .. }))?;
        let printed = grader.rest()?.trim_end().to_owned();
        Ok((printed, attempts(reports)))
    }

    /// A folder of the user's own.
    pub fn owned(&self, name: &str) -> Result<PathBuf, Failed> {
        let path = self.folder.path(name);
        fs::create_dir(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777))?;
        Ok(path)
    }
}

/// The attempts among some reports.
pub fn attempts(reports: Vec<Report>) -> Vec<Attempt> {
    let attempts = reports.into_iter().filter_map(|report| match report {
        Report::Attempt(attempt) => Some(attempt),
        _ => None,
    });
    attempts.collect()
}
