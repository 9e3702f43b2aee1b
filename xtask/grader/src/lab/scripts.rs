//! Commands of the subject's repository, run as a build server runs them: from a clone, with nobody at the keyboard, no
//! terminal, a home with nothing in it, and of this machine's environment only what makes its tools work.

use std::path::{Path, PathBuf};

use supervisor::protocol::Spec;

use crate::build::toolchain_environment;
use crate::check::{CheckResult, LabError, LogLine, Speaker};
use crate::lab::process::{Exit, Launch, Process};
use crate::lab::{Lab, create_folder};
use crate::text::{Text, text, with_particle};

/// How many hang guards a command may be silent before it is taken for one that waits for somebody.
const SILENT_GUARDS: usize = 6;

/// Settings of tools and their mirrors, by how their names begin.
const OF_TOOLS: [&str; 17] = [
    "CARGO_",
    "RUSTUP_",
    "RUSTC",
    "RUSTFLAGS",
    "NPM_CONFIG_",
    "npm_config_",
    "PIP_",
    "UV_",
    "GOPATH",
    "GOCACHE",
    "GOFLAGS",
    "GOMODCACHE",
    "GOPROXY",
    "JAVA_HOME",
    "MAVEN_",
    "GRADLE_",
    "SSL_CERT_",
];
/// Proxies are written in both cases.
const PROXY: &str = "_proxy";
/// What tools keep in the home of whoever uses them, and the variable that says where it is. A build server restores it from
/// a cache; without it every run would download the world again.
const CACHES: [(&str, &str); 6] = [
    ("CARGO_HOME", ".cargo"),
    ("RUSTUP_HOME", ".rustup"),
    ("npm_config_cache", ".npm"),
    ("PIP_CACHE_DIR", ".cache/pip"),
    ("UV_CACHE_DIR", ".cache/uv"),
    ("GOPATH", "go"),
];

/// A command in preparation.
#[derive(Debug)]
pub struct Script {
    /// The program and its arguments. A program with a folder in its name is one of the repository.
    pub argv: Vec<String>,
    /// The clone's folder with `app.toml`.
    pub root: PathBuf,
    /// Further variables.
    pub environment: Vec<(String, String)>,
}

/// A command that has ended, or was ended.
#[derive(Clone, Debug)]
pub struct Ran {
    /// How; `None` when it wrote nothing more and did not end either.
    pub exit: Option<Exit>,
    /// What it wrote, both streams.
    pub lines: Vec<LogLine>,
    /// The programs that it left running, with their arguments.
    pub left_running: Vec<String>,
}

impl Ran {
    /// Whether it says that all went well.
    pub fn is_green(&self) -> bool {
        self.exit == Some(Exit::Code(0))
    }

    /// How it ended, as a sentence.
    pub fn end(&self) -> Text {
        match self.exit {
            Some(exit) => {
                let Text { en, ko } = exit.text();
                text(format!("it ended with {en}"), format!("{} 끝났습니다", with_particle(&ko, "으로/로")))
            }
            None => text(
                "it did not end, and wrote nothing more: does it wait for somebody?",
                "끝나지도 않고 아무것도 더 출력하지 않습니다. 누군가의 입력을 기다리는 것 같습니다",
            ),
        }
    }

    /// Its last lines, for a report.
    pub fn last_lines(&self) -> Vec<LogLine> {
        self.lines.iter().rev().take(12).rev().cloned().collect()
    }
}

impl Script {
    /// Runs it to its end, or until it only waits.
    ///
    /// # Errors
    ///
    /// A supervisor that cannot be started. That the program does not exist is an end with exit code 127, as for a shell.
    pub async fn run(self, lab: &Lab) -> CheckResult<Ran> {
        let folders = lab.scratch()?;
        let launch = Launch {
            argv: self.resolved(),
            environment: self.whole_environment(&folders)?,
            directory: self.directory(&folders)?,
            spec: Spec::default(),
            needles: Vec::new(),
            speakers: [Speaker::Stdout, Speaker::Stderr],
        };
        let process = Process::launch(&lab.bench.program, launch, &lab.bench.clock, &lab.bench.supervisors)?;
        lab.remember_logs(&process.logs);
        let mut exit = ended_or_silent(lab, &process).await;
        let state = process.state();
        if state.could_not_start.is_some() {
            exit = Some(Exit::Code(127));
        }
        process.end().await;
        let ran = Ran {
            exit,
            lines: process.logs.lines(),
            left_running: state.left_behind.into_iter().map(|process| process.command).collect(),
        };
        lab.note("grader", format!("{} -> {}", self.argv.join(" "), ran.end().en));
        Ok(ran)
    }

