//! Friendly conditions: one process, an account, and each request of the contract that the checks use.

use super::deployed::Deployed;
use super::steps::{VISIT, Visitor};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::links::account::not_created;
use crate::links::{System, answers_the_basics};
use crate::text::text;

/// Whoever fails here is BLOCKED.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let deployed = Deployed::around(&lab, system);
    let service = answers_the_basics(&lab, &deployed.system, deployed.web()?).await?;
    let ended = deployed.create_user().await?;
    if !ended.succeeded() {
        return Err(not_created(ended).into());
    }
    let mut visitor = Visitor::default();
    for step in VISIT {
        if let Err(trouble) = visitor.take(step, &deployed, &service).await {
            let request = step.request();
            let did = text(
                format!("sent {request} to a single instance, with everything well"),
                format!("모든 조건이 정상일 때 인스턴스 하나에 {request} 요청"),
            );
            let expected = text(
                format!("the contract says {}", trouble.expected),
                format!("계약에 따른 응답: {}", trouble.expected),
            );
            let seen = text(format!("got {}", trouble.seen), format!("실제 응답: {}", trouble.seen));
            let failure = Failure::new("not-the-contract", did, expected, seen);
            return Err(failure.with_log(service.last_lines()).into());
        }
    }
    service.end().await;
    Ok(())
}
