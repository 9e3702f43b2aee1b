//! The way back, at three in the morning, on a machine that can build nothing.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use super::deploy::{Settings, end_and_current, into_service, settings};
use super::yard::Yard;
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::checkout::Change;
use crate::lab::decoys::{path_folders, programs_in};
use crate::lab::scripts::Ran;
use crate::links::{came_up, get};
use crate::text::{Text, text, verbatim};

/// What fetches and builds; whatever begins with one of these and a hyphen is part of it.
const BUILDERS: [&str; 30] = [
    "git", "cargo", "rustc", "rustup", "cc", "c++", "gcc", "g++", "clang", "ld", "make", "cmake", "go", "npm", "npx",
    "yarn", "pnpm", "pip", "pip3", "uv", "poetry", "mvn", "gradle", "javac", "dotnet", "docker", "podman", "buildah",
    "kubectl", "just",
];

/// Two releases, the newer one in service first: what was in service before is not what was built before.
pub async fn rollback_works(lab: Lab) -> CheckResult {
    let mut yard = Yard::open(&lab, "never-green").await?;
    let older = yard.control().await?;
    let notes = format!("{}.md", lab.chance().word(9));
    let commit = yard.clone.checkout.commit("Write notes", &[Change::Write(&notes, b"Notes.\n")])?;
    let newer = two_releases(&yard, &older).await?;
    yard.clone.is_built();
    let scene = Scene { path: without_builders(&lab)?, settings: settings(&lab).await?, yard };
    scene.deploy(&newer).await?;
    scene.first_stays(&newer).await?;
    scene.deploy(&older).await?;
    // An interrupted deploy that is repeated must not bury what was there before.
    drop(scene.yard.deploy(&older, &scene.settings.file.display().to_string()).await?);
    scene.goes_back(&[], &newer).await?;
    scene.runs(&newer, &commit).await?;
    scene.goes_back(&[&older], &older).await
}

/// A second run, which must leave a second release.
async fn two_releases(yard: &Yard, first: &str) -> CheckResult<String> {
    let run = yard.run_pipeline(&[]).await?;
    match run.new.as_slice() {
        [id] if run.ran.is_green() => Ok(id.clone()),
        _ if !run.ran.is_green() => Err(yard.never_green(run.ran.end(), &run.ran)),
        _ => {
            let did = text("made releases of two commits", "커밋 두 개로 릴리즈를 만듦");
            let expected = text("two releases", "릴리즈가 둘이어야 합니다");
            let seen = text(format!("only {first}"), format!("{first} 하나뿐입니다"));
            Err(yard.explained(Failure::new("wrong-release", did, expected, seen)))
        }
    }
}

struct Scene {
    yard: Yard,
    settings: Settings,
    path: String,
}

impl Scene {
    /// Without a deploy there is nothing to go back from.
    async fn deploy(&self, id: &str) -> CheckResult {
        into_service(&self.yard, id, &self.settings, "never-green").await.map(drop)
    }

    async fn rollback(&self, id: &[&str]) -> CheckResult<Ran> {
        let ran = self.yard.rollback(id, &[("PATH", &self.path)]).await?;
        ran.ok_or_else(|| {
            let expected = text("[pipeline] names a `rollback`", "[pipeline]에 `rollback`이 있어야 합니다");
            let seen = text("it names none", "없습니다");
            self.yard.explained(Failure::new("needs-tools", did(id), expected, seen))
        })
    }

    /// There is nothing to go back to, and that has to be said.
    async fn first_stays(&self, only: &str) -> CheckResult {
        let ran = self.rollback(&[]).await?;
        if !ran.is_green() && self.yard.store.current().as_deref() == Some(only) {
            return Ok(());
        }
        let did = text(
            "rolled back after the first deploy, when nothing else had been in service",
            "첫 배포 뒤, 이전에 서비스한 릴리즈가 없는 상태에서 롤백",
        );
        let expected = text(
            format!("an exit code other than 0, and `current` still names {only}"),
            format!("0이 아닌 종료 코드로 끝나고, `current`는 그대로 {only} 릴리즈를 가리켜야 합니다"),
        );
        Err(self.failure("first-rolled-back", did, expected, &ran))
    }

