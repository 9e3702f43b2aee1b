//! What the checks of this factor do: bring up a deploy that is told where to tell, and read its numbers.

use std::collections::BTreeMap;

use super::exposition::{Page, parse};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::http::{NoReply, Reply};
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::System;
use crate::links::get;
pub use crate::links::scene::{LONG, create, is_ready, serving, slowed};
use crate::text::{Text, text};

/// What a wait for a backing service may take on a machine of the reference's speed, in milliseconds.
const WAIT: f64 = 3000.0;
/// Often enough that nobody waits for a batch.
pub const SOON: &str = "100";
/// So rarely that only the end of the process sends anything.
pub const NEVER: &str = "3600000";

/// `web`, with patience for a slow machine.
pub fn web(lab: &Lab, system: &System) -> Start {
    let start = system.web(lab).set("UPSTREAM_TIMEOUT_MS", slowed(lab, WAIT)).set("DB_TIMEOUT_MS", slowed(lab, WAIT));
    start.set("SHUTDOWN_GRACE_SECONDS", slowed(lab, 5.0))
}

/// `worker` with the same patience, which looks for jobs often.
pub fn worker(lab: &Lab, system: &System) -> Start {
    let start = system.worker(lab).set("UPSTREAM_TIMEOUT_MS", slowed(lab, WAIT)).set("JOB_POLL_MS", "20");
    start.set("DB_TIMEOUT_MS", slowed(lab, WAIT))
}

/// The same process, told by the variables of OpenTelemetry to export spans, every `delay` milliseconds. Numbers and lines are
/// not asked of it that way: the platform collects both itself.
pub fn telling(start: Start, collector: &str, name: &str, delay: &str) -> Start {
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_SERVICE_NAME", name),
        ("OTEL_BSP_SCHEDULE_DELAY", delay),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_LOGS_EXPORTER", "none"),
    ];
    variables.into_iter().fold(start, |start, (name, value)| start.set(name, value))
}

/// Reads `/metrics` as a strict collector of numbers does.
///
/// # Errors
///
/// A failure with the reason `no-metrics` or `not-readable`.
pub async fn scrape(service: &Service) -> CheckResult<Page> {
    let metrics = &service.lab().bench.subject.manifest.metrics;
    let reply = match metrics.port.as_ref().and_then(|variable| service.extra_port(variable)) {
        Some(port) => service.get_at(port, "/metrics").await,
        None => get(service, "/metrics").await,
    };
    let did = text("asked GET /metrics", "GET /metrics 요청");
    let reply = match reply {
        Ok(reply) if reply.status == 200 => reply,
        other => {
            let expected = text("200 with the service's numbers", "200으로 서비스의 지표를 보여야 합니다");
            return Err(failure("no-metrics", did, expected, shown(&other), service));
        }
    };
    parse(&kind(&reply), &reply.body).map_err(|why| {
        let expected = text(
            "text that Prometheus can read (text/plain or OpenMetrics)",
            "Prometheus가 읽을 수 있는 형식이어야 합니다(text/plain 또는 OpenMetrics)",
        );
        failure("not-readable", did, expected, text(why.clone(), why), service)
    })
}

fn kind(reply: &Reply) -> String {
    reply.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned()
}

/// How many requests each series has counted, by its labels; the names of the family are the contract's, or `app.toml`'s.
///
/// # Errors
///
/// A failure with the reason `no-metrics`.
pub fn requests(page: &Page, service: &Service) -> CheckResult<BTreeMap<String, (Vec<String>, f64)>> {
    let mapped = &service.lab().bench.subject.manifest.metrics.requests;
    let names = match mapped {
        Some(name) => vec![name.clone(), format!("{name}_total"), format!("{name}_count")],
        None => ["http_requests_total", "http_server_request_duration_seconds_count"].map(str::to_owned).into(),
    };
    let known = names.iter().find(|name| page.samples.iter().any(|sample| sample.name == **name));
    let Some(known) = known else {
        let did = text("asked GET /metrics after some requests", "요청을 몇 번 보낸 뒤 GET /metrics 요청");
        let expected = text(
            format!("a family that counts requests: {}", names[0]),
            format!("요청을 세는 지표가 있어야 합니다: {}", names[0]),
        );
        let seen: Vec<&str> = page.families.keys().map(String::as_str).collect();
        let seen = text(format!("families: {seen:?}"), format!("지표: {seen:?}"));
        return Err(failure("no-metrics", did, expected, seen, service));
    };
    let samples = page.samples.iter().filter(|sample| sample.name == *known);
    Ok(samples.map(|sample| (sample.key(), (sample.labels.values().cloned().collect(), sample.value))).collect())
}

/// A reply, or the lack of one, for a report.
pub fn shown(reply: &Result<Reply, NoReply>) -> Text {
    match reply {
        Ok(reply) => {
            text(format!("{} {}", reply.status, reply.excerpt()), format!("{} {}", reply.status, reply.excerpt()))
        }
        Err(why) => text(why.to_string(), why.to_string()),
    }
}

/// A friendly request, whose status the contract fixes.
///
/// # Errors
///
/// The lab's: the smoke test has seen that it works.
pub fn wants(what: &str, reply: &Result<Reply, NoReply>, status: u16) -> CheckResult {
    match reply {
        Ok(reply) if reply.status == status => Ok(()),
        other => Err(LabError::new(what, format!("expected {status}, got {}", shown(other).en)).into()),
    }
}

/// A failure with the service's last lines.
pub fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
