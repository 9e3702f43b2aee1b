//! What the latest run said about a factor, from its `report.json`.

use std::fs;

use grader::factors::Factor;
use grader::subject::Workspace;
use serde::Deserialize;

use crate::progress::LastFailure;
use crate::runs;

/// The first failure of the latest run, if that run was about the factor; `Some(None)` means that nothing failed.
pub fn failure(workspace: &Workspace, factor: &Factor) -> Option<Option<LastFailure>> {
    let words = fs::read_to_string(runs::folder(workspace).join("latest/report.json")).ok()?;
    let report: Report = serde_json::from_str(&words).ok()?;
    let factor = report.factors.into_iter().find(|decided| decided.factor == factor.id())?;
    Some(first_failure(factor))
}

fn first_failure(factor: Decided) -> Option<LastFailure> {
    if let Some(Reason { reason }) = factor.blocked {
        return Some(LastFailure { check: None, reason });
    }
    factor.checks.into_iter().find_map(|finished| {
        let Reason { reason } = finished.failure?;
        let check = finished.check.rsplit('/').next().map(str::to_owned);
        Some(LastFailure { check, reason })
    })
}

/// The part of `report.json` that is wanted here.
#[derive(Deserialize)]
struct Report {
    factors: Vec<Decided>,
}

#[derive(Deserialize)]
struct Decided {
    factor: String,
    blocked: Option<Reason>,
    checks: Vec<Finished>,
}

#[derive(Deserialize)]
struct Finished {
    check: String,
    failure: Option<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}
