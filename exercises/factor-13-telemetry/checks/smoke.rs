//! Friendly conditions: what the checks of this factor take for granted. Whoever fails here is BLOCKED.

use super::scene::{web, worker};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::links::System;
use crate::links::friendly::makes_previews;

/// The contract of the stateless part, links that can be found again, and a worker that makes a preview; nobody is told
/// anything about them.
pub async fn smoke(lab: Lab) -> CheckResult {
    crate::links::smoke(lab.clone()).await?;
    let system = System::attach(&lab).await?;
    let (service, _) = makes_previews(&lab, &system, web(&lab, &system), worker(&lab, &system)).await?;
    service.end().await;
    Ok(())
}
