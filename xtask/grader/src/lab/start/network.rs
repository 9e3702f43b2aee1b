//! The network and the file tree of a start in a sandbox.

use std::path::{Path, PathBuf};

use supervisor::protocol::{Bridge, Root, SandboxSpec};
use tokio::net::{TcpStream, UnixListener};

use super::{Start, bare, pod};
use crate::check::{CheckResult, LabError, Missing};
use crate::text::text;

impl Start {
    fn writable(&self, folders: &[PathBuf; 3], release: &Path) -> Vec<PathBuf> {
        let release = self.changing.then(|| release.to_owned());
        if self.read_only { vec![folders[2].clone()] } else { folders.iter().cloned().chain(release).collect() }
    }

    pub(super) fn sandbox(
        &self,
        scratch: &Path,
        port: u16,
        folders: &[PathBuf; 3],
        release: &Path,
        argv: &[String],
    ) -> CheckResult<Option<SandboxSpec>> {
        let Some(network) = &self.network else { return Ok(None) };
        let mut outgoing = Vec::new();
        for reachable in &network.reachable {
            let socket = scratch.join(format!("{reachable}.sock"));
            let listener = UnixListener::bind(&socket).map_err(|error| LabError::new("cannot bridge a port", error))?;
            tokio::spawn(carry(listener, *reachable));
            outgoing.push(Bridge { port: *reachable, socket });
        }
        let mut incoming = vec![Bridge { port, socket: scratch.join(pod::FRONT_DOOR) }];
        let mut hosts = Vec::new();
        if let Some(inside) = &self.inside {
            incoming.extend(inside.doors(scratch));
            hosts = inside.hosts(scratch, |listener, port| drop(tokio::spawn(carry(listener, port))))?;
        }
        let root = if self.bare {
            bare::root(&self.lab, release, Path::new(&argv[0]))?
        } else {
            Root::HostReadOnly { hide: Vec::new(), show: Vec::new() }
        };
        Ok(Some(SandboxSpec {
            root,
            writable: self.writable(folders, release),
            allowed: network.configured.clone(),
            outgoing,
            incoming,
            hosts,
        }))
    }
}

pub(in crate::lab) fn no_sandbox(missing: &str) -> Missing {
    Missing {
        what: text(
            format!("a network of its own for the service: {missing}"),
            format!("서비스만의 네트워크: {missing}"),
        ),
        fix: text(
            "run `cargo xtask doctor`, which names the setting",
            "`cargo xtask doctor`를 실행하면 필요한 설정을 알려 줍니다",
        ),
    }
}

/// Carries connections from the sandbox to a port of the lab, until the listener's folder is gone and the run ends.
async fn carry(listener: UnixListener, port: u16) {
    while let Ok((mut inside, _)) = listener.accept().await {
        tokio::spawn(async move {
            if let Ok(mut outside) = TcpStream::connect(("127.0.0.1", port)).await {
                drop(tokio::io::copy_bidirectional(&mut inside, &mut outside).await);
            }
        });
    }
}
