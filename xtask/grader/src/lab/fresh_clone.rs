//! A clone with nothing in it that no commit has, in which things are built.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::build::Builder;
use crate::check::{CheckResult, LabError, Stop};
use crate::git::git;
use crate::lab::Lab;
use crate::lab::checkout::Checkout;
use crate::lab::ports::lock_file;
use crate::text::{Text, text};
use crate::tree::Place;

/// Where tools put what they build.
const OUTPUT: [&str; 4] = ["target", "node_modules", "dist", "__pycache__"];
/// How many of the files that the clone lacks a report names.
const SHOWN: usize = 5;

/// A clone with nothing in it that `git add` would not have taken, ready to be built.
#[derive(Debug)]
pub struct FreshClone {
    /// The clone.
    pub checkout: Checkout,
    /// What the folder has and the last commit has not, so that the clone lacks it.
    pub left_out: Vec<String>,
    /// Where it is built.
    pub target: PathBuf,
    // The clone is younger than every earlier build in the same target folder, so that Cargo takes none of them for this one's.
    building: Option<File>,
}

impl FreshClone {
    /// Makes it. Until it is dropped, or [`FreshClone::is_built`], nothing else is built.
    ///
    /// # Errors
    ///
    /// Git refuses.
    pub async fn make(lab: &Lab) -> CheckResult<Self> {
        let building = lock_file(&lab.bench.tree.build_lock(&lab.bench.locks), || {}).await?;
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
        Ok(Self { checkout, left_out, target, building: Some(building) })
    }

    /// Says that nothing more is built in it, so that others may build.
    pub fn is_built(&mut self) {
        self.building = None;
    }

    /// Builds it as it stands, and returns the folder with the release.
    ///
    /// # Errors
    ///
    /// A failure of the build step.
    pub async fn build(&self, lab: &Lab) -> CheckResult<PathBuf> {
        let bench = &lab.bench;
        let release = lab.scratch()?.join("release");
        let place = Place { folder: self.checkout.root.clone(), target: self.target.clone(), prefix: String::new() };
        let builder = Builder {
            program: &bench.program,
            root: &bench.subject.app().root,
            tree: &place,
            poison: &bench.poison,
            clock: &bench.clock,
            supervisors: &bench.supervisors,
        };
        builder.build(bench.subject.app().recipe(), &release, |_, _| ()).await.map(|()| release)
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

/// What the attendee has changed or never added: whole folders as one, and not what tools build.
fn uncommitted(lab: &Lab) -> Result<Vec<String>, LabError> {
    // Changes are looked for in the grader's copy: there nothing that somebody has configured is run.
    let copy = &lab.bench.tree.folder;
    let mut found = names(&git(copy, &["diff", "-z", "--name-only", "--ignore-submodules=all", "HEAD"])?);
    let own = &lab.bench.subject.folder;
    found.extend(names(&git(own, &["ls-files", "-z", "--others", "--directory", "--", "."])?));
    let is_output = |name: &String| Path::new(name).iter().any(is_output_folder);
    Ok(found.into_iter().filter(|name| !is_output(name)).collect())
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

/// Whether tools call a folder so in which they put what they build.
pub fn is_output_folder(name: &OsStr) -> bool {
    OUTPUT.iter().any(|output| name == *output)
}
