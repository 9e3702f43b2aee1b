//! Every exercise has its chapter in both books. What is in the chapters, `cargo xtask book --test` looks at.

use grader::factors::FACTORS;

use super::{Finding, Project};
use crate::trouble::Trouble;

/// The chapter exists and both summaries lead to it.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let mut found = Vec::new();
    for factor in &FACTORS {
        for language in ["en", "ko"] {
            let page = format!("{}.md", factor.page());
            let summary = format!("book/{language}/SUMMARY.md");
            if !project.has(&format!("book/{language}/{page}")) {
                found.push(Finding::new(
                    format!("book/{language}/{page}"),
                    format!("is missing: {factor:?} has an exercise and no chapter"),
                ));
            } else if !project.wanted(&summary)?.contains(&format!("({page})")) {
                found.push(Finding::new(&summary, format!("does not name {page}, so nobody finds the chapter")));
            }
        }
    }
    Ok(found)
}
