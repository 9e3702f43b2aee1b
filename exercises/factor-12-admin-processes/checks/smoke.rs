//! Friendly conditions: what the checks of this factor take for granted. Whoever fails here is BLOCKED.
//!
//! `migrate` itself is not judged here, as long as `web` becomes ready: whether it ends, and what its exit code says, is what
//! the first check is about.

use super::scene::{ONE_OFFS, create, deployed, preview, web, worker};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::declared::no_command;
use crate::lab::stub::Answer;
use crate::links::friendly::{makes_previews, not_the_contract};
use crate::links::{answers_the_basics, fresh_target};
use crate::text::text;

/// The contract of the stateless part, a worker that makes a preview and gives one up, and one-offs that are declared.
pub async fn smoke(lab: Lab) -> CheckResult {
    declares_one_offs(&lab)?;
    let system = deployed(&lab).await?;
    answers_the_basics(&lab, &system, web(&lab, &system)).await?.end().await;
    let (service, _) = makes_previews(&lab, &system, web(&lab, &system), worker(&lab, &system)).await?;
    let slug = create(&system, &service, &fresh_target(&lab)).await?;
    system.screen.answer(Answer::Status(500));
    let worker = worker(&lab, &system).set("JOB_MAX_ATTEMPTS", "1").run().await?;
    let given_up = || async { preview(&service, &slug).await.filter(|link| link["preview"]["state"] == "failed") };
    if lab.watch("given up", given_up).await.is_none() {
        let seen = preview(&service, &slug).await.map_or_else(String::new, |link| link["preview"].to_string());
        return Err(not_the_contract(
            "let the partner answer 500 to `worker` with JOB_MAX_ATTEMPTS=1, and read the link",
            "JOB_MAX_ATTEMPTS=1인 `worker`에 협력 서비스가 500으로 응답하게 하고 링크를 읽음",
            "a preview in the state \"failed\"",
            "미리보기 상태 \"failed\"",
            seen,
        ));
    }
    worker.end().await;
    service.end().await;
    Ok(())
}

fn declares_one_offs(lab: &Lab) -> CheckResult {
    let declared = &lab.bench.subject.app().admin;
    for name in ONE_OFFS {
        let Some(command) = declared.get(name) else {
            return Err(no_command(lab.bench.subject.app_name(), "admin", name).into());
        };
        let program = command[0].strip_prefix("{release}/").filter(|file| !lab.bench.release.join(file).is_file());
        if let Some(missing) = program {
            return Err(not_there(name, missing).into());
        }
    }
    Ok(())
}

fn not_there(name: &str, program: &str) -> Failure {
    Failure::new(
        "program-missing",
        text(format!("looked for the program of `{name}`"), format!("`{name}` 명령의 프로그램을 찾음")),
        text(format!("the release holds {program}"), format!("릴리즈에 {program} 파일이 있어야 합니다")),
        text(
            "it does not; `release` in app.toml lists what it holds",
            "없습니다. 릴리즈에 담을 파일은 app.toml의 `release`에 적습니다",
        ),
    )
}
