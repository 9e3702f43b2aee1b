//! All processes are killed at once, and their folders with them.

use hyper::Method;
use serde_json::json;

use super::deployed::{Deployed, as_in_smoke, follow, me, running, sent_to, show, shown, status};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::numbers::{number, seen};
use crate::text::{Text, text};

/// Uses two instances, kills both right after the last answer, and asks new ones in other folders.
pub async fn survives_replacement(lab: Lab) -> CheckResult {
    let deployed = Deployed::new(&lab).await?;
    let instances = deployed.logged_in(2).await?;
    // The positive control: before they are killed, the session and the link are there.
    as_in_smoke("GET /v1/me", instances[0].ask(Method::GET, "/v1/me", None).await, 200)?;
    let (slug, target) = deployed.create_link(&instances[0]).await?;
    for instance in [&instances[0], &instances[1], &instances[0]] {
        instance.ask(Method::POST, "/v1/links", Some(&json!({ "target": target }))).await.ok();
    }
    let mut sent_on = 0;
    for instance in instances.iter().cycle().take(20) {
        sent_on += i64::from(sent_to(&follow(&instance.service, &slug).await).is_some());
    }
    tokio::join!(instances[0].service.kill(), instances[1].service.kill());
    let token = instances[0].token.clone();
    for instance in instances {
        // Working directory, HOME and TMPDIR go with it.
        instance.service.end().await;
    }
    let successor = running(deployed.web()?).await?;
    knows_the_session(&successor, &token).await?;
    knows_the_link(&successor, &slug).await?;
    for (field, reason, expected) in [("submissions", "submissions-lost", 4), ("clicks", "clicks-lost", sent_on)] {
        let counted = number(&lab, &successor, &slug, field, expected).await?;
        if counted != Some(expected) {
            let expected = text(format!("{field} = {expected}"), format!("{field} = {expected} 값이어야 합니다"));
            return Err(lost(reason, expected, seen(counted), &successor).into());
        }
    }
    Ok(())
}

async fn knows_the_session(successor: &Service, token: &str) -> CheckResult {
    let answer = me(successor, token).await;
    if status(&answer) == 200 {
        return Ok(());
    }
    let expected =
        text("the token still opens the session (GET /v1/me -> 200)", "토큰이 그대로 통해야 합니다(GET /v1/me -> 200)");
    let seen = text(shown(&answer), format!("실제 응답: {}", shown(&answer)));
    Err(lost("session-lost", expected, seen, successor).into())
}

async fn knows_the_link(successor: &Service, slug: &str) -> CheckResult {
    let answer = show(successor, slug).await;
    if status(&answer) == 200 {
        return Ok(());
    }
    let expected = text(
        "the link is there (GET /v1/links/{slug} -> 200)",
        "링크가 남아 있어야 합니다(GET /v1/links/{slug} -> 200)",
    );
    let seen = text(shown(&answer), format!("실제 응답: {}", shown(&answer)));
    Err(lost("links-lost", expected, seen, successor).into())
}

fn lost(reason: &'static str, expected: Text, seen: Text, successor: &Service) -> Failure {
    let did = text(
        "killed all instances (SIGKILL) right after their last answer, removed their folders, and asked a new one",
        "마지막 응답 직후 모든 인스턴스를 강제 종료(SIGKILL)하고 폴더를 지운 뒤 새 인스턴스에 확인",
    );
    Failure::new(reason, did, expected, seen).with_log(successor.last_lines())
}
