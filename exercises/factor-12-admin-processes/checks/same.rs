//! A one-off runs in the environment of the deploy: its database, its variables, its program.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::age::make_older;
use super::scene::{
    BACKFILL, CREATE_USER, MIGRATE, ONE_OFFS, PURGE, complaint, create, deployed, end_of, failure, migrated, preview,
    sensible_one_off, serving, state, web, worker,
};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::one_off::OneOff;
use crate::lab::process::Exit;
use crate::lab::proxy::Mode;
use crate::lab::service::Service;
use crate::lab::stub::Answer;
use crate::links::{System, fresh_target};
use crate::text::{Text, text, with_particle};

/// Older than what `purge` is asked to remove here.
const DAYS: u64 = 400;

/// Two deploys of one release, a deploy without its address, and what really runs.
pub async fn same_release_same_config(lab: Lab) -> CheckResult {
    // Side by side, and reported in this order, so that one mistake always has one reason.
    let (effects, missing, program) =
        tokio::join!(acts_where_it_is_told(&lab), wants_its_address(&lab), runs_the_release(&lab));
    effects.and(missing).and(program)
}

/// Each one-off changes the database that it is given, and not the other deploy's.
async fn acts_where_it_is_told(lab: &Lab) -> CheckResult {
    let (first, second) = (System::fresh(lab).await?, System::fresh(lab).await?);
    for (here, there) in [(&first, &second), (&second, &first)] {
        acts_here(lab, MIGRATE, here, there).await?;
    }
    let (one, other) = tokio::join!(with_work_to_do(lab, &first), with_work_to_do(lab, &second));
    one.and(other)?;
    for name in [CREATE_USER, PURGE, BACKFILL] {
        for (here, there) in [(&first, &second), (&second, &first)] {
            acts_here(lab, name, here, there).await?;
        }
    }
    Ok(())
}

/// Gives a deploy an old link, and a link whose preview has failed.
async fn with_work_to_do(lab: &Lab, system: &System) -> CheckResult {
    // For the case that `migrate` owed something; `acts_here` has said so.
    migrated(lab, system).await?;
    let service = serving(lab, web(lab, system)).await?;
    let old = create(system, &service, &fresh_target(lab)).await?;
    let failed = create(system, &service, &fresh_target(lab)).await?;
    system.screen.answer(Answer::Status(500));
    let worker = worker(lab, system).set("JOB_MAX_ATTEMPTS", "1").run().await?;
    for slug in [&old, &failed] {
        given_up(lab, &service, slug).await?;
    }
    worker.end().await;
    make_older(system.postgres()?, &service, &old, DAYS).await?;
    service.end().await;
    Ok(())
}

async fn given_up(lab: &Lab, service: &Service, slug: &str) -> CheckResult {
    let look = || async { preview(service, slug).await.filter(|link| link["preview"]["state"] == "failed") };
    match lab.watch("given up", look).await {
        Some(_) => Ok(()),
        None => Err(LabError::new("a worker gave a preview up in the smoke test", "and now it does not").into()),
    }
}

async fn acts_here(lab: &Lab, name: &'static str, here: &System, there: &System) -> CheckResult {
    let (near, far) = (here.postgres()?, there.postgres()?);
    let (near_before, far_before) = (state(near).await?, state(far).await?);
    let ended = sensible_one_off(lab, here, name).offering_port().to_the_end().await?;
    let did = text(
        format!("ran `{name}` with the DATABASE_URL of one deploy; another deploy has a database of its own"),
        format!("배포 둘이 데이터베이스를 따로 쓸 때, 한쪽의 DATABASE_URL로 `{name}` 실행"),
    );
    if state(far).await? != far_before {
        let expected =
            text("the other deploy's database stays as it is", "다른 배포의 데이터베이스는 그대로여야 합니다");
        let seen = text("it changed", "바뀌었습니다");
        return Err(failure("other-database", &did, expected, seen, ended.lines));
    }
    if state(near).await? == near_before {
        let expected = text(
            "it changes the database that DATABASE_URL names",
            "DATABASE_URL이 가리키는 데이터베이스를 바꿔야 합니다",
        );
        let end = end_of(ended.exit);
        let seen = text(format!("nothing changed there; {}", end.en), format!("그곳은 그대로이고, {}", end.ko));
        return Err(failure("other-database", &did, expected, seen, ended.lines));
    }
    Ok(())
}

