//! `migrate` is a process of its own, and nobody else changes the schema.

use super::scene::{MIGRATE, end_of, end_or_ports, failure, is_ready, migrated, one_off, serving, web, worker};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::one_off::OneOff;
use crate::lab::postgres::Postgres;
use crate::lab::process::Exit;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::{System, create_link, fresh_target};
use crate::text::{Text, text};

/// How many instances of `web` are started.
const REPLICAS: usize = 2;

/// On an empty database, without a port, `migrate` brings the schema and ends.
pub async fn migrate_is_one_off(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    let did = text(
        "ran `migrate` against an empty database, without PORT and with every other variable of the contract",
        "빈 데이터베이스에서 PORT만 빼고 계약의 환경 변수를 모두 주고 `migrate` 실행",
    );
    let before = system.postgres()?.schema().await?;
    let ended = listens_or_ends(&lab, one_off(&lab, &system, MIGRATE, &[]), &did).await?;
    let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
    match ended.exit {
        Some(Exit::Code(0)) => {}
        None => return Err(failure("never-ends", &did, expected, end_of(None), ended.lines)),
        Some(_) if needs_port(&lab, &did).await? => {
            let seen = end_of(ended.exit);
            let seen =
                text(format!("{}; with PORT it succeeds", seen.en), format!("{}. PORT를 주면 성공합니다", seen.ko));
            return Err(failure("needs-port", &did, expected, seen, ended.lines));
        }
        exit => return Err(failure("failed", &did, expected, end_of(exit), ended.lines)),
    }
    if system.postgres()?.schema().await? == before {
        let expected = text(
            "the schema is in the database that DATABASE_URL names",
            "DATABASE_URL이 가리키는 데이터베이스에 스키마가 있어야 합니다",
        );
        let seen = text("it ended with exit code 0, and there is none", "종료 코드 0으로 끝났지만 스키마가 없습니다");
        return Err(failure("nothing-migrated", &did, expected, seen, ended.lines));
    }
    serving(&lab, web(&lab, &system)).await.map(drop)
}

/// Waits for the end of `migrate`; one that listens will not end.
async fn listens_or_ends(lab: &Lab, start: Start, did: &Text) -> CheckResult<OneOff> {
    let service = start.run().await?;
    let ended = end_or_ports(lab, &service).await;
    let lines = service.logs().lines();
    service.end().await;
    match ended {
        Ok(exit) => Ok(OneOff { exit, lines }),
        Err(ports) => {
            let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            let expected = text("it ends and never listens", "포트를 열지 않고 끝나야 합니다");
            let seen = text(format!("it listens on port {ports}"), format!("{ports}번 포트에서 연결을 받습니다"));
            Err(failure("listens", did, expected, seen, lines))
        }
    }
}

/// Whether the port alone was missing. On a database of its own: what the first run has done must not help the second.
async fn needs_port(lab: &Lab, did: &Text) -> CheckResult<bool> {
    let system = System::fresh(lab).await?;
    let start = one_off(lab, &system, MIGRATE, &[]).offering_port();
    Ok(listens_or_ends(lab, start, did).await?.succeeded())
}

/// Several `web` and a `worker` on an empty database, and `migrate` only then.
pub async fn web_does_not_migrate(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    let postgres = system.postgres()?;
    let empty = postgres.schema().await?;
    let did = text(
        format!("started {REPLICAS} `web` and a `worker` on an empty database, and sent POST /v1/links"),
        format!("빈 데이터베이스에서 `web` {REPLICAS}개와 `worker`를 시작하고 POST /v1/links 요청"),
    );
    let worker = worker(&lab, &system).run().await?;
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        let (service, startup) = web(&lab, &system).go().await?;
        if startup == Startup::Listening {
            // Whatever the answer is: some make their tables for the first customer.
            drop(create_link(&service, &fresh_target(&lab)).await);
        }
        replicas.push(service);
    }
    stays_empty(&lab, postgres, &empty, &replicas, &did).await?;
    worker.end().await;
    let ready = after_migrate(&lab, &system, replicas).await?;
    schema_stays(&lab, &system, &ready).await
}

