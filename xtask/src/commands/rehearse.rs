//! `rehearse`: the instructor's evening before. Is the machine ready, is everything fetched, does each solution pass?

use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use grader::outcome::ExitCode;

use super::{check, doctor};
use crate::cli::CheckOptions;
use crate::session::Session;
use crate::track;
use crate::trouble::Trouble;

/// One step and what came of it.
struct Step {
    name: String,
    code: ExitCode,
    took: Duration,
}

/// Goes through the track as an attendee's machine will, and sums up what took how long.
pub fn run(session: &mut Session, core: bool) -> Result<ExitCode, Trouble> {
    let factors = track::shortest();
    let of = factors.len() + 2;
    let mut steps = Vec::new();
    step(session, &mut steps, of, "doctor", |session| doctor::run(session, false))?;
    step(session, &mut steps, of, "cargo fetch --locked", fetch)?;
    for factor in factors {
        let name = format!("{} --solution", factor.id());
        let options = CheckOptions { factor: Some(factor.id()), solution: true, core, ..CheckOptions::default() };
        let code = step(session, &mut steps, of, &name, |session| check::run(session, &options))?;
        if code == ExitCode::Interrupted {
            break;
        }
    }
    sum_up(session, &steps)
}

fn step(
    session: &mut Session,
    steps: &mut Vec<Step>,
    of: usize,
    name: &str,
    work: impl FnOnce(&mut Session) -> Result<ExitCode, Trouble>,
) -> Result<ExitCode, Trouble> {
    let heading = format!("== {}/{of} {name}", steps.len() + 1);
    session.say(session.style().strong(&heading))?;
    let began = Instant::now();
    let code = work(session)?;
    steps.push(Step { name: name.to_owned(), code, took: began.elapsed() });
    session.say("")?;
    Ok(code)
}

/// Downloads what is not here yet; nothing of the track needs the network afterwards.
fn fetch(session: &mut Session) -> Result<ExitCode, Trouble> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["fetch", "--locked"]).current_dir(&session.workspace.root).stdin(Stdio::null());
    let status = cargo.status().map_err(|error| Trouble::failed("cannot run cargo fetch", error))?;
    Ok(if status.success() { ExitCode::Passed } else { ExitCode::Failed })
}

fn sum_up(session: &mut Session, steps: &[Step]) -> Result<ExitCode, Trouble> {
    let messages = session.messages();
    steps.iter().try_for_each(|step| line(session, step))?;
    let together = steps.iter().map(|step| step.took.as_secs()).sum();
    let troubled: Vec<&str> =
        steps.iter().filter(|step| step.code != ExitCode::Passed).map(|step| step.name.as_str()).collect();
    session.say(messages.rehearsed(&troubled, together))?;
    let interrupted = steps.iter().any(|step| step.code == ExitCode::Interrupted);
    Ok(match troubled.as_slice() {
        _ if interrupted => ExitCode::Interrupted,
        [] => ExitCode::Passed,
        _ => ExitCode::Failed,
    })
}

fn line(session: &mut Session, step: &Step) -> io::Result<()> {
    let style = session.style();
    let mark = if step.code == ExitCode::Passed { style.good("✓") } else { style.bad("✗") };
    session.say(format!("{mark} {:>5.1} s  {}", step.took.as_secs_f64(), step.name))
}
