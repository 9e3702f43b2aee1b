//! The proof of the graders: every check accepts what is right, rejects what is wrong, and does so for the right reason.

pub mod cases;
pub mod lock;
pub mod patches;
pub mod record;
pub mod sample;
pub mod schedule;
pub mod timed;
pub mod vacuous;

use std::path::PathBuf;
use std::time::Duration;

use crate::backing::Backing;
use crate::check::{LogLine, Stop, Verdict};
use crate::event::{CheckFinished, Event, Observer};
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
    /// The only checks that are asked, as `factor-9/worker-kill9`; empty for all.
    pub checks: Vec<String>,
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
    /// What this machine cannot test: nothing is said about these checks, neither for nor against the case.
    pub untested: Vec<String>,
    /// The checks that ran and rejected it, each with its reason code, in the order of the factor.
    pub rejected: Vec<(String, String)>,
    /// How many checks ran.
    pub checks: usize,
    /// How long it took.
    pub took: Duration,
    /// What each wait took, for later cases.
    pub waits: Waits,
}

impl Proof {
    /// Runs one case. `slot` keeps cases that run at the same time apart; `known` is what the solution needed for each wait.
    pub fn prove(&self, case: &Case, slot: u8, known: Option<Waits>) -> Proved {
        let began = std::time::Instant::now();
        let mut proved = match self.graded(case, slot, known) {
            Ok((outcome, waits)) => Proved { waits, ..self.judged(case, outcome) },
            Err(why) => Proved { contradictions: vec![why], ..Proved::of(case) },
        };
        proved.took = began.elapsed();
        proved
    }

    fn judged(&self, case: &Case, mut outcome: FactorOutcome) -> Proved {
        let untested = taken_untested(&mut outcome);
        let bears = |check: &&CheckFinished| self.bears_on(case, check.check.id);
        Proved {
            contradictions: self.contradictions(case, &outcome, &untested),
            untested: untested.iter().filter(bears).map(described).collect(),
            rejected: outcome.checks.iter().filter_map(rejection).collect(),
            checks: outcome.checks.len(),
            ..Proved::of(case)
        }
    }

