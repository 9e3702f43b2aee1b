//! Commits of the grader's own, and what a program built from each says of itself.

use super::built::build_of;
use super::sources::is_vendored;
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::git::git;
use crate::lab::Lab;
use crate::lab::checkout::Change;
use crate::lab::fresh_clone::{FreshClone, without};
use crate::text::{Text, text, verbatim};

/// How much of a commit's id names it without doubt.
const SHORT: usize = 7;

/// Two commits, two answers; and what no commit holds is not passed for one.
pub async fn version_identifies_commit(lab: Lab) -> CheckResult {
    let clone = FreshClone::make(&lab).await?;
    commits(&lab, &clone).await.map_err(|stop| without(stop, &clone.left_out))
}

async fn commits(lab: &Lab, clone: &FreshClone) -> CheckResult {
    let source = a_source(clone)?;
    let mut before = None;
    for number in ["first", "second"] {
        let line = comment(&source, lab);
        let commit = clone.checkout.commit(number, &[Change::Append(&source, line.as_bytes())])?;
        let did = text(
            format!("committed a comment in {source} to a clone, built it and asked GET /version"),
            format!("clone 한 저장소의 {source}에 주석을 더해 커밋하고 빌드한 뒤 GET /version 요청"),
        );
        let release = clone.build(lab).await.map_err(|stop| stop.because("not-the-commit", &did))?;
        let build = build_of(lab, release, &did).await?;
        lab.note("grader", format!("commit {commit} calls itself {build}"));
        if !names(&build, &commit) {
            return Err(wrong(&build, &commit, before.as_deref(), did).into());
        }
        before = Some(commit);
    }
    dirty(lab, clone, &source, &before.unwrap_or_default()).await
}

async fn dirty(lab: &Lab, clone: &FreshClone, source: &str, commit: &str) -> CheckResult {
    clone.checkout.change(&[Change::Append(source, comment(source, lab).as_bytes())])?;
    let did = text(
        format!("changed {source} once more, built it without a commit and asked GET /version"),
        format!("{source} 파일을 한 번 더 고치고, 커밋하지 않은 채 빌드한 뒤 GET /version 요청"),
    );
    let release = match clone.build(lab).await {
        // Refusing to build what is in no commit is right too.
        Err(Stop::Fail(_)) => return Ok(()),
        other => other?,
    };
    let build = build_of(lab, release, &did).await?;
    if !names(&build, commit) {
        return Ok(());
    }
    let expected = text("a mark, such as `-dirty`, or no build", "`-dirty` 같은 표시가 붙거나, 빌드를 거부해야 합니다");
    Err(Failure::new("dirty-passes-for-clean", did, expected, verbatim(format!("\"build\": \"{build}\""))).into())
}

/// Whether this is the commit's id, or as much of it as people write.
fn names(build: &str, commit: &str) -> bool {
    build.len() >= SHORT && commit.starts_with(&build.to_lowercase())
}

fn wrong(build: &str, commit: &str, before: Option<&str>, did: Text) -> Failure {
    let stale = before.is_some_and(|before| names(build, before));
    let reason = if stale { "stale-commit" } else { "not-the-commit" };
    let expected = format!("\"build\": \"{commit}\"");
    let expected = text(
        format!("{expected}, or at least {SHORT} characters of it"),
        format!("{expected}, 또는 그 앞의 {SHORT}자 이상"),
    );
    Failure::new(reason, did, expected, verbatim(format!("\"build\": \"{build}\"")))
}

/// A tracked source file in a language whose comments are known. The code of others may be checked by its sum.
fn a_source(clone: &FreshClone) -> Result<String, LabError> {
    let listing = git(&clone.checkout.root, &["ls-files", "-z", "--", "."])?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let root = &clone.checkout.root;
    let is_file = |name: &str| root.join(name).symlink_metadata().is_ok_and(|known| known.is_file());
    let is_own = |name: &str| marker(name).is_some() && is_file(name) && !is_vendored(root, name.as_ref());
    let mut names = listing.split('\0').filter(|name| is_own(name));
    // What is compiled, and not what compiles it: a change of a build script rebuilds everything in every language.
    let known = names.clone().find(|name| name.contains('/')).or_else(|| names.next());
    known.map(str::to_owned).ok_or_else(|| LabError::new("cannot change the clone", "no source in a known language"))
}

fn marker(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "rs" | "go" | "js" | "mjs" | "ts" | "java" | "kt" | "cs" | "c" | "cpp" | "swift" => Some("//"),
        "py" | "rb" | "ex" => Some("#"),
        _ => None,
    }
}

fn comment(source: &str, lab: &Lab) -> String {
    format!("\n{} {}\n", marker(source).unwrap_or("//"), lab.chance().word(12))
}
