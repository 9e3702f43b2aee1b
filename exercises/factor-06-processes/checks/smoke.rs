//! Friendly conditions: one process, an account, and each request of the contract that the checks use.

use super::deployed::{CREATE_USER, Deployed};
use super::steps::{VISIT, Visitor};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
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
        let did = text(
            format!("ran `{CREATE_USER}` with a name, a role and NEW_USER_PASSWORD"),
            format!("이름과 역할, NEW_USER_PASSWORD를 주고 `{CREATE_USER}` 실행"),
        );
        let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
        let seen = match ended.exit {
            Some(exit) => text(format!("it ended with {exit}"), exit.text().ko),
            None => text("it did not end", "끝나지 않았습니다"),
        };
        return Err(Failure::new("create-user-failed", did, expected, seen).with_log(ended.lines).into());
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
