//! Jobs in the hand of a worker that is asked to end, or that ends without being asked.

use super::scene::{bury, create, end_of, has_title, keys, preview, serving, web, worker};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::proxy::{Mode, Wire};
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::lab::stub::PREVIEWS;
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// A lease that nobody waits for: longer than the longest guard.
const LONG_LEASE: &str = "3600";
/// How many answers of the database a worker gets before it is killed, at the most. More than a job takes in any design
/// that is known; a worker that looks for jobs always gets so far.
const MOMENTS: u64 = 12;

/// One worker has a job in hand, another one is idle, and the first is asked to end.
pub async fn worker_hands_back(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    system.screen.hold(PREVIEWS);
    let target = fresh_target(&lab);
    let slug = create(&system, &service, &target).await?;
    let start = || worker(&lab, &system).set("JOB_LEASE_SECONDS", LONG_LEASE).run();
    let first = start().await?;
    called(&lab, &system, 1).await?;
    let second = start().await?;
    first.terminate().await;
    // One that finishes waits for the answer, one that gives up has ended by now or given the job away.
    lab.soon(async { tokio::join!(first.exit(), system.screen.received(PREVIEWS, 2)) }).await;
    if first.has_ended() && lab.until("handed back", system.screen.received(PREVIEWS, 2)).await.is_none() {
        let expected = text(
            "the other worker calls the partner for the same job, long before the lease of an hour is over",
            "한 시간짜리 임대가 끝나기 훨씬 전에 다른 워커가 같은 작업으로 협력 서비스를 호출해야 합니다",
        );
        let end = end_of(&first, first.exit().await);
        let seen = text(
            format!("{}; nobody took the job", end.en),
            format!("{}. 그런데 작업을 이어받은 워커가 없습니다", end.ko),
        );
        return Err(failure("not-handed-back", did_ask(), expected, seen, &first));
    }
    system.screen.release_path(PREVIEWS);
    is_done(&lab, &system, &service, &slug, ["not-done"; 2], did_ask()).await?;
    let calls = system.screen.calls_of(PREVIEWS).len();
    if first.exit().await.is_none() {
        let expected = text("the first worker ends", "첫 번째 워커가 끝나야 합니다");
        return Err(failure("never-exited", did_ask(), expected, text("it still runs", "아직 실행 중입니다"), &first));
    }
    if lab.soon(system.screen.received(PREVIEWS, calls + 1)).await.is_some() {
        let expected = text("a job that is done is not done again", "끝난 작업을 다시 하지 않아야 합니다");
        let seen = text(
            format!("with the preview made after {calls} calls, the partner was called once more"),
            format!("협력 서비스를 {calls}번 호출해 미리보기를 만들고도 한 번 더 호출했습니다"),
        );
        return Err(failure("done-twice", did_ask(), expected, seen, &second));
    }
    // Whether there is a key at all is asked where a worker dies.
    match same_key(&system, &target, did_ask(), &second) {
        Err(Stop::Fail(failure)) if failure.reason == "key-missing" => Ok(()),
        other => other,
    }
}

fn did_ask() -> Text {
    text(
        "sent SIGTERM to a worker while the partner held its call; another worker was idle; then let the partner answer",
        "협력 서비스가 호출을 붙잡고 있는 동안 워커에 SIGTERM을 보냄. 옆에는 쉬는 워커가 하나 있고, 그 뒤 응답을 풀어 줌",
    )
}

/// A worker is killed with a job in hand, with a job claimed and nothing done yet, and behind each answer of the database.
pub async fn worker_kill9(lab: Lab) -> CheckResult {
    // Side by side, and reported in this order, so that one mistake always has one reason.
    let (middle, before, steps) =
        tokio::join!(killed_in_the_middle(&lab), killed_before_the_call(&lab), killed_at_each_step(&lab));
    middle.and(before).and(steps)
}

/// A worker whose lease runs out soon.
fn mortal(lab: &Lab, system: &System) -> Start {
    worker(lab, system).set("JOB_LEASE_SECONDS", "2")
}

async fn killed_in_the_middle(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    let service = serving(lab, web(lab, &system)).await?;
    system.screen.hold(PREVIEWS);
    let target = fresh_target(lab);
    let slug = create(&system, &service, &target).await?;
    let first = mortal(lab, &system).run().await?;
    called(lab, &system, 1).await?;
    first.kill().await;
    system.screen.release_path(PREVIEWS);
    let did = text(
        "killed a worker (SIGKILL) while the partner held its call, and started another one",
        "협력 서비스가 호출을 붙잡고 있는 동안 워커를 SIGKILL로 죽이고 다른 워커를 시작",
    );
    let second = mortal(lab, &system).run().await?;
    is_done(lab, &system, &service, &slug, ["job-lost", "half-done"], did.clone()).await?;
    same_key(&system, &target, did, &second)
}

