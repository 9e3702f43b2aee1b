//! Spans, sent to a collector as OpenTelemetry says.

use hyper::Method;

use super::scene::{NEVER, SOON, create, failure, serving, telling, wants, web};
use super::traceparent::Traceparent;
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::collector::{Collector, Span};
use crate::lab::service::Service;
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// One span while the service runs, and the one of its last request.
pub async fn spans_exported(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let collector = lab.collector().await?;
    let name = lab.chance().word(10);
    let service = serving(&lab, telling(web(&lab, &system), &collector.url(), &name, SOON)).await?;
    let slug = create(&system, &service, &fresh_target(&lab)).await?;
    let ours = read_link(&lab, &service, &slug).await?;
    let span = while_it_runs(&lab, &service, &collector, &ours).await?;
    is_named_well(&service, &span, &name, &slug, &ours)?;
    service.end().await;
    let service = serving(&lab, telling(web(&lab, &system), &collector.url(), &name, NEVER)).await?;
    at_the_end(&lab, &service, &collector, &slug).await
}

/// Reads a link as part of a new trace, which is to be recorded.
async fn read_link(lab: &Lab, service: &Service, slug: &str) -> CheckResult<Traceparent> {
    let ours = Traceparent::random(lab, true);
    let path = format!("/v1/links/{slug}");
    let header = ours.header();
    wants("GET of a link", &service.request_with(Method::GET, &path, &[("traceparent", &header)], None).await, 200)?;
    Ok(ours)
}

fn did_read(ours: &Traceparent) -> Text {
    text(
        format!("sent GET /v1/links/{{slug}} with traceparent: {}, and listened as the collector", ours.header()),
        format!("traceparent: {} 헤더로 GET /v1/links/{{slug}} 요청을 보내고 수집기로서 기다림", ours.header()),
    )
}

async fn while_it_runs(lab: &Lab, service: &Service, collector: &Collector, ours: &Traceparent) -> CheckResult<Span> {
    let of_trace = |span: &Span| (span.trace == ours.trace).then(|| span.clone());
    let mut some = lab.soon(collector.first(of_trace)).await;
    if some.is_none() {
        // Whoever collects for longer than it was told sends the rest at the end, and sends it all the same.
        service.stop().await;
        some = lab.soon(collector.first(of_trace)).await;
    }
    let Some(some) = some else {
        let heard = collector.heard()?;
        let expected =
            text("spans of that trace arrive, in OTLP over HTTP", "그 트레이스의 스팬이 OTLP/HTTP로 도착해야 합니다");
        let seen = format!("{} spans of other traces; refused: {:?}", heard.spans.len(), heard.refused);
        let seen = text(seen.clone(), seen);
        return Err(failure("not-exported", did_read(ours), expected, seen, service));
    };
    let of_server = |span: &Span| (span.trace == ours.trace && span.kind == "server").then(|| span.clone());
    match lab.soon(collector.first(of_server)).await {
        Some(span) => Ok(span),
        None => {
            let expected = text("one of them has the kind SERVER", "그중 하나는 종류가 SERVER여야 합니다");
            let seen = format!("{:?}, kind {}", some.name, some.kind);
            Err(failure("no-server-span", did_read(ours), expected, text(seen.clone(), seen), service))
        }
    }
}

fn is_named_well(service: &Service, span: &Span, name: &str, slug: &str, ours: &Traceparent) -> CheckResult {
    if span.service != name {
        let expected = text(
            format!("service.name {name} (OTEL_SERVICE_NAME)"),
            format!("service.name이 {name}이어야 합니다(OTEL_SERVICE_NAME)"),
        );
        let seen = text(span.service.clone(), span.service.clone());
        return Err(failure("wrong-service-name", did_read(ours), expected, seen, service));
    }
    let route = span.attributes.get("http.route").map_or("", String::as_str);
    let tells = |text: &str| text.contains("link") && !text.contains(slug);
    if (tells(&span.name) || tells(route)) && !span.name.contains(slug) && !route.contains(slug) {
        return Ok(());
    }
    let expected = text(
        "the route in the span's name or in http.route, and the slug in neither",
        "스팬 이름이나 http.route에 경로 틀이 있고, 어느 쪽에도 slug가 없어야 합니다",
    );
    let seen = format!("name {:?}, http.route {route:?}", span.name);
    Err(failure("no-route-in-span", did_read(ours), expected, text(seen.clone(), seen), service))
}

async fn at_the_end(lab: &Lab, service: &Service, collector: &Collector, slug: &str) -> CheckResult {
    let ours = read_link(lab, service, slug).await?;
    service.terminate().await;
    let exit = service.exit().await;
    let last = |span: &Span| (span.trace == ours.trace && span.kind == "server").then_some(());
    // It has ended: what it has sent is here, or on the way from one process to the other.
    if exit.is_some() && lab.soon(collector.first(last)).await.is_some() {
        return Ok(());
    }
    let did = text(
        "sent a last request and SIGTERM right behind its answer; OTEL_BSP_SCHEDULE_DELAY was an hour",
        "마지막 요청에 응답하자마자 SIGTERM을 보냄. OTEL_BSP_SCHEDULE_DELAY는 한 시간",
    );
    let expected =
        text("its span arrives before the process ends", "프로세스가 끝나기 전에 그 요청의 스팬이 도착해야 합니다");
    let seen = match exit {
        Some(exit) => text(
            format!("it ended with {exit}, and there is no such span"),
            format!("종료했지만({}) 그 스팬은 없습니다", exit.text().ko),
        ),
        None => text("it still runs", "아직 실행 중입니다"),
    };
    Err(failure("last-span-lost", did, expected, seen, service))
}
