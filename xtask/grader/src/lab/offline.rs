//! The build once more, from a clean clone and without a network: what was not fetched before cannot be had.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use supervisor::protocol::{Attempt, Root, SandboxSpec, Spec};

use crate::build::toolchain_environment;
use crate::check::{CheckResult, LabError, LogLine, Missing, Speaker};
use crate::lab::checkout::Checkout;
use crate::lab::ports::lock_file;
use crate::lab::process::{Exit, Launch, Process};
use crate::lab::{Lab, create_folder};
use crate::text::text;
use crate::tree::trimmed_manifest;

/// How the build ended.
#[derive(Debug)]
pub struct OfflineBuild {
    /// Its exit.
    pub exit: Option<Exit>,
    /// What it tried to reach; the machine itself does not count.
    pub attempts: Vec<Attempt>,
    /// What it wrote.
    pub lines: Vec<LogLine>,
}

impl Lab {
    /// Builds a clean clone in a sandbox, where every attempt to reach something is seen, with these variables beside those
    /// of the toolchain. Cargo has fetched all that is locked before; other tools would need a cache of their own.
    ///
    /// # Errors
    ///
    /// UNGRADED without a sandbox, and for builds that are not Cargo's.
    pub async fn build_offline(&self, variables: &[(String, String)]) -> CheckResult<OfflineBuild> {
        let build = &self.bench.subject.app().build;
        if build.first().is_none_or(|program| program != "cargo") {
            return Err(other_build().into());
        }
        let checkout = self.checkout()?;
        let (folder, target) = self.apart(&checkout, "offline")?;
        create_folder(&target)?;
        let argv = build.iter().map(|word| word.replace("{target}", &target.display().to_string())).collect();
        // As for every build: until the next one nobody may take this one's program for its own.
        let _building = lock_file(&self.bench.tree.build_lock(&self.bench.locks), || {}).await?;
        let spec = Spec { scratch: None, sandbox: Some(sandbox(&checkout.repository, &target)) };
        let launch = Launch {
            argv,
            environment: environment(&target).into_iter().chain(variables.iter().cloned()).collect(),
            directory: folder,
            spec,
            needles: Vec::new(),
            speakers: [Speaker::Build, Speaker::Build],
        };
        let bench = &self.bench;
        let process = Process::launch(&bench.program, launch, &bench.clock, &bench.supervisors)?;
        let exit = process.exited().await;
        let state = process.state();
        if let Some(missing) = state.sandbox_missing {
            return Err(crate::lab::start::no_sandbox(&missing).into());
        }
        let attempts = process.attempts().await.into_iter().filter(|attempt| !is_here(attempt.address)).collect();
        let lines = process.logs.lines();
        process.end().await;
        Ok(OfflineBuild { exit, attempts, lines })
    }

    /// Where the clone is built. Cargo tells packages apart by their path below the workspace's root (see `tree.rs`), so the
    /// clone of a member gets a path of its own there, and that of a whole repository a target folder of its own.
    pub(crate) fn apart(&self, checkout: &Checkout, purpose: &str) -> Result<(PathBuf, PathBuf), LabError> {
        let failed = |error: std::io::Error| LabError::new("cannot move the clone", error);
        let inside = checkout.root.strip_prefix(&checkout.repository).unwrap_or(Path::new(""));
        let Some(key) =
            inside.components().next().filter(|_| self.bench.subject.inside(&self.bench.workspace).is_some())
        else {
            return Ok((checkout.root.clone(), self.bench.tree.target.with_extension(purpose)));
        };
        let key = Path::new(&key);
        let mut own = std::ffi::OsString::from(format!("{purpose}-"));
        own.push(key);
        let member = Path::new(&own).join(inside.strip_prefix(key).unwrap_or(inside));
        std::fs::rename(checkout.repository.join(key), checkout.repository.join(&own)).map_err(failed)?;
        let folder = checkout.repository.join(&member);
        let manifest = trimmed_manifest(&self.bench.workspace.root, &member, &folder).map_err(failed)?;
        std::fs::write(checkout.repository.join("Cargo.toml"), manifest).map_err(failed)?;
        Ok((folder, self.bench.tree.target.clone()))
    }
}

fn environment(target: &Path) -> Vec<(String, String)> {
    let own = [("CARGO_TARGET_DIR", target.display().to_string()), ("CARGO_NET_OFFLINE", "true".to_owned())];
    toolchain_environment().into_iter().chain(own.map(|(name, value)| (name.to_owned(), value))).collect()
}

fn sandbox(clone: &Path, target: &Path) -> SandboxSpec {
    SandboxSpec {
        root: Root::HostReadOnly { hide: Vec::new(), show: Vec::new() },
        writable: vec![clone.to_owned(), target.to_owned(), std::env::temp_dir()],
        allowed: Vec::new(),
        outgoing: Vec::new(),
        incoming: Vec::new(),
        hosts: Vec::new(),
    }
}

fn is_here(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

fn other_build() -> Missing {
    Missing {
        what: text(
            "a build by Cargo: other tools are not built without a network",
            "Cargo로 하는 빌드: 다른 도구는 네트워크 없이 빌드해 보지 않습니다",
        ),
        fix: text(
            "fetch everything, switch the network off and run your build command",
            "필요한 것을 모두 내려받은 뒤 네트워크를 끄고 빌드 명령을 실행해 보십시오",
        ),
    }
}
