//! A request that waits, and those behind it.

use super::scene::web;
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::stub::VERDICTS;
use crate::links::scene::{create, hold, post, serving};
use crate::links::{System, fresh_target, get};
use crate::text::{text, verbatim};

/// As many as a process with a few threads cannot spare.
const EIGHT: usize = 8;

/// The partner keeps one request waiting, then eight; meanwhile two others are sent that need no partner.
pub async fn one_slow_request_does_not_stop_the_rest(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let slug = create(&system, &service, &fresh_target(&lab)).await?;
    let mut held = hold(&lab, &system, &service, 1).await?;
    others_pass(&service, &slug, 1, "stopped-by-one").await?;
    // The control: it was in progress all the time.
    for mut request in held.drain(..) {
        let reply = request.release(&lab, &system).await;
        if !reply.as_ref().is_ok_and(|reply| request.is_answered_by(reply)) {
            return Err(LabError::new("a request that the partner kept waiting", "it was not answered then").into());
        }
    }
    let asked = system.screen.calls_of(VERDICTS).len();
    let mut waiting = Vec::new();
    for _ in 0..EIGHT {
        let mut connection = service.connect().await.map_err(|why| LabError::new("a friendly connection", why))?;
        post(&mut connection, &fresh_target(&lab)).await.map_err(|why| LabError::new("a friendly request", why))?;
        waiting.push(connection);
    }
    // A service that takes fewer at a time may do so, as long as it answers others.
    lab.soon(system.screen.received(VERDICTS, asked + EIGHT)).await;
    others_pass(&service, &slug, EIGHT, "stopped-by-eight").await
}

async fn others_pass(service: &Service, slug: &str, number: usize, reason: &'static str) -> CheckResult {
    for path in ["/healthz".to_owned(), format!("/v1/links/{slug}")] {
        let reply = get(service, &path).await;
        if reply.as_ref().is_ok_and(|reply| reply.status == 200) {
            continue;
        }
        let did = text(
            format!("let the partner keep {number} × POST /v1/links waiting, and sent GET {path} to the same process"),
            format!("협력 서비스가 POST /v1/links {number}개를 붙잡아 둔 동안 같은 프로세스에 GET {path} 요청"),
        );
        let expected = text("200, while the others wait", "나머지가 기다리는 동안에도 200이어야 합니다");
        let seen = reply.map_or_else(|why| why.to_string(), |reply| format!("{} {}", reply.status, reply.excerpt()));
        let failure = Failure::new(reason, did, expected, verbatim(seen));
        return Err(failure.with_log(service.last_lines()).into());
    }
    Ok(())
}
