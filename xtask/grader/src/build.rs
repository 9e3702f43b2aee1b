//! The build step: the subject's own command in the graded tree, supervised, with poison in its environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use supervisor::protocol::Spec;

use crate::check::{Failure, LabError, Speaker, Stop};
use crate::event::Stage;
use crate::lab::clock::Clock;
use crate::lab::process::{Exit, Launch, Process, Supervisors};
use crate::manifest::Recipe;
use crate::text::{Text, text, verbatim, with_particle};
use crate::tree::Place;

/// How often a long build's newest line is shown.
const NEWS: Duration = Duration::from_millis(250);

/// The contract's variables: a build must not see the ones of the attendee's own shell.
const OF_A_DEPLOY: [&str; 11] = [
    "PORT",
    "SCREEN_URL",
    "SCREEN_API_KEY",
    "PUBLIC_BASE_URL",
    "RELEASE_ID",
    "LOG_LEVEL",
    "DATABASE_URL",
    "REDIS_URL",
    "SMTP_URL",
    "MAIL_FROM",
    "DENY_HOSTS",
];

/// What git sets for its hooks and for `rebase --exec`: a build that asks git for its commit would be told of the attendee's repository.
const OF_A_REPOSITORY: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// What a build needs.
#[derive(Debug)]
pub struct Builder<'a> {
    /// The program that answers `__supervise`.
    pub program: &'a Path,
    /// Where the app's repository begins, relative to `app.toml`.
    pub root: &'a Path,
    /// The copy in which it is built.
    pub tree: &'a Place,
    /// Values that must not show up in the release.
    pub poison: &'a [(String, String)],
    /// The order of observations.
    pub clock: &'a Clock,
    /// Where the build's supervisor is registered.
    pub supervisors: &'a Supervisors,
}

impl Builder<'_> {
    /// Builds and copies the release's files into `release`. `news` is told the newest line now and then.
    pub async fn build(
        &self,
        recipe: Recipe<'_>,
        release: &Path,
        mut news: impl FnMut(Stage, Option<String>),
    ) -> Result<(), Stop> {
        if !recipe.build.is_empty() {
            let argv = self.with_target(recipe.build);
            let mut ended = self.run(&argv, Stage::Building, &mut news).await?;
            if ended.exit != Some(Exit::Code(0)) && ended.wants_downloads(&argv) {
                self.run(&["cargo".to_owned(), "fetch".to_owned()], Stage::Downloading, &mut news).await?;
                ended = self.run(&argv, Stage::Building, &mut news).await?;
            }
            if let Some(line) = ended.out_of_space() {
                return Err(LabError::new("cannot build", line).into());
            }
            if ended.exit != Some(Exit::Code(0)) {
                return Err(ended.failure(&argv).into());
            }
        }
        self.copy_release(recipe, release)
    }

    async fn run(
        &self,
        argv: &[String],
        stage: Stage,
        news: &mut impl FnMut(Stage, Option<String>),
    ) -> Result<Ended, LabError> {
        news(stage, None);
        let launch = Launch {
            argv: argv.to_vec(),
            environment: self.environment(),
            directory: self.tree.folder.join(self.root),
            spec: Spec::default(),
            needles: Vec::new(),
            speakers: [Speaker::Build, Speaker::Build],
        };
        let process = Process::launch(self.program, launch, self.clock, self.supervisors)?;
        let exit = followed(&process, |line| news(stage, line)).await;
        let missing = process.state().could_not_start;
        let mut lines = process.logs.lines();
        if !self.tree.prefix.is_empty() {
            // The attendee opens these paths in the folder that was copied.
            lines.iter_mut().for_each(|line| line.text = line.text.replace(&self.tree.prefix, ""));
        }
        Ok(Ended { exit, missing, lines })
    }

    fn environment(&self) -> Vec<(String, String)> {
        let target = ("CARGO_TARGET_DIR".to_owned(), self.tree.target.display().to_string());
        toolchain_environment().into_iter().chain([target]).chain(self.poison.iter().cloned()).collect()
    }

    fn with_target(&self, words: &[String]) -> Vec<String> {
        words.iter().map(|word| word.replace("{target}", &self.tree.target.display().to_string())).collect()
    }

    /// A link in the tree may lead anywhere on this machine; a release is made of the service's own files.
    fn made_here(&self, path: &Path) -> bool {
        [&self.tree.folder, &self.tree.target].iter().any(|folder| lies_in(path, folder))
    }

    fn copy_release(&self, recipe: Recipe<'_>, release: &Path) -> Result<(), Stop> {
        let root = self.tree.folder.join(self.root);
        for item in recipe.release {
            let from = root.join(item.replace("{target}", &self.tree.target.display().to_string()));
            // What the build made is found by its name alone; a file of the tree keeps its path.
            let name =
                if item.starts_with("{target}") { from.file_name().map(PathBuf::from) } else { Some(item.into()) };
            let to = release.join(name.unwrap_or_default());
            if !from.exists() {
                return Err(not_for_release(missing(item)).into());
            }
            if !self.made_here(&from) {
                return Err(not_for_release(leads_outside(item)).into());
            }
            copy(&from, &to).map_err(|error| LabError::new(format!("cannot copy {item} into the release"), error))?;
        }
        Ok(())
    }
}

