//! Where this program keeps what outlives it, and where it works.

use std::path::{Path, PathBuf};

/// The folders of this program.
#[derive(Clone, Debug)]
pub struct Place {
    /// The workshop's folder.
    pub root: PathBuf,
    /// What is kept between runs: prepared data directories and the records of sessions.
    pub kept: PathBuf,
}

impl Place {
    /// Finds the workshop: above the current folder, else where this program was compiled.
    pub fn find() -> Self {
        let current = std::env::current_dir().unwrap_or_default();
        let compiled = Path::new(env!("CARGO_MANIFEST_DIR"));
        let above = |start: &Path| start.ancestors().find(|folder| is_workshop(folder)).map(Path::to_owned);
        let root = above(&current).or_else(|| above(compiled)).unwrap_or_else(|| current.clone());
        let asked = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
        let target = asked.map_or_else(|| root.join("target"), |folder| current.join(folder));
        Self { kept: target.join("workshop").join("backing"), root }
    }

    /// One file per session, named by its id.
    pub fn sessions(&self) -> PathBuf {
        self.kept.join("sessions")
    }
}

fn is_workshop(folder: &Path) -> bool {
    ["Cargo.toml", "xtask/Cargo.toml"].iter().all(|file| folder.join(file).is_file())
        && folder.join("exercises").is_dir()
}

/// The fastest folder that has room for databases: memory where the system offers it, else the temporary folder.
pub fn scratch() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if has_room_in_memory(&memory) { memory } else { std::env::temp_dir() }
}

/// Containers often have a `/dev/shm` of 64 MB, in which a few databases would not fit.
#[cfg(target_os = "linux")]
fn has_room_in_memory(folder: &Path) -> bool {
    const TMPFS: i64 = 0x0102_1994;
    const ENOUGH: u64 = 1 << 30;
    rustix::fs::statfs(folder).is_ok_and(|system| {
        let free = system.f_bavail.saturating_mul(system.f_bsize.unsigned_abs());
        system.f_type == TMPFS && free >= ENOUGH
    })
}

#[cfg(not(target_os = "linux"))]
fn has_room_in_memory(_: &Path) -> bool {
    false
}
