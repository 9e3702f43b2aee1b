//! `prove`: shows that the checks are right, with everything that must pass and everything that must not.

use std::time::Instant;

use grader::backing::Backing;
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

mod whole;

/// Proves the named factor, or every one that has an exercise; a line per case as it ends.
pub fn run(session: &mut Session, options: &ProveOptions) -> Result<ExitCode, Trouble> {
    let cases = chosen(session, options)?;
    let before = whole::states(&session.workspace, &cases);
    let proof = Proof {
        workspace: session.workspace.clone(),
        program: std::env::current_exe().map_err(|error| Trouble::failed("cannot find this program", error))?,
        depth: if options.full { Depth::Full } else { Depth::Quick },
        seed: options.seed,
        backing: Backing::default(),
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
    let partly = proved.iter().filter(|case| !case.untested.is_empty()).count();
    if partly > 0 {
        session.say(session.messages().proved_in_part(partly))?;
    }
    if options.only.is_empty() {
        whole::write_down(session, before, &proved)?;
    }
    Ok(if wrong == 0 { ExitCode::Passed } else { ExitCode::Failed })
}

/// The cases of the factors, narrowed to those that `--only` names; their solutions stay, since they give the measure.
fn chosen(session: &Session, options: &ProveOptions) -> Result<Vec<Case>, Trouble> {
    let mut cases = Vec::new();
    for factor in factors(session, options)? {
        let all = of_factor(factor, &session.workspace).map_err(|why| Trouble::failed("cannot read the cases", why))?;
        cases.extend(all);
    }
    if options.only.is_empty() { Ok(cases) } else { Ok(narrowed(cases, &options.only)?) }
}

fn narrowed(mut cases: Vec<Case>, only: &[String]) -> Result<Vec<Case>, Wrong> {
    let is_it = |case: &Case, word: &String| case.name() == *word || case.name().ends_with(&format!("/{word}"));
    if let Some(word) = only.iter().find(|word| !cases.iter().any(|case| is_it(case, word))) {
        let known = cases.iter().map(Case::name).collect();
        return Err(Wrong::UnknownCase { word: word.clone(), known });
    }
    let wanted = |case: &Case| only.iter().any(|word| is_it(case, word));
    let factors: Vec<u8> = cases.iter().filter(|case| wanted(case)).map(|case| case.factor.number).collect();
    cases.retain(|case| wanted(case) || (matches!(case.kind, Kind::Solution) && factors.contains(&case.factor.number)));
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
    let mark = match (&case.contradictions[..], &case.untested[..]) {
        ([], []) => style.good("✓"),
        ([], _) => style.faint("?"),
        _ => style.bad("✗"),
    };
    let seconds = format!("{:.1} s", case.took.as_secs_f64());
    session.say(format!("{mark} [{done}/{of}] {}  {}", case.name, style.faint(&seconds)))?;
    for why in case.contradictions.iter().flat_map(|why| why.lines()) {
        session.say(format!("      {why}"))?;
    }
    for what in &case.untested {
        session.say(format!("      UNGRADED {what}"))?;
    }
    Ok(())
}
