//! How the result of a run changes the attendee's progress.

use grader::check::{Stop, Verdict};
use grader::event::CheckFinished;
use grader::outcome::{FactorOutcome, Standing as Decided};

use super::{FactorProgress, LastFailure, Standing};

/// Writes down what a run that ended at `now` decided about the factor.
pub fn record(known: &mut FactorProgress, outcome: &FactorOutcome, now: u64) {
    known.last_run = Some(now);
    known.core_passed |= outcome.core_passed();
    known.last_failure = first_failure(outcome).or_else(|| still_failing(known, outcome));
    if let Some(failure) = &known.last_failure {
        // The report itself shows step 1 of the first failure.
        let shown = known.hints_shown.entry(failure.reason.clone()).or_default();
        *shown = (*shown).max(1);
    }
    known.standing = standing(outcome).or(known.standing);
}

/// The failure known before, if this run could not look at its check again.
fn still_failing(known: &FactorProgress, outcome: &FactorOutcome) -> Option<LastFailure> {
    let passed = |id: &str| outcome.checks.iter().any(|c| c.check.id == id && c.verdict() == Verdict::Pass);
    let before = known.last_failure.as_ref()?;
    // Whoever was BLOCKED before is not any more: otherwise this run would have failed with it.
    let check = before.check.as_ref()?;
    (!passed(check)).then(|| before.clone())
}

/// What failed first, in repair order: the failure whose hint helps.
pub fn first_failure(outcome: &FactorOutcome) -> Option<LastFailure> {
    if let Some(failure) = &outcome.blocked {
        return Some(LastFailure { check: None, reason: failure.reason.to_owned() });
    }
    outcome.checks.iter().find(|check| check.verdict() == Verdict::Fail).and_then(failure)
}

fn failure(finished: &CheckFinished) -> Option<LastFailure> {
    match &finished.stop {
        Some(Stop::Fail(failure)) => {
            Some(LastFailure { check: Some(finished.check.id.to_owned()), reason: failure.reason.to_owned() })
        }
        _ => None,
    }
}

/// A run that left checks out can take a pass away but cannot give one; a fault of the grader does neither.
fn standing(outcome: &FactorOutcome) -> Option<Standing> {
    match outcome.standing() {
        Decided::Passed { .. } if outcome.left_out.is_empty() => Some(Standing::Passed),
        Decided::Failed => Some(Standing::Failed),
        Decided::Blocked => Some(Standing::Blocked),
        Decided::Passed { .. } | Decided::Untested | Decided::Error => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use grader::check::{Failure, LabError};
    use grader::factors::{FACTORS, Factor};
    use grader::text::text;

    use super::*;

    fn factor() -> &'static Factor {
        &FACTORS[3]
    }

    /// The first checks of the factor end with `stops`; the others are left out.
    fn outcome(stops: Vec<Option<Stop>>) -> FactorOutcome {
        let left_out = factor().checks().iter().skip(stops.len()).collect();
        let finished = |(check, stop)| CheckFinished {
            factor: factor(),
            check,
            stop,
            remarks: Vec::new(),
            took: Duration::ZERO,
            output: Vec::new(),
            timeline: Vec::new(),
        };
        let checks = factor().checks().iter().zip(stops).map(finished).collect();
        FactorOutcome { factor: factor(), blocked: None, checks, left_out }
    }

    fn failed() -> Option<Stop> {
        Some(Failure::new("base-url-ignored", text("", ""), text("", ""), text("", "")).into())
    }

    fn all(stop: Option<Stop>) -> FactorOutcome {
        outcome(vec![stop; factor().checks().len()])
    }

    #[test]
    fn a_whole_run_decides_where_the_factor_stands() {
        let mut known = FactorProgress::default();
        record(&mut known, &all(failed()), 7);
        assert_eq!(known.standing, Some(Standing::Failed));
        assert_eq!(known.hints_shown["base-url-ignored"], 1);
        record(&mut known, &all(None), 7);
        assert_eq!((known.standing, known.core_passed, known.last_failure), (Some(Standing::Passed), true, None));
    }

    #[test]
    fn core_alone_opens_the_solution_but_passes_no_factor() {
        let mut known = FactorProgress::default();
        record(&mut known, &outcome(vec![None, None, None]), 7);
        assert_eq!((known.standing, known.core_passed), (None, true));
        record(&mut known, &all(failed()), 7);
        assert!(known.core_passed, "what was open stays open");
    }

    #[test]
    fn a_failure_is_known_until_its_check_passes() {
        let mut known = FactorProgress::default();
        record(&mut known, &outcome(vec![None, failed()]), 7);
        let failure = known.last_failure.clone();
        assert!(failure.is_some());
        record(&mut known, &outcome(vec![None]), 7);
        assert_eq!(known.last_failure, failure);
        let error = Some(Stop::Error(LabError::new("", "")));
        record(&mut known, &outcome(vec![None, error]), 7);
        assert_eq!(known.last_failure, failure);
        record(&mut known, &outcome(vec![None, None]), 7);
        assert_eq!(known.last_failure, None);
    }

    #[test]
    fn a_fault_of_the_grader_takes_no_pass_away() {
        let mut known = FactorProgress { standing: Some(Standing::Passed), ..FactorProgress::default() };
        record(&mut known, &all(Some(Stop::Error(LabError::new("", "")))), 7);
        assert_eq!(known.standing, Some(Standing::Passed));
    }
}
