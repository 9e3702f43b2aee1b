//! One run of this program: its id, the record of what it made, and the process that removes all of it should this one be killed.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use backing_protocol::Refusal;

use crate::place::Place;
use crate::refusals::failing;

pub mod processes;
pub mod reaper;
pub mod record;
pub mod removal;

use processes::Identity;
use record::{Record, Trace};

/// One run of this program.
pub struct Session {
    /// A random word that nobody else has.
    pub id: String,
    record: Record,
    folders: AtomicU32,
    /// The reaper and the servers. They are waited for at the end, so that no trace of them is left in the system's table.
    children: Mutex<Vec<Child>>,
    lifeline: Mutex<Option<ChildStdin>>,
}

impl Session {
    /// Opens the record and starts the reaper; nothing may be made before.
    pub fn open(place: &Place) -> Result<Self, Refusal> {
        let id = random_word().map_err(failing("cannot draw a random number"))?;
        let record = Record::create(place, &id).map_err(failing("cannot write the record of the session"))?;
        record.add(&Trace::Owner(Identity::own())).map_err(failing("cannot write the record of the session"))?;
        let mut reaper = reaper::start(&id).map_err(failing("cannot start the reaper"))?;
        let lifeline = Mutex::new(reaper.stdin.take());
        Ok(Self { id, record, folders: AtomicU32::new(0), children: Mutex::new(vec![reaper]), lifeline })
    }

    /// Starts a program that runs until the end of the session, and writes down that it has to be ended.
    pub fn spawn(&self, command: &mut Command) -> Result<Identity, Refusal> {
        let program = command.get_program().display().to_string();
        let child = command.spawn().map_err(failing(format!("cannot start {program}")))?;
        let identity = Identity::of(child.id());
        self.children().push(child);
        self.note(&Trace::Process(identity.clone()))?;
        Ok(identity)
    }

    /// Runs a program to its end.
    pub async fn run(&self, command: &mut Command) -> Result<ExitStatus, Refusal> {
        let what = format!("cannot run {}", command.get_program().display());
        let mut child = command.spawn().map_err(failing(&what))?;
        self.note(&Trace::Process(Identity::of(child.id())))?;
        let ended = tokio::task::spawn_blocking(move || child.wait()).await;
        ended.map_err(failing(&what))?.map_err(failing(&what))
    }

    /// Removes everything that the session made, `idle` or in the middle of something. `false` when something may be left.
    pub async fn close(&self, place: &Place, idle: bool) -> bool {
        let removed = removal::remove_own(place, &self.id, &self.record, idle).await;
        if let Some(mut lifeline) = self.lifeline.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A reaper that is gone needs no farewell.
            let _ = lifeline.write_all(reaper::FAREWELL);
        }
        for mut child in std::mem::take(&mut *self.children()) {
            // Each has been ended, or ends now because its lifeline is cut.
            let _ = child.wait();
        }
        removed
    }

    fn children(&self) -> MutexGuard<'_, Vec<Child>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what is about to be made, so that it can be removed by somebody else.
    pub fn note(&self, trace: &Trace) -> Result<(), Refusal> {
        self.record.add(trace).map_err(failing("cannot write the record of the session"))
    }

    /// A new folder for a server, on the fastest place there is; it is removed with the session.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Refusal> {
        let count = self.folders.fetch_add(1, Ordering::Relaxed);
        // Short, because the path of a Unix socket has at most 104 bytes on some systems.
        let path = crate::place::scratch().join(format!("workshop-{}-{name}{count}", &self.id[..8]));
        self.note(&Trace::Folder { path: path.clone() })?;
        make_private(&path).map_err(failing(format!("cannot create {}", path.display())))?;
        Ok(path)
    }
}

fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

/// 32 hexadecimal digits that cannot be guessed.
pub fn random_word() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Appends one line to a file in a single write, so that whoever is killed leaves whole lines.
fn append(mut file: &File, mut line: String) -> std::io::Result<()> {
    line.push('\n');
    file.write_all(line.as_bytes())
}