async fn killed_before_the_call(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    let service = serving(lab, web(lab, &system)).await?;
    let target = fresh_target(lab);
    let slug = create(&system, &service, &target).await?;
    // A partner that accepts and never answers: whoever connects has a job and has done nothing of it.
    let partner = lab.proxy(("127.0.0.1".to_owned(), system.screen.port), Wire::Opaque).await?;
    partner.set(Mode::Blackhole);
    let first = mortal(lab, &system).set("SCREEN_URL", format!("http://127.0.0.1:{}", partner.port())).run().await?;
    if lab.watch("call begun", || async { (partner.counters().connects > 0).then_some(()) }).await.is_none() {
        return Err(LabError::new("a worker under friendly conditions", "it never called the partner").into());
    }
    first.kill().await;
    let did = text(
        "killed a worker (SIGKILL) that had claimed a job and only begun to call the partner, and started another one",
        "작업을 가져와 협력 서비스를 막 호출하려던 워커를 SIGKILL로 죽이고 다른 워커를 시작",
    );
    let second = mortal(lab, &system).run().await?;
    is_done(lab, &system, &service, &slug, ["job-lost", "half-done"], did.clone()).await?;
    same_key(&system, &target, did, &second)
}

async fn killed_at_each_step(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    let service = serving(lab, web(lab, &system)).await?;
    // A proxy of the worker's own: what happens to its connections happens to nobody else's.
    let postgres = system.postgres()?;
    let database = lab.proxy(("127.0.0.1".to_owned(), postgres.proxy.port()), Wire::Postgres).await?;
    let ports = [postgres.proxy.port(), database.port()].map(|port| format!("@127.0.0.1:{port}/"));
    let url = postgres.url().replace(&ports[0], &ports[1]);
    let mut made = Vec::new();
    for step in 1..=MOMENTS {
        let target = fresh_target(lab);
        let slug = create(&system, &service, &target).await?;
        made.push((step, target, slug));
        database.freeze_after_replies(step);
        let first = mortal(lab, &system).set("DATABASE_URL", &url).run().await?;
        if lab.until("step", database.frozen()).await.is_none() {
            return Err(LabError::new("a worker under friendly conditions", "it never asked the database").into());
        }
        first.kill().await;
        bury(lab, &database).await?;
    }
    let second = mortal(lab, &system).run().await?;
    for (step, target, slug) in made {
        let did = text(
            format!("killed a worker (SIGKILL) right behind answer {step} of the database, and started another one"),
            format!("데이터베이스가 {step}번째로 응답한 직후 워커를 SIGKILL로 죽이고 다른 워커를 시작"),
        );
        is_done(lab, &system, &service, &slug, ["job-lost", "half-done"], did.clone()).await?;
        same_key(&system, &target, did, &second)?;
    }
    Ok(())
}

async fn called(lab: &Lab, system: &System, number: usize) -> CheckResult {
    match lab.until("call", system.screen.received(PREVIEWS, number)).await {
        Some(_) => Ok(()),
        None => Err(LabError::new("a worker under friendly conditions", "it never called the partner").into()),
    }
}

/// Waits until the preview is there; the reasons are what it means that none comes, or a wrong one.
async fn is_done(
    lab: &Lab,
    system: &System,
    service: &Service,
    slug: &str,
    [lost, half]: [&'static str; 2],
    did: Text,
) -> CheckResult {
    let look = || async { preview(service, slug).await.filter(|link| link["preview"]["state"] != "pending") };
    let expected =
        text("the preview is made, with the partner's title", "협력 서비스가 준 제목으로 미리보기가 완성돼야 합니다");
    match lab.watch("preview", look).await {
        Some(link) if has_title(system, &link) => Ok(()),
        Some(link) => {
            let seen = link["preview"].to_string();
            Err(failure(half, did, expected, text(seen.clone(), seen), service))
        }
        None => Err(failure(lost, did, expected, text("it is still pending", "아직 pending 상태입니다"), service)),
    }
}

/// The partner recognises a repeat by its key.
fn same_key(system: &System, target: &str, did: Text, worker: &Service) -> CheckResult {
    let keys = keys(system, target);
    let expected = text(
        "every call for one job carries the same Idempotency-Key",
        "한 작업에 대한 호출은 모두 같은 Idempotency-Key를 보내야 합니다",
    );
    let reason = match keys.first() {
        Some(first) if keys.iter().any(|key| key != first) => "key-changed",
        Some(first) if first.is_empty() => "key-missing",
        _ => return Ok(()),
    };
    let seen = keys.iter().map(|key| if key.is_empty() { "(none)" } else { key }).collect::<Vec<_>>().join(", ");
    Err(failure(reason, did, expected, text(seen.clone(), seen), worker))
}

fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