    fn graded(&self, case: &Case, slot: u8, known: Option<Waits>) -> Result<(FactorOutcome, Waits), String> {
        let (workspace, subject) = case.subject(&self.workspace, &self.program)?;
        let request = Request {
            workspace,
            workshop: self.workspace.clone(),
            supervisor: self.program.clone(),
            subject,
            patch: case.patch(slot),
            in_container: false,
            factors: vec![case.factor],
            selection: Selection { core_only: false, only: self.asked(case) },
            strict: true,
            seed: self.seed,
            run_id: format!("prove-{slot}"),
            builds: None,
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

    /// The checks that a case is asked; empty for every one of its factor.
    fn asked(&self, case: &Case) -> Vec<String> {
        let asks = |id: &&str| self.asks(case, id);
        match (&case.kind, self.depth) {
            (Kind::Mutant(mutant), Depth::Quick) => {
                mutant.fails.iter().map(|claim| claim.check.as_str()).filter(asks).map(str::to_owned).collect()
            }
            _ if self.checks.is_empty() => Vec::new(),
            _ => case.factor.checks().iter().map(|check| check.id).filter(asks).map(str::to_owned).collect(),
        }
    }

    fn asks(&self, case: &Case, id: &str) -> bool {
        self.checks.is_empty() || self.checks.contains(&case.factor.path_of(id))
    }

    /// Whether the case says anything about a check.
    fn bears_on(&self, case: &Case, id: &str) -> bool {
        match &case.kind {
            Kind::Solution | Kind::Variant(_) => true,
            Kind::Starter => case.factor.exercise.seeded.contains(&id),
            Kind::Vacuous(_) => false,
            Kind::Mutant(mutant) => {
                // Of a check that may fail as well, or not, nothing is claimed.
                let all = self.depth == Depth::Full && !mutant.may_also_fail.iter().any(|check| check == id);
                all || mutant.fails.iter().any(|claim| claim.check == id)
            }
        }
    }

    fn contradictions(&self, case: &Case, outcome: &FactorOutcome, untested: &[CheckFinished]) -> Vec<String> {
        let tested = |id: &str| self.asks(case, id) && untested.iter().all(|check| check.check.id != id);
        match &case.kind {
            Kind::Solution | Kind::Variant(_) => must_pass_everything(outcome),
            Kind::Starter => must_fail_as_seeded(case.factor, outcome, tested),
            Kind::Vacuous(_) => must_pass_nothing(outcome, untested),
            Kind::Mutant(mutant) => {
                let collateral = if self.depth == Depth::Full { mutant.collateral(outcome) } else { Vec::new() };
                let claims = mutant.fails.iter().filter(|claim| tested(&claim.check));
                claims.filter_map(|claim| contradicts(claim, outcome)).chain(collateral).collect()
            }
        }
    }
}

impl Proved {
    /// A case of which nothing is known yet.
    fn of(case: &Case) -> Self {
        Self {
            name: case.name(),
            contradictions: Vec::new(),
            untested: Vec::new(),
            rejected: Vec::new(),
            checks: 0,
            took: Duration::ZERO,
            waits: Waits::default(),
        }
    }

    /// Whether everything that the case claims was looked at and is so.
    pub fn holds_whole(&self) -> bool {
        self.contradictions.is_empty() && self.untested.is_empty()
    }
}

fn rejection(check: &CheckFinished) -> Option<(String, String)> {
    match &check.stop {
        Some(Stop::Fail(failure)) => Some((check.check.id.to_owned(), failure.reason.to_owned())),
        _ => None,
    }
}

/// A proof looks at outcomes, not at events.
struct Silent;

impl Observer for Silent {
    fn observe(&mut self, _event: &Event) -> std::io::Result<()> {
        Ok(())
    }
}

/// Takes the checks that are UNGRADED out of an outcome.
fn taken_untested(outcome: &mut FactorOutcome) -> Vec<CheckFinished> {
    let (untested, tested) =
        std::mem::take(&mut outcome.checks).into_iter().partition(|check| check.verdict() == Verdict::Ungraded);
    outcome.checks = tested;
    untested
}

fn described(untested: &CheckFinished) -> String {
    let missing = match &untested.stop {
        Some(Stop::Ungraded(missing)) => format!(": {}", missing.what.en),
        _ => String::new(),
    };
    format!("{}{missing}", untested.check.id)
}

fn must_pass_everything(outcome: &FactorOutcome) -> Vec<String> {
    let not_passed = outcome.checks.iter().filter(|check| check.verdict() != Verdict::Pass);
    blocked(outcome).into_iter().chain(not_passed.map(|check| found(check.check.id, outcome))).collect()
}

fn must_fail_as_seeded(factor: &Factor, outcome: &FactorOutcome, tested: impl Fn(&str) -> bool) -> Vec<String> {
    let standing = factor.exercise.seeded.iter().filter(|id| tested(id) && verdict(id, outcome) != Some(Verdict::Fail));
    blocked(outcome).into_iter().chain(standing.map(|id| format!("must fail: {}", found(id, outcome)))).collect()
}

fn must_pass_nothing(outcome: &FactorOutcome, untested: &[CheckFinished]) -> Vec<String> {
    let nothing_ran = outcome.blocked.is_none() && outcome.checks.is_empty() && !untested.is_empty();
    let failed = matches!(outcome.standing(), Standing::Blocked | Standing::Failed);
    if nothing_ran || (failed && outcome.count(Verdict::Pass) == 0) {
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

/// How many lines of a service's log say why a case does not hold.
const SHOWN: usize = 6;

fn lines<'l>(log: impl Iterator<Item = &'l LogLine>) -> String {
    log.map(|line| format!("\n  {}", line.text)).collect()
}

/// The log of a failed build begins with the compiler's first error: without it nobody could repair a patch.
fn blocked(outcome: &FactorOutcome) -> Vec<String> {
    let why = outcome.blocked.as_ref().map(|failure| {
        let first = lines(failure.log.iter().take(SHOWN));
        format!("BLOCKED ({}): {}{first}", failure.reason, failure.seen.en)
    });
    why.into_iter().collect()
}

fn verdict(id: &str, outcome: &FactorOutcome) -> Option<Verdict> {
    outcome.checks.iter().find(|check| check.check.id == id).map(CheckFinished::verdict)
}

fn found(id: &str, outcome: &FactorOutcome) -> String {
    let Some(check) = outcome.checks.iter().find(|check| check.check.id == id) else {
        return format!("{id} did not run");
    };
    let detail = match &check.stop {
        None => String::new(),
        Some(Stop::Fail(failure)) => {
            let last = lines(failure.log.iter().skip(failure.log.len().saturating_sub(SHOWN)));
            let (did, expected, seen) = (&failure.did.en, &failure.expected.en, &failure.seen.en);
            format!(" ({}): {did}; expected {expected}, seen {seen}{last}", failure.reason)
        }
        Some(Stop::Ungraded(_)) => String::new(),
        Some(Stop::Error(error)) => format!(": {error}"),
    };
    format!("{id} is {}{detail}", check.verdict().word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Missing};
    use crate::factors;
    use crate::prove::patches::Mutant;
    use crate::text::text;

    fn ended(check: &'static Check, stop: Option<Stop>) -> CheckFinished {
        let factor = factors::find("config").unwrap();
        let took = Duration::ZERO;
        CheckFinished { factor, check, stop, remarks: Vec::new(), took, output: Vec::new(), timeline: Vec::new() }
    }

    fn missing() -> Option<Stop> {
        Some(Stop::Ungraded(Missing { what: text("no engine", "엔진 없음"), fix: text("install one", "설치") }))
    }

    fn outcome(stops: impl Fn(usize) -> Option<Stop>) -> FactorOutcome {
        let factor = factors::find("config").unwrap();
        let checks = factor.checks().iter().enumerate().map(|(at, check)| ended(check, stops(at))).collect();
        FactorOutcome { factor, blocked: None, checks, left_out: Vec::new() }
    }

    #[test]
    fn what_cannot_be_tested_speaks_neither_for_nor_against_a_solution() {
        let mut partly = outcome(|at| if at == 1 { missing() } else { None });
        let untested = taken_untested(&mut partly);
        let names: Vec<String> = untested.iter().map(described).collect();
        assert_eq!(names, [format!("{}: no engine", partly.factor.checks()[1].id)]);
        assert_eq!(must_pass_everything(&partly), [""; 0]);
    }

    #[test]
    fn what_a_mutant_may_fail_as_well_need_not_be_tested() {
        let workspace = Workspace { root: PathBuf::new(), target: PathBuf::new() };
        let (program, backing) = (PathBuf::new(), Backing::default());
        let full = Proof { workspace, program, depth: Depth::Full, checks: Vec::new(), seed: None, backing };
        let mutant = Mutant {
            name: "a".to_owned(),
            file: PathBuf::new(),
            en: String::new(),
            ko: String::new(),
            fails: vec![Claim { check: "fails".to_owned(), reason: "wrong".to_owned() }],
            may_also_fail: vec!["may-fail".to_owned()],
        };
        let case = Case { factor: factors::find("config").unwrap(), kind: Kind::Mutant(mutant) };
        let bears = ["fails", "may-fail", "passes"].map(|check| full.bears_on(&case, check));
        assert_eq!(bears, [true, false, true]);
        let quick = Proof { depth: Depth::Quick, ..full };
        assert!(quick.bears_on(&case, "fails") && !quick.bears_on(&case, "passes"));
    }

    #[test]
    fn a_machine_that_can_test_nothing_proves_nothing_wrong() {
        let mut nothing = outcome(|_| missing());
        let untested = taken_untested(&mut nothing);
        assert_eq!(untested.len(), nothing.factor.checks().len());
        assert_eq!(must_pass_nothing(&nothing, &untested), [""; 0]);
        assert_eq!(must_fail_as_seeded(nothing.factor, &nothing, |_| false), [""; 0]);
    }

    #[test]
    fn a_service_that_passes_something_contradicts_all_the_same() {
        let mut partly = outcome(|at| if at == 1 { missing() } else { None });
        let untested = taken_untested(&mut partly);
        assert_eq!(must_pass_nothing(&partly, &untested).len(), 1);
        assert!(!must_fail_as_seeded(partly.factor, &partly, |_| true).is_empty());
    }
}
