//! Starting a service of the graded release: environment cleared then given, folders fresh and empty.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use supervisor::protocol::Spec;
use tokio::net::TcpStream;

use crate::check::{CheckResult, LabError, Speaker, Stop};
use crate::lab::declared::{no_app, no_command};
use crate::lab::decoys::path_folders;
use crate::lab::http::Endpoint;
use crate::lab::ports::Port;
use crate::lab::process::{Launch, Process};
use crate::lab::service::{Origin, Service, Startup};
use crate::lab::{Lab, create_folder};
use crate::manifest::App;

mod bare;
mod misspelt;
mod network;
pub mod pod;

pub(super) use network::no_sandbox;
use pod::Inside;

/// How often a start is repeated when somebody else took the port in between, or still held the program open.
const RACES: usize = 10;
/// `ETXTBSY`, the same number everywhere: the program was just copied, and a process that was forked meanwhile for
/// another check has not yet let go of the copy. It says nothing about the service.
const STILL_OPEN: &str = "(os error 26)";

/// A start in preparation: `lab.start("web").set("PORT", …).go().await`.
#[derive(Debug)]
pub struct Start {
    pub(super) lab: Lab,
    app: String,
    program: Program,
    /// `None` takes a variable away.
    environment: Vec<(String, Option<String>)>,
    release: Option<PathBuf>,
    changing: bool,
    files: Vec<(Place, String, String)>,
    needles: Vec<Vec<u8>>,
    network: Option<Network>,
    must_refuse: bool,
    read_only: bool,
    offers_port: bool,
    bare: bool,
    directory: Option<PathBuf>,
    inside: Option<Inside>,
}

/// What is started, as `app.toml` names it.
#[derive(Debug)]
enum Program {
    /// A process type, which goes on until it is stopped.
    Process(&'static str),
    /// A one-off, which ends by itself, with further arguments.
    OneOff(&'static str, Vec<String>),
    /// A command that manifests give, in which `{release}` stands for the release.
    Command(Vec<String>),
}

/// A network of the service's own.
#[derive(Clone, Debug)]
struct Network {
    /// Ports of the lab that are bridged to the same loopback port inside.
    reachable: Vec<u16>,
    /// Further destinations that the service was told of, so that trying them is no finding.
    configured: Vec<SocketAddr>,
}

/// Where a file is put before the service starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The working directory, otherwise empty.
    Directory,
    /// `HOME`, otherwise empty.
    Home,
}

impl Lab {
    /// Prepares the start of a process type of the subject. `PORT` is set to a leased port unless the check sets it.
    pub fn start(&self, process: &'static str) -> Start {
        self.prepare(Program::Process(process))
    }

    /// Prepares the start of a process type of one of the subject's apps, from that app's own release.
    pub fn start_app(&self, app: &str, process: &'static str) -> Start {
        Start { app: app.to_owned(), ..self.start(process) }
    }

    /// Prepares a one-off (`[app.….admin]`) of the subject with these arguments behind its own.
    pub fn one_off(&self, name: &'static str, arguments: &[&str]) -> Start {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        self.prepare(Program::OneOff(name, arguments))
    }

    fn prepare(&self, program: Program) -> Start {
        Start {
            lab: self.clone(),
            app: self.bench.subject.app_name().to_owned(),
            program,
            environment: Vec::new(),
            release: None,
            changing: false,
            files: Vec::new(),
            needles: Vec::new(),
            network: None,
            must_refuse: false,
            read_only: false,
            offers_port: false,
            bare: false,
            directory: None,
            inside: None,
        }
    }
}

impl Start {
    /// Sets environment variables; a later value replaces an earlier one.
    #[must_use]
    pub fn environment(mut self, variables: &[(String, String)]) -> Self {
        for (name, value) in variables {
            self = self.set(name, value);
        }
        self
    }

    /// Sets one environment variable.
    #[must_use]
    pub fn set(self, name: &str, value: impl Into<String>) -> Self {
        self.replace(name, Some(value.into()))
    }

    /// Takes a variable away that would be set otherwise.
    #[must_use]
    pub fn unset(self, name: &str) -> Self {
        self.replace(name, None)
    }

    /// Starts from another release folder than the app's.
    #[must_use]
    pub fn release(mut self, folder: PathBuf) -> Self {
        self.release = Some(folder);
        self
    }

    /// Starts from a copy of the release that the service may change, in a sandbox too: as a container does, whose image is
    /// its own.
    #[must_use]
    pub fn changing(mut self) -> Self {
        self.changing = true;
        self
    }

    /// Puts a file where the service may find it.
    #[must_use]
    pub fn file(mut self, place: Place, name: &str, contents: &str) -> Self {
        self.files.push((place, name.to_owned(), contents.to_owned()));
        self
    }

