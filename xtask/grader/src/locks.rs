//! Lock files: whether all that a service declares is locked exactly, in a clean clone of its repository.
//!
//! Each language has an adapter that asks the language's own tool, or reads the format where the tool cannot answer without a
//! network. A service may speak several; one whose declarations nobody here can read is UNGRADED.

use std::path::{Path, PathBuf};

use supervisor::protocol::Spec;

use crate::build::toolchain_environment;
use crate::check::{CheckResult, LabError, LogLine, Missing, Speaker};
use crate::git::git_succeeds;
use crate::lab::Lab;
use crate::lab::checkout::Checkout;
use crate::lab::process::{Exit, Launch, Process};
use crate::text::text;

mod cargo;
mod npm;
mod pip;

/// What is wrong with the locks of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Something is declared, and the repository holds no lock file for it.
    NoLockFile {
        /// The file with the declarations.
        declared: &'static str,
        /// The lock file that the language's tool would write.
        lock: &'static str,
    },
    /// The repository is told to leave the lock file out.
    Ignored {
        /// Its name.
        lock: &'static str,
    },
    /// The lock file does not hold all that is declared.
    Incomplete {
        /// Its name.
        lock: &'static str,
        /// What is missing there, in the tool's words.
        what: String,
    },
    /// A declaration, in a file that is its own lock, that means something else tomorrow.
    NotPinned {
        /// The file.
        file: String,
        /// The declaration.
        line: String,
    },
}

/// Examines a clean clone of the graded tree. `None`: everything is locked.
///
/// # Errors
///
/// UNGRADED for a language without an adapter, or without its tool.
pub async fn examine(lab: &Lab) -> CheckResult<Option<Finding>> {
    let place = lab.checkout()?;
    let mut known = false;
    for language in [Language::Cargo, Language::Npm, Language::Pip] {
        if !language.is_spoken(&place.root) {
            continue;
        }
        known = true;
        let found = match language {
            Language::Cargo => cargo::examine(lab, &place).await?,
            Language::Npm => npm::examine(lab, &place).await?,
            Language::Pip => pip::examine(lab, &place)?,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    if known { Ok(None) } else { Err(no_adapter().into()) }
}

#[derive(Clone, Copy)]
enum Language {
    Cargo,
    Npm,
    Pip,
}

impl Language {
    fn is_spoken(self, root: &Path) -> bool {
        let declarations: &[&str] = match self {
            Language::Cargo => &["Cargo.toml"],
            Language::Npm => &["package.json"],
            Language::Pip => &["requirements.txt", "pyproject.toml", "Pipfile"],
        };
        declarations.iter().any(|name| is_file(&root.join(name)))
    }
}

impl Checkout {
    /// The lock file called `name`: the app's own, or that of a workspace around it.
    fn lock(&self, name: &str) -> Option<PathBuf> {
        let above = self.root.ancestors().take_while(|folder| folder.starts_with(&self.repository));
        above.map(|folder| folder.join(name)).find(|file| is_file(file))
    }

    /// Whether a lock file beside the declarations would be left out of the repository.
    fn ignores(&self, name: &str) -> bool {
        !is_file(&self.root.join(name)) && git_succeeds(&self.tree, &["check-ignore", "--quiet", "--no-index", name])
    }
}

/// What a tool said.
struct Said {
    exit: Option<Exit>,
    lines: Vec<LogLine>,
}

impl Said {
    fn succeeded(&self) -> bool {
        self.exit == Some(Exit::Code(0))
    }

    /// The first lines that have a certain look, for a report.
    fn first(&self, looks: impl Fn(&str) -> bool) -> Option<String> {
        self.lines.iter().map(|line| line.text.trim()).find(|line| looks(line)).map(str::to_owned)
    }

    fn error(&self, tool: &str) -> LabError {
        let last: Vec<&str> = self.lines.iter().rev().take(5).rev().map(|line| line.text.as_str()).collect();
        LabError::new(tool, last.join("; "))
    }
}

/// Runs a language's tool in the clone, under a supervisor like everything that comes from a subject.
async fn run(lab: &Lab, place: &Checkout, argv: &[&str]) -> CheckResult<Said> {
    let launch = Launch {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        environment: toolchain_environment(),
        directory: place.root.clone(),
        spec: Spec::default(),
        needles: Vec::new(),
        speakers: [Speaker::Stdout, Speaker::Stderr],
    };
    let process = Process::launch(&lab.bench.program, launch, &lab.bench.clock, &lab.bench.supervisors)?;
    let exit = lab.bench.patience.until_tool(process.exited()).await.flatten();
    if process.state().could_not_start.is_some() {
        return Err(no_tool(argv[0]).into());
    }
    let lines = process.logs.lines();
    process.end().await;
    match exit {
        Some(_) => Ok(Said { exit, lines }),
        None => Err(LabError::new(argv.join(" "), "it did not end").into()),
    }
}

/// A link could lead out of the clone.
fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|file| file.is_file())
}

fn read(path: &Path) -> Result<String, LabError> {
    std::fs::read_to_string(path).map_err(|error| LabError::new(format!("cannot read {}", path.display()), error))
}

fn no_adapter() -> Missing {
    Missing {
        what: text(
            "declared dependencies that the grader can read: it knows Cargo.toml, package.json and requirements.txt",
            "채점기가 읽을 수 있는 종속성 선언: Cargo.toml, package.json, requirements.txt만 읽을 수 있습니다",
        ),
        fix: text(
            "read the section `rule` of the chapter with your language's lock file in hand",
            "사용하는 언어의 잠금 파일을 펼쳐 놓고 이 장의 규칙을 직접 확인하십시오",
        ),
    }
}

fn no_tool(tool: &str) -> Missing {
    Missing {
        what: text(format!("`{tool}`, which knows this lock file"), format!("이 잠금 파일을 읽는 `{tool}` 명령")),
        fix: text(format!("install `{tool}`"), format!("`{tool}` 명령을 설치하십시오")),
    }
}
