//! What growing costs the database.

use super::scene::{DISTANCE, SEVERAL, bad, crowd, submission, web, webs};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::stub::VERDICTS;
use crate::links::{System, fresh_target};
use crate::text::text;

/// The limit of each process.
const POOL: u64 = 3;
/// How many requests come at once.
const REQUESTS: usize = 60;

/// The partner holds sixty requests and lets all of them go in one moment, and so they want the database together.
pub async fn connections_bounded(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let services = webs(&lab, || web(&lab, &system).set("DB_POOL_MAX", POOL.to_string())).await?;
    let database = &system.postgres()?.proxy;
    database.latency(DISTANCE);
    system.screen.hold(VERDICTS);
    let let_go = async {
        // All of them, or as many as this service takes at a time.
        lab.soon(system.screen.received(VERDICTS, REQUESTS)).await;
        system.screen.release_path(VERDICTS);
    };
    let (answers, ()) = tokio::join!(crowd(&services, REQUESTS, || submission(&fresh_target(&lab), None)), let_go);
    let did = text(
        format!("sent {REQUESTS} × POST /v1/links at once to {SEVERAL} processes with DB_POOL_MAX={POOL}"),
        format!("DB_POOL_MAX={POOL} 값을 준 프로세스 {SEVERAL}개에 POST /v1/links {REQUESTS}개를 한꺼번에 요청"),
    );
    let log = || services[0].last_lines();
    let peak = database.counters().peak_open;
    if peak == 0 {
        return Err(LabError::new("the connections of three processes", "the proxy has seen none").into());
    }
    // One more per process, for a question of its own such as whether the database is there.
    let limit = (POOL + 1) * SEVERAL as u64;
    if peak > limit {
        let expected = text(
            format!("at most {limit} connections to PostgreSQL at a time"),
            format!("PostgreSQL 연결이 동시에 {limit}개를 넘지 않아야 합니다"),
        );
        let seen = text(format!("{peak} were open"), format!("{peak}개가 열려 있었습니다"));
        return Err(Failure::new("too-many-connections", did, expected, seen).with_log(log()).into());
    }
    let Some(seen) = bad(&answers, &[201]) else { return Ok(()) };
    let expected = text(
        "whoever finds no free connection waits for one: every answer is 201",
        "남는 연결이 없으면 기다렸다가 처리해야 하므로 모든 응답이 201이어야 합니다",
    );
    Err(Failure::new("turned-away", did, expected, seen).with_log(log()).into())
}
