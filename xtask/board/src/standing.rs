//! Where an attendee stands with a factor: all its events, folded in their order.

use crate::event::{Decided, Graded, What};

/// Where somebody stands with one factor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The last event that is contained in this.
    pub seq: i64,
    /// In a word.
    pub state: State,
    /// Whether the core checks have passed once.
    pub core_passed: bool,
    /// The check that somebody is stuck on; empty when the service was BLOCKED.
    pub check: String,
    /// Its reason code.
    pub reason: String,
    /// Since when that very check fails, or since when the factor is passed.
    pub since: i64,
    /// When something was last heard.
    pub at: i64,
    /// How many runs there were.
    pub runs: i64,
    /// How the solution was opened.
    pub solution: Solution,
}

/// The state of a factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing decided yet.
    #[default]
    Open,
    /// The service does not build, start or answer.
    Blocked,
    /// A required check fails.
    Failed,
    /// The core checks pass; nothing more was looked at.
    Core,
    /// Passed.
    Passed,
}

/// How the solution was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solution {
    /// It was not.
    #[default]
    Closed,
    /// After the core checks had passed.
    Opened,
    /// Before.
    Skipped,
}

impl State {
    /// All of them; the place of each is its number in the database.
    pub const ALL: [State; 5] = [State::Open, State::Blocked, State::Failed, State::Core, State::Passed];

    /// The state of that number.
    pub fn numbered(number: i64) -> Self {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied()).unwrap_or_default()
    }

    /// Whether somebody may need help.
    pub fn is_stuck(self) -> bool {
        matches!(self, State::Blocked | State::Failed)
    }
}

impl Solution {
    /// The way of that number.
    pub fn numbered(number: i64) -> Self {
        match number {
            1 => Solution::Opened,
            2 => Solution::Skipped,
            _ => Solution::Closed,
        }
    }
}

impl Standing {
    /// Takes in the next event, which happened `at` by the board's clock.
    pub fn take(&mut self, seq: i64, at: i64, what: &What) {
        self.seq = seq;
        self.at = self.at.max(at);
        match what {
            What::Graded(graded) => self.graded(at, graded),
            What::Solution { skipped: true, .. } if self.solution == Solution::Closed => {
                self.solution = Solution::Skipped;
            }
            What::Solution { skipped: false, .. } => self.solution = Solution::Opened,
            What::Solution { .. } | What::Hand { .. } => {}
        }
    }

    fn graded(&mut self, at: i64, graded: &Graded) {
        self.runs += 1;
        self.core_passed |= graded.core_passed;
        let stuck = graded.stuck();
        match (graded.standing, stuck) {
            // A grader that could not look takes nothing away.
            (Decided::Error | Decided::Untested, _) => {}
            (Decided::Blocked, Some((_, reason))) => self.becomes(State::Blocked, "", reason, at),
            (_, Some((check, reason))) => self.becomes(State::Failed, check, reason, at),
            (Decided::Passed, None) if graded.whole => self.becomes(State::Passed, "", "", at),
            (_, None) if graded.core_passed && self.state != State::Passed => self.becomes(State::Core, "", "", at),
            (_, None) => {}
        }
    }

    /// How long somebody has been stuck counts from the first time that this check failed, whatever the reason was since.
    fn becomes(&mut self, state: State, check: &str, reason: &str, at: i64) {
        if self.state != state || self.check != check {
            self.since = at;
        }
        self.state = state;
        check.clone_into(&mut self.check);
        reason.clone_into(&mut self.reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Checked;

    fn run(standing: Decided, whole: bool, core_passed: bool, failed: Option<(&str, &str)>) -> What {
        let checks = failed.into_iter().map(|(check, reason)| Checked {
            check: check.to_owned(),
            verdict: "FAIL".to_owned(),
            reason: Some(reason.to_owned()),
        });
        What::Graded(Graded { factor: 3, standing, whole, core_passed, blocked: None, checks: checks.collect() })
    }

    fn after(events: &[(i64, What)]) -> Standing {
        let mut standing = Standing::default();
        for (seq, (at, what)) in (1..).zip(events) {
            standing.take(seq, *at, what);
        }
        standing
    }

    #[test]
    fn the_clock_of_being_stuck_runs_while_the_same_check_fails() {
        let fails = |reason| run(Decided::Failed, true, false, Some(("a", reason)));
        let stuck = after(&[(10, fails("hung")), (20, fails("late")), (30, fails("late"))]);
        assert_eq!((stuck.state, stuck.since, stuck.at, stuck.runs), (State::Failed, 10, 30, 3));
        assert_eq!((stuck.check.as_str(), stuck.reason.as_str()), ("a", "late"));
        let next = after(&[(10, fails("hung")), (20, run(Decided::Failed, true, true, Some(("b", "x"))))]);
        assert_eq!((next.since, next.core_passed), (20, true));
    }

    #[test]
    fn a_part_of_the_checks_passes_no_factor_and_core_takes_no_pass_away() {
        assert_eq!(after(&[(1, run(Decided::Passed, false, true, None))]).state, State::Core);
        assert_eq!(after(&[(1, run(Decided::Passed, false, false, None))]).state, State::Open);
        let passed = (1, run(Decided::Passed, true, true, None));
        assert_eq!(after(&[passed.clone(), (2, run(Decided::Passed, false, true, None))]).state, State::Passed);
        assert_eq!(after(&[passed.clone(), (2, run(Decided::Error, true, false, None))]).state, State::Passed);
        assert_eq!(after(&[passed, (2, run(Decided::Failed, true, false, Some(("a", "b"))))]).state, State::Failed);
    }

    #[test]
    fn an_opened_solution_stays_opened() {
        let open = |skipped| What::Solution { factor: 3, skipped };
        assert_eq!(after(&[(1, open(true)), (2, open(false))]).solution, Solution::Opened);
        assert_eq!(after(&[(1, open(false)), (2, open(true))]).solution, Solution::Opened);
        assert_eq!(after(&[(1, open(true))]).solution, Solution::Skipped);
    }
}