/// Without `DATABASE_URL` there is nothing to guess.
async fn wants_its_address(lab: &Lab) -> CheckResult {
    let system = deployed(lab).await?;
    for name in ONE_OFFS {
        let did = text(format!("ran `{name}` without DATABASE_URL"), format!("DATABASE_URL 없이 `{name}` 실행"));
        let ended = sensible_one_off(lab, &system, name).unset("DATABASE_URL").offering_port().to_the_end().await?;
        names_what_is_missing(&ended, &did)?;
    }
    Ok(())
}

fn names_what_is_missing(ended: &OneOff, did: &Text) -> CheckResult {
    let end = end_of(ended.exit);
    if ended.exit == Some(Exit::Code(0)) {
        let expected = text("it fails", "실패해야 합니다");
        return Err(failure("missing-config-ignored", did, expected, end, ended.lines.clone()));
    }
    if complaint(&ended.lines).contains("DATABASE_URL") {
        return Ok(());
    }
    let expected = text(
        "it fails and names DATABASE_URL, as `web` does",
        format!("`web`처럼 {} 말하며 실패해야 합니다", with_particle("DATABASE_URL", "을/를")),
    );
    let seen =
        text(format!("{} and does not mention it", end.en), format!("{}. DATABASE_URL은 언급하지 않습니다", end.ko));
    Err(failure("variable-not-named", did, expected, seen, ended.lines.clone()))
}

/// While its database is silent, a one-off can be looked at: one of its programs is the release's, or the one that runs `web`.
async fn runs_the_release(lab: &Lab) -> CheckResult {
    let system = deployed(lab).await?;
    let postgres = system.postgres()?;
    let service = serving(lab, web(lab, &system)).await?;
    let known = programs(&service);
    if known.is_empty() {
        // This system does not show the program of a process.
        return Ok(());
    }
    for name in ONE_OFFS {
        let proxy = postgres.another_way(lab).await?;
        proxy.set(Mode::Freeze);
        let url = postgres.url_by(&proxy, postgres.credentials());
        let one_off = sensible_one_off(lab, &system, name).set("DATABASE_URL", url).offering_port().run().await?;
        let asks = || async { (proxy.counters().withheld > 0).then_some(()) };
        let asked = tokio::select! {
            asked = lab.watch("asks its database", asks) => asked,
            () = one_off.main_ended() => None,
        };
        let running = programs(&one_off);
        let lines = one_off.logs().lines();
        one_off.end().await;
        // One that never asks the database it is given acts elsewhere, which was reported before this.
        if asked.is_some() {
            is_released(lab, name, &known, &running, lines)?;
        }
    }
    Ok(())
}

fn is_released(
    lab: &Lab,
    name: &str,
    known: &BTreeSet<PathBuf>,
    running: &BTreeSet<PathBuf>,
    lines: Vec<crate::check::LogLine>,
) -> CheckResult {
    let release = lab.bench.release.canonicalize().unwrap_or_else(|_| lab.bench.release.clone());
    if running.iter().any(|program| known.contains(program) || program.starts_with(&release)) {
        return Ok(());
    }
    let did = text(
        format!("ran `{name}` and looked at its program while its database was silent"),
        format!("`{name}` 명령이 데이터베이스의 응답을 기다리는 동안 실행 중인 프로그램을 살펴봄"),
    );
    let expected = text(
        "a program of this release, or the one that runs `web`",
        "이 릴리즈에 든 프로그램이거나 `web`을 실행하는 프로그램이어야 합니다",
    );
    let seen = running.iter().map(|program| program.display().to_string()).collect::<Vec<_>>().join(", ");
    Err(failure("other-program", &did, expected, text(seen.clone(), seen), lines))
}

/// The programs of a service's processes; empty where the system does not tell.
fn programs(service: &Service) -> BTreeSet<PathBuf> {
    let ids = service.process_ids().into_iter();
    ids.filter_map(|id| std::fs::read_link(format!("/proc/{id}/exe")).ok()).collect()
}
