//! What all checks of this factor do: start several processes of a type, and send them many requests at once.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::http::{NoReply, Reply};
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::System;
use crate::links::scene::{LONG, serving, slowed};
use crate::text::{Text, text};

/// What a database may need on a machine of the reference's speed, in milliseconds, while sixty requests wait for it.
const DATABASE: f64 = 30_000.0;
/// A lease that nobody waits for: longer than the longest guard.
const LONG_LEASE: &str = "3600";
/// How far away the database is: between a look and the step that follows it, others have time for theirs.
pub const DISTANCE: Duration = Duration::from_millis(10);
/// As many processes of a type as a check starts.
pub const SEVERAL: usize = 3;

/// `web` with all the patience it needs, and with a worker's settings, should it be one as well.
pub fn web(lab: &Lab, system: &System) -> Start {
    patient(lab, system.web(lab))
}

/// `worker`, one job at a time, which looks for jobs often. It is given a free PORT, since many platforms do that.
pub fn worker(lab: &Lab, system: &System) -> Start {
    patient(lab, system.worker(lab)).offering_port()
}

fn patient(lab: &Lab, start: Start) -> Start {
    let start = start.set("UPSTREAM_TIMEOUT_MS", LONG).set("DB_TIMEOUT_MS", slowed(lab, DATABASE));
    start.set("JOB_LEASE_SECONDS", LONG_LEASE).set("JOB_POLL_MS", "20").set("WORKER_CONCURRENCY", "1")
}

/// Several equal `web` processes, all of them ready.
pub async fn webs(lab: &Lab, start: impl Fn() -> Start) -> CheckResult<Vec<Arc<Service>>> {
    let mut services = Vec::with_capacity(SEVERAL);
    for _ in 0..SEVERAL {
        services.push(Arc::new(serving(lab, start()).await?));
    }
    Ok(services)
}

/// An answer, or why there was none.
pub type Answer = Result<Reply, NoReply>;

/// Sends `number` requests at the same time, to the services in turn, and returns all answers, in any order.
pub async fn crowd(
    services: &[Arc<Service>],
    number: usize,
    request: impl Fn() -> (Method, String, Option<Value>),
) -> Vec<Answer> {
    let mut sent = JoinSet::new();
    for service in services.iter().cycle().take(number) {
        let (service, (method, path, body)) = (Arc::clone(service), request());
        sent.spawn(async move { service.request(method, &path, body.as_ref()).await });
    }
    sent.join_all().await
}

/// `POST /v1/links` of a target, with a prefix if there is one.
pub fn submission(target: &str, prefix: Option<&str>) -> (Method, String, Option<Value>) {
    let mut body = json!({ "target": target });
    if let Some(prefix) = prefix {
        body["prefix"] = prefix.into();
    }
    (Method::POST, "/v1/links".to_owned(), Some(body))
}

/// The first answer that has none of these statuses, for a report.
pub fn bad(answers: &[Answer], good: &[u16]) -> Option<Text> {
    let bad = answers.iter().filter(|answer| !answer.as_ref().is_ok_and(|reply| good.contains(&reply.status)));
    let bad: Vec<&Answer> = bad.collect();
    let first = match bad.first()? {
        Ok(reply) => format!("{} {}", reply.status, reply.excerpt()),
        Err(why) => why.to_string(),
    };
    let (number, all) = (bad.len(), answers.len());
    Some(text(
        format!("{number} of {all} answers are others, the first of them: {first}"),
        format!("응답 {all}개 가운데 {number}개가 다릅니다. 그중 첫 번째: {first}"),
    ))
}
