//! Factors that were proved whole are written down: as long as their folders stay as they are, the project's tests prove a
//! sample. What a full proof saw is written down case by case, for the books.

use std::time::SystemTime;

use grader::factors::Factor;
use grader::prove::cases::Case;
use grader::prove::lock::{self, Lock, state};
use grader::prove::record::{self, CaseRecord, FactorRecord, Record};
use grader::prove::{Depth, Proved};
use grader::subject::Workspace;

use crate::session::Session;
use crate::stamp::day;
use crate::trouble::Trouble;

/// A factor and the state of its folders.
pub type State = (&'static Factor, String);

/// The states of the factors that these cases are of. A state that cannot be told is never written down.
pub fn states(workspace: &Workspace, cases: &[Case]) -> Vec<State> {
    let groups = cases.chunk_by(|one, other| one.factor.number == other.factor.number);
    groups.filter_map(|group| Some((group[0].factor, state(group[0].factor, workspace).ok()?))).collect()
}

/// Writes down the factors of which everything holds; `before` are the states in which all of their cases were about to be proved.
pub fn write_down(session: &mut Session, before: Vec<State>, proved: &[Proved], depth: Depth) -> Result<(), Trouble> {
    // What somebody edited meanwhile may have been proved before that, or after.
    let unchanged = |(factor, then): &State| state(factor, &session.workspace).as_ref() == Ok(then);
    let whole: Vec<State> =
        before.into_iter().filter(unchanged).filter(|(factor, _)| is_whole(factor, proved)).collect();
    lock(session, &whole)?;
    if depth == Depth::Full { keep(session, &whole, proved) } else { Ok(()) }
}

fn lock(session: &mut Session, whole: &[State]) -> Result<(), Trouble> {
    let failed = |error| Trouble::failed(format!("cannot keep {}", lock::PATH), error);
    let mut lock = Lock::read(&session.workspace.root).map_err(failed)?;
    let new: Vec<String> = whole
        .iter()
        .filter(|(factor, state)| lock.note(factor, state.clone()))
        .map(|(factor, _)| factor.id())
        .collect();
    if !new.is_empty() {
        lock.write(&session.workspace.root).map_err(failed)?;
        session.say(session.messages().proved_whole(&new.join(", "), lock::PATH))?;
    }
    Ok(())
}

/// Puts what was seen in the place of the last full proof of these factors.
fn keep(session: &mut Session, whole: &[State], proved: &[Proved]) -> Result<(), Trouble> {
    let failed = |error| Trouble::failed(format!("cannot keep {}", record::PATH), error);
    let mut record = Record::read(&session.workspace.root).map_err(failed)?;
    for (factor, state) in whole {
        record.note(record_of(factor, state, proved));
    }
    if !whole.is_empty() {
        record.write(&session.workspace.root).map_err(failed)?;
        let names: Vec<String> = whole.iter().map(|(factor, _)| factor.id()).collect();
        session.say(session.messages().proof_kept(&names.join(", "), record::PATH))?;
    }
    Ok(())
}

/// The solution first, and then by name: which case ended first says nothing.
fn record_of(factor: &Factor, state: &str, proved: &[Proved]) -> FactorRecord {
    let own = format!("{}/", factor.id());
    let mut cases: Vec<CaseRecord> =
        proved.iter().filter(|case| case.name.starts_with(&own)).map(CaseRecord::of).collect();
    cases.sort_by(|one, other| (one.case != "solution", &one.case).cmp(&(other.case != "solution", &other.case)));
    FactorRecord {
        factor: factor.id(),
        state: state.to_owned(),
        date: day(SystemTime::now()),
        cores: std::thread::available_parallelism().map_or(1, Into::into),
        cases,
    }
}

/// Whether no case of the factor was contradicted, and none was left in part to another machine.
fn is_whole(factor: &Factor, proved: &[Proved]) -> bool {
    let own = format!("{}/", factor.id());
    let mut cases = proved.iter().filter(|case| case.name.starts_with(&own)).peekable();
    cases.peek().is_some() && cases.all(Proved::holds_whole)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use grader::factors::find;
    use grader::lab::clock::Waits;

    use super::*;

    fn proved(name: &str, contradictions: &[&str], untested: &[&str]) -> Proved {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Proved {
            name: name.to_owned(),
            contradictions: owned(contradictions),
            untested: owned(untested),
            rejected: Vec::new(),
            checks: 1,
            took: Duration::ZERO,
            waits: Waits::default(),
        }
    }

    #[test]
    fn a_factor_is_whole_when_each_of_its_cases_holds_and_was_tested_in_full() {
        let cases = [
            proved("factor-1/solution", &[], &[]),
            proved("factor-1/mutant/a", &[], &[]),
            proved("factor-2/solution", &[], &[]),
            proved("factor-2/mutant/a", &[], &["runs-on-bare-root: no sandbox"]),
            proved("factor-11/solution", &["a-check is FAIL"], &[]),
        ];
        let whole: Vec<&str> = ["factor-1", "factor-2", "factor-3", "factor-11"]
            .into_iter()
            .filter(|id| is_whole(find(id).unwrap(), &cases))
            .collect();
        assert_eq!(whole, ["factor-1"]);
    }

    #[test]
    fn a_record_holds_the_cases_of_its_factor_with_the_solution_first() {
        let names =
            ["factor-1/mutant/b", "factor-11/solution", "factor-1/variant/a", "factor-1/solution", "factor-1/mutant/a"];
        let cases = names.map(|name| proved(name, &[], &[]));
        let record = record_of(find("factor-1").unwrap(), "0123456789abcdef", &cases);
        let kept: Vec<&str> = record.cases.iter().map(|case| &*case.case).collect();
        assert_eq!(kept, ["solution", "mutant/a", "mutant/b", "variant/a"]);
        assert_eq!((record.factor.as_str(), record.date.len()), ("factor-1", 10));
    }
}
