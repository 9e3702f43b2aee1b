//! Which process type does what, and what a worker needs for it.

use super::scene::{web, worker};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::stub::PREVIEWS;
use crate::links::scene::{create, has_title, preview, serving};
use crate::links::{System, fresh_target, get};
use crate::text::{Text, text};

/// How many jobs wait for a worker.
const JOBS: usize = 10;
/// How many requests give a job a chance to be done on the side.
const REQUESTS: usize = 20;

/// `web` alone first; then a worker is started, which shows that there was something to do.
pub async fn process_types_separate(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let mut slugs = Vec::new();
    for _ in 0..JOBS {
        slugs.push(create(&system, &service, &fresh_target(&lab)).await?);
    }
    for slug in slugs.iter().cycle().take(REQUESTS) {
        drop(get(&service, &format!("/v1/links/{slug}")).await);
    }
    if lab.soon(system.screen.received(PREVIEWS, 1)).await.is_some() {
        let did = text(
            format!("started `web` and no worker, created {JOBS} links and sent {REQUESTS} further requests"),
            format!("워커 없이 `web`만 시작해 링크를 {JOBS}개 만들고 요청을 {REQUESTS}번 더 보냄"),
        );
        let expected = text(
            "nobody asks the partner for a preview before a worker is started",
            "워커를 시작하기 전에는 아무도 협력 서비스에 미리보기를 요청하지 않아야 합니다",
        );
        let seen = text("`web` asked for previews itself", "`web`이 직접 미리보기를 요청했습니다");
        return Err(Failure::new("works-in-web", did, expected, seen).with_log(service.last_lines()).into());
    }
    let _worker = worker(&lab, &system).run().await?;
    match lab.until("previews", system.screen.received(PREVIEWS, JOBS)).await {
        Some(_) => Ok(()),
        None => Err(LabError::new("a worker made a preview in the smoke test, and now", "it makes too few").into()),
    }
}

/// Without PORT, with one that somebody else has, and with a free one.
pub async fn worker_needs_no_port(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let without = worker(&lab, &system).unset("PORT").run().await?;
    let did = text("started `worker` without PORT", "PORT 없이 `worker`를 시작");
    works(&lab, &system, &service, &without, "needs-port", &did).await?;
    without.end().await;
    let taken = worker(&lab, &system).set("PORT", service.port().to_string()).run().await?;
    let did = text(
        format!("started `worker` with PORT={}, where `web` listens", service.port()),
        format!("`web`이 쓰고 있는 PORT={} 값으로 `worker`를 시작", service.port()),
    );
    works(&lab, &system, &service, &taken, "port-taken", &did).await?;
    taken.end().await;
    let free = worker(&lab, &system).run().await?;
    let did = text("started `worker` with a free PORT", "비어 있는 PORT 값으로 `worker`를 시작");
    works(&lab, &system, &service, &free, "needs-port", &did).await?;
    listens_nowhere(&lab, &service, &free, did).await
}

/// A job is done while this worker runs.
async fn works(
    lab: &Lab,
    system: &System,
    service: &Service,
    worker: &Service,
    reason: &'static str,
    did: &Text,
) -> CheckResult {
    let slug = create(system, service, &fresh_target(lab)).await?;
    let done = || async { preview(service, &slug).await.filter(|link| has_title(system, link)) };
    // One that ends may leave another behind, so its end alone says nothing.
    let done = async {
        tokio::select! {
            done = lab.watch("preview", done) => done.is_some(),
            () = async { worker.main_ended().await; worker.none_left().await } => false,
        }
    };
    if done.await {
        return Ok(());
    }
    let expected =
        text("it makes previews: a worker needs no port", "워커는 포트가 필요 없으므로 미리보기를 만들어야 합니다");
    let seen = match worker.has_ended() {
        true => text("it has ended", "종료했습니다"),
        false => text("it runs and makes none", "실행 중이지만 만들지 않습니다"),
    };
    Err(failure(reason, did.clone(), expected, seen, worker))
}

async fn listens_nowhere(lab: &Lab, service: &Service, worker: &Service, did: Text) -> CheckResult {
    // The control: where a listener can be seen at all, that of `web` is.
    if service.listening_ports().is_none_or(|ports| !ports.contains(&service.port())) {
        lab.remark(text(
            "this system does not tell who listens, so only what the worker does was looked at",
            "이 시스템에서는 누가 포트를 여는지 알 수 없어, 워커가 일하는지만 확인했습니다",
        ));
        return Ok(());
    }
    let listens = || async { worker.listening_ports().filter(|ports| !ports.is_empty()) };
    let Some(ports) = lab.glance(listens).await else { return Ok(()) };
    let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let expected = text("it listens nowhere", "어떤 포트도 열지 않아야 합니다");
    let seen = text(format!("it listens on {ports}"), format!("{ports}번 포트를 엽니다"));
    Err(failure("listens", did, expected, seen, worker))
}

fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, worker: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(worker.last_lines()).into()
}
