//! Factors that were proved whole are written down: as long as their folders stay as they are, the project's tests prove a sample.

use grader::factors::Factor;
use grader::prove::Proved;
use grader::prove::cases::Case;
use grader::prove::lock::{Lock, PATH, state};
use grader::subject::Workspace;

use crate::session::Session;
use crate::trouble::Trouble;

/// A factor and the state of its folders.
pub type State = (&'static Factor, String);

/// The states of the factors that these cases are of. A state that cannot be told is never written down.
pub fn states(workspace: &Workspace, cases: &[Case]) -> Vec<State> {
    let groups = cases.chunk_by(|one, other| one.factor.number == other.factor.number);
    groups.filter_map(|group| Some((group[0].factor, state(group[0].factor, workspace).ok()?))).collect()
}

/// Writes down the factors of which everything holds; `before` are the states in which all of their cases were about to be proved.
pub fn write_down(session: &mut Session, before: Vec<State>, proved: &[Proved]) -> Result<(), Trouble> {
    let failed = |error| Trouble::failed(format!("cannot keep {PATH}"), error);
    let mut lock = Lock::read(&session.workspace.root).map_err(failed)?;
    let mut new = Vec::new();
    for (factor, proved_state) in before {
        // What somebody edited meanwhile may have been proved before that, or after.
        let unchanged = state(factor, &session.workspace).as_ref() == Ok(&proved_state);
        if unchanged && is_whole(factor, proved) && lock.note(factor, proved_state) {
            new.push(factor.id());
        }
    }
    if !new.is_empty() {
        lock.write(&session.workspace.root).map_err(failed)?;
        session.say(session.messages().proved_whole(&new.join(", "), PATH))?;
    }
    Ok(())
}

/// Whether no case of the factor was contradicted, and none was left in part to another machine.
fn is_whole(factor: &Factor, proved: &[Proved]) -> bool {
    let own = format!("{}/", factor.id());
    let mut cases = proved.iter().filter(|case| case.name.starts_with(&own)).peekable();
    cases.peek().is_some() && cases.all(|case| case.contradictions.is_empty() && case.untested.is_empty())
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
}