    async fn goes_back(&self, id: &[&str], wanted: &str) -> CheckResult {
        let ran = self.rollback(id).await?;
        let is_there = self.yard.store.current().as_deref() == Some(wanted);
        if ran.is_green() && is_there {
            return Ok(());
        }
        let expected = text(
            format!("exit code 0, and `current` names {wanted}"),
            format!("종료 코드 0으로 끝나고, `current`가 {wanted} 릴리즈를 가리켜야 합니다"),
        );
        let reason = if ran.is_green() { "wrong-release" } else { "needs-tools" };
        Err(self.failure(reason, did(id), expected, &ran))
    }

    /// The platform starts what is in service again, and asks for its commit.
    async fn runs(&self, id: &str, commit: &str) -> CheckResult {
        let lab = &self.yard.lab;
        let start = lab.start("web").environment(&self.settings.deploy.environment());
        let (service, startup) = start.release(self.yard.store.release(id).join("app")).go().await?;
        came_up(&service, startup).map_err(|stop| self.because(stop))?;
        let version = get(&service, "/version").await.map_err(|why| LabError::new("GET /version", why))?;
        service.end().await;
        let build = version.json()["build"].as_str().unwrap_or_default().to_owned();
        if build.len() >= 7 && commit.starts_with(&build) {
            return Ok(());
        }
        let expected = verbatim(format!("GET /version: \"build\": \"{commit}\""));
        let seen = verbatim(format!("GET /version: {}", version.excerpt()));
        Err(self.yard.explained(Failure::new("wrong-release", did(&[]), expected, seen)))
    }

    fn because(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Fail(why) => self.yard.explained(Failure { reason: "wrong-release", ..*why }),
            stop => stop,
        }
    }

    fn failure(&self, reason: &'static str, did: Text, expected: Text, ran: &Ran) -> Stop {
        let seen = end_and_current(ran, &self.yard.store);
        self.yard.explained(Failure::new(reason, did, expected, seen).with_log(ran.last_lines()))
    }
}

fn did(id: &[&str]) -> Text {
    match id {
        [] => text("rolled back on a machine without git and compilers", "git과 컴파일러가 없는 컴퓨터에서 롤백"),
        [id, ..] => text(
            format!("rolled back to {id} on a machine without git and compilers"),
            format!("git과 컴파일러가 없는 컴퓨터에서 {id} 릴리즈로 롤백"),
        ),
    }
}

/// A `PATH` with everything that this machine's has, but for what fetches and builds.
fn without_builders(lab: &Lab) -> CheckResult<String> {
    let folder = lab.scratch()?.join("bin");
    let failed = |error| LabError::new("cannot make a PATH without builders", error);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let mut known = BTreeSet::new();
    for place in path_folders() {
        for name in programs_in(&place) {
            if !builds(&name.to_string_lossy()) && known.insert(name.clone()) {
                symlink(place.join(&name), folder.join(name)).map_err(failed)?;
            }
        }
    }
    Ok(folder.display().to_string())
}

fn builds(name: &str) -> bool {
    BUILDERS
        .iter()
        .any(|builder| name.strip_prefix(builder).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::builds;

    #[test]
    fn what_builds_is_known_by_its_name() {
        for name in ["git", "git-lfs", "cargo", "cargo-clippy", "gcc-12", "docker-compose"] {
            assert!(builds(name), "{name}");
        }
        for name in ["bash", "sha256sum", "grep", "python3", "node", "gzip", "ldd", "makewhatis"] {
            assert!(!builds(name), "{name}");
        }
    }
}
