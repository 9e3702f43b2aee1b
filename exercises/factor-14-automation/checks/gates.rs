//! A test that fails and code that does not build: red, and nothing in the store.

use super::languages::{no_adapter, spoken};
use super::yard::{Yard, pipeline_on};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::checkout::Change;

/// Closes what is open in every language whose blocks have braces, and means nothing in the others.
const BROKEN: &str = "\n}}) not a program ((\n";

/// Green, and red with a release.
const REASONS: [&str; 2] = ["green-anyway", "released-anyway"];

/// The same new test, once right and once wrong: what makes the difference is that it was run.
pub async fn red_on_failing_test(lab: Lab) -> CheckResult {
    let yard = Yard::open(&lab, "never-green").await?;
    let checkout = &yard.clone.checkout;
    let language = spoken(&lab, checkout).ok_or_else(no_adapter)?;
    let word = lab.chance().word(9);
    let (path, right) = language.test(checkout, &word, true)?;
    checkout.commit("Test more", &[Change::Write(&path, right.as_bytes())])?;
    yard.control().await?;
    let (_, wrong) = language.test(checkout, &word, false)?;
    checkout.commit("Test differently", &[Change::Write(&path, wrong.as_bytes())])?;
    let run = yard.run_pipeline(&[]).await?;
    let did = pipeline_on(&format!(" with a failing test in {path}"), &format!(" 실패하는 테스트({path})를 커밋하고"));
    yard.is_red(&run, did, REASONS)
}

/// What was built before must not be released in place of what cannot be built.
pub async fn red_on_broken_build(lab: Lab) -> CheckResult {
    let yard = Yard::open(&lab, "never-green").await?;
    let checkout = &yard.clone.checkout;
    let entry = spoken(&lab, checkout).and_then(|language| language.entry(&lab, checkout)).ok_or_else(no_adapter)?;
    yard.control().await?;
    checkout.commit("Change the program", &[Change::Append(&entry, BROKEN.as_bytes())])?;
    let run = yard.run_pipeline(&[]).await?;
    let did = pipeline_on(&format!(" with a syntax error in {entry}"), &format!(" 문법 오류({entry})를 커밋하고"));
    yard.is_red(&run, did, REASONS)
}