/// The attendee's environment, so that toolchains and mirrors are found, without what belongs to a deploy or to this
/// very run.
pub fn toolchain_environment() -> Vec<(String, String)> {
    let of_this_run = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_BUILD_TARGET", "WORKSHOP_"];
    let dropped = |name: &str| {
        of_this_run.iter().any(|prefix| name.starts_with(prefix))
            || OF_A_DEPLOY.contains(&name.strip_suffix("_FILE").unwrap_or(name))
            || OF_A_REPOSITORY.contains(&name)
            || ["RUSTUP_TOOLCHAIN", "CARGO", "CARGO_TARGET_DIR"].contains(&name)
            // Build servers switch it off, and services are built again and again: measured, it halves each time.
            || name == "CARGO_INCREMENTAL"
    };
    // A variable that is no text is no setting of a toolchain either.
    let texts =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.filter(|(name, _)| !dropped(name)).collect()
}

/// Waits for the end of a long build and tells its newest line now and then.
pub async fn followed(process: &Process, mut news: impl FnMut(Option<String>)) -> Option<Exit> {
    let exit = process.exited();
    tokio::pin!(exit);
    let mut looks = tokio::time::interval(NEWS);
    let mut shown = None;
    loop {
        tokio::select! {
            exit = &mut exit => return exit,
            _ = looks.tick() => {
                let newest = process.logs.last(1).pop().map(|line| line.text);
                if newest != shown {
                    news(newest.clone());
                    shown = newest;
                }
            }
        }
    }
}

/// Copies a file or a folder; links inside the folder stay links.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, to.join(entry.file_name()))?;
        } else {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Whether `path`, its links followed, lies in `folder`.
fn lies_in(path: &Path, folder: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder)))
}

/// A build command's end.
struct Ended {
    exit: Option<Exit>,
    missing: Option<String>,
    lines: Vec<crate::check::LogLine>,
}

impl Ended {
    /// Cargo was told not to use the network, and a crate is not on this machine yet.
    fn wants_downloads(&self, argv: &[String]) -> bool {
        argv.first().is_some_and(|program| program == "cargo")
            && self.lines.iter().any(|line| line.text.contains("--offline"))
    }

    /// The line in which a failed build complains about a full disk, which is the machine's fault and not the service's.
    fn out_of_space(&self) -> Option<&str> {
        let failed = self.exit != Some(Exit::Code(0));
        let mut complaints = self.lines.iter().filter(|line| line.text.contains("No space left on device"));
        complaints.next().filter(|_| failed).map(|line| line.text.as_str())
    }

    fn failure(self, argv: &[String]) -> Failure {
        let command = argv.join(" ");
        if let Some(why) = self.missing {
            return Failure::new(
                "program-missing",
                text(format!("ran the build command `{command}`"), format!("빌드 명령 `{command}` 실행")),
                text("the program exists on this machine", "이 컴퓨터에 해당 프로그램이 있어야 합니다"),
                verbatim(why),
            );
        }
        let end = self.exit.map_or(text("no exit code", "종료 코드 없음"), Exit::text);
        let (en, ko) = (end.en, with_particle(&end.ko, "으로/로"));
        let first_error = self.lines.iter().position(|line| line.text.starts_with("error")).unwrap_or_default();
        let excerpt = self.lines[first_error..].iter().take(24).cloned().collect();
        Failure::new(
            "build-failed",
            text(format!("ran the build command `{command}`"), format!("빌드 명령 `{command}` 실행")),
            text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다"),
            text(format!("it ended with {en}"), format!("{ko} 끝났습니다")),
        )
        .with_log(excerpt)
    }
}

fn not_for_release(seen: Text) -> Failure {
    Failure::new(
        "program-missing",
        text("copied the files that `release` in app.toml lists", "app.toml의 `release`에 적힌 파일을 복사"),
        text("the build has made every one of them", "빌드가 모든 파일을 만들어야 합니다"),
        seen,
    )
}

fn missing(item: &str) -> Text {
    text(format!("there is no {item}"), format!("{item} 파일이 없습니다"))
}

fn leads_outside(item: &str) -> Text {
    text(format!("{item} leads outside the service's folder"), format!("{item} 경로가 서비스 폴더 밖을 가리킵니다"))
}
