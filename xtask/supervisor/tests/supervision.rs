//! Nothing outlives a run, and the grader hears what happened.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Failed, Trial};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use supervisor::protocol::{self, Report, Spec};
use support::{Folder, Grader, User, ensure, exists, expect, test};

fn main() -> ExitCode {
    support::lives(tests)
}

fn tests() -> Vec<Trial> {
    let mut tests = vec![
        test("exit_code_is_reported", exit_code_is_reported),
        test("signal_is_reported", signal_is_reported),
        test("signals_reach_the_group_with_their_default_effect", signals_have_their_default_effect),
        test("a_signal_to_the_main_process_leaves_its_children_alone", the_main_process_alone_is_signalled),
        test("a_handler_of_the_service_runs", a_handler_of_the_service_runs),
        test("a_service_that_ignores_sigterm_dies_on_kill_all", ignoring_sigterm_does_not_help),
        test("what_is_left_behind_is_named", what_is_left_behind_is_named),
        test("output_ends_with_the_service", output_ends_with_the_service),
        test("standard_input_is_empty", standard_input_is_empty),
        test("a_missing_program_is_reported", a_missing_program_is_reported),
        test("a_refused_program_is_reported", a_refused_program_is_reported),
        test("the_scratch_folder_is_removed", the_scratch_folder_is_removed),
        test("the_supervisor_survives_sigterm", the_supervisor_survives_sigterm),
        test("a_flush_is_answered", a_flush_is_answered),
    ];
    if cfg!(target_os = "linux") {
        tests.push(test("nothing_survives_the_lifeline", nothing_survives_the_lifeline));
        tests.push(test("nothing_survives_kill_all", nothing_survives_kill_all));
        tests.push(test("nothing_survives_kill_9_of_the_grader", nothing_survives_kill_9_of_the_grader));
    }
    tests
}

fn plain() -> Spec {
    Spec::default()
}

fn is_exit(report: &Report) -> bool {
    matches!(report, Report::Exited { .. })
}

fn exited(code: Option<i32>, signal: Option<i32>) -> Option<Report> {
    Some(Report::Exited { code, signal })
}

fn exit_code_is_reported() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "exit 7")?;
    let reports = grader.until(is_exit)?;
    ensure(matches!(reports.as_slice(), [Report::Started { .. }, _]), || format!("{reports:?}"))?;
    expect(reports.last().cloned(), exited(Some(7), None))?;
    expect(grader.next()?, Report::NoneLeft)?;
    grader.say(&protocol::Command::End)?;
    expect(grader.next()?, Report::Ended)
}

fn signal_is_reported() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "kill -9 $$")?;
    expect(grader.until(is_exit)?.pop(), exited(None, Some(9)))
}

fn signals_have_their_default_effect() -> Result<(), Failed> {
    for number in [1, 2, 3, 15] {
        let mut grader = Grader::serve(&plain(), &["sleep"])?;
        grader.line()?;
        grader.say(&protocol::Command::Signal { number })?;
        expect(grader.until(is_exit)?.pop(), exited(None, Some(number)))?;
    }
    Ok(())
}

fn the_main_process_alone_is_signalled() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "sleep 600 & echo started; wait")?;
    grader.line()?;
    grader.say(&protocol::Command::SignalMain { number: 15 })?;
    let reports = grader.until(is_exit)?;
    expect(reports.last().cloned(), exited(None, Some(15)))?;
    let left = reports.iter().any(|report| matches!(report, Report::LeftBehind { processes } if processes.len() == 1));
    ensure(left, || format!("the child is to live on: {reports:?}"))
}

fn a_handler_of_the_service_runs() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "trap 'exit 3' TERM; sleep 1000 & echo ready; wait")?;
    grader.line()?;
    grader.say(&protocol::Command::Signal { number: 15 })?;
    expect(grader.until(is_exit)?.pop(), exited(Some(3), None))
}

fn ignoring_sigterm_does_not_help() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "trap '' TERM; echo ready; sleep 1000; sleep 1000")?;
    grader.line()?;
    grader.say(&protocol::Command::Signal { number: 15 })?;
    grader.say(&protocol::Command::KillAll)?;
    let reports = grader.until(|report| *report == Report::NoneLeft)?;
    ensure(reports.iter().cloned().map(Some).any(|report| report == exited(None, Some(9))), || format!("{reports:?}"))
}

fn what_is_left_behind_is_named() -> Result<(), Failed> {
    let mut grader = Grader::serve(&plain(), &["leave-a-child"])?;
    let reports = grader.until(is_exit)?;
    let [_, Report::LeftBehind { processes }, _] = reports.as_slice() else {
        return Err(format!("{reports:?}").into());
    };
    let [left] = processes.as_slice() else {
        return Err(format!("{processes:?}").into());
    };
    ensure(left.command.ends_with(" service sleep"), || left.command.clone())?;
    grader.say(&protocol::Command::End)?;
    let end = grader.until(|report| *report == Report::Ended)?;
    ensure(matches!(end.as_slice(), [Report::LeftBehind { .. }, Report::NoneLeft, Report::Ended]), || {
        format!("{end:?}")
    })?;
    nobody_lives(&[left.pid])
}

