//! Friendly conditions: what the checks of this factor take for granted. Whoever fails here is BLOCKED.

use super::scene::{web, worker};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::links::friendly::{makes_previews, not_the_contract};
use crate::links::{System, get};

/// The contract of the stateless part, links that can be found and followed, and a worker that makes a preview.
pub async fn smoke(lab: Lab) -> CheckResult {
    crate::links::smoke(lab.clone()).await?;
    let system = System::attach(&lab).await?;
    let (service, slug) = makes_previews(&lab, &system, web(&lab, &system), worker(&lab, &system)).await?;
    let visit = get(&service, &format!("/r/{slug}")).await;
    if !visit.as_ref().is_ok_and(|reply| reply.status == 307) {
        let seen = visit.map_or_else(|why| why.to_string(), |reply| format!("{} {}", reply.status, reply.excerpt()));
        return Err(not_the_contract("sent GET /r/{slug}", "GET /r/{slug} 요청", "307", "307", seen));
    }
    service.end().await;
    Ok(())
}
