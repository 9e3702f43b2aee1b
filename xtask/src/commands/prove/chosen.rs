//! What a proof is of: the factors, and those of their cases and checks that `--only` names.

use grader::factors::{FACTORS, Factor};
use grader::prove::cases::{Case, Kind, of_factor};
use grader::prove::timed::TIMED;

use crate::cli::{ProveOptions, similar};
use crate::messages::Wrong;
use crate::place;
use crate::session::Session;
use crate::trouble::Trouble;

/// The words for the checks in [`TIMED`].
const ALL_TIMED: [&str; 2] = ["timed", "⏱"];

/// The cases, and the only checks that they are asked; no check stands for all of them.
pub fn chosen(session: &Session, options: &ProveOptions) -> Result<(Vec<Case>, Vec<String>), Trouble> {
    let mut cases = Vec::new();
    for factor in factors(session, options)? {
        let all = of_factor(factor, &session.workspace).map_err(|why| Trouble::failed("cannot read the cases", why))?;
        cases.extend(all);
    }
    Ok(narrowed(cases, &options.only)?)
}

fn factors(session: &Session, options: &ProveOptions) -> Result<Vec<&'static Factor>, Trouble> {
    match &options.factor {
        Some(word) => Ok(vec![place::meant(Some(word), session)?]),
        None => Ok(FACTORS.iter().collect()),
    }
}

/// Some words name checks, the others cases. Of the cases that are about one of the checks, those that are named are left.
fn narrowed(cases: Vec<Case>, only: &[String]) -> Result<(Vec<Case>, Vec<String>), Wrong> {
    let known = checks(&cases);
    let is_check = |word: &&String| known.iter().any(|check| names(check, word)) || ALL_TIMED.contains(&word.as_str());
    let (of_checks, of_cases): (Vec<&String>, Vec<&String>) = only.iter().partition(is_check);
    let asked =
        known.iter().filter(|check| of_checks.iter().any(|word| names(check, word))).cloned().collect::<Vec<_>>();
    let cases = if of_checks.is_empty() { cases } else { only_about(cases, &asked, of_checks[0])? };
    let cases = if of_cases.is_empty() { cases } else { only_named(cases, &of_cases)? };
    Ok((cases, asked))
}

fn checks(cases: &[Case]) -> Vec<String> {
    let solutions = cases.iter().filter(|case| matches!(case.kind, Kind::Solution));
    solutions.flat_map(|case| case.factor.checks().iter().map(|check| case.factor.path_of(check.id))).collect()
}

fn names(check: &str, word: &str) -> bool {
    means(check, word) || (ALL_TIMED.contains(&word) && TIMED.contains(&check))
}

/// With or without the factor, as reports print it.
fn means(name: &str, word: &str) -> bool {
    name == word || name.ends_with(&format!("/{word}"))
}

/// No check may be meant by a `word`: factor 3 has none that is timed.
fn only_about(mut cases: Vec<Case>, checks: &[String], word: &str) -> Result<Vec<Case>, Wrong> {
    if checks.is_empty() {
        return Err(unknown(word, &cases));
    }
    cases.retain(|case| case.is_about(checks));
    Ok(cases)
}

/// The solutions of the named cases' factors stay, since they give the measure.
fn only_named(mut cases: Vec<Case>, words: &[&String]) -> Result<Vec<Case>, Wrong> {
    if let Some(word) = words.iter().find(|word| !cases.iter().any(|case| means(&case.name(), word))) {
        return Err(unknown(word, &cases));
    }
    let wanted = |case: &Case| words.iter().any(|word| means(&case.name(), word));
    let factors: Vec<u8> = cases.iter().filter(|case| wanted(case)).map(|case| case.factor.number).collect();
    cases.retain(|case| wanted(case) || (matches!(case.kind, Kind::Solution) && factors.contains(&case.factor.number)));
    Ok(cases)
}

/// Names are compared as far as `word` spells them out: `worker-kil9` with `worker-kill9`, not with `factor-9/worker-kill9`.
fn unknown(word: &str, cases: &[Case]) -> Wrong {
    let known: Vec<String> = checks(cases).into_iter().chain(cases.iter().map(Case::name)).collect();
    let parts = word.matches('/').count();
    let as_far = |name: &str| name.rmatch_indices('/').nth(parts).map_or(0, |(at, _)| at + 1);
    let similar = similar::closest(word, known.iter().map(|name| &name[as_far(name)..]));
    Wrong::UnknownCase { word: word.to_owned(), similar, known }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use grader::subject::Workspace;

    use super::*;

    /// Names of cases and of checks.
    type Names = (Vec<String>, Vec<String>);

    fn narrowed_to(only: &[&str]) -> Result<Names, Wrong> {
        narrowed_in(&FACTORS, only)
    }

    fn narrowed_in(factors: &'static [Factor], only: &[&str]) -> Result<Names, Wrong> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let workspace = Workspace { target: root.join("target"), root };
        let cases =
            factors.iter().flat_map(|factor| of_factor(factor, &workspace).expect("its patches can be read")).collect();
        let only: Vec<String> = only.iter().map(|&word| word.to_owned()).collect();
        narrowed(cases, &only).map(|(cases, checks)| (cases.iter().map(Case::name).collect(), checks))
    }

    #[test]
    fn a_check_stands_for_the_cases_that_are_about_it() {
        let (cases, checks) = narrowed_to(&["worker-kill9"]).unwrap();
        assert_eq!(checks, ["factor-9/worker-kill9"]);
        assert!(
            cases.contains(&"factor-9/solution".to_owned())
                && cases.contains(&"factor-9/mutant/done-before-done".to_owned())
        );
        assert!(cases.iter().all(|case| case.starts_with("factor-9/") && !case.ends_with("starter")), "{cases:?}");
        assert!(!cases.contains(&"factor-9/mutant/ctrl-c-only".to_owned()), "it is about other checks");
    }

    #[test]
    fn a_case_and_a_check_leave_what_is_both() {
        let (cases, checks) = narrowed_to(&["timed", "solution"]).unwrap();
        assert_eq!(checks, TIMED.map(str::to_owned));
        assert_eq!(cases.len(), 7, "the solutions of the factors that have such a check: {cases:?}");
        assert!(narrowed_in(&FACTORS[3..4], &["timed"]).is_err(), "factor 3 has none");
        assert!(matches!(narrowed_to(&["⏱", "starter"]), Err(Wrong::UnknownCase { word, .. }) if word == "starter"));
    }

    #[test]
    fn a_slip_of_the_fingers_is_understood() {
        let meant = |word: &str| match narrowed_to(&[word]) {
            Err(Wrong::UnknownCase { similar, .. }) => similar,
            known => panic!("{known:?}"),
        };
        assert_eq!(meant("worker-kil9").as_deref(), Some("worker-kill9"));
        assert_eq!(meant("mutant/done-befor-done").as_deref(), Some("mutant/done-before-done"));
        assert_eq!(meant("factor-9/worker-kil9").as_deref(), Some("factor-9/worker-kill9"));
        assert_eq!(meant("sabotage"), None);
    }

    #[test]
    fn without_a_word_everything_is_proved() {
        let (cases, checks) = narrowed_to(&[]).unwrap();
        assert!(cases.len() > 400 && checks.is_empty());
    }
}
