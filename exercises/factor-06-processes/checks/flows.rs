//! Whole visits of which each request meets a random process.

use super::deployed::Deployed;
use super::steps::{Step, Trouble, VISIT, Visitor};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::text::text;

/// Thirteen requests each: whatever depends on one of three processes is met by most visits.
const VISITS: usize = 12;

/// A dozen visits. Neither cookies nor any other header but `Authorization` are sent back.
pub async fn no_stickiness(lab: Lab) -> CheckResult {
    let deployed = Deployed::new(&lab).await?;
    let instances = deployed.instances(3).await?;
    for _ in 0..VISITS {
        let mut visitor = Visitor::default();
        for step in VISIT {
            let at = deployed.any(&instances);
            if let Err(trouble) = visitor.take(step, &deployed, at).await {
                return Err(failure(&trouble, at).into());
            }
        }
    }
    Ok(())
}

fn failure(trouble: &Trouble, at: &Service) -> Failure {
    let Trouble { step, expected, seen } = trouble;
    let reason = if *step == Step::NextPage { "page-forgotten" } else { "step-refused" };
    let request = step.request();
    let did = text(
        format!("sent each request of a visit to a random instance, with a token and no cookie; this one: {request}"),
        format!("방문의 각 요청을 토큰만 들고 쿠키 없이 무작위 인스턴스에 보냄. 이 요청: {request}"),
    );
    let expected = text(format!("the contract says {expected}"), format!("계약에 따른 응답: {expected}"));
    let seen = text(format!("got {seen}"), format!("실제 응답: {seen}"));
    Failure::new(reason, did, expected, seen).with_log(at.last_lines())
}