    fn of_the_repository(&self) -> bool {
        self.argv[0].contains('/')
    }

    fn resolved(&self) -> Vec<String> {
        let mut argv = self.argv.clone();
        if self.of_the_repository() {
            argv[0] = self.root.join(argv[0].trim_start_matches("./")).display().to_string();
        }
        argv
    }

    /// A script of the repository is called by its path from an unrelated folder. What is called by name, such as `make`, looks
    /// for its rules where it stands.
    fn directory(&self, folders: &Path) -> Result<PathBuf, LabError> {
        if !self.of_the_repository() {
            return Ok(self.root.clone());
        }
        let elsewhere = folders.join("elsewhere");
        create_folder(&elsewhere)?;
        Ok(elsewhere)
    }

    fn whole_environment(&self, folders: &Path) -> Result<Vec<(String, String)>, LabError> {
        let mut all: Vec<(String, String)> =
            toolchain_environment().into_iter().filter(|(name, _)| is_of_tools(name)).collect();
        all.extend(caches(&all));
        for (name, folder) in [("HOME", "home"), ("TMPDIR", "tmp")] {
            let folder = folders.join(folder);
            create_folder(&folder)?;
            all.push((name.to_owned(), folder.display().to_string()));
        }
        for (name, value) in [("CI", "true"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("CARGO_TERM_COLOR", "never")] {
            all.push((name.to_owned(), value.to_owned()));
        }
        all.retain(|(name, _)| self.environment.iter().all(|(given, _)| given != name));
        all.extend(self.environment.iter().cloned());
        Ok(all)
    }
}

fn is_of_tools(name: &str) -> bool {
    name == "PATH" || OF_TOOLS.iter().any(|begin| name.starts_with(begin)) || name.to_lowercase().ends_with(PROXY)
}

/// Where this machine keeps them, unless a variable says so already.
fn caches(known: &[(String, String)]) -> Vec<(String, String)> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let missing = CACHES.iter().filter(|(name, _)| known.iter().all(|(known, _)| known != name));
    let places = missing.map(|(name, folder)| ((*name).to_owned(), home.join(folder)));
    places.filter(|(_, place)| place.is_dir()).map(|(name, place)| (name, place.display().to_string())).collect()
}

/// Its end; `None` when nothing is written for so long that it only waits.
async fn ended_or_silent(lab: &Lab, process: &Process) -> Option<Exit> {
    let exit = process.exited();
    tokio::pin!(exit);
    let (mut written, mut silent) = (0, 0);
    while silent < SILENT_GUARDS {
        if let Some(exit) = lab.bench.patience.until_tool(&mut exit).await {
            return exit;
        }
        let now = process.logs.lines().len();
        silent = if now == written { silent + 1 } else { 0 };
        written = now;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_keep_their_settings_and_nothing_else_is_passed_on() {
        for name in ["PATH", "CARGO_HOME", "RUSTUP_TOOLCHAIN_DIR", "npm_config_registry", "HTTPS_PROXY", "no_proxy"] {
            assert!(is_of_tools(name), "{name}");
        }
        for name in ["HOME", "DEPLOY_KEY", "SSH_AUTH_SOCK", "EDITOR", "PATHS", "DISPLAY"] {
            assert!(!is_of_tools(name), "{name}");
        }
    }

    #[test]
    fn a_script_of_the_repository_is_called_by_its_whole_path() {
        let script = |program: &str| Script {
            argv: vec![program.to_owned(), "x".to_owned()],
            root: PathBuf::from("/clone"),
            environment: Vec::new(),
        };
        assert_eq!(script("./ci/deploy").resolved(), ["/clone/ci/deploy", "x"]);
        assert_eq!(script("make").resolved(), ["make", "x"]);
    }
}
