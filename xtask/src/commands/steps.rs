//! Work in steps, with what each took and what came of it: for commands that somebody leaves alone for minutes.

use std::io;
use std::time::{Duration, Instant};

use grader::outcome::ExitCode;

use crate::session::Session;
use crate::trouble::Trouble;

/// One step and what came of it.
struct Step {
    name: String,
    code: ExitCode,
    took: Duration,
}

/// The steps so far.
pub struct Steps {
    of: usize,
    done: Vec<Step>,
}

impl Steps {
    /// None of them is done.
    pub fn new(of: usize) -> Self {
        Self { of, done: Vec::new() }
    }

    /// Does one.
    pub fn step(
        &mut self,
        session: &mut Session,
        name: &str,
        work: impl FnOnce(&mut Session) -> Result<ExitCode, Trouble>,
    ) -> Result<ExitCode, Trouble> {
        let heading = format!("== {}/{} {name}", self.done.len() + 1, self.of);
        session.say(session.style().strong(&heading))?;
        let began = Instant::now();
        let code = work(session)?;
        self.done.push(Step { name: name.to_owned(), code, took: began.elapsed() });
        session.say("")?;
        Ok(code)
    }

    /// One line per step; then the exit code of all, the names of those that failed, and the seconds together.
    pub fn sum_up(&self, session: &mut Session) -> io::Result<(ExitCode, Vec<&str>, u64)> {
        self.done.iter().try_for_each(|step| line(session, step))?;
        let together = self.done.iter().map(|step| step.took.as_secs()).sum();
        let failed = self.done.iter().filter(|step| step.code != ExitCode::Passed);
        let troubled: Vec<&str> = failed.map(|step| step.name.as_str()).collect();
        let interrupted = self.done.iter().any(|step| step.code == ExitCode::Interrupted);
        let code = match troubled.as_slice() {
            _ if interrupted => ExitCode::Interrupted,
            [] => ExitCode::Passed,
            _ => ExitCode::Failed,
        };
        Ok((code, troubled, together))
    }
}

fn line(session: &mut Session, step: &Step) -> io::Result<()> {
    let style = session.style();
    let mark = if step.code == ExitCode::Passed { style.good("✓") } else { style.bad("✗") };
    session.say(format!("{mark} {:>5.1} s  {}", step.took.as_secs_f64(), step.name))
}