    /// Looks for this secret in everything the service writes, however much that is.
    #[must_use]
    pub fn look_for(mut self, secret: impl Into<Vec<u8>>) -> Self {
        self.needles.push(secret.into());
        self
    }

    /// Runs the service in a network of its own: the lab's loopback ports `reachable` answer, `configured` addresses are
    /// expected to be tried, and every other connection attempt is seen. Without a sandbox the check ends as UNGRADED.
    #[must_use]
    pub fn sandboxed(mut self, reachable: &[u16], configured: &[SocketAddr]) -> Self {
        self.network = Some(Network { reachable: reachable.to_vec(), configured: configured.to_vec() });
        self
    }

    /// Lets the sandboxed service write nowhere but in `TMPDIR`, as a container with a read-only root does.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Gives the sandboxed service a file tree that holds its release, the shared libraries that its program names, and
    /// otherwise nothing of this machine. A program that is no part of its release makes the check end as UNGRADED.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Starts it in this folder instead of an empty one.
    #[must_use]
    pub fn directory(mut self, folder: PathBuf) -> Self {
        self.directory = Some(folder);
        self
    }

    /// Says that the service ought to end: listening anywhere then settles the matter at once.
    #[must_use]
    pub fn expecting_refusal(mut self) -> Self {
        self.must_refuse = true;
        self
    }

    /// Gives what listens nowhere a free `PORT` all the same, as a platform does that sets it for every process.
    #[must_use]
    pub fn offering_port(mut self) -> Self {
        self.offers_port = true;
        self
    }

    /// Starts it and waits until it listens, has ended, or has done neither for too long.
    pub async fn go(self) -> CheckResult<(Service, Startup)> {
        for _ in 0..RACES {
            let service = self.spawn(true).await?;
            let startup = service.startup().await;
            if let Some(missing) = service.process.state().sandbox_missing {
                return Err(no_sandbox(&missing).into());
            }
            let lost_the_port = matches!(startup, Startup::Exited(_))
                && self.network.is_none()
                && TcpStream::connect(("127.0.0.1", service.port())).await.is_ok();
            let still_open = matches!(&startup, Startup::NotExecutable(why) if why.contains(STILL_OPEN));
            if !lost_the_port && !still_open {
                return Ok((service, startup));
            }
        }
        Err(lost_every_race())
    }

    /// Starts what listens nowhere, such as a worker, and returns once it runs. It is given no `PORT`,
    /// unless [`Start::offering_port`] says so.
    pub async fn run(self) -> CheckResult<Service> {
        for _ in 0..RACES {
            let service = self.spawn(self.offers_port).await?;
            let running = service.process.when(|state| state.started || state.could_not_start.is_some()).await;
            let state = running.unwrap_or_else(|| service.process.state());
            match (state.sandbox_missing, state.could_not_start) {
                (Some(missing), _) => return Err(no_sandbox(&missing).into()),
                (None, Some(why)) if why.contains(STILL_OPEN) => {}
                (None, Some(why)) => return Err(LabError::new("cannot start the process", why).into()),
                (None, None) => return Ok(service),
            }
        }
        Err(lost_every_race())
    }

    async fn spawn(&self, with_port: bool) -> CheckResult<Service> {
        let bench = &self.lab.bench;
        let scratch = self.lab.scratch()?;
        let folders = self.folders(&scratch)?;
        let release = self.release_folder().await?;
        let port = match &self.inside {
            Some(inside) => Port::inside(inside.port()),
            None => bench.ports.lease(self.lab.chance())?,
        };
        let endpoint = match self.network {
            Some(_) => Endpoint::Bridge(scratch.join(pod::FRONT_DOOR), port.number),
            None => Endpoint::Port(port.number),
        };
        let extra_ports = self.lease_extra_ports()?;
        let named = with_port.then(|| ("PORT".to_owned(), port.number)).into_iter();
        let named = named.chain(extra_ports.iter().map(|(name, port)| (name.clone(), port.number)));
        // Inside a cluster's network, the manifests say all.
        let named = named.filter(|_| self.inside.is_none());
        let argv = self.argv(&release)?;
        let sandbox = self.sandbox(&scratch, port.number, &folders, &release, &argv)?;
        let program = PathBuf::from(argv.first().map_or_else(String::new, |program| found(program)));
        let origin = Origin { app: self.app.clone(), release, program };
        let launch = Launch {
            argv,
            environment: self.whole_environment(&folders, named),
            directory: self.directory.clone().unwrap_or_else(|| folders[0].clone()),
            spec: Spec { scratch: Some(scratch.clone()), sandbox },
            needles: self.needles.clone(),
            speakers: [Speaker::Stdout, Speaker::Stderr],
        };
        let process = Process::launch_on(&bench.ground, &bench.program, launch, &bench.clock, &bench.supervisors)?;
        self.lab.remember_logs(&process.logs);
        let must_refuse = self.must_refuse;
        Ok(Service {
            lab: self.lab.clone(),
            process: Arc::new(process),
            endpoint,
            origin,
            port,
            extra_ports: extra_ports.into_iter().map(|(_, port)| port).collect(),
            scratch,
            must_refuse,
        })
    }

