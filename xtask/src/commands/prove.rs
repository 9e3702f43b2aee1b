//! `prove`: shows that the checks are right, with everything that must pass and everything that must not.

use std::time::Instant;

use grader::backing::Backing;
use grader::outcome::ExitCode;
use grader::prove::cases::{Case, Kind};
use grader::prove::record::{self, Record};
use grader::prove::schedule::{interrupted, prove_all};
use grader::prove::{Depth, Proof, Proved};

use crate::cli::ProveOptions;
use crate::session::Session;
use crate::trouble::Trouble;

use chosen::chosen;
use kept::Kept;
use pace::Pace;

mod chosen;
mod kept;
mod pace;
mod soak;
mod whole;

/// Proves the named factor, or every one; a line per case as it ends.
pub fn run(session: &mut Session, options: &ProveOptions) -> Result<ExitCode, Trouble> {
    let (cases, checks) = chosen(session, options)?;
    let proof = Proof {
        workspace: session.workspace.clone(),
        program: std::env::current_exe().map_err(|error| Trouble::failed("cannot find this program", error))?,
        depth: if options.full { Depth::Full } else { Depth::Quick },
        checks,
        seed: options.seed,
        backing: Backing::default(),
    };
    match options.soak {
        Some(soak) => soak::run(session, &proof, &cases, soak),
        None => once(session, options, &proof, cases),
    }
}

fn once(session: &mut Session, options: &ProveOptions, proof: &Proof, cases: Vec<Case>) -> Result<ExitCode, Trouble> {
    let began = Instant::now();
    let states = whole::states(&session.workspace, &cases);
    // Cases that somebody names are proved, whatever is known of them.
    let wanted = if options.only.is_empty() { &cases[..] } else { &[] };
    let kept = Kept::open(proof, wanted, options.afresh).map_err(not_kept)?;
    let (mut proved, left) = taken_over(&kept, cases);
    if !proved.is_empty() {
        session.say(session.messages().taken_over(proved.len()))?;
    }
    proved.extend(prove_left(session, proof, &left, &kept)?);
    if interrupted(&proved) {
        session.say(session.messages().interrupted_proof(options.only.is_empty()))?;
        return Ok(ExitCode::Interrupted);
    }
    kept.forget(&proved).map_err(not_kept)?;
    let wrong = proved.iter().filter(|case| !case.contradictions.is_empty()).count();
    session.say(session.messages().proved(proved.len() - wrong, wrong, began.elapsed().as_secs()))?;
    let partly = proved.iter().filter(|case| !case.untested.is_empty()).count();
    if partly > 0 {
        session.say(session.messages().proved_in_part(partly))?;
    }
    if options.only.is_empty() {
        whole::write_down(session, states, &proved, proof.depth)?;
    }
    Ok(if wrong == 0 { ExitCode::Passed } else { ExitCode::Failed })
}

/// What an earlier proof had shown, and the cases that are left. The solution is always proved: what it needs for each wait
/// is the measure for the others.
fn taken_over(kept: &Kept, cases: Vec<Case>) -> (Vec<Proved>, Vec<Case>) {
    let mut over = kept.cases();
    let left: Vec<Case> = cases
        .into_iter()
        .filter(|case| matches!(case.kind, Kind::Solution) || over.iter().all(|known| known.name != case.name()))
        .collect();
    over.retain(|known| left.iter().all(|case| case.name() != known.name));
    (over, left)
}

fn prove_left(session: &mut Session, proof: &Proof, cases: &[Case], kept: &Kept) -> Result<Vec<Proved>, Trouble> {
    let record = Record::read(&session.workspace.root).map_err(|error| Trouble::failed(record::PATH, error))?;
    let mut pace = Pace::new(&record);
    let mut left: Vec<String> = cases.iter().map(Case::name).collect();
    let mut written = Ok(());
    let proved = prove_all(proof, cases, |case| {
        left.retain(|name| *name != case.name);
        pace.note(&case.name, case.took);
        let minutes = pace.minutes_left(left.iter().map(String::as_str));
        if written.is_ok() {
            let done = (cases.len() - left.len(), cases.len());
            written = show(session, case, done, minutes).and_then(|()| kept.keep(case));
        }
    });
    written?;
    Ok(proved)
}

fn not_kept(error: std::io::Error) -> Trouble {
    Trouble::failed("cannot keep what was proved so far", error)
}

/// A line for a case, with how long the rest takes where that is more than a minute.
fn show(session: &mut Session, case: &Proved, (done, of): (usize, usize), left: u64) -> std::io::Result<()> {
    if interrupted(std::slice::from_ref(case)) {
        return Ok(());
    }
    let style = session.style();
    let mark = match (&case.contradictions[..], &case.untested[..]) {
        ([], []) => style.good("✓"),
        ([], _) => style.faint("?"),
        _ => style.bad("✗"),
    };
    let mut times = format!("{:.1} s", case.took.as_secs_f64());
    if left > 1 {
        times = format!("{times} · {}", session.messages().about_left(left));
    }
    session.say(format!("{mark} [{done}/{of}] {}  {}", case.name, style.faint(&times)))?;
    for why in case.contradictions.iter().flat_map(|why| why.lines()) {
        session.say(format!("      {why}"))?;
    }
    for what in &case.untested {
        session.say(format!("      UNGRADED {what}"))?;
    }
    Ok(())
}