fn output_ends_with_the_service() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "echo hello")?;
    // The supervisor still runs: it waits for `End`.
    expect(grader.rest()?, "hello\n".to_owned())
}

fn standard_input_is_empty() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "cat; echo done")?;
    expect(grader.rest()?, "done\n".to_owned())
}

fn a_missing_program_is_reported() -> Result<(), Failed> {
    let report = cannot_start(Path::new("/nowhere/program"))?;
    ensure(matches!(report, Report::CouldNotStart { missing_program: true, .. }), || format!("{report:?}"))
}

fn a_refused_program_is_reported() -> Result<(), Failed> {
    let report = cannot_start(Path::new("/etc/passwd"))?;
    ensure(matches!(report, Report::CouldNotStart { missing_program: false, .. }), || format!("{report:?}"))
}

fn cannot_start(program: &Path) -> Result<Report, Failed> {
    let mut grader = Grader::start(User::Myself, &std::env::current_exe()?, program, &plain(), &[""; 0])?;
    let report = grader.next()?;
    expect(grader.next()?, Report::Ended)?;
    Ok(report)
}

fn the_scratch_folder_is_removed() -> Result<(), Failed> {
    let folder = Folder::new(User::Myself)?;
    let scratch = folder.path("scratch");
    fs::create_dir_all(scratch.join("module-cache"))?;
    fs::write(scratch.join("module-cache/file"), "read-only")?;
    fs::set_permissions(scratch.join("module-cache"), fs::Permissions::from_mode(0o500))?;
    let spec = Spec { scratch: Some(scratch.clone()), sandbox: None };
    let mut grader = Grader::shell(&spec, "echo used > new-file")?;
    grader.say(&protocol::Command::End)?;
    grader.until(|report| *report == Report::Ended)?;
    ensure(!scratch.exists(), || "it is still there".to_owned())
}

fn the_supervisor_survives_sigterm() -> Result<(), Failed> {
    let mut grader = Grader::shell(&plain(), "echo ready; sleep 1000")?;
    grader.line()?;
    let supervisor = Pid::from_raw(grader.supervisor.id().cast_signed()).ok_or("no id")?;
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        kill_process(supervisor, signal)?;
    }
    flush(&mut grader)
}

fn a_flush_is_answered() -> Result<(), Failed> {
    flush(&mut Grader::shell(&plain(), "sleep 1000")?)
}

fn flush(grader: &mut Grader) -> Result<(), Failed> {
    grader.say(&protocol::Command::Flush { token: 42 })?;
    grader.until(|report| *report == Report::Flushed { token: 42 })?;
    Ok(())
}

fn nothing_survives_the_lifeline() -> Result<(), Failed> {
    let mut grader = Grader::serve(&plain(), &["family"])?;
    let family = family(|| grader.line())?;
    grader.hang_up()?;
    nobody_lives(&family)
}

fn nothing_survives_kill_all() -> Result<(), Failed> {
    let mut grader = Grader::serve(&plain(), &["family"])?;
    let family = family(|| grader.line())?;
    grader.say(&protocol::Command::KillAll)?;
    let reports = grader.until(|report| *report == Report::NoneLeft)?;
    ensure(!reports.iter().any(|report| matches!(report, Report::LeftBehind { .. })), || format!("{reports:?}"))?;
    nobody_lives(&family)
}

fn nothing_survives_kill_9_of_the_grader() -> Result<(), Failed> {
    // The orphaned supervisor becomes our child, so that we can wait for its end.
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let folder = Folder::new(User::Myself)?;
    let scratch = folder.path("scratch");
    fs::create_dir(&scratch)?;
    let mut grader = Command::new(std::env::current_exe()?)
        .args([support::services::WORD, "grader"])
        .arg(&scratch)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = std::io::BufReader::new(grader.stdout.take().ok_or("no output")?);
    let mut line = || support::line(&mut output);
    let supervisor: i32 = line()?.parse()?;
    let family = family(line)?;
    grader.kill()?;
    grader.wait()?;
    waitpid(Pid::from_raw(supervisor), WaitOptions::empty())?;
    ensure(!scratch.exists(), || "the scratch folder is still there".to_owned())?;
    nobody_lives(&family)
}

/// The ids that the four processes of the service `family` print.
fn family(mut line: impl FnMut() -> Result<String, Failed>) -> Result<Vec<i32>, Failed> {
    let mut family = Vec::new();
    while family.len() < 4 {
        family.push(line()?.parse()?);
    }
    ensure(family.iter().copied().all(exists), || "one of them never lived".to_owned())?;
    Ok(family)
}

fn nobody_lives(family: &[i32]) -> Result<(), Failed> {
    let living: Vec<_> = family.iter().copied().filter(|pid| exists(*pid)).collect();
    expect(living, Vec::new())
}
