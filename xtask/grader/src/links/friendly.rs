//! Friendly conditions for a service with a worker. Whoever fails here is BLOCKED.

use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::scene::{create, has_title, preview, serving};
use crate::links::{System, fresh_target, get};
use crate::text::text;

/// Links that can be found again, and a worker that makes a preview. Returns the running `web` with one link.
///
/// # Errors
///
/// A failure with the reason `not-the-contract`.
pub async fn makes_previews(lab: &Lab, system: &System, web: Start, worker: Start) -> CheckResult<(Service, String)> {
    let service = serving(lab, web).await?;
    let target = fresh_target(lab);
    let slug = create(system, &service, &target).await?;
    let listed = get(&service, "/v1/links?limit=100").await;
    let found = listed.as_ref().is_ok_and(|reply| {
        reply.json()["items"].as_array().is_some_and(|items| items.iter().any(|link| link["slug"] == *slug))
    });
    if !found {
        let seen = listed.map_or_else(|why| why.to_string(), |reply| format!("{} {}", reply.status, reply.excerpt()));
        return Err(not_the_contract(
            "sent GET /v1/links?limit=100",
            "GET /v1/links?limit=100 요청",
            "the new link among \"items\"",
            "\"items\"에 새 링크",
            seen,
        ));
    }
    let worker = worker.run().await?;
    let done =
        lab.watch("first preview", || async { preview(&service, &slug).await.filter(|link| has_title(system, link)) });
    if done.await.is_none() {
        let seen = preview(&service, &slug).await.map_or_else(String::new, |link| link["preview"].to_string());
        let failure = not_the_contract(
            "started `worker` after POST /v1/links, and read the link",
            "POST /v1/links 뒤에 `worker`를 시작하고 링크를 읽음",
            "a preview with the partner's title",
            "협력 서비스가 준 제목의 미리보기",
            seen,
        );
        return Err(match failure {
            Stop::Fail(failure) => failure.with_log(worker.last_lines()).into(),
            other => other,
        });
    }
    worker.end().await;
    Ok((service, slug))
}

/// The failure of a service that does not keep its contract when nothing disturbs it.
pub fn not_the_contract(did: &str, did_ko: &str, expected: &str, expected_ko: &str, seen: String) -> Stop {
    Failure::new(
        "not-the-contract",
        text(format!("{did} under friendly conditions"), format!("모든 조건이 정상일 때 {did_ko}")),
        text(format!("the contract says {expected}"), format!("계약에 따른 결과: {expected_ko}")),
        text(format!("got {seen}"), format!("실제 결과: {seen}")),
    )
    .into()
}
