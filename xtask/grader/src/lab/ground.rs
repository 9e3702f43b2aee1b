//! Where a supervisor and the service below it run: on this machine, or in a container of the base image.
//!
//! A container is started once for a run. It shares this machine's network, its processes and the run's scratch folder, and it has a
//! file tree of its own, which is what it is for: a release that needs more than its own files does not get along there.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use backing_protocol::{Answer, Ask, ContainerSpec, Engine, Mount};
use supervisor::attend::{self, Errand};
use tokio::io::AsyncRead;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;

use crate::backing::{Backing, Door, Site, unexpected};
use crate::check::{CheckResult, LabError, Missing, Stop};
use crate::event::Stage;
use crate::lab::process::Launch;
use crate::text::text;

/// Between two looks at a container that comes up.
const LOOK: Duration = Duration::from_millis(10);

/// Where it runs.
#[derive(Debug)]
pub enum Ground {
    /// On this machine.
    Machine,
    /// In a container.
    Container(Attended),
    /// In a container, which this machine cannot give.
    Nowhere(Missing),
}

/// A container in which somebody starts supervisors for us. Dropping it removes it.
#[derive(Debug)]
pub struct Attended {
    socket: PathBuf,
    container: String,
    door: Door,
}

/// A supervisor that was started.
pub struct Begun {
    /// What the program writes.
    pub out: Option<Output>,
    /// What it complains.
    pub err: Option<Output>,
    /// The process id of the supervisor.
    pub supervisor: u32,
    /// The supervisor, if it is a child of ours.
    pub child: Option<Child>,
}

/// The reading end of a pipe.
pub type Output = Box<dyn AsyncRead + Send + Unpin>;

impl Ground {
    /// Starts the container of a run. What the machine lacks is remembered for the checks, which then end as UNGRADED.
    ///
    /// # Errors
    ///
    /// A container that should have come up and did not.
    pub async fn container(
        backing: &Backing,
        site: Site<'_>,
        scratch: &Path,
        news: impl FnMut(Stage, Option<String>),
    ) -> Result<Self, LabError> {
        match Attended::start(backing, site, scratch, news).await {
            Ok(attended) => Ok(Ground::Container(attended)),
            Err(Stop::Ungraded(missing)) => Ok(Ground::Nowhere(missing)),
            Err(Stop::Error(error)) => Err(error),
            Err(Stop::Fail(failure)) => Err(LabError::new("the container failed", failure.reason)),
        }
    }

    /// Starts a supervisor with `control` as its standard input.
    pub fn begin(&self, program: &Path, launch: &Launch, control: UnixStream) -> CheckResult<Begun> {
        let failed = |error| LabError::new("cannot start the supervisor", error);
        match self {
            Ground::Machine => Ok(on_this_machine(program, launch, control).map_err(failed)?),
            Ground::Container(attended) => Ok(attended.begin(launch, &control).map_err(failed)?),
            Ground::Nowhere(missing) => Err(missing.clone().into()),
        }
    }
}

fn on_this_machine(program: &Path, launch: &Launch, control: UnixStream) -> io::Result<Begun> {
    let spec = serde_json::to_string(&launch.spec)?;
    let mut child = tokio::process::Command::new(program)
        .args([supervisor::COMMAND, "--spec", &spec, "--"])
        .args(&launch.argv)
        .env_clear()
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&launch.directory)
        .stdin(Stdio::from(OwnedFd::from(control)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().map(|pipe| Box::new(pipe) as Output);
    let err = child.stderr.take().map(|pipe| Box::new(pipe) as Output);
    Ok(Begun { out, err, supervisor: child.id().unwrap_or_default(), child: Some(child) })
}

impl Attended {
    async fn start(
        backing: &Backing,
        site: Site<'_>,
        scratch: &Path,
        news: impl FnMut(Stage, Option<String>),
    ) -> CheckResult<Self> {
        if !cfg!(target_os = "linux") {
            return Err(only_on_linux().into());
        }
        let (_, door) = backing.up(Engine::Containers, site, news).await?;
        let socket = scratch.join("attend.sock");
        let answer = door.ask(Ask::RunContainer(spec(site.supervisor, scratch, &socket))).await?;
        let Answer::Container { id: container } = answer else { return Err(unexpected(&answer).into()) };
        let attended = Self { socket, container, door };
        tokio::select! {
            () = attended.is_there() => Ok(attended),
            ended = attended.ended() => Err(ended),
        }
    }

    async fn is_there(&self) {
        while !attend::is_there(&self.socket) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Why it ended before somebody attended.
    async fn ended(&self) -> Stop {
        let container = self.container.clone();
        match self.door.ask(Ask::WaitContainer { container: container.clone() }).await {
            Ok(_) => {}
            Err(stop) => return stop,
        }
        match self.door.ask(Ask::ContainerLogs { container }).await {
            Ok(Answer::Text { text }) => too_foreign(text.trim()).into(),
            Ok(other) => unexpected(&other).into(),
            Err(stop) => stop,
        }
    }

    fn begin(&self, launch: &Launch, control: &UnixStream) -> io::Result<Begun> {
        let errand = Errand {
            spec: launch.spec.clone(),
            argv: launch.argv.clone(),
            environment: launch.environment.clone(),
            directory: launch.directory.clone(),
        };
        let (out, its_out) = io::pipe()?;
        let (err, its_err) = io::pipe()?;
        let supervisor = attend::send(&self.socket, &errand, [control.as_fd(), its_out.as_fd(), its_err.as_fd()])?;
        let reader = |pipe: io::PipeReader| Ok::<Output, io::Error>(Box::new(Receiver::from_owned_fd(pipe.into())?));
        Ok(Begun { out: Some(reader(out)?), err: Some(reader(err)?), supervisor, child: None })
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        self.door.tell(Ask::RemoveContainer { container: self.container.clone() });
    }
}

/// As the user who runs the grader, so that what services write can be removed; and with that user's own rights, among them those
/// that the sandbox needs.
fn spec(program: &Path, scratch: &Path, socket: &Path) -> ContainerSpec {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let command = [program, Path::new(attend::COMMAND), socket].map(|word| word.display().to_string()).to_vec();
    let mount = |path: &Path, writable| Mount { path: path.to_owned(), writable };
    ContainerSpec {
        command,
        mounts: vec![mount(program, false), mount(scratch, true)],
        user: format!("{user}:{group}"),
        like_the_host: true,
        ..ContainerSpec::default()
    }
}

fn only_on_linux() -> Missing {
    Missing {
        what: text(
            "a container in which programs of this machine run: there is none outside Linux",
            "이 컴퓨터의 프로그램을 실행할 수 있는 컨테이너: Linux에만 있습니다",
        ),
        fix: text("leave out `--in container`", "`--in container`를 빼고 실행하십시오"),
    }
}

/// Programs of a new system do not run with the C library of an old image.
fn too_foreign(said: &str) -> Missing {
    Missing {
        what: text(
            format!("a base image in which programs of this machine run: {said}"),
            format!("이 컴퓨터의 프로그램을 실행할 수 있는 기본 이미지: {said}"),
        ),
        fix: text(
            "name an image of your own system in workshop.toml: [images] base = \"…\"",
            "workshop.toml에 지금 쓰는 시스템의 이미지를 적으십시오: [images] base = \"…\"",
        ),
    }
}
