//! `doctor --fix`: one command after the other, each shown, asked for, run, and judged by another look.

use std::process::Command;

use grader::outcome::ExitCode;

use super::{Finding, Fix, code, findings, show};
use crate::console;
use crate::messages::Wrong;
use crate::session::Session;
use crate::trouble::Trouble;

/// What is done about a command.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    Run,
    Ask,
    Leave,
}

/// Mends what commands can mend. What is left is shown at the end.
pub fn run(session: &mut Session, yes: bool) -> Result<ExitCode, Trouble> {
    if !yes && !console::can_ask() {
        return Err(Wrong::NeedsYes("doctor --fix").into());
    }
    let mut tried = Vec::new();
    // Every command may mend, or bring to light, more than one thing.
    while let Some((finding, command)) = next(&findings(session), &tried) {
        tried.push(finding.id);
        show(session, &finding)?;
        mend(session, &command, yes)?;
        session.say("")?;
    }
    let left = findings(session);
    left.iter().filter(|finding| finding.advice.is_some()).try_for_each(|finding| show(session, finding))?;
    super::close(session, &left)?;
    Ok(code(&left))
}

/// The first finding that a command mends and that was not tried yet.
fn next(findings: &[Finding], tried: &[&str]) -> Option<(Finding, String)> {
    findings.iter().filter(|finding| !tried.contains(&finding.id)).find_map(|finding| match &finding.advice {
        Some(advice) => match &advice.fix {
            Fix::Command(command) => Some((finding.clone(), command.clone())),
            Fix::Type(_) | Fix::Do(_) => None,
        },
        None => None,
    })
}

fn mend(session: &mut Session, command: &str, yes: bool) -> Result<(), Trouble> {
    let agreed = match decide(command, yes, console::can_ask()) {
        Decision::Run => true,
        Decision::Ask => console::confirmed(session.messages().ask_run())?,
        Decision::Leave => {
            session.say(session.messages().left_to_you())?;
            false
        }
    };
    if agreed {
        let status = Command::new("sh").args(["-c", command]).current_dir(&session.workspace.root).status();
        // Whether it helped is seen by looking again, not by what it says.
        status.map_err(|error| Trouble::failed(command, error))?;
    }
    Ok(())
}

/// Agreeing beforehand is not agreeing to act as root.
fn decide(command: &str, yes: bool, can_ask: bool) -> Decision {
    let as_root = command.split_whitespace().any(|word| word == "sudo");
    match (yes, as_root, can_ask) {
        (true, false, _) => Decision::Run,
        (_, _, true) => Decision::Ask,
        (_, _, false) => Decision::Leave,
    }
}

#[cfg(test)]
mod tests {
    use grader::text::text;

    use super::*;
    use crate::commands::doctor::State;

    fn finding(id: &'static str, fix: Fix) -> Finding {
        Finding::bad(id, State::Limited, text("", ""), text("", ""), fix)
    }

    #[test]
    fn nothing_is_done_as_root_without_a_question() {
        assert_eq!(decide("cargo build", true, false), Decision::Run);
        assert_eq!(decide("cargo build", false, true), Decision::Ask);
        assert_eq!(decide("sudo sysctl -w a=1", true, true), Decision::Ask);
        assert_eq!(decide("sudo sysctl -w a=1", true, false), Decision::Leave);
        assert_eq!(decide("mkdir -p /x && sudo mount /x", true, false), Decision::Leave);
    }

    #[test]
    fn commands_come_once_and_in_order_and_nothing_else_is_run() {
        let findings = [
            Finding::good("a", text("", "")),
            finding("b", Fix::Type("export A=1".to_owned())),
            finding("c", Fix::Do(text("", ""))),
            finding("d", Fix::Command("one".to_owned())),
            finding("e", Fix::Command("two".to_owned())),
        ];
        assert_eq!(next(&findings, &[]).unwrap().1, "one");
        assert_eq!(next(&findings, &["d"]).unwrap().1, "two");
        assert_eq!(next(&findings, &["d", "e"]), None);
    }
}
