//! Which cases of a factor stand for all of them, as long as nothing in its folders has changed since all were proved.

use std::collections::BTreeSet;

use crate::factors::Factor;
use crate::prove::cases::{Case, Kind};
use crate::prove::lock::{self, Lock};
use crate::prove::patches::Mutant;
use crate::subject::Workspace;

/// Where this environment variable is set, nothing stands for anything else: what runs at night proves everything.
const EVERYTHING: &str = "WORKSHOP_PROVE_EVERYTHING";

/// Whether everything is to be proved, whatever has changed.
pub fn everything_is_wanted() -> bool {
    std::env::var_os(EVERYTHING).is_some()
}

/// Why a sample of the factor's cases is not enough, with the line that the lock is missing; `None` where it is.
pub fn insufficient(factor: &Factor, workspace: &Workspace, lock: &Lock) -> Option<String> {
    let state = match lock::state(factor, workspace) {
        Ok(state) => state,
        Err(why) => return Some(format!("its state cannot be told: {why}")),
    };
    let why = match lock.state(factor) {
        Some(proved) if proved == state => return None,
        Some(_) => "has another state",
        None => "has no line",
    };
    Some(format!("{} {why}; when all hold, it is `{} {state}`", lock::PATH, factor.id()))
}

/// The solution, the starter, the services that do nothing, the first variant, and mutants of which each check is failed by one.
pub fn of(cases: Vec<Case>) -> Vec<Case> {
    let chosen = enough(&cases);
    let mut variants = 0;
    let mut wanted = |case: &Case| match &case.kind {
        Kind::Solution | Kind::Starter | Kind::Vacuous(_) => true,
        Kind::Variant(_) => {
            variants += 1;
            variants == 1
        }
        Kind::Mutant(mutant) => chosen.contains(&mutant.name),
    };
    cases.into_iter().filter(|case| wanted(case)).collect()
}

/// The names of few mutants that fail every check that any of them fails: again and again the one that fails the most of the
/// checks that are left, of several the first.
fn enough(cases: &[Case]) -> BTreeSet<String> {
    let mutants: Vec<&Mutant> = cases.iter().filter_map(mutant).collect();
    let mut left: BTreeSet<&str> = mutants.iter().flat_map(|mutant| failed_by(mutant)).collect();
    let mut chosen = BTreeSet::new();
    while !left.is_empty() {
        // Of equals the last one is the greatest, so the first comes last.
        let most = mutants.iter().rev().max_by_key(|mutant| failed_by(mutant).intersection(&left).count());
        let Some(most) = most else { break };
        left.retain(|check| !failed_by(most).contains(check));
        chosen.insert(most.name.clone());
    }
    chosen
}

fn mutant(case: &Case) -> Option<&Mutant> {
    match &case.kind {
        Kind::Mutant(mutant) => Some(mutant),
        _ => None,
    }
}

fn failed_by(mutant: &Mutant) -> BTreeSet<&str> {
    mutant.fails.iter().map(|claim| claim.check.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::factors::{FACTORS, find};
    use crate::prove::cases::of_factor;
    use crate::prove::patches::Claim;

    fn workshop() -> Workspace {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned();
        Workspace { target: root.join("target"), root }
    }

    fn wrong(name: &str, checks: &[&str]) -> Case {
        let claim = |check: &&str| Claim { check: (*check).to_owned(), reason: "why".to_owned() };
        let words = String::new();
        let kind = Kind::Mutant(Mutant {
            name: name.to_owned(),
            file: PathBuf::new(),
            en: words.clone(),
            ko: words,
            fails: checks.iter().map(claim).collect(),
            may_also_fail: Vec::new(),
        });
        Case { factor: find("config").unwrap(), kind }
    }

    fn names(cases: &[Case]) -> Vec<String> {
        cases.iter().map(Case::name).collect()
    }

    #[test]
    fn a_mutant_that_fails_several_checks_stands_for_others_and_the_first_of_equals_is_taken() {
        let mutants =
            [("a", &["one"][..]), ("b", &["two"]), ("c", &["three"]), ("d", &["two", "one"]), ("e", &["three"])];
        let sample = of(mutants.map(|(name, checks)| wrong(name, checks)).into());
        assert_eq!(names(&sample), ["factor-3/mutant/c", "factor-3/mutant/d"]);
    }

    #[test]
    fn the_sample_of_every_factor_fails_each_check_and_keeps_what_is_no_mutant() {
        for factor in &FACTORS {
            let cases = of_factor(factor, &workshop()).unwrap();
            let sample = of(cases.clone());
            let failed: BTreeSet<&str> = sample.iter().filter_map(mutant).flat_map(failed_by).collect();
            let checks: BTreeSet<&str> = factor.checks().iter().map(|check| check.id).collect();
            assert_eq!(failed, checks, "{factor:?}");
            let others = |cases: &[Case]| cases.iter().filter(|case| mutant(case).is_none()).map(Case::name).collect();
            let (all, kept): (Vec<_>, Vec<_>) = (others(&cases), others(&sample));
            assert!(all.starts_with(&kept), "{kept:?}");
            assert!(kept.last().is_some_and(|last| last.contains("/variant/")), "{kept:?}");
            assert_eq!(names(&sample), names(&of(cases)), "the choice is always the same");
        }
    }

    #[test]
    fn a_sample_is_enough_for_the_proved_state_alone() {
        let (factor, workshop) = (find("config").unwrap(), workshop());
        let mut lock = Lock::default();
        let line = format!("factor-3 {}", lock::state(factor, &workshop).unwrap());
        let why = insufficient(factor, &workshop, &lock).unwrap();
        assert!(why.contains("no line") && why.contains(&line), "{why}");
        assert_eq!(insufficient(factor, &workshop, &Lock::parse(&line)), None);
        lock.note(factor, "0000000000000000".to_owned());
        let why = insufficient(factor, &workshop, &lock).unwrap();
        assert!(why.contains("another state") && why.contains(&line), "{why}");
        let nowhere = Workspace { root: PathBuf::from("/nowhere"), target: PathBuf::from("/nowhere") };
        assert!(insufficient(factor, &nowhere, &lock).unwrap().contains("cannot be told"));
    }
}
