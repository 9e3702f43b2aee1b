//! Branches that are called like environments, and hold other code than the one that is graded.

use super::forks::is_environment;
use super::sources::is_own_source;
use crate::check::LabError;
use crate::git::git;
use crate::lab::Lab;
use crate::text::text;

/// Where a clone keeps the branches of the repository that it came from.
const BRANCHES: &str = "refs/remotes/origin";

/// Says which branches may be copies for an environment. A release branch can be called so as well: no verdict depends on it.
pub fn remark_on_environments(lab: &Lab) -> Result<(), LabError> {
    let folder = &lab.bench.tree.folder;
    let listing = git(folder, &["for-each-ref", "--format=%(refname)", BRANCHES])?;
    for branch in String::from_utf8_lossy(&listing).lines() {
        let name = branch.trim_start_matches(BRANCHES).trim_start_matches('/');
        if name.split(['/', '-', '_', '.']).any(is_environment) && other_sources(lab, branch)? {
            lab.remark(text(
                format!("the branch {name} has source files of its own: is it a copy for an environment?"),
                format!("{name} 브랜치의 소스 파일이 다릅니다. 환경별 복사본은 아닌지 살펴보십시오"),
            ));
        }
    }
    Ok(())
}

fn other_sources(lab: &Lab, branch: &str) -> Result<bool, LabError> {
    let folder = &lab.bench.tree.folder;
    // Trees are compared as they are stored, so no driver of anybody's is run.
    let listing = git(folder, &["diff-tree", "-r", "-z", "--name-only", "--no-renames", "HEAD", branch, "--", "."])?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    Ok(listing.split('\0').any(|file| is_own_source(folder, file.as_ref())))
}
