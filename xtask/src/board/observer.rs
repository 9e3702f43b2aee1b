//! Writes down what a run decided, for the board. It cannot fail a run.

use std::io;

use grader::check::Stop;
use grader::event::{CheckFinished, Event, Observer};
use grader::outcome::{FactorOutcome, Standing};
use serde_json::{Value, json};

use super::Board;
use crate::session::Session;

/// Follows a run of the attendee's own work, if a board was joined.
pub fn observer(session: &Session, own: bool) -> Option<Box<dyn Observer>> {
    let board = Board::of(session);
    let joined = own && board.membership().is_some();
    joined.then(|| Box::new(Reports { board }) as Box<dyn Observer>)
}

struct Reports {
    board: Board,
}

impl Observer for Reports {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        if let Event::RunFinished(outcome) = event {
            for decided in &outcome.factors {
                // A board is a help, and no part of the verdict: a disk that is full is told by the run's own files.
                let _ = self.board.note(graded(decided));
            }
        }
        Ok(())
    }
}

/// Verdicts and reason codes. Whatever a service said, did or was made of stays here.
fn graded(decided: &FactorOutcome) -> Value {
    json!({
        "kind": "graded",
        "factor": decided.factor.number,
        "standing": standing(decided.standing()),
        "whole": decided.left_out.is_empty(),
        "core_passed": decided.core_passed(),
        "blocked": decided.blocked.as_ref().map(|failure| failure.reason),
        "checks": decided.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

fn check(finished: &CheckFinished) -> Value {
    let reason = match &finished.stop {
        Some(Stop::Fail(failure)) => Some(failure.reason),
        _ => None,
    };
    json!({ "check": finished.check.id, "verdict": finished.verdict().word(), "reason": reason })
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Passed { .. } => "passed",
        Standing::Failed => "failed",
        Standing::Blocked => "blocked",
        Standing::Untested => "untested",
        Standing::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use grader::check::{Failure, LogLine, Speaker};
    use grader::factors::FACTORS;
    use grader::text::text;

    use super::*;

    #[test]
    fn nothing_that_a_service_said_is_reported() {
        let secret = "postgres://u:hunter2@db";
        let check = &FACTORS[3].checks()[0];
        let mut failure =
            Failure::new(check.reasons[0], text(secret, secret), text(secret, secret), text(secret, secret));
        failure.repeat = Some(secret.to_owned());
        let output = vec![LogLine { speaker: Speaker::Stdout, sequence: 1, text: secret.to_owned() }];
        let finished = CheckFinished {
            factor: &FACTORS[3],
            check,
            stop: Some(failure.into()),
            remarks: vec![text(secret, secret)],
            took: Duration::ZERO,
            output,
            timeline: Vec::new(),
        };
        let decided =
            FactorOutcome { factor: &FACTORS[3], blocked: None, checks: vec![finished], left_out: Vec::new() };
        let reported = graded(&decided).to_string();
        assert!(!reported.contains("hunter2"), "{reported}");
        assert!(reported.contains(check.id) && reported.contains(check.reasons[0]));
    }
}
