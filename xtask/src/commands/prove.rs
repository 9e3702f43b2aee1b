//! `prove`: shows that the checks are right, with everything that must pass and everything that must not.

use std::time::Instant;

use grader::factors::{FACTORS, Factor};
use grader::outcome::ExitCode;
use grader::prove::cases::{Case, Kind, of_factor};
use grader::prove::schedule::{interrupted, prove_all};
use grader::prove::{Depth, Proof, Proved};

use crate::cli::ProveOptions;
use crate::messages::Wrong;
use crate::place;
use crate::session::Session;
use crate::trouble::Trouble;

/// Proves the named factor, or every one that has an exercise; a line per case as it ends.
pub fn run(session: &mut Session, options: &ProveOptions) -> Result<ExitCode, Trouble> {
    let cases = chosen(session, options)?;
    let proof = Proof {
        workspace: session.workspace.clone(),
        program: std::env::current_exe().map_err(|error| Trouble::failed("cannot find this program", error))?,
        depth: if options.full { Depth::Full } else { Depth::Quick },
        seed: options.seed,
    };
    let began = Instant::now();
    let mut shown = Ok(());
    let mut done = 0;
    let proved = prove_all(&proof, &cases, |case| {
        done += 1;
        if shown.is_ok() {
            shown = show(session, case, done, cases.len());
        }
    });
    shown?;
    if interrupted(&proved) {
        session.say(session.messages().interrupted())?;
        return Ok(ExitCode::Interrupted);
    }
    let wrong = proved.iter().filter(|case| !case.contradictions.is_empty()).count();
    session.say(session.messages().proved(proved.len() - wrong, wrong, began.elapsed().as_secs()))?;
    Ok(if wrong == 0 { ExitCode::Passed } else { ExitCode::Failed })
}

/// The cases of the factors, narrowed to one where `--only` names it; its solution stays, since it gives the measure.
fn chosen(session: &Session, options: &ProveOptions) -> Result<Vec<Case>, Trouble> {
    let mut cases = Vec::new();
    for factor in factors(session, options)? {
        let all = of_factor(factor, &session.workspace).map_err(|why| Trouble::failed("cannot read the cases", why))?;
        cases.extend(all);
    }
    let Some(only) = &options.only else { return Ok(cases) };
    let is_it = |case: &Case| case.name().ends_with(&format!("/{only}")) || case.name() == *only;
    if !cases.iter().any(is_it) {
        let known = cases.iter().map(Case::name).collect();
        return Err(Wrong::UnknownCase { word: only.clone(), known }.into());
    }
    let factor = cases.iter().find(|case| is_it(case)).map(|case| case.factor.number);
    cases.retain(|case| is_it(case) || (matches!(case.kind, Kind::Solution) && Some(case.factor.number) == factor));
    Ok(cases)
}

fn factors(session: &Session, options: &ProveOptions) -> Result<Vec<&'static Factor>, Trouble> {
    match &options.factor {
        Some(word) => Ok(vec![place::meant(Some(word), session)?]),
        None => Ok(FACTORS.iter().filter(|factor| factor.exercise.is_some()).collect()),
    }
}

fn show(session: &mut Session, case: &Proved, done: usize, of: usize) -> std::io::Result<()> {
    let style = session.style();
    let mark = if case.contradictions.is_empty() { style.good("✓") } else { style.bad("✗") };
    let seconds = format!("{:.1} s", case.took.as_secs_f64());
    session.say(format!("{mark} [{done}/{of}] {}  {}", case.name, style.faint(&seconds)))?;
    for why in &case.contradictions {
        session.say(format!("      {why}"))?;
    }
    Ok(())
}
