//! The sidecar program on disk: compiled when its sources are newer, under the eyes of a supervisor.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use supervisor::protocol::Spec;

use super::Site;
use crate::build::{followed, toolchain_environment};
use crate::check::{LabError, Speaker, Stop};
use crate::event::Stage;
use crate::lab::process::{Exit, Launch, Process};
use crate::subject::Workspace;

/// The package, and the program that it makes.
const PACKAGE: &str = "backing";
const PROGRAM: &str = "workshop-backing";

/// The path of the program, compiled first where that is needed.
///
/// # Errors
///
/// What the compiler said, when it fails.
pub async fn built(site: Site<'_>, news: &mut impl FnMut(Stage, Option<String>)) -> Result<PathBuf, Stop> {
    let program = path(site.workspace);
    if is_fresh(&program, site.workspace) {
        return Ok(program);
    }
    let offline = cargo(site, Stage::Backing, &["--offline"], news).await?;
    // The crates of this program may never have been downloaded: the grader itself does without them.
    let built = match offline {
        Err(lines) if lines.contains("--offline") => cargo(site, Stage::Downloading, &[], news).await?,
        built => built,
    };
    match built {
        // Cargo leaves the file alone when nothing in it changed.
        Ok(()) => touch(&program).map(|()| program).map_err(Stop::from),
        Err(lines) => Err(LabError::new(format!("cannot compile {PROGRAM}"), lines).into()),
    }
}

/// Where the program lies.
pub fn path(workspace: &Workspace) -> PathBuf {
    workspace.target.join("debug").join(PROGRAM)
}

/// Whether the program is newer than all that it is made of. Cargo would know better, and takes half a second to say so.
fn is_fresh(program: &Path, workspace: &Workspace) -> bool {
    let Ok(made) = fs::metadata(program).and_then(|program| program.modified()) else { return false };
    let sources = [workspace.root.join("xtask/backing"), workspace.root.join("Cargo.lock")];
    sources.iter().all(|source| newest(source).is_some_and(|newest| newest <= made))
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
    let file = fs::File::options().append(true).open(program).map_err(failed)?;
    file.set_modified(SystemTime::now()).map_err(failed)
}

/// Runs `cargo build`; a failed build returns what it wrote.
async fn cargo(
    site: Site<'_>,
    stage: Stage,
    more: &[&str],
    news: &mut impl FnMut(Stage, Option<String>),
) -> Result<Result<(), String>, LabError> {
    news(stage, None);
    let target = site.workspace.target.display().to_string();
    let words = ["cargo", "build", "--locked", "--package", PACKAGE, "--target-dir", &target];
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
