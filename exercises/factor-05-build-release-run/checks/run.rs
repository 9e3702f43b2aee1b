//! The run stage: it starts what was built, and makes nothing.

use std::path::Path;

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::attempts::attempts_are_seen;
use crate::links::{System, create_link, fresh_target};
use crate::text::{Text, text};

use super::scene::{Files, deployed};
use super::tools::{is_build_tool, path_without_them};

/// Once where it may write, to see whether it does; once where it may not, without tools and network, to see whether it must.
pub async fn run_changes_nothing(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    attempts_are_seen(&lab, &system).await?;
    let release = lab.copied_release()?;
    let before = Files::of(&release)?;
    let service = deployed(&lab, &system, &system.deploy, &release).await?;
    drop(create_link(&service, &fresh_target(&lab)).await);
    service.end().await;
    if let Some(change) = before.change_to(&Files::of(&release)?) {
        let did = text("started it and created a link", "시작하고 링크를 하나 만듦");
        let expected = text("the release is as it was built", "릴리즈가 빌드된 그대로여야 합니다");
        return Err(Failure::new("writes-into-release", did, expected, change).into());
    }
    needs_nothing_else(&lab, &system).await
}

/// In a sandbox the release cannot be written to, and every connection elsewhere is seen.
async fn needs_nothing_else(lab: &Lab, system: &System) -> CheckResult {
    let release = lab.own_release()?;
    let sandboxed = || system.web(lab).release(release.clone()).sandboxed(&system.ports(), &[]);
    let path = path_without_them(lab)?.display().to_string();
    let (works, service) = tried(lab, sandboxed().set("PATH", path)).await?;
    let (attempts, lines) = (service.attempts().await, service.last_lines());
    service.end().await;
    let failure = |reason, seen: Text| {
        let did = text(
            "started it from files that cannot be written, without compilers on PATH, in a network with its partner alone",
            "읽기 전용 파일에서, PATH에 컴파일러 없이, 협력 서비스만 있는 네트워크에서 시작",
        );
        let expected =
            text("it serves, and reaches for nothing else", "다른 것에 접속하지 않고 요청을 처리해야 합니다");
        Failure::new(reason, did, expected, seen).with_log(lines.clone())
    };
    if let Some(attempt) = attempts.first() {
        let whom = attempt.name.clone().unwrap_or_else(|| format!("{}:{}", attempt.address, attempt.port));
        let seen = text(format!("it tried to reach {whom}"), format!("{whom}에 접속하려고 했습니다"));
        return Err(failure("reaches-out", seen).into());
    }
    if works {
        return Ok(());
    }
    let (with_tools, service) = tried(lab, sandboxed()).await?;
    service.end().await;
    Err(if with_tools {
        let seen = text("it serves only where there are compilers", "컴파일러가 있어야만 요청을 처리합니다");
        failure("needs-build-tools", seen)
    } else {
        let seen =
            text("it does not serve where its release is read-only", "릴리즈에 쓸 수 없으면 요청을 처리하지 못합니다");
        failure("needs-writable-release", seen)
    }
    .into())
}

/// Whether it makes a link. It goes on running, so that it can be asked what else it did.
async fn tried(lab: &Lab, start: Start) -> CheckResult<(bool, Service)> {
    let (service, startup) = start.go().await?;
    let works = startup == Startup::Listening
        && create_link(&service, &fresh_target(lab)).await.is_ok_and(|reply| reply.status == 201);
    Ok((works, service))
}

/// Which programs it calls, and which files its processes execute.
pub async fn run_is_cheap(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let decoys = lab.decoys().await?;
    let start = system.web(&lab).release(lab.copied_release()?).set("PATH", decoys.path());
    let (works, service) = tried(&lab, start).await?;
    let called = decoys.called()?.into_iter().find(|name| is_build_tool(name));
    let foreign = executed_in(&service, service.folder())?;
    let lines = service.last_lines();
    service.end().await;
    let did = text("started it and created a link", "시작하고 링크를 하나 만듦");
    let expected = text("what runs was built before", "미리 빌드한 것이 그대로 실행되어야 합니다");
    let failure = |reason, seen| Failure::new(reason, did.clone(), expected.clone(), seen).with_log(lines.clone());
    match (called, foreign) {
        (Some(tool), _) => {
            Err(failure("builds-at-start", text(format!("it called {tool}"), format!("{tool} 명령을 호출했습니다")))
                .into())
        }
        (None, Some(file)) => {
            let seen = text(
                format!("it executes {file}, which it has made itself"),
                format!("스스로 만든 {file} 파일을 실행합니다"),
            );
            Err(failure("runs-what-was-not-built", seen).into())
        }
        (None, None) if works => Ok(()),
        (None, None) => Err(LabError::new("the service served in the smoke test", "and does not with decoys").into()),
    }
}

/// An executable file in one of the service's own folders that one of its processes has mapped. Only Linux tells.
fn executed_in(service: &Service, folder: &Path) -> Result<Option<String>, LabError> {
    let ids = service.process_ids();
    let maps: String = ids.iter().filter_map(|id| std::fs::read_to_string(format!("/proc/{id}/maps")).ok()).collect();
    let executable = maps.lines().filter(|line| line.split_whitespace().nth(1).is_some_and(|mode| mode.contains('x')));
    let files: Vec<&str> = executable.filter_map(|line| line.find('/').map(|at| &line[at..])).collect();
    if cfg!(target_os = "linux") && files.is_empty() && !service.has_ended() {
        return Err(LabError::new("/proc", "shows no file that the service executes, so nothing can be concluded"));
    }
    let own = files.into_iter().find(|file| Path::new(file).starts_with(folder));
    Ok(own.map(|file| Path::new(file).strip_prefix(folder).unwrap_or(Path::new(file)).display().to_string()))
}
