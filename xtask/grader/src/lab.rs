//! What a check works with. A [`Lab`] belongs to one check; services, partner and random values come from it, and all of
//! them end with it.

pub mod addresses;
pub mod apps;
pub mod calibration;
pub mod chance;
pub mod checkout;
pub mod clock;
pub mod collector;
pub mod connection;
pub mod containers;
pub mod declared;
pub mod decoys;
pub mod files;
pub mod fresh_clone;
pub mod ground;
pub mod http;
pub mod kubelet;
pub mod listeners;
pub mod logs;
pub mod looks;
pub mod mail;
pub mod manifests;
pub mod offline;
pub mod one_off;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod redis;
pub mod scripts;
pub mod secrets;
pub mod servers;
pub mod service;
pub mod shipped;
pub mod start;
pub mod stub;
pub mod timeline;
pub mod version_managers;
pub mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::sync::mpsc::WeakUnboundedSender;

use crate::backing::{Backing, Site};
use crate::check::{CheckResult, LabError, LogLine, Stop};
use crate::event::{Event, Moment, Stage};
use crate::lab::chance::Chance;
use crate::lab::clock::{Clock, Patience};
use crate::lab::ground::Ground;
use crate::lab::logs::Logs;
use crate::lab::ports::Ports;
use crate::lab::process::Supervisors;
use crate::lab::servers::Servers;
use crate::lab::stub::Stub;
use crate::lab::timeline::Timeline;
use crate::subject::{Subject, Workspace};
use crate::text::Text;
use crate::tree::Place;

/// What all checks of a run share.
#[derive(Debug)]
pub struct Bench {
    /// The program that answers `__supervise` and `__nothing`.
    pub program: PathBuf,
    /// What is graded.
    pub subject: Subject,
    /// The graded copy of the subject.
    pub tree: Place,
    /// Whether the graded copy's repository has the subject's own history.
    pub own_history: bool,
    /// The folder with the release's files.
    pub release: PathBuf,
    /// The folders with those of its other apps, by name, once a check started them.
    pub others: BTreeMap<String, OnceCell<Result<PathBuf, Stop>>>,
    /// The folder with those of production's own build, once a check needed it.
    pub shipped: OnceCell<Result<PathBuf, Stop>>,
    /// Poison values that were in the environment of the build.
    pub poison: Vec<(String, String)>,
    /// A folder that goes away with the run.
    pub scratch: PathBuf,
    /// The order of observations.
    pub clock: Clock,
    /// How long to wait.
    pub patience: Patience,
    /// Where ports come from.
    pub ports: Ports,
    /// The folder with locks that hold between runs.
    pub locks: PathBuf,
    /// Every supervisor started in this run.
    pub supervisors: Arc<Supervisors>,
    /// The seed of every random value.
    pub seed: u64,
    /// The servers that the subject needs.
    pub servers: Servers,
    /// Where services run.
    pub ground: Ground,
    /// The door to further ones, such as a container engine.
    pub backing: Backing,
    /// The folders of the workspace that the subject may belong to.
    pub workspace: Workspace,
    /// The workshop, whose own programs are started.
    pub workshop: Workspace,
    /// Numbers scratch folders.
    pub starts: AtomicU64,
    /// Where progress is told. It does not keep the run alive.
    pub events: WeakUnboundedSender<Event>,
}

impl Bench {
    /// What starting a program of the workshop's own needs.
    pub fn site(&self) -> Site<'_> {
        Site {
            workspace: &self.workshop,
            supervisor: &self.program,
            clock: &self.clock,
            supervisors: &self.supervisors,
        }
    }

    /// Tells what takes long.
    pub fn news(&self, stage: Stage, detail: Option<String>) {
        if let Some(events) = self.events.upgrade() {
            // Whoever no longer listens has been interrupted.
            drop(events.send(Event::Working { stage, detail }));
        }
    }
}

/// One check's view of the lab.
#[derive(Clone, Debug)]
pub struct Lab {
    /// What all checks share.
    pub bench: Arc<Bench>,
    own: Arc<Own>,
}

#[derive(Debug)]
struct Own {
    name: String,
    chance: Chance,
    timeline: Timeline,
    remarks: Mutex<Vec<Text>>,
    /// The output of the services started so far, the newest last.
    logs: Mutex<Vec<Logs>>,
}

impl Lab {
    /// A lab for the check called `name`.
    pub fn new(bench: &Arc<Bench>, name: &str) -> Self {
        let own = Own {
            name: name.to_owned(),
            chance: Chance::new(bench.seed, name),
            timeline: Timeline::new(&bench.clock),
            remarks: Mutex::default(),
            logs: Mutex::default(),
        };
        Self { bench: Arc::clone(bench), own: Arc::new(own) }
    }

    /// Random values of this check.
    pub fn chance(&self) -> &Chance {
        &self.own.chance
    }

    /// Starts a partner service.
    pub async fn stub(&self) -> CheckResult<Stub> {
        // A stream of its own: the values that checks draw stay what they were.
        let title = Chance::new(self.bench.seed, &format!("{}/titles", self.own.name)).word(8);
        Ok(Stub::start(&self.own.timeline, title).await?)
    }

    /// Waits for `event` under the hang guard; `None` means that it did not happen. `name` tells waits of a check apart.
    pub async fn until<T>(&self, name: &str, event: impl Future<Output = T>) -> Option<T> {
        self.bench.patience.until(&format!("{}/{name}", self.own.name), event).await
    }

    /// How long nothing more may come after something came.
    pub fn quiet(&self) -> Duration {
        self.bench.patience.quiet()
    }

    /// Writes a line of the timeline; `who` is `grader`, `service` or `screen`.
    pub fn note(&self, who: &'static str, what: impl Into<String>) {
        self.own.timeline.note(who, what);
    }

    /// Reports a finding that does not change the verdict, however often it is made.
    pub fn remark(&self, remark: Text) {
        let mut remarks = lock(&self.own.remarks);
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }

    /// What was noted, in order.
    pub fn timeline(&self) -> Vec<Moment> {
        self.own.timeline.moments()
    }

    /// What was remarked.
    pub fn remarks(&self) -> Vec<Text> {
        lock(&self.own.remarks).clone()
    }

    /// The last lines of the service that was started last.
    pub fn last_lines(&self) -> Vec<LogLine> {
        lock(&self.own.logs).last().map(|logs| logs.last(12)).unwrap_or_default()
    }

    /// What the services started so far wrote, one after the other.
    pub fn output(&self) -> Vec<LogLine> {
        lock(&self.own.logs).iter().flat_map(Logs::lines).collect()
    }

    /// A folder of its own, inside the run's scratch folder.
    pub fn scratch(&self) -> Result<PathBuf, LabError> {
        let number = self.bench.starts.fetch_add(1, Ordering::Relaxed);
        let folder = self.bench.scratch.join(number.to_string());
        create_folder(&folder)?;
        Ok(folder)
    }

    fn remember_logs(&self, logs: &Logs) {
        lock(&self.own.logs).push(logs.clone());
    }
}

/// Creates a folder with its parents.
pub fn create_folder(folder: &Path) -> Result<(), LabError> {
    std::fs::create_dir_all(folder).map_err(|error| LabError::new(format!("cannot create {}", folder.display()), error))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
