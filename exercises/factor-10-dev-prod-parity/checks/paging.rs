//! Turning pages when several links are equally new.

use super::scene::{items, page};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::System;
use crate::links::account::{Answer, shown};
use crate::text::text;

/// Turns every page and wants each link exactly once.
pub async fn every_page(lab: &Lab, service: &Service, slugs: &[String], tied: bool) -> CheckResult {
    let limit = 3 + lab.chance().below(5);
    let mut seen: Vec<String> = Vec::new();
    let mut after: Option<String> = None;
    // One that never comes to an end repeats itself.
    while seen.len() <= slugs.len() {
        let answer = page(service, None, limit, after.as_deref()).await;
        let links = items(&answer).ok_or_else(|| no_page(&answer))?;
        seen.extend(links.iter().filter_map(|link| link["slug"].as_str().map(str::to_owned)));
        let next = answer.as_ref().ok().and_then(|reply| reply.json()["next"].as_str().map(str::to_owned));
        match next {
            Some(next) if !links.is_empty() => after = Some(next),
            _ => break,
        }
    }
    let mut once = seen.clone();
    once.sort_unstable();
    once.dedup();
    let missing = slugs.iter().filter(|slug| !once.contains(slug)).count();
    let repeated = seen.len() - once.len();
    if missing == 0 && repeated == 0 {
        return Ok(());
    }
    let all = slugs.len();
    let times = if tied { ("the same time", "같은 시각") } else { ("their own times", "저마다의 시각") };
    let did = text(
        format!("gave {all} links {} and turned pages of {limit}", times.0),
        format!("링크 {all}개에 {} 값을 주고 {limit}개씩 쪽을 넘김", times.1),
    );
    let expected = text("each link exactly once", "링크마다 정확히 한 번씩 나와야 합니다");
    let seen = text(
        format!("{missing} never came, {repeated} came again"),
        format!("{missing}개는 나오지 않았고 {repeated}개는 되풀이되었습니다"),
    );
    Err(Failure::new("pages-lose-links", did, expected, seen).with_log(service.last_lines()).into())
}

/// Gives every link the same time, in whichever columns of its table hold one. `false` when there is none.
pub async fn ties(system: &System, slugs: &[String]) -> CheckResult<bool> {
    let database = system.postgres()?;
    let columns = database
        .query(
            "select quote_ident(table_schema) || '.' || quote_ident(table_name), quote_ident(column_name)
             from information_schema.columns join information_schema.tables using (table_schema, table_name)
             where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
               and data_type like 'timestamp%'",
        )
        .await?;
    let slug = slugs.first().map_or("", String::as_str);
    let mut tied = false;
    for column in columns {
        let [Some(table), Some(column)] = column.as_slice() else { continue };
        let holds = format!("select count(*) from {table} as t where t::text like '%{slug}%'");
        if database.query(holds).await?.first() == Some(&vec![Some("0".to_owned())]) {
            continue;
        }
        database.query(format!("update {table} set {column} = (select max({column}) from {table})")).await?;
        tied = true;
    }
    Ok(tied)
}

fn no_page(answer: &Answer) -> LabError {
    LabError::new("GET /v1/links was answered in the smoke test, and now", shown(answer))
}
