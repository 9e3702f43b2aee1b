//! What breaks a rule of the books.

use anyhow::Result;

use crate::project::{Finding, Project};

mod links;
mod parity;
mod rendered;
mod sources;
mod terms;

pub use rendered::rendered;

/// Everything that is wrong in the sources of both books.
pub fn sources(project: &Project) -> Result<Vec<Finding>> {
    let mut found = sources::findings(project)?;
    found.extend(parity::findings(project)?);
    found.extend(terms::findings(project)?);
    found.extend(crate::tracks::findings(project)?);
    found.extend(freshness(project)?);
    Ok(found)
}

/// Sections of which one language is ahead.
fn freshness(project: &Project) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (en, ko) in parity::pairs(project)? {
        found.extend(crate::lock::Lock::read(project, &en.name)?.findings(&en, &ko));
    }
    Ok(found)
}
