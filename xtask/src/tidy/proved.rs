//! The lock of what was proved names factors that there are. A line that is out of date is no finding: then everything is proved.
//! What the books say of a proof is true of the folders as they are.

use grader::factors::{Factor, find};
use grader::prove::lock::{PATH, state, unknown_lines};
use grader::prove::record::{self, FactorRecord, Record};
use grader::subject::Workspace;

use super::{Finding, Project};
use crate::trouble::Trouble;

/// What the books say was seen in full proofs of folders that are still the same.
pub fn record(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let record = Record::read(project.root).map_err(|error| Trouble::failed(record::PATH, error))?;
    let workspace = Workspace { root: project.root.to_owned(), target: project.root.join("target") };
    let stale = |proof: &&FactorRecord| {
        let now = find(&proof.factor).map(|factor: &Factor| state(factor, &workspace));
        now != Some(Ok(proof.state.clone()))
    };
    let finding = |proof: &FactorRecord| {
        let what = format!("{0} has changed since: `cargo xtask prove {0} --full`", proof.factor);
        Finding::new(record::PATH, what)
    };
    Ok(record.factors.iter().filter(stale).map(finding).collect())
}

/// Every line of the lock is a factor and a state.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let text = project.text(PATH).unwrap_or_default();
    let finding = |(number, line)| {
        Finding::new(format!("{PATH}:{number}"), format!("`{line}` is no factor and its state: remove it"))
    };
    Ok(unknown_lines(&text).into_iter().map(finding).collect())
}
