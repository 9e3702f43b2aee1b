//! Whoever fails is helped: three steps for every reason code, in both languages.

use std::collections::BTreeSet;

use grader::factors::{FACTORS, Factor};
use grader::hints::{GENERAL, STEPS, codes, step};
use grader::text::Words;

use super::{Finding, Project};
use crate::trouble::Trouble;

/// Every reason code has a section with all steps, and every section has a reason code.
pub fn rule(_project: &Project) -> Result<Vec<Finding>, Trouble> {
    let general: BTreeSet<&str> = codes(GENERAL.en).into_iter().chain(codes(GENERAL.ko)).collect();
    let shared = in_both("xtask/grader/hints", GENERAL, &general);
    Ok(shared.into_iter().chain(FACTORS.iter().flat_map(of_factor)).collect())
}

fn of_factor(factor: &Factor) -> Vec<Finding> {
    let reasons: BTreeSet<&str> = factor.checks().iter().flat_map(|check| check.reasons.iter().copied()).collect();
    in_both(&format!("exercises/{}/hints", factor.folder()), factor.exercise.hints, &reasons)
}

fn in_both(folder: &str, hints: Words, reasons: &BTreeSet<&str>) -> Vec<Finding> {
    let files = [("en", hints.en), ("ko", hints.ko)];
    files.into_iter().flat_map(|(lang, words)| in_one(&format!("{folder}/{lang}.md"), words, reasons)).collect()
}

fn in_one(place: &str, words: &str, reasons: &BTreeSet<&str>) -> Vec<Finding> {
    let known = codes(words);
    let has_step = |reason: &str, n: usize| step(words, reason, n).is_some_and(|step| !step.is_empty());
    let mut found: Vec<String> = Vec::new();
    for reason in reasons {
        if !known.contains(reason) {
            found.push(format!("has no section `## {reason}`: whoever fails for this reason gets no help"));
        } else if let Some(missing) = (1..=STEPS).find(|n| !has_step(reason, *n)) {
            found.push(format!(
                "`## {reason}` has no step {missing}; each hint has {STEPS}: the story, the principle, where to look"
            ));
        }
    }
    let orphans = known.iter().filter(|code| !reasons.contains(*code));
    found.extend(orphans.map(|code| format!("`## {code}` belongs to no reason code: rename or remove it")));
    let unique: BTreeSet<&&str> = known.iter().collect();
    if unique.len() < known.len() {
        found.push("has two sections for one reason code; only the first is ever shown".to_owned());
    }
    found.into_iter().map(|what| Finding::new(place, what)).collect()
}
