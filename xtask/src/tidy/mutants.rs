//! No check without a wrong service that it catches. Whether it really does is what `prove` shows; here only headers count.

use std::collections::BTreeSet;
use std::path::Path;

use grader::factors::{FACTORS, Factor};
use grader::prove::patches::{Mutant, Variant, list};

use super::{Finding, Project};
use crate::trouble::Trouble;

/// Every check and every reason code has a mutant whose header names it, and all headers can be read.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    Ok(FACTORS.iter().flat_map(|factor| of_factor(project, factor)).collect())
}

fn of_factor(project: &Project, factor: &Factor) -> Vec<Finding> {
    let solution = project.root.join("solutions").join(factor.folder());
    let place = |path: &Path| path.strip_prefix(project.root).unwrap_or(path).display().to_string();
    let mut found = Vec::new();
    let mut caught = BTreeSet::new();
    for file in list(&solution.join("mutants")).unwrap_or_default() {
        match Mutant::read(&file) {
            Ok(mutant) => {
                found.extend(unknown(&mutant, factor).into_iter().map(|what| Finding::new(place(&file), what)));
                caught.extend(mutant.fails.into_iter().map(|claim| (claim.check, claim.reason)));
            }
            Err(why) => found.push(Finding::new(place(&file), why)),
        }
    }
    for file in list(&solution.join("variants")).unwrap_or_default() {
        found.extend(Variant::read(&file).err().map(|why| Finding::new(place(&file), why)));
    }
    let folder = place(&solution.join("mutants"));
    found.extend(never_caught(factor, &caught).map(|what| Finding::new(&folder, what)));
    found
}

/// The reason codes that no mutant names.
fn never_caught(factor: &Factor, caught: &BTreeSet<(String, String)>) -> impl Iterator<Item = String> {
    let pairs = factor.checks().iter().flat_map(|check| check.reasons.iter().map(|reason| (check.id, *reason)));
    let free = pairs.filter(|(check, reason)| !caught.contains(&((*check).to_owned(), (*reason).to_owned())));
    free.map(|(check, reason)| {
        format!("has no mutant with `fails: {check} ({reason})`: a check without a wrong service is an opinion")
    })
}

/// What the header names that the factor does not have.
fn unknown(mutant: &Mutant, factor: &Factor) -> Vec<String> {
    let reasons = |id: &str| factor.checks().iter().find(|check| check.id == id).map(|check| check.reasons);
    let fails = mutant.fails.iter().filter_map(|claim| match reasons(&claim.check) {
        None => Some(format!("names the check `{}`, which {} does not have", claim.check, factor.id())),
        Some(known) if known.contains(&claim.reason.as_str()) => None,
        Some(_) => Some(format!("`{}` cannot fail with `{}`", claim.check, claim.reason)),
    });
    let also = mutant.may_also_fail.iter().filter(|id| reasons(id).is_none());
    fails.chain(also.map(|id| format!("may-also-fail names the unknown check `{id}`"))).collect()
}
