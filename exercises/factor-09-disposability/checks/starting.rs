//! Starts: how soon, and with which promises.

use std::time::{Duration, Instant};

use super::scene::{is_ready, serving, slowed, web};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::process::Exit;
use crate::lab::proxy::Mode;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::{System, create_link, describe, fresh_target, get};
use crate::text::{Text, text};

/// How many links there are when the service has some success.
const LINKS: usize = 120;
/// What each of them weighs at least: the target alone.
const WEIGHT: usize = 1500;
/// How far away the database is, on a machine of the reference's speed.
const DISTANCE: Duration = Duration::from_millis(40);
/// The longest good start on such a machine; a start takes a hundredth of it.
const LONGEST_START: Duration = Duration::from_secs(5);
/// How many starts are watched for the moment in which they say that they are ready.
const STARTS: usize = 10;

/// Empty and loaded, with a database that is some way off.
pub async fn starts_fast(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let empty = best_start(&lab, &system).await?;
    fill(&lab, &system).await?;
    let loaded = best_start(&lab, &system).await?;
    let limit = LONGEST_START.mul_f64(lab.bench.patience.slowness());
    let did = text(
        format!("started `web` three times, {LINKS} links being stored"),
        format!("링크 {LINKS}개를 저장해 두고 `web`을 세 번 시작"),
    );
    if loaded.took > limit {
        let expected = text(
            format!("the best start takes less than {} s", limit.as_secs()),
            format!("가장 빠른 시작이 {}초 안에 끝나야 합니다", limit.as_secs()),
        );
        let seen = text(
            format!("it took {:.1} s, and {:.1} s without links", loaded.took.as_secs_f64(), empty.took.as_secs_f64()),
            format!(
                "{:.1}초 걸렸고, 링크가 없을 때는 {:.1}초였습니다",
                loaded.took.as_secs_f64(),
                empty.took.as_secs_f64()
            ),
        );
        return Err(Failure::new("slow-start", did, expected, seen).with_log(lab.last_lines()).into());
    }
    let more = loaded.read.saturating_sub(empty.read);
    if more * 2 < (LINKS * WEIGHT) as u64 {
        return Ok(());
    }
    let expected = text(
        "it answers /healthz before it has read what is stored",
        "저장된 데이터를 읽기 전에 /healthz에 응답해야 합니다",
    );
    let seen = text(
        format!("it first read {} KB more than with an empty database", more / 1000),
        format!("빈 데이터베이스일 때보다 {} KB를 더 읽고 나서야 응답했습니다", more / 1000),
    );
    Err(Failure::new("reads-everything", did, expected, seen).with_log(lab.last_lines()).into())
}

/// What a start cost.
#[derive(Clone, Copy)]
struct Cost {
    took: Duration,
    /// Bytes that came from the database meanwhile.
    read: u64,
}

/// The least of three, since nothing makes a start faster than it is.
async fn best_start(lab: &Lab, system: &System) -> CheckResult<Cost> {
    let database = &system.postgres()?.proxy;
    database.latency(DISTANCE.mul_f64(lab.bench.patience.slowness()));
    let mut best = Cost { took: Duration::MAX, read: u64::MAX };
    for _ in 0..3 {
        let (before, began) = (database.counters().bytes_down, Instant::now());
        let (service, startup) = web(lab, system).go().await?;
        if matches!(startup, Startup::Listening) && get(&service, "/healthz").await.is_ok() {
            best.took = best.took.min(began.elapsed());
        }
        best.read = best.read.min(database.counters().bytes_down - before);
        service.kill().await;
    }
    database.latency(Duration::ZERO);
    Ok(best)
}

async fn fill(lab: &Lab, system: &System) -> CheckResult {
    let service = serving(lab, web(lab, system)).await?;
    for _ in 0..LINKS {
        let target = format!("{}/{}", fresh_target(lab), lab.chance().word(WEIGHT));
        let reply = create_link(&service, &target).await.map_err(|why| LabError::new("POST /v1/links", why))?;
        if reply.status != 201 {
            return Err(LabError::new("POST /v1/links", format!("{} {}", reply.status, reply.excerpt())).into());
        }
    }
    Ok(())
}

/// What `/readyz` says without a database, without a schema, and right before the first request.
pub async fn ready_is_true(lab: Lab) -> CheckResult {
    // Side by side, and reported in this order, so that one mistake always has one reason.
    let (database, schema, first) = tokio::join!(without_database(&lab), without_schema(&lab), first_requests(&lab));
    database.and(schema).and(first)
}

/// `web` with little patience for its database, so that a check does not need much of its own.
fn impatient(lab: &Lab, system: &System) -> Start {
    web(lab, system).set("DB_TIMEOUT_MS", slowed(lab, 1000.0))
}

/// The database comes late, and goes away again.
async fn without_database(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    let service = started_before(lab, &system).await?;
    lost_again(lab, &system, &service).await
}

