//! The table of checks keeps its promises to attendees.

use std::collections::BTreeSet;

use grader::check::{Check, Tier};
use grader::factors::{FACTORS, Factor};

use super::{Finding, Project};
use crate::trouble::Trouble;

/// A beginner repairs this many in twenty minutes.
const CORE: usize = 3;

/// Core checks come first and are few; ids and codes are unique and in kebab case; facts are said in both languages.
pub fn rule(_project: &Project) -> Result<Vec<Finding>, Trouble> {
    Ok(FACTORS.iter().flat_map(of_factor).collect())
}

fn of_factor(factor: &Factor) -> Vec<Finding> {
    let checks = factor.checks();
    let place = format!("exercises/{}/checks.rs", factor.folder());
    let mut found = Vec::new();
    let mut say = |what: String| found.push(Finding::new(&place, what));
    let core = checks.iter().filter(|check| check.tier == Tier::Core).count();
    if core == 0 || core > CORE {
        say(format!("has {core} core checks; one to {CORE} are repaired in twenty minutes"));
    }
    if !checks.is_sorted_by_key(|check| check.tier) {
        say("lists a check before one that counts more: core comes first, then full, then extra credit".to_owned());
    }
    let ids: BTreeSet<&str> = checks.iter().map(|check| check.id).collect();
    if ids.len() < checks.len() {
        say("has two checks with one id".to_owned());
    }
    checks.iter().flat_map(of_check).for_each(say);
    found
}

fn of_check(check: &Check) -> Vec<String> {
    let id = check.id;
    let mut found = Vec::new();
    let names = std::iter::once(&check.id).chain(check.reasons);
    found.extend(names.filter(|name| !is_kebab(name)).map(|name| format!("`{name}` is not in kebab case")));
    if check.reasons.is_empty() {
        found.push(format!("`{id}` names no reason code, so it can never fail"));
    }
    if check.fact.en.is_empty() || !check.fact.ko.contains(|c: char| ('가'..='힣').contains(&c)) {
        found.push(format!("`{id}` does not say in both languages what passing proves"));
    }
    found
}

fn is_kebab(name: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.split('-').all(word)
}