    /// Working directory, `HOME` and `TMPDIR`, with the check's files in them.
    fn folders(&self, scratch: &Path) -> Result<[PathBuf; 3], LabError> {
        let folders = ["cwd", "home", "tmp"].map(|name| scratch.join(name));
        folders.iter().try_for_each(|folder| create_folder(folder))?;
        for (place, name, contents) in &self.files {
            let file = folders[usize::from(*place == Place::Home)].join(name);
            file.parent().map_or(Ok(()), create_folder)?;
            fs::write(&file, contents).map_err(|error| LabError::new(format!("cannot write {name}"), error))?;
        }
        Ok(folders)
    }

    async fn release_folder(&self) -> CheckResult<PathBuf> {
        let release = match &self.release {
            Some(folder) => folder.clone(),
            None => self.lab.release_of(&self.app).await?,
        };
        if self.changing { Ok(self.lab.copy_of(&release)?) } else { Ok(release) }
    }

    fn declared(&self) -> CheckResult<&App> {
        let app = self.lab.bench.subject.manifest.app.get(&self.app);
        app.ok_or_else(|| no_app(&self.app).into())
    }

    /// The ports that the app declares besides `PORT`; a worker or a one-off opens none.
    fn lease_extra_ports(&self) -> CheckResult<Vec<(String, Port)>> {
        let lease = |name: &String| Ok((name.clone(), self.lab.bench.ports.lease(self.lab.chance())?));
        match self.program {
            Program::Process("web") => self.declared()?.extra_ports.iter().map(lease).collect(),
            _ => Ok(Vec::new()),
        }
    }

    fn argv(&self, release: &Path) -> CheckResult<Vec<String>> {
        let release = release.display().to_string();
        let app = self.declared()?;
        let declared = |kind: &str, name: &str, table: &'_ BTreeMap<String, Vec<String>>| {
            table.get(name).cloned().ok_or_else(|| Stop::from(no_command(&self.app, kind, name)))
        };
        let (command, arguments) = match &self.program {
            Program::Process(name) => (declared("process", name, &app.process)?, &[][..]),
            Program::OneOff(name, arguments) => (declared("admin", name, &app.admin)?, arguments.as_slice()),
            Program::Command(words) => (words.clone(), &[][..]),
        };
        let command = command.iter().map(|word| word.replace("{release}", &release));
        let mut argv: Vec<String> = command.chain(arguments.iter().cloned()).collect();
        if self.environment.iter().any(|(name, _)| name == "PATH") {
            // The check's `PATH` is meant for the service, and not for finding it.
            argv[0] = found(&argv[0]);
        }
        Ok(argv)
    }

    /// What a platform gives: enough to find an interpreter, a home, a temporary folder, and the check's variables.
    fn whole_environment(
        &self,
        [_, home, tmp]: &[PathBuf; 3],
        ports: impl Iterator<Item = (String, u16)>,
    ) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
        let fixed = [
            ("PATH", path),
            ("HOME", home.display().to_string()),
            ("TMPDIR", tmp.display().to_string()),
            ("TZ", "UTC".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ];
        let fixed = fixed.into_iter().map(|(name, value)| (name.to_owned(), value));
        let fixed = fixed.chain(ports.map(|(name, port)| (name, port.to_string())));
        let chosen = |name: &str| self.environment.iter().any(|(known, _)| known == name);
        let fixed = fixed.filter(|(name, _)| !chosen(name));
        let given = self.environment.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        fixed.chain(given).collect()
    }

    fn replace(mut self, name: &str, value: Option<String>) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value));
        self
    }
}

/// Where this machine's `PATH` finds a program that is named without a folder.
fn found(program: &str) -> String {
    let places = path_folders().into_iter().map(|folder| folder.join(program));
    let place = places.filter(|_| !program.contains('/')).find(|place| place.is_file());
    place.map_or_else(|| program.to_owned(), |place| place.display().to_string())
}

fn lost_every_race() -> Stop {
    LabError::new("cannot start the service", format!("{RACES} tries in a row lost a race")).into()
}
