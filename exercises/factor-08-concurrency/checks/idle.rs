//! Processes that have nothing to do.

use std::collections::BTreeMap;

use super::scene::{SEVERAL, web, webs, worker};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::postgres::Postgres;
use crate::links::scene::{create, has_title, preview};
use crate::links::{System, fresh_target};
use crate::text::text;

/// After all work is done, no row may change for a while.
pub async fn idle_replicas_are_quiet(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let services = webs(&lab, || web(&lab, &system)).await?;
    let worker = worker(&lab, &system).run().await?;
    let slug = create(&system, &services[0], &fresh_target(&lab)).await?;
    let done = || async { preview(&services[0], &slug).await.filter(|link| has_title(&system, link)) };
    if lab.watch("preview", done).await.is_none() {
        return Err(LabError::new("a worker made a preview in the smoke test, and now", "it makes none").into());
    }
    let database = system.postgres()?;
    // What was begun by then may still be finished.
    changed(&lab, database, &database.rows().await?).await?;
    let before = database.rows().await?;
    let mut changes = changed(&lab, database, &before).await?;
    if changes.is_none() {
        changes = changed(&lab, database, &before).await?;
    }
    if let Some(table) = changes {
        let did = text(
            format!("left {SEVERAL} `web` processes and a worker alone, after all work was done"),
            format!("할 일이 모두 끝난 뒤 `web` 프로세스 {SEVERAL}개와 워커를 가만히 둠"),
        );
        let expected = text("no row of the database changes", "데이터베이스의 어떤 행도 바뀌지 않아야 합니다");
        let seen = text(format!("rows of {table} changed"), format!("{table} 테이블의 행이 바뀌었습니다"));
        return Err(Failure::new("writes-when-idle", did, expected, seen).with_log(worker.last_lines()).into());
    }
    create(&system, &services[0], &fresh_target(&lab)).await?;
    match difference(&before, &database.rows().await?) {
        Some(_) => Ok(()),
        None => Err(LabError::new("a new link", "it changed no row, so the database was looked at in vain").into()),
    }
}

/// The table that changes first; `None` when none did for a while.
async fn changed(lab: &Lab, database: &Postgres, before: &BTreeMap<String, String>) -> CheckResult<Option<String>> {
    let look = || async {
        match database.rows().await {
            Ok(now) => difference(before, &now).map(Ok),
            Err(why) => Some(Err(why)),
        }
    };
    lab.glance(look).await.transpose()
}

fn difference(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Option<String> {
    let changed = now.iter().find(|(table, rows)| before.get(*table) != Some(rows));
    changed.map(|(table, _)| table.clone()).or_else(|| before.keys().find(|table| !now.contains_key(*table)).cloned())
}
