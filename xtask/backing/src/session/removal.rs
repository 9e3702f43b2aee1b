//! Removes what a session made, as its record tells it. Used by the session itself at its end, by its reaper, and by later sessions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::timeout;

use super::processes::{self, Identity};
use super::record::{self, Record, Trace};
use crate::place::Place;
use crate::{containers, postgres, redis};

/// How long a server may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// How long an engine may take to remove a project.
const ENGINE: Duration = Duration::from_secs(60);

/// Removes what a session made, unless its program still lives. `false` when something may be left; the record then stays for the
/// next who sweeps.
pub async fn remove_dead(place: &Place, id: &str, record: &Record) -> bool {
    let traces = record.traces();
    let lives = owners(&traces).any(Identity::lives);
    !lives && remove(place, id, traces, true).await
}

/// The same for a session whose program is being killed. Its files are closed, which is how its reaper knows, a moment before it is
/// dead.
pub async fn remove_killed(place: &Place, id: &str, record: &Record) -> bool {
    let owners: Vec<Identity> = owners(&record.traces()).cloned().collect();
    processes::gone_within(&owners, GRACE).await;
    remove_dead(place, id, record).await
}

fn owners(traces: &[Trace]) -> impl Iterator<Item = &Identity> {
    traces.iter().filter_map(|trace| if let Trace::Owner(owner) = trace { Some(owner) } else { None })
}

/// Removes what this session made; `idle` when it has no request under way.
pub async fn remove_own(place: &Place, id: &str, record: &Record, idle: bool) -> bool {
    remove(place, id, record.traces(), !idle).await
}

/// Removes what dead sessions left behind.
pub async fn sweep(place: &Place) {
    for id in record::ids(&place.sessions()) {
        // One that is gone meanwhile was removed by somebody else.
        if let Ok(record) = Record::open(place, &id) {
            remove_dead(place, &id, &record).await;
        }
    }
}

async fn remove(place: &Place, id: &str, traces: Vec<Trace>, suddenly: bool) -> bool {
    let mut left = Left::default();
    traces.into_iter().for_each(|trace| left.sort(trace));
    let contained = left.remove_containers(id, suddenly).await;
    left.end_servers().await;
    // After the end of a compose that was still under way.
    let composed = left.remove_projects().await;
    let elsewhere = left.remove_from_servers(id).await;
    let here = left.remove_folders();
    if here && elsewhere && contained && composed {
        let _ = fs::remove_file(record::path(&place.sessions(), id));
    }
    here && elsewhere && contained && composed
}

/// The traces of a session by what is to be done about them.
#[derive(Default)]
struct Left {
    processes: Vec<Identity>,
    engines: BTreeSet<String>,
    projects: BTreeSet<(String, String)>,
    folders: BTreeSet<PathBuf>,
    databases: BTreeSet<(String, String, String)>,
    redis_databases: BTreeSet<(String, u32)>,
}

impl Left {
    fn sort(&mut self, trace: Trace) {
        match trace {
            Trace::Process(process) => self.processes.push(process),
            Trace::Folder { path } => drop(self.folders.insert(path)),
            Trace::Database { server, name, user } => drop(self.databases.insert((server, name, user))),
            Trace::RedisDatabase { server, index } => drop(self.redis_databases.insert((server, index))),
            Trace::Engine { address } => drop(self.engines.insert(address)),
            Trace::Compose { address, project } => drop(self.projects.insert((address, project))),
            Trace::Owner(_) => {}
        }
    }

    async fn remove_containers(&self, id: &str, suddenly: bool) -> bool {
        let mut all = true;
        for address in &self.engines {
            all &= match containers::client(address) {
                Ok(docker) => containers::labels::remove(&docker, id, suddenly).await,
                Err(_) => false,
            };
        }
        all
    }

    async fn remove_projects(&self) -> bool {
        let mut all = true;
        for (address, project) in &self.projects {
            all &= match containers::client(address) {
                Ok(docker) => {
                    timeout(ENGINE, containers::compose::remove(&docker, project)).await.is_ok_and(|r| r.is_ok())
                }
                Err(_) => false,
            };
        }
        all
    }

    async fn remove_from_servers(&self, id: &str) -> bool {
        let mut all = true;
        for (server, name, user) in &self.databases {
            all &= postgres::url::forget(server, name, user).await;
        }
        for (server, index) in &self.redis_databases {
            all &= redis::url::forget(server, id, *index).await;
        }
        all
    }

    /// Both servers take SIGINT as "end now, whoever is connected", and free what they share with their children.
    async fn end_servers(&self) {
        processes::end(&self.processes, Signal::INT, GRACE).await;
        let workers: Vec<Identity> = self.folders.iter().flat_map(|folder| processes::working_in(folder)).collect();
        processes::end(&workers, Signal::INT, GRACE).await;
    }

    fn remove_folders(&self) -> bool {
        self.folders.iter().for_each(|folder| {
            forget_shared_memory(folder);
            let _ = fs::remove_dir_all(folder);
        });
        !self.folders.iter().any(|folder| folder.exists())
    }
}

/// A PostgreSQL server that was killed with SIGKILL leaves a piece of System V shared memory. Its last note, the seventh line of
/// `postmaster.pid`, holds the number.
fn forget_shared_memory(folder: &Path) {
    let note = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let number = note.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned);
    if let Some(number) = number {
        // An error means that it is gone already.
        let _ = std::process::Command::new("ipcrm").args(["-m", &number]).output();
    }
}
