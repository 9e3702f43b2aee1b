//! The proof of the graders: every check accepts what is right, rejects what is wrong, and does so for the right reason.

pub mod cases;
pub mod patches;
pub mod schedule;
pub mod vacuous;

use std::path::PathBuf;
use std::time::Duration;

use crate::backing::Backing;
use crate::check::{Stop, Verdict};
use crate::event::{Event, Observer};
use crate::factors::Factor;
use crate::lab::clock::Waits;
use crate::outcome::{FactorOutcome, Standing};
use crate::prove::cases::{Case, Kind};
use crate::prove::patches::Claim;
use crate::subject::Workspace;
use crate::{Ended, Request, Selection, grade};

/// How much is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Each mutant against its named checks only.
    Quick,
    /// Each mutant against every check of its factor: one that fails although the mutant does not name it is an error.
    Full,
}

/// What every case of a proof shares.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The workshop's folders.
    pub workspace: Workspace,
    /// The program that answers `__supervise`, `__nothing` and `__vacuous`.
    pub program: PathBuf,
    /// How much is proved.
    pub depth: Depth,
    /// The seed of every run; without it each run draws its own.
    pub seed: Option<u64>,
    /// The door to backing services, which stay up from the first case to the last.
    pub backing: Backing,
}

/// A case's result.
#[derive(Clone, Debug)]
pub struct Proved {
    /// `factor-3/mutant/dotenv-override`.
    pub name: String,
    /// What contradicts the claim; empty when the case holds.
    pub contradictions: Vec<String>,
    /// How long it took.
    pub took: Duration,
    /// What each wait took, for later cases.
    pub waits: Waits,
}

impl Proof {
    /// Runs one case. `slot` keeps cases that run at the same time apart; `known` is what the solution needed for each wait.
    pub fn prove(&self, case: &Case, slot: u8, known: Option<Waits>) -> Proved {
        let began = std::time::Instant::now();
        let (contradictions, waits) = match self.graded(case, slot, known) {
            Ok(outcome) => (self.contradictions(case, &outcome.0), outcome.1),
            Err(why) => (vec![why], Waits::default()),
        };
        Proved { name: case.name(), contradictions, took: began.elapsed(), waits }
    }

    fn graded(&self, case: &Case, slot: u8, known: Option<Waits>) -> Result<(FactorOutcome, Waits), String> {
        let (workspace, subject) = case.subject(&self.workspace, &self.program)?;
        let request = Request {
            workspace,
            supervisor: self.program.clone(),
            subject,
            patch: case.patch(slot),
            in_container: false,
            factors: vec![case.factor],
            selection: Selection { core_only: false, only: self.named_checks(case) },
            strict: true,
            seed: self.seed,
            run_id: format!("prove-{slot}"),
            known_waits: known,
            backing: self.backing.clone(),
        };
        match grade(&request, &mut Silent) {
            Ended::Finished(mut outcome) => {
                let factor = outcome.factors.pop().ok_or("no factor was graded")?;
                Ok((factor, outcome.waits))
            }
            Ended::Interrupted => Err("interrupted".to_owned()),
            Ended::Failed(error) => Err(error.message),
        }
    }

    fn named_checks(&self, case: &Case) -> Vec<String> {
        match (&case.kind, self.depth) {
            (Kind::Mutant(mutant), Depth::Quick) => mutant.fails.iter().map(|claim| claim.check.clone()).collect(),
            _ => Vec::new(),
        }
    }

    fn contradictions(&self, case: &Case, outcome: &FactorOutcome) -> Vec<String> {
        match &case.kind {
            Kind::Solution | Kind::Variant(_) => must_pass_everything(outcome),
            Kind::Starter => must_fail_as_seeded(case.factor, outcome),
            Kind::Vacuous(_) => must_pass_nothing(outcome),
            Kind::Mutant(mutant) => {
                let collateral = if self.depth == Depth::Full { mutant.collateral(outcome) } else { Vec::new() };
                mutant.fails.iter().filter_map(|claim| contradicts(claim, outcome)).chain(collateral).collect()
            }
        }
    }
}

/// A proof looks at outcomes, not at events.
struct Silent;

impl Observer for Silent {
    fn observe(&mut self, _event: &Event) -> std::io::Result<()> {
        Ok(())
    }
}

fn must_pass_everything(outcome: &FactorOutcome) -> Vec<String> {
    let not_passed = outcome.checks.iter().filter(|check| check.verdict() != Verdict::Pass);
    blocked(outcome).into_iter().chain(not_passed.map(|check| found(check.check.id, outcome))).collect()
}

fn must_fail_as_seeded(factor: &Factor, outcome: &FactorOutcome) -> Vec<String> {
    let seeded = factor.exercise.as_ref().map_or(&[][..], |exercise| exercise.seeded);
    let standing = seeded.iter().filter(|id| verdict(id, outcome) != Some(Verdict::Fail));
    blocked(outcome).into_iter().chain(standing.map(|id| format!("must fail: {}", found(id, outcome)))).collect()
}

fn must_pass_nothing(outcome: &FactorOutcome) -> Vec<String> {
    if matches!(outcome.standing(), Standing::Blocked | Standing::Failed) && outcome.count(Verdict::Pass) == 0 {
        return Vec::new();
    }
    vec![format!("a service that does nothing stands as {:?}", outcome.standing())]
}

/// A mutant that is BLOCKED proves nothing about a check.
fn contradicts(claim: &Claim, outcome: &FactorOutcome) -> Option<String> {
    let reason =
        outcome.checks.iter().find(|check| check.check.id == claim.check).and_then(|check| match &check.stop {
            Some(Stop::Fail(failure)) => Some(failure.reason),
            _ => None,
        });
    if reason == Some(claim.reason.as_str()) {
        return None;
    }
    let blocked = blocked(outcome).pop().unwrap_or_else(|| found(&claim.check, outcome));
    Some(format!("must fail {} ({}): {blocked}", claim.check, claim.reason))
}

/// The log of a failed build begins with the compiler's first error: without it nobody could repair a patch.
fn blocked(outcome: &FactorOutcome) -> Vec<String> {
    let why = outcome.blocked.as_ref().map(|failure| {
        let log: String = failure.log.iter().take(6).map(|line| format!("\n  {}", line.text)).collect();
        format!("BLOCKED ({}): {}{log}", failure.reason, failure.seen.en)
    });
    why.into_iter().collect()
}

fn verdict(id: &str, outcome: &FactorOutcome) -> Option<Verdict> {
    outcome.checks.iter().find(|check| check.check.id == id).map(crate::event::CheckFinished::verdict)
}

fn found(id: &str, outcome: &FactorOutcome) -> String {
    let Some(check) = outcome.checks.iter().find(|check| check.check.id == id) else {
        return format!("{id} did not run");
    };
    let detail = match &check.stop {
        None => String::new(),
        Some(Stop::Fail(failure)) => format!(
            " ({}): {}; expected {}, seen {}",
            failure.reason, failure.did.en, failure.expected.en, failure.seen.en
        ),
        Some(Stop::Ungraded(missing)) => format!(": {}", missing.what.en),
        Some(Stop::Error(error)) => format!(": {error}"),
    };
    format!("{id} is {}{detail}", check.verdict().word())
}
