//! The command line in English.

use grader::check::Tier;
use grader::text::count_en;

use super::{Messages, Note, Readme, State, Wrong};
use crate::progress::Unusable;
use crate::starter::ChangeKind;

mod note;
mod readme;
mod wrong;

/// English.
pub struct En;

impl Messages for En {
    fn wrong(&self, wrong: &Wrong) -> String {
        let (what, help) = wrong::explain(wrong);
        format!("error: {what}\n  {help}")
    }

    fn note(&self, note: &Note<'_>) -> String {
        note::tell(note)
    }

    fn failed(&self, why: &str) -> String {
        format!("the workshop's own fault, not your service's: {why}")
    }

    fn progress_unusable(&self, unusable: &Unusable, path: &str) -> String {
        match unusable {
            Unusable::Newer(version) => format!(
                "note: {path} was written by a newer workshop (format {version}); it stays untouched and progress is not recorded. Update the workshop."
            ),
            Unusable::Damaged(why) => format!(
                "note: {path} cannot be read ({why}); it stays untouched and progress is not recorded. Delete it to begin anew."
            ),
        }
    }

    fn title(&self, passed: usize, of: usize) -> String {
        format!("Twelve-factor workshop: {passed} of {of} passed")
    }

    fn state(&self, state: State) -> &'static str {
        match state {
            State::Passed => "passed",
            State::CorePassed => "core passed",
            State::Failed => "not passed yet",
            State::Blocked => "does not start",
            State::Open => "open",
        }
    }

    fn ago(&self, seconds: u64) -> String {
        match seconds {
            0..60 => "just now".to_owned(),
            60..3600 => format!("{} min ago", seconds / 60),
            3600..172_800 => format!("{} h ago", seconds / 3600),
            _ => format!("{} days ago", seconds / 86_400),
        }
    }

    fn minutes(&self, minutes: u64) -> String {
        format!("{minutes} min")
    }

    fn all_factors(&self) -> &'static str {
        "All factors"
    }

    fn bar_of_factors(&self, passed: usize, of: usize) -> String {
        format!("{passed} of {of} passed")
    }

    fn bar_of_track(&self, passed: usize, of: usize, left: u64) -> String {
        format!("{passed} of {of} passed, {left} min left")
    }

    fn you_are_here(&self) -> &'static str {
        "you are here"
    }

    fn first_failure(&self, check: &str, reason: &str) -> String {
        format!("Fails first: {check} ({reason})")
    }

    fn read_first(&self, path: &str) -> String {
        format!("Read first: {path}")
    }

    fn readme(&self) -> &'static str {
        "README.md"
    }

    fn next(&self) -> &'static str {
        "Next:"
    }

    fn next_hint(&self) -> &'static str {
        "Next hint:"
    }

    fn tier(&self, tier: Tier) -> &'static str {
        match tier {
            Tier::Core => "core",
            Tier::Full => "full",
            Tier::Extra => "extra credit",
        }
    }

    fn hint_title(&self, what: &str, reason: &str, step: usize) -> String {
        format!("{what} ({reason}), hint {step} of {}", grader::hints::STEPS)
    }

    fn no_failure(&self, factor: &str, graded: bool) -> String {
        if graded {
            format!(
                "Nothing failed in the last run of {factor}, so there is nothing to hint at.\nGrade again: cargo xtask check {factor}"
            )
        } else {
            format!(
                "{factor} has not been graded yet; hints follow what fails.\nGrade it first: cargo xtask check {factor}"
            )
        }
    }

    fn no_hint(&self, reason: &str) -> String {
        format!("There is no hint for {reason} yet.")
    }

    fn nothing_to_reset(&self, factor: &str) -> String {
        format!("{factor} is as it was delivered: nothing to reset.")
    }

    fn change(&self, kind: ChangeKind) -> &'static str {
        match kind {
            ChangeKind::Changed => "changed",
            ChangeKind::Added => "added  ",
            ChangeKind::Removed => "removed",
        }
    }

    fn ask_reset(&self) -> String {
        "Put the starter's files back? Yours are kept in a backup. [y/N]".to_owned()
    }

    fn nothing_done(&self) -> &'static str {
        "Nothing was changed."
    }

    fn reset_done(&self, factor: &str, backup: &str) -> String {
        format!("{factor} is as it was delivered. Your files: {backup}")
    }

    fn nothing_changed(&self, factor: &str) -> String {
        format!("{factor} is as it was delivered: no differences.")
    }

    fn solution_at(&self, path: &str, factor: &str, skipped: bool) -> String {
        let note = if skipped { "Recorded as skipped. You can still repair the exercise yourself.\n" } else { "" };
        format!("The reference solution: {path}\n{note}Compare it with yours: cargo xtask solution {factor} --diff")
    }

    fn started(&self, factor: &str, path: &str) -> String {
        format!("Your own repository for {factor}: {path}\nIt has one commit and depends on nothing in the workshop.")
    }

    fn capstone_started(&self, path: &str) -> String {
        format!(
            "Your own repository for the capstone: {path}\nIt has one commit and depends on nothing in the workshop. Its README names the order."
        )
    }

    fn checkpoint_written(&self, factor: &str, path: &str) -> String {
        format!(
            "A reference that satisfies the factors 1 to {factor}: {path}\nIt is the complete service, so what later factors ask is in it too."
        )
    }

    fn own_readme(&self, of: &Readme<'_>) -> String {
        readme::text(of)
    }

    fn fix(&self) -> &'static str {
        "Fix:"
    }

    fn ask_run(&self) -> &'static str {
        "Run this command? [y/N]"
    }

    fn left_to_you(&self) -> &'static str {
        "It needs sudo, so it is left to you."
    }

    fn doctor_result(&self, missing: usize, limited: usize) -> String {
        match (missing, limited) {
            (0, 0) => "This machine is ready.".to_owned(),
            (0, n) => format!("This machine is ready, with {}.", count_en(n, "limitation")),
            (n, _) => format!("This machine is not ready: {} required.", count_en(n, "fix").replace("fixs", "fixes")),
        }
    }

    fn tidy_clean(&self, rules: usize) -> String {
        format!("tidy: {} hold.", count_en(rules, "rule"))
    }

    fn tidy_found(&self, findings: usize) -> String {
        format!("tidy: {}.", count_en(findings, "finding"))
    }

    fn tidy_wrote(&self, path: &str) -> String {
        format!("wrote {path}")
    }

    fn ask_install(&self, packages: &str) -> String {
        format!("Install {packages} with apt-get? [y/N]")
    }

    fn proved(&self, hold: usize, wrong: usize, seconds: u64) -> String {
        let total = count_en(hold + wrong, "case");
        match wrong {
            0 => format!("All {total} hold ({seconds} s)."),
            _ => format!("{hold} of {total} hold, {wrong} not ({seconds} s)."),
        }
    }

    fn proved_in_part(&self, cases: usize) -> String {
        format!(
            "{} marked `?`: this machine cannot run every check. `cargo xtask doctor` says what is missing.",
            count_en(cases, "case")
        )
    }

    fn proved_whole(&self, factors: &str, lock: &str) -> String {
        format!("Proved whole: {factors}. {lock} says so now; commit it with what you changed.")
    }

    fn proof_kept(&self, factors: &str, file: &str) -> String {
        format!("What was seen of {factors} is in {file}, from which a page of the books is drawn; commit it as well.")
    }

    fn taken_over(&self, cases: usize) -> String {
        format!("{} taken over from an earlier proof; --afresh proves them again.", count_en(cases, "case"))
    }

    fn about_left(&self, minutes: u64) -> String {
        format!("about {minutes} min left")
    }

    fn interrupted_proof(&self, goes_on: bool) -> &'static str {
        if goes_on { "Interrupted. The same command goes on from here." } else { self.interrupted() }
    }

    fn soak_round(&self, round: usize, of: usize, seed: u64) -> String {
        format!("Round {round} of {of}, seed {seed}")
    }

    fn soaked(&self, rounds: usize, checks: usize, changed: usize) -> String {
        let whole = format!("{}, {}", count_en(rounds, "whole round"), count_en(checks, "check run"));
        match changed {
            0 => format!("{whole}: no verdict changed."),
            _ => format!("{whole}: {} did not hold. To see one again:", count_en(changed, "case")),
        }
    }

    fn interrupted(&self) -> &'static str {
        "Interrupted: nothing is proved."
    }

    fn mutant_open(&self, copy: &str, header: &str) -> String {
        format!(
            "Edit the copy in {copy}
Its {header} becomes the header of the patch; everything else is compared with the reference."
        )
    }

    fn mutant_press_enter(&self) -> &'static str {
        "Press Enter when you are done."
    }

    fn mutant_written(&self, patch: &str) -> String {
        format!("Written: {patch}")
    }

    fn rehearsed(&self, troubled: &[&str], seconds: u64) -> String {
        match troubled {
            [] => format!("The track is ready. It took {seconds} s in all; what is warm now stays warm."),
            troubled => format!("Not ready yet: {}. Its own report above says what mends it.", troubled.join(", ")),
        }
    }

    fn bench_loop(&self, graded: f64, bare: f64, ratio: f64, runs: usize) -> String {
        format!(
            "Save to verdict: {graded:.2} s, {ratio:.2} times the bare build and start ({bare:.2} s); median of {runs} runs"
        )
    }

    fn bench_memory(&self, quiet: f64, flooded: f64) -> String {
        format!(
            "Peak memory of the grader: {quiet:.1} MiB; {flooded:.1} MiB ({:.2} times) while a service writes 1 GiB",
            flooded / quiet
        )
    }

    fn bench_no_memory(&self) -> &'static str {
        "Peak memory of the grader: this system does not tell"
    }

    fn bench_cold(&self, tool: f64, service: f64, crates: usize) -> String {
        format!(
            "Cold build: {tool:.0} CPU s for the grader ({crates} crates) and {service:.0} CPU s more for the service"
        )
    }

    fn book_is_current(&self, path: &str) -> String {
        format!("The books are up to date: {path}")
    }

    fn book_compiling(&self) -> &'static str {
        "Compiling the program that builds the books. The first time it takes one to three minutes."
    }

    fn manifests_compiling(&self) -> &'static str {
        "Compiling the program that judges manifests. The first time it takes about a minute."
    }

    fn book_built(&self, path: &str, seconds: f64) -> String {
        format!("Both books are built ({seconds:.1} s): {path}")
    }

    fn book_not_built(&self) -> &'static str {
        "The books were not built; the line above says why."
    }

    fn book_clean(&self) -> &'static str {
        "The books keep all their rules."
    }

    fn book_found(&self) -> &'static str {
        "The lines above break rules of the books."
    }

    fn book_nothing_to_accept(&self, what: &str) -> String {
        format!("Both languages of {what} are as they were accepted.")
    }

    fn ask_accept(&self, what: &str) -> String {
        format!("Do both languages of {what} say the same? [y/N]")
    }

    fn book_accepted(&self, what: &str) -> String {
        format!("Accepted: {what}")
    }

    fn watch_compiling(&self) -> &'static str {
        "Compiling the program that watches. The first time it takes a minute or less."
    }

    fn starting_engine(&self) -> &'static str {
        "No container engine answers, so one is started for the tests."
    }

    fn providing_images(&self) -> &'static str {
        "Fetching or building the images that the tests need…"
    }

    fn all_installed(&self) -> &'static str {
        "Everything the tests need is installed."
    }

    fn install_yourself(&self, packages: &str) -> String {
        format!("There is no apt-get here. Install these with your system's package manager: {packages}")
    }

    fn still_running(&self, part: &str, minutes: u64) -> String {
        format!("… {part}: still running after {}", count_en(usize::try_from(minutes).unwrap_or(usize::MAX), "minute"))
    }

    fn part_failed(&self, part: &str, again: &str) -> String {
        format!("FAILED: {part}\nRepeat it: {again}")
    }
}
