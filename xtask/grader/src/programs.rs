//! Programs of the workshop's own that the grader starts: compiled when somebody first needs them or their sources are newer,
//! under the eyes of a supervisor. What is heavy, or reads what others wrote, is one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use supervisor::protocol::Spec;

use crate::backing::Site;
use crate::build::{followed, toolchain_environment};
use crate::check::{LabError, Speaker, Stop};
use crate::event::Stage;
use crate::lab::process::{Exit, Launch, Process};
use crate::subject::Workspace;

/// One of the programs: the package in `xtask/`, and the binary that it makes.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    package: &'static str,
    binary: &'static str,
}

/// The door to backing services.
pub const BACKING: Program = Program { package: "backing", binary: "workshop-backing" };
/// The reader of YAML files.
pub const YAML: Program = Program { package: "yaml", binary: "workshop-yaml" };
/// The judge of Kubernetes manifests.
pub const KUBE: Program = Program { package: "kube", binary: "workshop-kube" };
/// The collector of spans.
pub const OTLP: Program = Program { package: "otlp", binary: "workshop-otlp" };

impl Program {
    /// Its path, compiled first where that is needed.
    ///
    /// # Errors
    ///
    /// What the compiler said, when it fails.
    pub async fn built(self, site: Site<'_>, news: &mut impl FnMut(Stage, Option<String>)) -> Result<PathBuf, Stop> {
        let path = self.path(site.workspace);
        if self.is_fresh(&path, site.workspace) {
            return Ok(path);
        }
        let offline = self.cargo(site, Stage::Backing, &["--offline"], news).await?;
        // Its crates may never have been downloaded: the grader itself does without them.
        let built = match offline {
            Err(lines) if lines.contains("--offline") => self.cargo(site, Stage::Downloading, &[], news).await?,
            built => built,
        };
        match built {
            // Cargo leaves the file alone when nothing in it changed.
            Ok(()) => touch(&path).map(|()| path).map_err(Stop::from),
            Err(lines) => Err(LabError::new(format!("cannot compile {}", self.binary), lines).into()),
        }
    }

    /// Where it lies.
    pub fn path(self, workspace: &Workspace) -> PathBuf {
        workspace.target.join("debug").join(self.binary)
    }

    /// Whether it is newer than all that it is made of. Cargo would know better, and takes half a second to say so.
    fn is_fresh(self, path: &Path, workspace: &Workspace) -> bool {
        let Ok(made) = fs::metadata(path).and_then(|program| program.modified()) else { return false };
        let sources = [workspace.root.join("xtask").join(self.package), workspace.root.join("Cargo.lock")];
        sources.iter().all(|source| newest(source).is_some_and(|newest| newest <= made))
    }

    /// Runs `cargo build`; a failed build returns what it wrote.
    async fn cargo(
        self,
        site: Site<'_>,
        stage: Stage,
        more: &[&str],
        news: &mut impl FnMut(Stage, Option<String>),
    ) -> Result<Result<(), String>, LabError> {
        news(stage, None);
        let target = site.workspace.target.display().to_string();
        let words = ["cargo", "build", "--locked", "--package", self.package, "--target-dir", &target];
        let mut environment = toolchain_environment();
        environment.push(("CARGO_TERM_COLOR".to_owned(), "never".to_owned()));
        let launch = Launch {
            argv: words.iter().chain(more).map(|word| (*word).to_owned()).collect(),
            environment,
            directory: site.workspace.root.clone(),
            spec: Spec::default(),
            needles: Vec::new(),
            speakers: [Speaker::Build, Speaker::Build],
        };
        let process = Process::launch(site.supervisor, launch, site.clock, site.supervisors)?;
        let exit = followed(&process, |line| news(stage, line)).await;
        if exit == Some(Exit::Code(0)) {
            return Ok(Ok(()));
        }
        let lines: Vec<String> = process.logs.lines().into_iter().map(|line| line.text).collect();
        Ok(Err(lines.join("\n")))
    }
}

/// When the newest file of a folder was changed; `None` when that cannot be told.
fn newest(path: &Path) -> Option<SystemTime> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        return metadata.modified().ok();
    }
    let mut newest = metadata.modified().ok()?;
    for entry in fs::read_dir(path).ok()? {
        newest = newest.max(self::newest(&entry.ok()?.path())?);
    }
    Some(newest)
}

fn touch(program: &Path) -> Result<(), LabError> {
    let failed = |error| LabError::new(format!("cannot touch {}", program.display()), error);
    // Opened for reading: a program that somebody runs cannot be opened for writing.
    let file = fs::File::open(program).map_err(failed)?;
    file.set_modified(SystemTime::now()).map_err(failed)
}
