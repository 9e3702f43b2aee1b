//! On Kubernetes the platform runs one-offs: a Job of the release, and no shell in which somebody types.

use std::path::Path;

use super::scene::{MIGRATE, end_of, failure};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::manifests::{Container, Environment, Pod, read_them};
use crate::links::System;
use crate::text::{Text, text};

/// Programs that take a line and make of it what they like.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "zsh", "busybox"];

/// The manifests hold the rules of this factor in each environment, and their Job brings the schema for their `web`.
pub async fn k8s_job(lab: Lab) -> CheckResult {
    let manifests = lab.manifests().await?;
    for environment in &manifests.environments {
        job(&lab, environment)?;
        no_shells(environment)?;
    }
    manifests.must_hold(&[
        ("no-migration-at-start", "migrates-at-start"),
        ("same-release", "other-release"),
        ("ends-somehow", "never-gives-up"),
        ("cron-forbids", "overtakes-itself"),
    ])?;
    for environment in &manifests.environments {
        is_of_the_release(&lab, environment)?;
        runs(&lab, environment).await?;
    }
    Ok(())
}

fn rejected(reason: &'static str, expected: Text, seen: Text) -> CheckResult {
    Err(Failure::new(reason, read_them(), expected, seen).into())
}

/// The Job that runs `migrate`, by that word or by the one that `app.toml` has for it.
fn job<'e>(lab: &Lab, environment: &'e Environment) -> CheckResult<&'e Pod> {
    let word = lab.bench.subject.app().admin.get(MIGRATE).and_then(|command| command.last()).map(|word| base(word));
    let says = |container: &Container| {
        let words = container.command.iter().flatten().chain(container.args.iter().flatten());
        words.flat_map(|line| line.split(' ')).any(|found| found == MIGRATE || Some(base(found)) == word)
    };
    let migrates = |pod: &&Pod| pod.kind == "Job" && pod.containers.iter().any(says);
    environment.jobs().find(migrates).ok_or_else(|| {
        let jobs: Vec<&str> = environment.jobs().map(|pod| pod.name.as_str()).collect();
        let seen = text(format!("one-offs: {jobs:?}"), format!("일회성 프로세스: {jobs:?}"));
        let expected = text("a Job runs `migrate`", "Job이 `migrate`를 실행해야 합니다");
        Failure::new("no-job", read_them(), expected, seen).into()
    })
}

/// The last part of a path.
fn base(word: &str) -> String {
    Path::new(word).file_name().map_or_else(|| word.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// A one-off is a command of the release, in words. A line that a shell takes apart is neither checked nor tested by anybody.
fn no_shells(environment: &Environment) -> CheckResult {
    for pod in environment.jobs() {
        for container in pod.init_containers.iter().chain(&pod.containers) {
            let first = container.command.iter().flatten().next().map(|word| base(word));
            let Some(shell) = first.filter(|first| SHELLS.contains(&first.as_str())) else { continue };
            let expected = text("a command of the release and its arguments", "릴리즈의 명령과 인자여야 합니다");
            let seen = text(
                format!("{} {} starts `{shell}`", pod.kind, pod.name),
                format!("{} {}: `{shell}` 실행", pod.kind, pod.name),
            );
            return rejected("a-shell", expected, seen);
        }
    }
    Ok(())
}

/// What the Job is there for.
fn web(environment: &Environment) -> CheckResult<&Pod> {
    environment.web("links").ok_or_else(|| {
        let expected = text("a Service leads to the Pods of `links`", "`links`의 Pod로 가는 Service가 있어야 합니다");
        let seen = text("no Pod answers requests", "요청을 받는 Pod가 없습니다");
        Failure::new("web-not-ready", read_them(), expected, seen).into()
    })
}

/// The rule compares what carries the app's label. Whatever the Job is labelled: its image is the one of `web`.
fn is_of_the_release(lab: &Lab, environment: &Environment) -> CheckResult {
    let web = web(environment)?;
    let images = |pod: &Pod| -> Vec<String> { pod.containers.iter().filter_map(|of| of.image.clone()).collect() };
    let (job, known) = (job(lab, environment)?, images(web));
    let Some(other) = images(job).into_iter().find(|image| !known.contains(image)) else { return Ok(()) };
    let expected = text(format!("Job {} runs {known:?}", job.name), format!("Job {} 이미지: {known:?}", job.name));
    rejected("other-release", expected, text(other.clone(), other))
}

/// What the cluster would do: the Job to its end, and then `web`.
async fn runs(lab: &Lab, environment: &Environment) -> CheckResult {
    let system = System::fresh(lab).await?;
    let postgres = system.postgres()?;
    let job = job(lab, environment)?;
    let mut kubelet = lab
        .kubelet(environment)
        .secrets(secrets(&system))
        .partner("screen", 80, system.screen.port)
        .reaching(&system.ports());
    let did = text(
        format!("ran Job {} as its manifest says, and then `web`", job.name),
        format!("매니페스트에 적힌 대로 Job {} 실행, 이어서 `web` 실행", job.name),
    );
    let empty = postgres.schema().await?;
    let ends = text("the Job ends with exit code 0", "Job이 종료 코드 0으로 끝나야 합니다");
    match kubelet.job(job).await? {
        Err(stuck) => return Err(failure("job-fails", &did, ends, stuck, Vec::new())),
        Ok(ended) if !ended.succeeded() => {
            return Err(failure("job-fails", &did, ends, end_of(ended.exit), ended.lines));
        }
        Ok(ended) if postgres.schema().await? == empty => {
            let expected = text("the schema is there", "스키마가 있어야 합니다");
            let seen = text(
                "the Job ended with exit code 0, and there is none",
                "Job은 종료 코드 0으로 끝났지만 스키마가 없습니다",
            );
            return Err(failure("job-fails", &did, expected, seen, ended.lines));
        }
        Ok(_) => {}
    }
    let web = web(environment)?;
    match kubelet.up(web).await? {
        Ok(_) => Ok(()),
        Err(not_up) => {
            let expected =
                text("`web` of the same manifests becomes ready", "같은 매니페스트의 `web`이 준비되어야 합니다");
            Err(failure("web-not-ready", &did, expected, not_up.seen, not_up.log))
        }
    }
}

/// What a Secret holds that was made outside the repository.
fn secrets(system: &System) -> Vec<(String, String)> {
    let secret =
        |(name, _): &(String, String)| name.ends_with("_URL") && name != "PUBLIC_BASE_URL" && name != "SCREEN_URL";
    let environment = system.environment();
    environment.into_iter().filter(|variable| secret(variable) || variable.0 == "SCREEN_API_KEY").collect()
}
