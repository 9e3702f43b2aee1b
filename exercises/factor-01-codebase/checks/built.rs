//! A clone of the check's own, and programs built from it.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::tracked::is_output_folder;
use crate::build::Builder;
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::git::git;
use crate::lab::Lab;
use crate::lab::checkout::Checkout;
use crate::lab::ports::lock_file;
use crate::lab::service::{Service, Startup};
use crate::screen::Deploy;
use crate::text::{Text, text, verbatim};
use crate::tree::Place;

/// How many of the files that the clone lacks a report names.
const SHOWN: usize = 5;

/// A clone with nothing in it that `git add` would not have taken, ready to be built.
pub struct Clone {
    /// The clone.
    pub checkout: Checkout,
    /// What the folder has and the last commit has not, so that the clone lacks it.
    pub left_out: Vec<String>,
    target: PathBuf,
    // The clone is younger than every earlier build in the same target folder, so that Cargo takes none of them for this one's.
    _building: File,
}

impl Clone {
    /// Makes it. Until it is dropped nothing else is built.
    pub async fn make(lab: &Lab) -> CheckResult<Self> {
        let building = lock_file(&lab.bench.locks.join("build.lock"), || {}).await?;
        let mut checkout = lab.checkout()?;
        let left_out = match lab.bench.own_history {
            true => uncommitted(lab)?,
            false => leave_out_ignored(&checkout)?,
        };
        let (root, target) = lab.apart(&checkout, "clone")?;
        checkout.root = root;
        if lab.bench.subject.inside(&lab.bench.workspace).is_some() {
            // The lock file as Cargo has pruned it: it would do so again, and leave the clone with a change in it.
            let copy = git(&lab.bench.tree.folder, &["rev-parse", "--show-toplevel"])?;
            let copy = PathBuf::from(String::from_utf8_lossy(&copy).trim_end_matches('\n')).join("Cargo.lock");
            std::fs::copy(copy, checkout.repository.join("Cargo.lock"))
                .map_err(|error| LabError::new("cannot copy the lock file", error))?;
            git(&checkout.repository, &["add", "--all"])?;
            git(&checkout.repository, &["commit", "--quiet", "--allow-empty", "--message", "moved"])?;
        }
        Ok(Self { checkout, left_out, target, _building: building })
    }

    /// Builds it as it stands, and returns the folder with the release.
    pub async fn build(&self, lab: &Lab) -> CheckResult<PathBuf> {
        let bench = &lab.bench;
        let release = lab.scratch()?.join("release");
        let place = Place { folder: self.checkout.root.clone(), target: self.target.clone(), prefix: String::new() };
        let builder = Builder {
            program: &bench.program,
            subject: &bench.subject,
            tree: &place,
            poison: &bench.poison,
            clock: &bench.clock,
            supervisors: &bench.supervisors,
        };
        builder.build(bench.subject.app().recipe(), &release, |_, _| ()).await.map(|()| release)
    }
}

/// What the attendee has changed or never added: whole folders as one, and not what tools build.
fn uncommitted(lab: &Lab) -> Result<Vec<String>, LabError> {
    // Changes are looked for in the grader's copy: there nothing that somebody has configured is run.
    let copy = &lab.bench.tree.folder;
    let mut found = names(&git(copy, &["diff", "-z", "--name-only", "--ignore-submodules=all", "HEAD"])?);
    let own = &lab.bench.subject.folder;
    found.extend(names(&git(own, &["ls-files", "-z", "--others", "--directory", "--", "."])?));
    let is_built = |name: &String| Path::new(name).iter().any(is_output_folder);
    Ok(found.into_iter().filter(|name| !is_built(name)).collect())
}

/// In a scratch repository everything was committed by the grader, also what a .gitignore names: nobody has done so by force.
fn leave_out_ignored(checkout: &Checkout) -> Result<Vec<String>, LabError> {
    let names = names(&git(&checkout.root, &["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"])?);
    for name in &names {
        git(&checkout.root, &["--literal-pathspecs", "rm", "--quiet", "--", name])?;
    }
    Ok(names)
}

fn names(listing: &[u8]) -> Vec<String> {
    let listing = String::from_utf8_lossy(listing);
    listing.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What a program of this release says of its build.
pub async fn build_of(lab: &Lab, release: PathBuf, did: &Text) -> CheckResult<String> {
    let service = started(lab, release).await?;
    let version = crate::links::get(&service, "/version").await.map_err(|why| LabError::new("GET /version", why))?;
    service.end().await;
    let Some(build) = version.json()["build"].as_str().map(str::to_owned) else {
        let expected = text("`/version` with a `build`", "`build`가 들어 있는 `/version` 응답");
        return Err(Failure::new("not-the-commit", did.clone(), expected, verbatim(version.excerpt())).into());
    };
    Ok(build)
}

async fn started(lab: &Lab, release: PathBuf) -> CheckResult<Service> {
    let deploy = Deploy::random(lab);
    let (service, startup) = lab.start("web").environment(&deploy.environment()).release(release).go().await?;
    match startup {
        Startup::Listening => Ok(service),
        other => Err(LabError::new("a program built from a clone", format!("did not come up: {other:?}")).into()),
    }
}

/// Another reason for the same failure.
pub fn because(stop: Stop, reason: &'static str, did: &Text) -> Stop {
    match stop {
        Stop::Fail(failure) => {
            Failure::new(reason, did.clone(), failure.expected, failure.seen).with_log(failure.log).into()
        }
        other => other,
    }
}

/// Says what the clone lacks: what is missing is nearly always among it, and a repair that waits for a commit is too.
pub fn without(stop: Stop, left_out: &[String]) -> Stop {
    let Stop::Fail(mut failure) = stop else { return stop };
    if !left_out.is_empty() {
        let some = left_out.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let Text { en, ko } = &failure.seen;
        failure.seen = text(
            format!("{en}; not in the clone, since no commit has it: {some}"),
            format!("{ko} (커밋하지 않아 clone에 없는 파일: {some})"),
        );
    }
    Stop::Fail(failure)
}
