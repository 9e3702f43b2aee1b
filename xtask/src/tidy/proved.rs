//! The lock of what was proved names factors that there are. A line that is out of date is no finding: then everything is proved.

use grader::prove::lock::{PATH, unknown_lines};

use super::{Finding, Project};
use crate::trouble::Trouble;

/// Every line of the lock is a factor with an exercise, and a state.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let text = project.text(PATH).unwrap_or_default();
    let finding = |(number, line)| {
        Finding::new(
            format!("{PATH}:{number}"),
            format!("`{line}` is no factor with an exercise and its state: remove it"),
        )
    };
    Ok(unknown_lines(&text).into_iter().map(finding).collect())
}