/// No table comes, and nobody claims to be ready without one, for as long as something might still come.
async fn stays_empty(lab: &Lab, postgres: &Postgres, empty: &str, replicas: &[Service], did: &Text) -> CheckResult {
    let look = || async {
        match made(postgres, empty).await {
            Ok(Some(line)) => return Some(Ok(("changes-schema", line, replicas[0].last_lines()))),
            Ok(None) => {}
            Err(why) => return Some(Err(why)),
        }
        for service in replicas {
            if is_ready(service).await {
                return Some(Ok(("ready-without-schema", "200".to_owned(), service.last_lines())));
            }
        }
        None
    };
    let Some(found) = lab.glance(look).await else { return Ok(()) };
    let (reason, seen, log) = found?;
    let (expected, seen) = match reason {
        "changes-schema" => (
            text("the database stays empty until `migrate` runs", "`migrate`를 실행하기 전까지 비어 있어야 합니다"),
            text(format!("it holds: {seen}"), format!("다음이 생겼습니다: {seen}")),
        ),
        _ => (
            text("/readyz does not say 200", "/readyz가 200으로 응답하지 않아야 합니다"),
            text("it says 200, and there is no table", "테이블이 없는데 200으로 응답합니다"),
        ),
    };
    Err(failure(reason, did, expected, seen, log))
}

/// The first thing in a database that was empty. Frameworks make a table for their bookkeeping when they connect; as long as
/// nothing is in it, nothing was migrated.
async fn made(postgres: &Postgres, empty: &str) -> CheckResult<Option<String>> {
    let books = |name: &str| name.contains("migration");
    let now = postgres.schema().await?;
    let news = now.lines().find(|line| !empty.lines().any(|known| known == *line) && !books(line));
    if let Some(line) = news {
        return Ok(Some(line.to_owned()));
    }
    let applied = postgres.rows().await?.into_iter().find(|(table, rows)| books(table) && rows != "none");
    Ok(applied.map(|(table, _)| format!("rows in {table}")))
}

/// Runs `migrate`, and returns the instances once they are ready. One that has ended for lack of a schema is started again, as a
/// platform does.
async fn after_migrate(lab: &Lab, system: &System, replicas: Vec<Service>) -> CheckResult<Vec<Service>> {
    migrated(lab, system).await?;
    let mut ready = Vec::new();
    for service in replicas {
        if service.has_ended() {
            ready.push(serving(lab, web(lab, system)).await?);
            continue;
        }
        let becomes = lab.watch("ready after migrate", || async { is_ready(&service).await.then_some(()) }).await;
        // It may need a restart, which a platform would give it.
        ready.push(if becomes.is_some() { service } else { serving(lab, web(lab, system)).await? });
    }
    Ok(ready)
}

/// What `migrate` has brought is all that there is to bring.
async fn schema_stays(lab: &Lab, system: &System, ready: &[Service]) -> CheckResult {
    let postgres = system.postgres()?;
    let brought = postgres.schema().await?;
    let fresh = serving(lab, web(lab, system)).await?;
    let worker = worker(lab, system).run().await?;
    for service in ready.iter().chain([&fresh]) {
        let reply = create_link(service, &fresh_target(lab)).await;
        if !reply.as_ref().is_ok_and(|reply| reply.status == 201) {
            return Err(LabError::new("POST /v1/links after `migrate`", format!("{reply:?}")).into());
        }
    }
    let look = || async { postgres.schema().await.ok().filter(|now| *now != brought) };
    let Some(now) = lab.glance(look).await else { return Ok(()) };
    let did =
        text("ran `migrate`, and then `web` and `worker` again", "`migrate`를 실행한 뒤 `web`과 `worker`를 다시 실행");
    let expected = text("the schema stays as `migrate` left it", "스키마는 `migrate`가 남긴 그대로여야 합니다");
    let news = now.lines().find(|line| !brought.lines().any(|known| known == *line)).unwrap_or("(removed)");
    let seen = text(format!("new: {news}"), format!("새로 생김: {news}"));
    Err(failure("changes-schema", &did, expected, seen, worker.last_lines()))
}
