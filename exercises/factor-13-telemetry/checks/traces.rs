//! One request, one trace: through the partner, and through the queue.

use hyper::Method;
use serde_json::json;

use super::scene::{SOON, failure, serving, telling, wants, web, worker};
use super::traceparent::Traceparent;
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::collector::{Collector, Span};
use crate::lab::service::Service;
use crate::lab::stub::{Answer, PREVIEWS, Stub, VERDICTS};
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// With a trace that was decided about in either way, without one, and with some that are none.
pub async fn trace_continues(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    // A collector that takes everything: what it is told is another check's subject.
    let collector = lab.stub().await?;
    collector.answer(Answer::Status(200));
    let start = telling(web(&lab, &system), &collector.url(), &lab.chance().word(8), SOON);
    let service = serving(&lab, start).await?;
    for sampled in [true, false] {
        goes_on(&lab, &system, &service, &Traceparent::random(&lab, sampled)).await?;
    }
    begins(&lab, &system, &service).await?;
    for malformed in malformed(&lab) {
        is_not_passed_on(&lab, &system, &service, &malformed).await?;
    }
    Ok(())
}

async fn goes_on(lab: &Lab, system: &System, service: &Service, ours: &Traceparent) -> CheckResult {
    let sent = ours.header();
    let did = did_send(&format!("traceparent: {sent}"));
    let header = asked_with(lab, system, service, Some(&sent)).await?;
    let theirs = well_formed(header.as_deref(), &did, service)?;
    let fail = |reason, en: &str, ko: &str| {
        let seen = header.clone().unwrap_or_default();
        let seen = text(format!("the partner saw {seen}"), format!("협력 서비스가 받은 값: {seen}"));
        Err(failure(reason, did.clone(), text(en, ko), seen, service))
    };
    if theirs.trace != ours.trace {
        return fail("new-trace", "the same trace id", "트레이스 ID가 같아야 합니다");
    }
    if theirs.span == ours.span {
        return fail("echoed", "the id of a span of its own", "상위 스팬 ID는 서비스 자신의 스팬이어야 합니다");
    }
    if theirs.sampled != ours.sampled {
        return fail(
            "flags-changed",
            "the caller's decision whether to record it",
            "기록 여부는 호출한 쪽의 결정을 따라야 합니다",
        );
    }
    Ok(())
}

async fn begins(lab: &Lab, system: &System, service: &Service) -> CheckResult {
    let did = did_send("no traceparent, twice");
    let first = well_formed(asked_with(lab, system, service, None).await?.as_deref(), &did, service)?;
    let second = well_formed(asked_with(lab, system, service, None).await?.as_deref(), &did, service)?;
    if first.trace != second.trace {
        return Ok(());
    }
    let expected = text("a new trace for each", "요청마다 새 트레이스를 시작해야 합니다");
    let seen = text(format!("both belong to {}", first.trace), format!("둘 다 {} 트레이스입니다", first.trace));
    Err(failure("shared-trace", did, expected, seen, service))
}

/// What proxies, tests and scanners send.
fn malformed(lab: &Lab) -> [String; 4] {
    let Traceparent { trace, span, .. } = Traceparent::random(lab, true);
    let zero = "0".repeat(32);
    [
        format!("00-{zero}-{span}-01"),
        format!("00-{}-{span}-01", &trace[..31]),
        format!("ff-{trace}-{span}-01"),
        format!("00-{}-{span}-01", lab.chance().word(32)),
    ]
}

async fn is_not_passed_on(lab: &Lab, system: &System, service: &Service, malformed: &str) -> CheckResult {
    let did = did_send(&format!("traceparent: {malformed}"));
    let header = asked_with(lab, system, service, Some(malformed)).await?;
    let Some(header) = header else { return well_formed(None, &did, service).map(drop) };
    let theirs = Traceparent::read(&header);
    if theirs.is_some_and(|theirs| !malformed.contains(&theirs.trace)) {
        return Ok(());
    }
    let expected = text("a new trace instead of one that is none", "잘못된 값 대신 새 트레이스를 시작해야 합니다");
    let seen = text(format!("the partner saw {header}"), format!("협력 서비스가 받은 값: {header}"));
    Err(failure("malformed-passed-on", did, expected, seen, service))
}