/// The database accepts and never answers. Returns the service, attached and ready.
async fn started_before(lab: &Lab, system: &System) -> CheckResult<Service> {
    let did = text(
        "started `web` while its database accepted connections and never answered",
        "데이터베이스가 연결만 받고 응답하지 않는 상태에서 `web`을 시작",
    );
    let database = &system.postgres()?.proxy;
    database.set(Mode::Blackhole);
    let (service, startup) = impatient(lab, system).go().await?;
    match startup {
        Startup::Listening => never_ready(lab, &service, "ready-without-database", &did).await?,
        Startup::Exited(exit) if exit != Exit::Code(0) => {}
        other => {
            let expected = text(
                "it listens and says that it is not ready, or it ends with an error",
                "포트를 열고 아직 준비되지 않았다고 답하거나, 오류로 끝나야 합니다",
            );
            return Err(failure("never-listened", did, expected, describe(&other, service.port()), &service));
        }
    }
    if service.has_ended() {
        // Whoever cannot work may say so and end; a platform starts it again. The next start finds its database.
        database.set(Mode::Pass);
        return serving(lab, impatient(lab, system)).await;
    }
    let alive = get(&service, "/healthz").await;
    if !alive.as_ref().is_ok_and(|reply| reply.status == 200) {
        let seen = alive.map_or_else(|why| why.to_string(), |reply| reply.status.to_string());
        let expected = text(
            "/healthz answers 200: a restart would not bring the database back",
            "다시 시작해도 데이터베이스는 돌아오지 않으므로 /healthz는 200이어야 합니다",
        );
        return Err(failure("liveness-depends", did, expected, text(seen.clone(), seen), &service));
    }
    database.set(Mode::Pass);
    becomes_ready(lab, &service, &did).await?;
    serves(lab, &service, &did).await?;
    Ok(service)
}

/// The database goes away from a service that was ready.
async fn lost_again(lab: &Lab, system: &System, service: &Service) -> CheckResult {
    let did = text("took the database away from a `web` that was ready", "준비된 `web`에서 데이터베이스를 끊음");
    let database = &system.postgres()?.proxy;
    database.set(Mode::Refuse);
    if lab.watch("not ready any more", || async { (!is_ready(service).await).then_some(()) }).await.is_none() {
        let expected = text("/readyz stops saying 200", "/readyz가 더는 200으로 응답하지 않아야 합니다");
        let seen = text("it goes on saying 200", "계속 200으로 응답합니다");
        return Err(failure("ready-without-database", did, expected, seen, service));
    }
    Ok(())
}

/// A database in which `migrate` has not run yet.
async fn without_schema(lab: &Lab) -> CheckResult {
    let system = System::fresh(lab).await?;
    let did = text(
        "started `web` with an empty database, and ran `migrate` afterwards",
        "빈 데이터베이스로 `web`을 시작하고, 그 뒤에 `migrate` 실행",
    );
    let (service, startup) = impatient(lab, &system).go().await?;
    if startup == Startup::Listening {
        never_ready(lab, &service, "ready-without-schema", &did).await?;
    }
    system.migrate(lab).await?;
    let service = if service.has_ended() { serving(lab, impatient(lab, &system)).await? } else { service };
    becomes_ready(lab, &service, &did).await?;
    serves(lab, &service, &did).await
}

/// The first request right behind the first yes, with a database that is some way off.
async fn first_requests(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    let did = text(
        "started `web` and sent POST /v1/links right after the first 200 of /readyz",
        "`web`을 시작하고 /readyz가 처음 200으로 응답하자마자 POST /v1/links 요청",
    );
    for _ in 0..STARTS {
        system.postgres()?.proxy.latency(Duration::from_millis(lab.chance().below(20)));
        let service = serving(lab, web(lab, &system)).await?;
        serves(lab, &service, &did).await?;
        service.kill().await;
    }
    Ok(())
}

async fn never_ready(lab: &Lab, service: &Service, reason: &'static str, did: &Text) -> CheckResult {
    if lab.glance(|| async { is_ready(service).await.then_some(()) }).await.is_none() {
        return Ok(());
    }
    let expected = text("/readyz does not say 200", "/readyz가 200으로 응답하지 않아야 합니다");
    let seen = text("it says 200", "200으로 응답합니다");
    Err(failure(reason, did.clone(), expected, seen, service))
}

async fn becomes_ready(lab: &Lab, service: &Service, did: &Text) -> CheckResult {
    if lab.watch("ready", || async { is_ready(service).await.then_some(()) }).await.is_some() {
        return Ok(());
    }
    let did =
        text(format!("{}, then gave it all it needs", did.en), format!("{}, 그다음 필요한 것을 모두 갖춰 줌", did.ko));
    let expected = text("/readyz says 200", "/readyz가 200으로 응답해야 합니다");
    let seen = text("it never does", "끝내 200으로 응답하지 않습니다");
    Err(failure("never-ready", did, expected, seen, service))
}

async fn serves(lab: &Lab, service: &Service, did: &Text) -> CheckResult {
    let reply = create_link(service, &fresh_target(lab)).await;
    let seen = match reply {
        Ok(reply) if reply.status == 201 => return Ok(()),
        Ok(reply) => format!("{} {}", reply.status, reply.excerpt()),
        Err(why) => why.to_string(),
    };
    let expected = text("the first request after it succeeds", "그 뒤 첫 요청이 성공해야 합니다");
    Err(failure("first-request-fails", did.clone(), expected, text(seen.clone(), seen), service))
}

fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
