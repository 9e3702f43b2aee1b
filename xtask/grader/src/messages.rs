//! Every sentence of the reports, once per language.

use std::time::Duration;

use crate::check::Tier;
use crate::event::Stage;
use crate::text::Lang;

mod en;
mod ko;

pub use en::En;
pub use ko::Ko;

/// The sentences in `lang`.
pub fn messages(lang: Lang) -> &'static dyn Messages {
    match lang {
        Lang::En => &En,
        Lang::Ko => &Ko,
    }
}

/// The sentences of the reports. A language is a unit struct that implements them, so the compiler proves that none is
/// missing. Commands are arguments: they are the same in every language, and a report may colour them.
pub trait Messages: Sync {
    /// The first line of a run. `subject` is a path, `seed` the source of every random value.
    fn grading(&self, subject: &str, seed: u64) -> String;
    /// The heading of a factor: its number and its name in this language.
    fn factor(&self, number: u8, title: &str) -> String;
    /// What goes on before checks run.
    fn stage(&self, stage: Stage) -> &'static str;
    /// How far the checks are; `running` are the ids of those that run now.
    fn checking(&self, done: usize, total: usize, running: &str) -> String;
    /// The heading of a group of checks, with what the group is for.
    fn tier(&self, tier: Tier) -> &'static str;
    /// How long a check took, with the unit: seconds, or milliseconds where seconds would say nothing.
    fn seconds(&self, took: Duration) -> String;
    /// Introduces a finding that does not change the verdict.
    fn remark(&self) -> &'static str;

    /// Labels the request that was sent or the fault that was injected.
    fn did(&self) -> &'static str;
    /// Labels what a correct service does.
    fn expected(&self) -> &'static str;
    /// Labels what this service did.
    fn seen(&self) -> &'static str;
    /// Labels the reason code.
    fn reason(&self) -> &'static str;
    /// Introduces the service's last lines.
    fn last_lines(&self) -> &'static str;
    /// Introduces the time line, in which the service's lines stand too.
    fn what_happened(&self) -> &'static str;
    /// Introduces what the build wrote.
    fn build_lines(&self) -> &'static str;
    /// Stands for `n` lines that are not shown.
    fn more_lines(&self, n: usize) -> String;
    /// Introduces the command that shows the failure by hand.
    fn by_hand(&self) -> &'static str;
    /// Introduces the commands that are typed while those before still run.
    fn in_another_terminal(&self) -> &'static str;
    /// The heading of hint `step` of `of`.
    fn hint(&self, step: usize, of: usize) -> String;
    /// Introduces the command that shows the next hint.
    fn next_hint(&self) -> &'static str;

    /// The columns of the table of verdicts: factor, verdict, checks that pass, fail and cannot be tested, time of all checks.
    fn summary_columns(&self) -> [&'static str; 6];
    /// Why no check ran, for the general reason codes; any other code gets a general sentence.
    fn blocked_because(&self, reason: &str) -> &'static str;
    /// Says that none of `n` checks ran.
    fn did_not_run(&self, n: usize) -> String;
    /// The heading over failures that are not shown in full.
    fn other_failures(&self) -> &'static str;
    /// The heading over everything that failed in a run of several factors.
    fn all_failures(&self) -> &'static str;
    /// The heading over checks that this machine cannot test.
    fn not_tested(&self) -> &'static str;
    /// Labels what the machine lacks.
    fn missing(&self) -> &'static str;
    /// Labels the command or step that provides it.
    fn fix(&self) -> &'static str;
    /// The heading over checks that the grader could not decide.
    fn grader_errors(&self) -> &'static str;

    /// A factor that is passed. `factor` is its id and name; `untested` required checks cannot be tested on this machine.
    fn passed(&self, factor: &str, untested: usize) -> String;
    /// A factor with failures: `passing` of its `required` checks pass.
    fn failed(&self, factor: &str, passing: usize, required: usize) -> String;
    /// A factor whose service did not get as far as a check.
    fn blocked(&self, factor: &str) -> String;
    /// A factor that the grader could not judge. `errors` checks ended in a fault of its own; with none, nothing passed because
    /// nothing could be tested.
    fn undecided(&self, factor: &str, errors: usize) -> String;
    /// A factor that passes, except that `--strict` asks for the `untested` checks too.
    fn not_strictly_passed(&self, factor: &str, untested: usize) -> String;
    /// Every check that was asked for passes, but `left_out` checks were not asked for.
    fn partly_passed(&self, factor: &str, left_out: usize) -> String;
    /// Every core check passes, though not the whole factor.
    fn core_open(&self) -> &'static str;

    /// The run ended early; `why` is in English, as the operating system says it.
    fn aborted(&self, why: &str, interrupted: bool) -> String;
    /// Says that an aborted run has no result.
    fn no_result(&self) -> &'static str;

    /// Introduces the places of the exercise that its author has marked.
    fn marked(&self) -> &'static str;
    /// Labels a check that this run leaves out until the core checks pass.
    fn skipped(&self) -> &'static str;
    /// Why it is left out.
    fn until_core_passes(&self) -> &'static str;
    /// In watch mode: what to do after a failure.
    fn save_again(&self) -> &'static str;
    /// In watch mode: the key that does what follows.
    fn press(&self, key: char) -> String;

    /// Labels the folder or file with the evidence.
    fn details(&self) -> &'static str;
    /// Labels the command that shows the reference solution.
    fn compare(&self) -> &'static str;
    /// Labels the command that comes next.
    fn next(&self) -> &'static str;
    /// Labels the command that grades again, once something was repaired.
    fn again(&self) -> &'static str;
}
