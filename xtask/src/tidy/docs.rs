//! Every Rust file begins by saying what it is.

use super::{Finding, Project};
use crate::trouble::Trouble;

/// A `//!` stands on the first line.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let silent = |path: &&str| project.text(path).is_none_or(|words| !words.starts_with("//!"));
    let files = project.with_extension("rs").filter(silent);
    Ok(files
        .map(|path| Finding::new(path, "begins without a `//!` line: say in one sentence what the file is"))
        .collect())
}