fn well_formed(header: Option<&str>, did: &Text, service: &Service) -> CheckResult<Traceparent> {
    let expected = text(
        "the partner is told of the trace, in `traceparent`",
        "협력 서비스가 `traceparent`로 트레이스를 받아야 합니다",
    );
    let (reason, seen) = match (header, header.and_then(Traceparent::read)) {
        (_, Some(read)) => return Ok(read),
        (None, None) => ("no-traceparent", text("there was no such header", "그런 헤더가 없었습니다")),
        (Some(header), None) => ("malformed-passed-on", text(format!("it saw {header}"), format!("받은 값: {header}"))),
    };
    Err(failure(reason, did.clone(), expected, seen, service))
}

/// Sends POST /v1/links and returns the `traceparent` of the question that the partner was asked for it.
async fn asked_with(
    lab: &Lab,
    system: &System,
    service: &Service,
    header: Option<&str>,
) -> CheckResult<Option<String>> {
    let target = fresh_target(lab);
    posted(service, &target, header).await?;
    let call = system.screen.calls_of(VERDICTS).into_iter().find(|call| call.json()["target"] == *target);
    let call = call.ok_or_else(|| LabError::new("POST /v1/links", "the partner was not asked"))?;
    Ok(call.header("traceparent").map(str::to_owned))
}

async fn posted(service: &Service, target: &str, header: Option<&str>) -> CheckResult {
    let headers: Vec<(&str, &str)> = header.map(|value| ("traceparent", value)).into_iter().collect();
    let body = json!({ "target": target });
    wants("POST /v1/links", &service.request_with(Method::POST, "/v1/links", &headers, Some(&body)).await, 201)
}

fn did_send(with: &str) -> Text {
    text(
        format!("sent POST /v1/links with {with}; the partner looked at what it was asked with"),
        format!("POST /v1/links 요청({with})을 보내고, 협력 서비스가 받은 헤더를 확인"),
    )
}

/// The worker's call belongs to the trace of the request, or a span says that it does.
pub async fn trace_crosses_the_queue(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let collector = lab.collector().await?;
    let name = lab.chance().word(8);
    let service = serving(&lab, telling(web(&lab, &system), &collector.url(), &name, SOON)).await?;
    let ours = Traceparent::random(&lab, true);
    let target = fresh_target(&lab);
    posted(&service, &target, Some(&ours.header())).await?;
    // A worker that starts afterwards: what it knows of the trace came through the queue.
    let worker = telling(worker(&lab, &system), &collector.url(), &name, SOON).run().await?;
    let call = preview(&lab, &system.screen, &target).await?;
    if call.as_ref().is_some_and(|call| call.trace == ours.trace) {
        return Ok(());
    }
    let linked = |span: &Span| {
        let of_the_call = call.as_ref().is_none_or(|call| call.trace == span.trace);
        (of_the_call && span.links.iter().any(|[trace, _]| *trace == ours.trace)).then_some(())
    };
    if lab.soon(collector.first(linked)).await.is_some() || sent_at_the_end(&lab, &worker, &collector, linked).await? {
        return Ok(());
    }
    let did = text(
        format!("sent POST /v1/links with traceparent: {}, then started a worker", ours.header()),
        format!("traceparent: {} 헤더로 POST /v1/links를 보내고 워커를 시작", ours.header()),
    );
    let expected = text(
        "the worker's call has the same trace id, or a span of it has a link to that trace",
        "워커의 호출이 같은 트레이스이거나, 워커의 스팬이 그 트레이스에 링크되어야 합니다",
    );
    let seen = call.map_or_else(
        || text("no traceparent and no link", "traceparent도 링크도 없습니다"),
        |call| {
            text(
                format!("traceparent: {}, and no link", call.header()),
                format!("traceparent: {}, 링크 없음", call.header()),
            )
        },
    );
    Err(failure("trace-ends-at-queue", did, expected, seen, &worker))
}

async fn preview(lab: &Lab, screen: &Stub, target: &str) -> CheckResult<Option<Traceparent>> {
    let calls = lab.until("preview", screen.received(PREVIEWS, 1)).await;
    let calls =
        calls.ok_or_else(|| LabError::new("a worker under friendly conditions", "it never called the partner"))?;
    let call = calls.iter().find(|call| call.json()["target"] == *target);
    Ok(call.and_then(|call| call.header("traceparent")).and_then(Traceparent::read))
}

/// Whoever collects longer than we look sends the rest at the end.
async fn sent_at_the_end(
    lab: &Lab,
    worker: &Service,
    collector: &Collector,
    linked: impl Fn(&Span) -> Option<()>,
) -> CheckResult<bool> {
    worker.stop().await;
    let found = lab.soon(collector.first(linked)).await.is_some();
    if !found {
        // Says so where it could only be heard over gRPC.
        collector.heard()?;
    }
    Ok(found)
}
