//! Several workers and one queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::scene::{DISTANCE, SEVERAL, bad, crowd, submission, web, worker};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::stub::{Call, PREVIEWS};
use crate::links::scene::{has_title, links, serving};
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// How many jobs are shared. Two workers that may take the same job have as many chances to do so.
const SHARED: usize = 60;
/// How many jobs are there when it is counted how many are in progress: more than three workers keep in store.
const PLENTY: usize = 40;

/// Three workers that are waiting already, and sixty jobs at once, with a database that is some way off.
pub async fn workers_share_the_queue(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = Arc::new(serving(&lab, web(&lab, &system)).await?);
    let mut workers = BTreeMap::new();
    for _ in 0..SEVERAL {
        // A key of its own tells the partner who is calling.
        let key = format!("key-{}", lab.chance().word(20));
        workers.insert(format!("Bearer {key}"), worker(&lab, &system).set("SCREEN_API_KEY", key).run().await?);
    }
    system.postgres()?.proxy.latency(DISTANCE);
    submit(&lab, &service, SHARED).await?;
    let all_done = previews(&lab, &system, &service).await == SHARED;
    // Whoever has taken a job that somebody else did may still be about to call.
    lab.soon(system.screen.received(PREVIEWS, SHARED + 1)).await;
    let calls = system.screen.calls_of(PREVIEWS);
    none_is_done_twice(&calls, &service)?;
    if !all_done {
        return Err(left_undone(&system, &service).await);
    }
    let idle = workers.keys().filter(|key| calls.iter().all(|call| call.header("authorization") != Some(key))).count();
    if idle > 0 {
        lab.remark(text(
            format!("{idle} of {SEVERAL} workers had nothing to do this time"),
            format!("이번에는 워커 {SEVERAL}개 가운데 {idle}개가 할 일을 받지 못했습니다"),
        ));
    }
    Ok(())
}

async fn submit(lab: &Lab, service: &Arc<Service>, number: usize) -> CheckResult {
    let answers = crowd(std::slice::from_ref(service), number, || submission(&fresh_target(lab), None)).await;
    match bad(&answers, &[201]) {
        None => Ok(()),
        Some(seen) => Err(LabError::new("POST /v1/links", seen.en).into()),
    }
}

/// How many previews are made when all are, or when no further one has come for too long.
async fn previews(lab: &Lab, system: &System, service: &Service) -> usize {
    let mut made = 0;
    while made < SHARED {
        let more = || async {
            let links = links(service).await.unwrap_or_default();
            Some(links.iter().filter(|link| has_title(system, link)).count()).filter(|now| *now > made)
        };
        let Some(now) = lab.watch("another preview", more).await else { break };
        made = now;
    }
    made
}

fn did() -> Text {
    text(
        format!("started {SEVERAL} workers and then created {SHARED} links"),
        format!("워커 {SEVERAL}개를 시작한 뒤 링크 {SHARED}개를 만듦"),
    )
}

fn none_is_done_twice(calls: &[Call], service: &Service) -> CheckResult {
    let mut number: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls {
        *number.entry(call.json()["target"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let repeated: Vec<&String> = number.iter().filter(|(_, calls)| **calls > 1).map(|(target, _)| target).collect();
    let Some(first) = repeated.first() else { return Ok(()) };
    let expected = text("each job is done by one worker, once", "작업마다 워커 하나가 한 번만 해야 합니다");
    let (twice, times) = (repeated.len(), number[*first]);
    let seen = text(
        format!("{twice} of {SHARED} were done more than once, among them {first}, {times} times"),
        format!(
            "{SHARED}개 가운데 {twice}개를 두 번 이상 했습니다. 그중 하나인 {first} 미리보기는 {times}번 요청했습니다"
        ),
    );
    Err(failure("done-twice", did(), expected, seen, service))
}

async fn left_undone(system: &System, service: &Service) -> Stop {
    let links = links(service).await.unwrap_or_default();
    let undone: Vec<String> =
        links.iter().filter(|link| !has_title(system, link)).map(|link| link["preview"].to_string()).collect();
    let expected = text("all previews are made", "미리보기가 모두 만들어져야 합니다");
    let first = undone.first().cloned().unwrap_or_default();
    let seen = text(
        format!("{} of {SHARED} are not; the first of them: {first}", undone.len()),
        format!("{SHARED}개 가운데 {}개가 만들어지지 않았습니다. 그중 첫 번째: {first}", undone.len()),
    );
    failure("left-undone", did(), expected, seen, service)
}

/// The partner holds every call, so calls that have arrived are jobs in progress.
pub async fn more_workers_more_parallel(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = Arc::new(serving(&lab, web(&lab, &system)).await?);
    system.screen.hold(PREVIEWS);
    submit(&lab, &service, PLENTY).await?;
    // Whoever works in `web` as well is told so by another check.
    if let Some(service) = Arc::into_inner(service) {
        service.end().await;
    }
    let others = system.screen.calls_of(PREVIEWS).len();
    let first = worker(&lab, &system).run().await?;
    if lab.until("first job", system.screen.received(PREVIEWS, others + 1)).await.is_none() {
        return Err(LabError::new("a worker under friendly conditions", "it never called the partner").into());
    }
    if lab.soon(system.screen.received(PREVIEWS, others + 2)).await.is_some() {
        let did = text(
            format!("started a worker with WORKER_CONCURRENCY=1 and {PLENTY} jobs; the partner keeps it waiting"),
            format!(
                "작업 {PLENTY}개를 두고 WORKER_CONCURRENCY=1로 워커 하나를 시작. 협력 서비스는 응답하지 않고 붙잡아 둠"
            ),
        );
        let expected = text("one job is in progress", "진행 중인 작업은 하나여야 합니다");
        let calls = system.screen.calls_of(PREVIEWS).len() - others;
        let seen = text(format!("{calls} are"), format!("{calls}개를 동시에 진행합니다"));
        return Err(failure("more-than-one", did, expected, seen, &first));
    }
    let mut more = Vec::new();
    for _ in 1..SEVERAL {
        more.push(worker(&lab, &system).run().await?);
    }
    if lab.until("all at work", system.screen.received(PREVIEWS, others + SEVERAL)).await.is_some() {
        return Ok(());
    }
    let did = text(
        format!("started {} further workers while the first one waits for the partner", more.len()),
        format!("첫 번째 워커가 협력 서비스를 기다리는 동안 워커 {}개를 더 시작", more.len()),
    );
    let expected =
        text(format!("{SEVERAL} jobs are in progress"), format!("작업 {SEVERAL}개가 동시에 진행되어야 합니다"));
    let calls = system.screen.calls_of(PREVIEWS).len() - others;
    let seen = text(format!("{calls} are"), format!("{calls}개만 진행합니다"));
    Err(failure("no-more-parallel", did, expected, seen, more.last().unwrap_or(&first)))
}

fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
