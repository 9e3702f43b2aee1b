//! Friendly conditions: a link can be made, found by its slug and by a word of it, and followed.

use super::scene::{Guise, create, items, page, submit};
use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{follow, show, shown, status};
use crate::links::{System, answers_the_basics, fresh_target};
use crate::text::text;

/// Characters that a target may hold; what is searched for is what was submitted.
const ODD: &str = "/a%b_c\\d'e\"f/떡볶이/🍡";

/// Whoever fails here is BLOCKED.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let service = answers_the_basics(&lab, &system, Guise::default().put_on(system.web(&lab))).await?;
    let target = fresh_target(&lab);
    let slug = create(&service, &target).await?;
    let link = show(&service, &slug).await;
    expect(&service, "GET /v1/links/{slug}", "200", &shown(&link), status(&link) == 200)?;
    let visit = follow(&service, &slug).await;
    expect(&service, "GET /r/{slug}", "307", &shown(&visit), status(&visit) == 307)?;
    let odd = format!("{target}{ODD}");
    let answer = submit(&service, &odd, None).await;
    let kept = answer.as_ref().is_ok_and(|reply| reply.status == 201 && reply.json()["target"] == *odd);
    expect(
        &service,
        &format!("POST /v1/links {{\"target\":\"{odd}\"}}"),
        "201 with this target",
        &shown(&answer),
        kept,
    )?;
    // The host of the target is a random word, so it stands in these two links and nowhere else.
    let word = target.trim_start_matches("https://").split('.').next().unwrap_or_default();
    finds(&service, word, 2).await?;
    finds(&service, &lab.chance().word(14), 0).await?;
    service.end().await;
    Ok(())
}

async fn finds(service: &Service, q: &str, number: usize) -> CheckResult {
    let found = page(service, Some(q), 100, None).await;
    let right = items(&found).is_some_and(|items| items.len() == number);
    expect(service, &format!("GET /v1/links?q={q}"), &format!("200 with {number} items"), &shown(&found), right)
}

fn expect(service: &Service, request: &str, expected: &str, seen: &str, right: bool) -> CheckResult {
    if right {
        return Ok(());
    }
    let did =
        text(format!("sent {request} under friendly conditions"), format!("모든 조건이 정상일 때 {request} 요청"));
    let expected = text(format!("the contract says {expected}"), format!("계약에 따른 응답: {expected}"));
    let seen = text(format!("got {seen}"), format!("실제 응답: {seen}"));
    Err(Stop::from(Failure::new("not-the-contract", did, expected, seen).with_log(service.last_lines())))
}
