//! The reports in English.

use std::time::Duration;

use super::Messages;
use crate::check::Tier;
use crate::event::Stage;
use crate::text::count_en;

/// English.
#[derive(Debug)]
pub struct En;

impl Messages for En {
    fn grading(&self, subject: &str, seed: u64) -> String {
        format!("Grading {subject} (seed {seed})")
    }

    fn factor(&self, number: u8, title: &str) -> String {
        format!("Factor {number}: {title}")
    }

    fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Waiting => "waiting for another run",
            Stage::Preparing => "copying the service",
            Stage::Downloading => "downloading its dependencies",
            Stage::Building => "building",
            Stage::Backing => "getting its backing services ready",
            Stage::Starting => "starting it and waiting for a first answer",
            Stage::Shipping => "building what production runs (some minutes the first time)",
        }
    }

    fn checking(&self, done: usize, total: usize, running: &str) -> String {
        format!("{done} of {total} checks done; running: {running}")
    }

    fn tier(&self, tier: Tier) -> &'static str {
        match tier {
            Tier::Core => "Core: opens the solution and the next factor",
            Tier::Full => "Full: completes the factor",
            Tier::Extra => "Extra credit: never required",
        }
    }

    fn seconds(&self, took: Duration) -> String {
        match took.as_millis() {
            short @ 0..100 => format!("{short} ms"),
            _ => format!("{:.1} s", took.as_secs_f64()),
        }
    }

    fn remark(&self) -> &'static str {
        "note:"
    }

    fn did(&self) -> &'static str {
        "did"
    }

    fn expected(&self) -> &'static str {
        "expected"
    }

    fn seen(&self) -> &'static str {
        "seen"
    }

    fn reason(&self) -> &'static str {
        "reason"
    }

    fn last_lines(&self) -> &'static str {
        "Last lines of the service:"
    }

    fn what_happened(&self) -> &'static str {
        "What happened, in order:"
    }

    fn build_lines(&self) -> &'static str {
        "From the build:"
    }

    fn more_lines(&self, n: usize) -> String {
        format!("({n} more: see the details)")
    }

    fn by_hand(&self) -> &'static str {
        "See it by hand:"
    }

    fn in_another_terminal(&self) -> &'static str {
        "and in another terminal:"
    }

    fn hint(&self, step: usize, of: usize) -> String {
        format!("Hint {step} of {of}")
    }

    fn next_hint(&self) -> &'static str {
        "Next hint:"
    }

    fn summary_columns(&self) -> [&'static str; 6] {
        ["Factor", "Verdict", "Passed", "Failed", "Not tested", "Time of its checks"]
    }

    fn blocked_because(&self, reason: &str) -> &'static str {
        match reason {
            "build-failed" => "The service could not be built.",
            "program-missing" => "A program that should run is missing.",
            "exited-at-start" => "The service ended before it answered.",
            "never-listened" => "The service never listened on its port.",
            "migrate-failed" => "Its `migrate` did not get the database ready.",
            "create-user-failed" => "Its `create-user` did not add a user.",
            "listens-elsewhere" => "The service listens somewhere else.",
            "not-the-contract" => "The service answers, but not as its contract says.",
            "not-in-app-toml" => "app.toml does not name yet what this factor looks at.",
            "hung-up" => "The service accepts a connection, but does not answer.",
            _ => "The service did not get as far as a first correct answer.",
        }
    }

    fn did_not_run(&self, n: usize) -> String {
        match n {
            1 => "The one check did not run.".to_owned(),
            n => format!("None of the {n} checks ran."),
        }
    }

    fn other_failures(&self) -> &'static str {
        "Also failing"
    }

    fn all_failures(&self) -> &'static str {
        "What failed"
    }

    fn not_tested(&self) -> &'static str {
        "Not tested on this machine; nothing is wrong with your service"
    }

    fn missing(&self) -> &'static str {
        "missing"
    }

    fn fix(&self) -> &'static str {
        "to test it"
    }

    fn grader_errors(&self) -> &'static str {
        "The grader could not look; this says nothing about your service"
    }

    fn passed(&self, factor: &str, untested: usize) -> String {
        match untested {
            0 => format!("{factor}: passed"),
            n => format!("{factor}: passed, {n} not tested on this machine"),
        }
    }

    fn failed(&self, factor: &str, passing: usize, required: usize) -> String {
        let verb = if required == 1 { "passes" } else { "pass" };
        format!("{factor}: not passed yet, {passing} of {} {verb}", count_en(required, "required check"))
    }

    fn blocked(&self, factor: &str) -> String {
        format!("{factor}: blocked, no check ran")
    }

    fn undecided(&self, factor: &str, errors: usize) -> String {
        match errors {
            0 => format!("{factor}: no verdict, because nothing could be tested on this machine"),
            n => format!("{factor}: no verdict, because the grader failed in {}", count_en(n, "check")),
        }
    }

    fn not_strictly_passed(&self, factor: &str, untested: usize) -> String {
        format!("{factor}: not passed, because --strict asks for every check and {untested} cannot be tested here")
    }

    fn partly_passed(&self, factor: &str, left_out: usize) -> String {
        format!("{factor}: what was asked for passes, {} left out", count_en(left_out, "check"))
    }

    fn core_open(&self) -> &'static str {
        "The core checks pass: the solution and the next factor are open."
    }

    fn aborted(&self, why: &str, interrupted: bool) -> String {
        if interrupted { "Stopped, as you asked.".to_owned() } else { format!("The grader had to stop: {why}") }
    }

    fn no_result(&self) -> &'static str {
        "This run has no result."
    }

    fn marked(&self) -> &'static str {
        "Marked in your files:"
    }

    fn skipped(&self) -> &'static str {
        "SKIPPED"
    }

    fn until_core_passes(&self) -> &'static str {
        "because a core check fails: these run once the core checks pass"
    }

    fn save_again(&self) -> &'static str {
        "Repair it and save: it is graded again."
    }

    fn press(&self, key: char) -> String {
        format!("press {key}")
    }

    fn details(&self) -> &'static str {
        "Details:"
    }

    fn compare(&self) -> &'static str {
        "Compare:"
    }

    fn next(&self) -> &'static str {
        "Next:"
    }

    fn again(&self) -> &'static str {
        "Repair it, then:"
    }
}
