//! `cargo test -p factor-03-config` grades, and so does the test of every other exercise, in the same way.

use grader::factors::{FACTORS, Factor, find};
use grader::pristine;

use super::{Finding, Project};
use crate::trouble::Trouble;

/// Where an exercise has it.
const FILE: &str = "tests/check.rs";

/// The exercise whose test is run, in `xtask/tests/exercise.rs`.
const RUN: &str = "factor-3";

/// Each exercise's test is the one that is run, but for the factor's number and name.
pub fn rule(_project: &Project) -> Result<Vec<Finding>, Trouble> {
    let run = find(RUN).and_then(test_of);
    let different = FACTORS.iter().filter(|factor| test_of(factor) != run);
    let what = format!("differs from that of {RUN} in more than the factor's number and name");
    Ok(different.map(|factor| Finding::new(format!("exercises/{}/{FILE}", factor.folder()), &what)).collect())
}

/// The test of a starter as delivered, without what is the factor's own.
fn test_of(factor: &Factor) -> Option<String> {
    let files = pristine::parse(factor.exercise.pristine).ok()?;
    let test = files.into_iter().find(|file| file.path == FILE)?;
    Some(without_names(&test.content, factor))
}

fn without_names(test: &str, factor: &Factor) -> String {
    let (folder, id, number) = (factor.folder(), factor.id(), factor.number);
    let test = test.replace(&folder, "FOLDER").replace(&id, "ID");
    let test = test.replace(&format!("factor_{number}_"), "ID_").replace(&format!("\"factor {number} "), "\"ID ");
    // Where a service has tests of its own, the first line names this one.
    test.replacen("FOLDER --test check", "FOLDER", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_no_difference_and_another_command_is() {
        let (config, codebase) = (find("config").unwrap(), find("codebase").unwrap());
        let test = |folder: &str, number: u8, command: &str| {
            format!(
                "`cargo test -p {folder}`\nfn factor_{number}_passes() [{command:?}, \"factor-{number}\"], \"factor {number} is not\""
            )
        };
        let run = without_names(&test("factor-03-config", 3, "check"), config);
        assert_eq!(without_names(&test("factor-01-codebase --test check", 1, "check"), codebase), run);
        assert_ne!(without_names(&test("factor-01-codebase", 1, "list"), codebase), run);
        assert_ne!(without_names(&test("factor-01-codebase", 3, "check"), codebase), run, "another factor's number");
        assert!(test_of(config).is_some(), "there is a test");
    }
}
