//! The web process has no back door: whatever is asked of it, it maintains nothing and shows nothing of itself.

use hyper::Method;
use serde_json::json;

use super::age::make_older;
use super::scene::{State, create, deployed, failure, serving, state, web};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::Reply;
use crate::lab::postgres::Postgres;
use crate::lab::service::{Service, Startup};
use crate::links::{System, create_link, fresh_target};
use crate::text::{Text, text};

/// Older than any rule of thumb of whoever deletes what is old.
const DAYS: u64 = 4000;

/// Where people put what maintains or shows a service. Asked with each of the two verbs, so that a hundred doors are tried.
const DOORS: [&str; 50] = [
    "/migrate",
    "/migrations",
    "/admin",
    "/admin/",
    "/admin/migrate",
    "/admin/migrations",
    "/admin/purge",
    "/admin/purge?older-than-days=1",
    "/admin/backfill",
    "/admin/backfill-previews",
    "/admin/create-user",
    "/admin/users",
    "/admin/config",
    "/admin/tasks",
    "/admin/jobs",
    "/admin/sql",
    "/api/admin/migrate",
    "/internal/migrate",
    "/internal/purge",
    "/internal/backfill-previews",
    "/maintenance",
    "/maintenance/migrate",
    "/maintenance/purge",
    "/ops/migrate",
    "/tasks/migrate",
    "/tasks/purge",
    "/jobs/backfill-previews",
    "/cron/purge",
    "/db/migrate",
    "/setup",
    "/install",
    "/init",
    "/seed",
    "/v1/migrate",
    "/v1/admin",
    "/v1/admin/migrate",
    "/v1/admin/purge",
    "/v1/admin/backfill-previews",
    "/v1/purge",
    "/v1/backfill-previews",
    "/debug",
    "/debug/config",
    "/debug/env",
    "/debug/vars",
    "/env",
    "/config",
    "/actuator",
    "/actuator/env",
    "/console",
    "/shell",
];

/// On an empty database, where somebody could migrate, and on one with old links, where somebody could purge.
pub async fn no_admin_over_http(lab: Lab) -> CheckResult {
    let empty = System::fresh(&lab).await?;
    let (service, startup) = web(&lab, &empty).go().await?;
    if startup == Startup::Listening {
        try_doors(&lab, &service, empty.postgres()?).await?;
    }
    service.end().await;
    let system = deployed(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let slug = create(&system, &service, &fresh_target(&lab)).await?;
    make_older(system.postgres()?, &service, &slug, DAYS).await?;
    changes_are_seen(&lab, &service, system.postgres()?).await?;
    try_doors(&lab, &service, system.postgres()?).await
}

/// The positive control: what a request changes is seen.
async fn changes_are_seen(lab: &Lab, service: &Service, postgres: &Postgres) -> CheckResult {
    let before = state(postgres).await?;
    drop(create_link(service, &fresh_target(lab)).await);
    if state(postgres).await? == before {
        return Err(LabError::new("the rows of a database", "a new link was not seen in them").into());
    }
    Ok(())
}

async fn try_doors(lab: &Lab, service: &Service, postgres: &Postgres) -> CheckResult {
    let before = state(postgres).await?;
    let nowhere = format!("/{}", lab.chance().word(12));
    for method in [Method::GET, Method::POST] {
        // Some answer every unknown path with the same page.
        let page = ask(service, &method, &nowhere).await;
        for door in DOORS {
            let answer = ask(service, &method, door).await;
            opens(service, &method, door, answer.as_ref(), page.as_ref())?;
        }
    }
    let change = || async { state(postgres).await.ok().filter(|now| *now != before) };
    match lab.glance(change).await {
        None => Ok(()),
        Some(now) => Err(changed(service, &before, &now)),
    }
}

async fn ask(service: &Service, method: &Method, path: &str) -> Option<Reply> {
    let body = (*method == Method::POST).then(|| json!({}));
    service.request(method.clone(), path, body.as_ref()).await.ok()
}

fn opens(service: &Service, method: &Method, door: &str, answer: Option<&Reply>, page: Option<&Reply>) -> CheckResult {
    let Some(reply) = answer.filter(|reply| (200..300).contains(&reply.status)) else { return Ok(()) };
    if page.is_some_and(|page| page.status == reply.status && page.body == reply.body) {
        return Ok(());
    }
    let did = text(format!("sent {method} {door}"), format!("{method} {door} 요청"));
    let expected = text(
        "nothing is there: 404, or whatever every unknown path gets",
        "아무것도 없어야 합니다(404 등 모르는 경로에 대한 응답)",
    );
    let seen = format!("{} {}", reply.status, reply.excerpt());
    Err(failure("open-door", &did, expected, text(seen.clone(), seen), service.last_lines()))
}

fn changed(service: &Service, before: &State, now: &State) -> crate::check::Stop {
    let did: Text = text(
        format!("sent GET and POST to {} paths at which people put maintenance", DOORS.len()),
        format!("유지보수용으로 흔히 쓰는 경로 {}개에 GET과 POST 요청", DOORS.len()),
    );
    let expected = text("nothing in the database changes", "데이터베이스에서 아무것도 바뀌지 않아야 합니다");
    let table = now.1.iter().find(|(table, rows)| before.1.get(*table) != Some(rows)).map(|(table, _)| table);
    let table = table.or_else(|| before.1.keys().find(|table| !now.1.contains_key(*table)));
    let table = table.map_or("the schema", String::as_str);
    let seen = text(format!("this changed: {table}"), format!("다음이 바뀌었습니다: {table}"));
    failure("changed-over-http", &did, expected, seen, service.last_lines())
}
