//! Files stay readable.

use super::{Finding, Project};
use crate::trouble::Trouble;

/// A reader gives up on a longer file.
const LINES: usize = 400;

/// No source file has more lines than a reader takes in.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let sources = ["rs", "js", "css", "sh", "py"].iter().flat_map(|extension| project.with_extension(extension));
    let length = |path: &str| project.text(path).map_or(0, |words| words.lines().count());
    let long = sources.map(|path| (path, length(path))).filter(|(_, lines)| *lines > LINES);
    Ok(long
        .map(|(path, lines)| {
            Finding::new(path, format!("has {lines} lines, at most {LINES} are read: split it by topic"))
        })
        .collect())
}
