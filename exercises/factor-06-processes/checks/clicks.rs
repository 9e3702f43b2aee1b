//! Counting clicks with several processes.

use super::deployed::{Deployed, Instance, follow, running, sent_to};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::links::numbers::{number, seen};
use crate::text::text;

/// More than two hundred visits at three instances in turn; then all of them are asked to end, and a new one is asked.
pub async fn counters_exact(lab: Lab) -> CheckResult {
    let deployed = Deployed::new(&lab).await?;
    let instances = deployed.logged_in(3).await?;
    let (slug, _) = deployed.create_link(&instances[0]).await?;
    let visits = 200 + usize::try_from(lab.chance().below(61)).unwrap_or_default();
    let mut sent_on = 0;
    for instance in instances.iter().cycle().take(visits) {
        sent_on += i64::from(sent_to(&follow(&instance.service, &slug).await).is_some());
    }
    if sent_on == 0 {
        return Err(LabError::new("GET /r/{slug} was answered with 307 in the smoke test, and now", "never").into());
    }
    for Instance { service, .. } in instances {
        // Also one that does not end when it is asked to: its clicks are to be counted as well.
        if service.stop().await.is_none() {
            service.kill().await;
        }
        service.end().await;
    }
    let successor = running(deployed.web()?).await?;
    let counted = number(&lab, &successor, &slug, "clicks", sent_on).await?;
    if counted == Some(sent_on) {
        return Ok(());
    }
    let reason = if counted.is_some_and(|counted| counted > sent_on) { "clicks-doubled" } else { "clicks-lost" };
    let did = text(
        format!("sent {visits} visits to three instances in turn, then SIGTERM to all, and asked a new one"),
        format!("인스턴스 셋에 번갈아 {visits}번 방문하고 모두 SIGTERM으로 끝낸 뒤 새 인스턴스에 확인"),
    );
    let expected = text(
        format!("clicks = {sent_on}, as many as answers with 307"),
        format!("307로 응답한 횟수와 같은 clicks = {sent_on} 값이어야 합니다"),
    );
    Err(Failure::new(reason, did, expected, seen(counted)).with_log(successor.last_lines()).into())
}
