//! The record of a session: a file with one line for each thing that the session makes, written before the thing is made.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::append;
use super::processes::Identity;
use crate::place::Place;

/// Something that must be gone when the session is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Trace {
    /// The program whose session this is; while it lives, nobody else touches what is listed here.
    Owner(Identity),
    /// A folder.
    Folder {
        /// Its path.
        path: PathBuf,
    },
    /// A server that runs on this machine.
    Process(Identity),
    /// A container engine that was asked to start containers with this session's label.
    Engine {
        /// Its address.
        address: String,
    },
    /// A compose project in a container engine.
    Compose {
        /// The engine's address.
        address: String,
        /// The project's name.
        project: String,
    },
    /// A database and its role on a server that outlives the session.
    Database {
        /// Which server, without secrets.
        server: String,
        /// The database.
        name: String,
        /// The role.
        user: String,
    },
    /// A Redis database on a server that outlives the session.
    RedisDatabase {
        /// Which server, without secrets.
        server: String,
        /// Its index.
        index: u32,
    },
}

/// The file of a session that is open. It stays readable for who holds it even when somebody removes the whole target folder.
pub struct Record {
    file: File,
}

impl Record {
    /// Creates the file of the session `id`.
    pub fn create(place: &Place, id: &str) -> io::Result<Self> {
        let folder = place.sessions();
        fs::create_dir_all(&folder)?;
        let file = File::options().read(true).append(true).create_new(true).open(path(&folder, id))?;
        // Names of databases are nobody's business.
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(Self { file })
    }

    /// Opens the file of somebody else's session, or of one's own parent.
    pub fn open(place: &Place, id: &str) -> io::Result<Self> {
        Ok(Self { file: File::open(path(&place.sessions(), id))? })
    }

    /// What it tells. A last line that was cut off tells nothing: what it announces was never made.
    pub fn traces(&self) -> Vec<Trace> {
        let mut text = String::new();
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text));
        // Whoever cannot read it at all finds nothing to remove, and leaves it to others.
        drop(read);
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Adds a line.
    pub fn add(&self, trace: &Trace) -> io::Result<()> {
        append(&self.file, serde_json::to_string(trace)?)
    }
}

/// Where the record of a session is.
pub fn path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.jsonl"))
}

/// The ids of all sessions that left a record.
pub fn ids(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".jsonl").map(str::to_owned)).collect()
}
