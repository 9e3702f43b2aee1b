//! The subject's own container image, built and run as a platform does.
//!
//! A container shares the host's network, so that it reaches the check's proxies and is reached at its `PORT`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use backing_protocol::{Answer, Ask, ContainerSpec, Engine};

use crate::backing::{Door, unexpected};
use crate::build::{copy, toolchain_environment};
use crate::check::{CheckResult, LabError, Missing};
use crate::lab::Lab;
use crate::lab::ports::Port;
use crate::links::image::not_started;
use crate::text::text;

/// Where the crates of a Rust service lie in the folder that is sent to the engine.
const VENDORED: &str = "vendor";

/// What came of building an image.
#[derive(Debug)]
pub enum Built {
    /// An image; it is removed at the end of the run.
    Image(Image),
    /// The engine's last lines.
    Failed(Vec<String>),
}

/// An image of the subject.
#[derive(Debug)]
pub struct Image {
    lab: Lab,
    door: Door,
    tag: String,
}

/// A running container. Dropping it removes it.
#[derive(Debug)]
pub struct Container {
    id: String,
    door: Door,
    port: Arc<Port>,
}

impl Lab {
    /// Builds the image that `[app.….image]` describes, from a copy of the whole repository.
    ///
    /// # Errors
    ///
    /// [`Stop::Ungraded`](crate::check::Stop::Ungraded) without a container engine, or when `app.toml` describes no image.
    pub async fn image(&self) -> CheckResult<Built> {
        let recipe = self.bench.subject.app().image.as_ref().ok_or_else(|| no_recipe(self.bench.subject.app_name()))?;
        let (_, door) = self.bench.backing.up(Engine::Containers, self.bench.site(), |_, _| ()).await?;
        let context = self.scratch()?.join("context");
        let repository = repository(&self.bench.tree.folder);
        copy_versioned(&repository, &context)?;
        if context.join("Cargo.lock").is_file() {
            vendor(&context).await?;
        }
        let inside = self.bench.tree.folder.strip_prefix(&repository).unwrap_or(Path::new(""));
        let dockerfile = inside.join(&recipe.dockerfile).display().to_string();
        let tag = format!("workshop-{}:latest", self.chance().unshared_word(8));
        match door.ask(Ask::BuildImage { context, dockerfile, tag: tag.clone() }).await? {
            Answer::Done => Ok(Built::Image(Image { lab: self.clone(), door, tag })),
            Answer::NotBuilt { lines } => Ok(Built::Failed(lines)),
            other => Err(unexpected(&other).into()),
        }
    }
}

impl Image {
    /// Starts a container with these variables and a `PORT` of its own; `command` replaces the image's, if it is not empty.
    pub async fn run(&self, environment: Vec<(String, String)>, command: Vec<String>) -> CheckResult<Container> {
        self.start(ContainerSpec { command, environment, ..ContainerSpec::default() }).await
    }

    /// The same with the image's own command, on a root file system that is read-only.
    pub async fn run_read_only(&self, environment: Vec<(String, String)>) -> CheckResult<Container> {
        self.start(ContainerSpec { environment, read_only: true, ..ContainerSpec::default() }).await
    }

    /// The same, and with no capabilities and no way to gain rights, as careful platforms run it.
    pub async fn run_unprivileged(&self, environment: Vec<(String, String)>) -> CheckResult<Container> {
        self.start(ContainerSpec { environment, read_only: true, unprivileged: true, ..ContainerSpec::default() }).await
    }

    /// The user that its Dockerfile names; empty where it names none.
    pub async fn user(&self) -> CheckResult<String> {
        match self.door.ask(Ask::ImageUser { tag: self.tag.clone() }).await? {
            Answer::Text { text } => Ok(text),
            other => Err(unexpected(&other).into()),
        }
    }

    async fn start(&self, mut spec: ContainerSpec) -> CheckResult<Container> {
        let port = Arc::new(self.lab.bench.ports.lease(self.lab.chance())?);
        spec.image.clone_from(&self.tag);
        spec.environment.push(("PORT".to_owned(), port.number.to_string()));
        match self.door.ask(Ask::RunContainer(spec)).await? {
            Answer::Container { id } => Ok(Container { id, door: self.door.clone(), port }),
            Answer::NotStarted { why } => Err(not_started(why)),
            other => Err(unexpected(&other).into()),
        }
    }
}

