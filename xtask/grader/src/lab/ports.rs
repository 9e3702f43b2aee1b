//! Ports for services: leased, so that two runs never hand out the same one.
//!
//! "Bind port 0, close it, tell the child" lost up to one start in thirty when several graders ran at once. Ports here
//! lie below the range the kernel hands out by itself, and a locked file per port keeps other runs away.

use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use crate::check::LabError;
use crate::lab::chance::Chance;

const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Hands out ports.
#[derive(Debug)]
pub struct Ports {
    folder: PathBuf,
}

/// A port that is ours until this value is dropped.
#[derive(Debug)]
pub struct Port {
    /// Its number.
    pub number: u16,
    _lock: File,
}

impl Ports {
    /// Keeps the locks in `folder`.
    pub fn new(folder: &Path) -> Result<Self, LabError> {
        fs::create_dir_all(folder)
            .map_err(|error| LabError::new(format!("cannot create {}", folder.display()), error))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Leases a port that nobody listens on.
    pub fn lease(&self, chance: &Chance) -> Result<Port, LabError> {
        let start = chance.below(u64::from(COUNT)) as u16;
        for step in 0..COUNT {
            let number = FIRST + (start + step) % COUNT;
            if let Some(lock) = self.try_lock(number)?
                && nobody_listens(number)
            {
                return Ok(Port { number, _lock: lock });
            }
        }
        Err(LabError::new("cannot find a free port", format!("{FIRST} to {} are all taken", FIRST + COUNT - 1)))
    }

    fn try_lock(&self, number: u16) -> Result<Option<File>, LabError> {
        let path = self.folder.join(format!("{number}.lock"));
        let failed = |error: std::io::Error| LabError::new(format!("cannot lock {}", path.display()), error);
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// Both addresses: a service may bind all interfaces or loopback alone.
fn nobody_listens(number: u16) -> bool {
    [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST].iter().all(|address| TcpListener::bind((*address, number)).is_ok())
}

/// What cannot run twice on one machine, such as a service that insists on a well-known port, holds this lock.
pub async fn only_one_at_a_time(folder: &Path) -> Result<File, LabError> {
    lock_file(&folder.join("well-known.lock"), || {}).await
}

/// Locks a file for as long as the returned value lives; calls `waiting` if somebody else holds it.
pub async fn lock_file(path: &Path, waiting: impl FnOnce()) -> Result<File, LabError> {
    let name = path.display().to_string();
    let failed = |error: std::io::Error| LabError::new(format!("cannot lock {name}"), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
        Err(TryLockError::WouldBlock) => waiting(),
    }
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    locked.map_err(|error| LabError::new("cannot wait for a lock", error))?.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_graders_with_the_same_seed_get_different_ports() {
        let folder = std::env::temp_dir().join(format!("ports-test-{}", std::process::id()));
        let lease = || Ports::new(&folder).and_then(|ports| ports.lease(&Chance::new(1, "x"))).expect("a port is free");
        let (first, second) = (lease(), lease());
        assert_ne!(first.number, second.number);
        drop(first);
        fs::remove_dir_all(folder).expect("was created");
    }

    #[test]
    fn a_port_somebody_listens_on_is_passed_over() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let number = listener.local_addr().expect("is bound").port();
        assert!(!nobody_listens(number));
    }
}