impl Container {
    /// The port it was told to use.
    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// Stops it as `docker stop` does: SIGTERM to its first process, and SIGKILL `grace_seconds` later. Returns its exit
    /// code, 128 + n for signal n.
    pub async fn stop(&self, grace_seconds: u32) -> CheckResult<i64> {
        self.ended(Ask::StopContainer { container: self.id.clone(), grace_seconds }).await
    }

    /// Waits until it has ended by itself; returns its exit code.
    pub async fn wait(&self) -> CheckResult<i64> {
        self.ended(Ask::WaitContainer { container: self.id.clone() }).await
    }

    /// What it wrote so far.
    pub async fn logs(&self) -> CheckResult<String> {
        match self.door.ask(Ask::ContainerLogs { container: self.id.clone() }).await? {
            Answer::Text { text } => Ok(text),
            other => Err(unexpected(&other).into()),
        }
    }

    async fn ended(&self, ask: Ask) -> CheckResult<i64> {
        match self.door.ask(ask).await? {
            Answer::Ended { code } => Ok(code),
            other => Err(unexpected(&other).into()),
        }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.door.tell(Ask::RemoveContainer { container: self.id.clone() });
    }
}

fn no_recipe(app: &str) -> Missing {
    Missing {
        what: text(
            format!("a container image: app.toml has no [app.{app}.image]"),
            format!("컨테이너 이미지: app.toml에 [app.{app}.image] 항목이 없습니다"),
        ),
        fix: text("add it with `dockerfile = \"Dockerfile\"`", "`dockerfile = \"Dockerfile\"`을 적어 추가하십시오"),
    }
}

/// The folder whose repository the graded tree belongs to.
fn repository(tree: &Path) -> PathBuf {
    tree.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(tree).to_owned()
}

/// What a fresh clone would hold: an image must not depend on what happens to lie around.
fn copy_versioned(repository: &Path, context: &Path) -> Result<(), LabError> {
    for file in crate::tree::versioned_files(repository)? {
        let from = repository.join(&file);
        if from.exists() {
            copy(&from, &context.join(&file))
                .map_err(|error| LabError::new(format!("cannot copy {}", file.display()), error))?;
        }
    }
    Ok(())
}

/// Puts the crates of a Rust service into the folder that is sent to the engine: a build in a container then needs no
/// network, like any other build of the workshop. Cargo wants those of all systems, of which a build here downloads only its own, so
/// the network is asked for the others.
async fn vendor(context: &Path) -> CheckResult {
    let cannot = |error: std::io::Error| LabError::new("cannot vendor the crates for the image", error);
    let mut vendored = vendored(context, &["--offline"]).await.map_err(cannot)?;
    if !vendored.status.success() {
        vendored = self::vendored(context, &[]).await.map_err(cannot)?;
    }
    if !vendored.status.success() {
        return Err(no_crates(&String::from_utf8_lossy(&vendored.stderr)).into());
    }
    let folder = context.join(".cargo");
    std::fs::create_dir_all(&folder).map_err(cannot)?;
    Ok(std::fs::write(folder.join("config.toml"), vendored.stdout).map_err(cannot)?)
}

async fn vendored(context: &Path, options: &[&str]) -> std::io::Result<std::process::Output> {
    let mut cargo = tokio::process::Command::new("cargo");
    cargo.arg("vendor").args(options).arg(VENDORED).current_dir(context);
    cargo.env_clear().envs(toolchain_environment()).stdin(Stdio::null()).kill_on_drop(true).output().await
}

fn no_crates(said: &str) -> Missing {
    let last = said.trim().lines().last().unwrap_or_default().trim();
    Missing {
        what: text(
            format!("the crates of all systems, which an image is built from ({last})"),
            format!("이미지를 빌드할 때 쓰는 모든 시스템용 크레이트({last})"),
        ),
        fix: text(
            "run `cargo fetch` in the repository once while there is a network",
            "네트워크가 있을 때 저장소에서 `cargo fetch` 명령을 한 번 실행하십시오",
        ),
    }
}
