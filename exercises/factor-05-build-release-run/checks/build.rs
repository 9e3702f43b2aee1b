//! The build stage: it knows no deploy.

use crate::check::{CheckResult, Failure, LogLine, Missing};
use crate::lab::Lab;
use crate::lab::process::Exit;
use crate::links::attempts::attempts_are_seen;
use crate::links::{Deploy, System};
use crate::text::{Text, text};

/// A clean clone is built without any variable of a deploy and without its services.
pub async fn build_needs_no_deploy(lab: Lab) -> CheckResult {
    if lab.bench.subject.app().build.is_empty() {
        return Ok(());
    }
    let system = System::attach(&lab).await?;
    attempts_are_seen(&lab, &system).await?;
    let alone = lab.build_offline(&[]).await?;
    if let Some(attempt) = alone.attempts.first() {
        let whom = attempt.name.clone().unwrap_or_else(|| format!("{}:{}", attempt.address, attempt.port));
        let seen = text(format!("it tried to reach {whom}"), format!("{whom}에 접속하려고 했습니다"));
        return Err(failure("build-reaches-out", seen, alone.lines).into());
    }
    if alone.exit == Some(Exit::Code(0)) {
        return Ok(());
    }
    // The control: with a deploy's variables it is built, so nothing else is missing here.
    let deploy = Deploy::random(&lab, &system.screen);
    let with_deploy = lab.build_offline(&deploy.environment()).await?;
    if with_deploy.exit == Some(Exit::Code(0)) {
        let seen = text("it is built only with a deploy's variables", "배포의 환경 변수가 있어야만 빌드됩니다");
        return Err(failure("build-needs-deploy", seen, alone.lines).into());
    }
    Err(not_here(&alone.lines).into())
}

fn failure(reason: &'static str, seen: Text, lines: Vec<LogLine>) -> Failure {
    let did = text(
        "built a clean clone without a variable of a deploy, and without its database, cache and partner",
        "새로 clone한 저장소를 배포의 환경 변수, 데이터베이스, 캐시, 협력 서비스 없이 빌드",
    );
    let expected = text("it is built", "빌드되어야 합니다");
    let last = lines.len().saturating_sub(12);
    Failure::new(reason, did, expected, seen).with_log(lines[last..].to_vec())
}

fn not_here(lines: &[LogLine]) -> Missing {
    let error = lines.iter().find(|line| line.text.starts_with("error")).or(lines.last());
    let error = error.map(|line| line.text.clone()).unwrap_or_default();
    Missing {
        what: text(
            format!("a build in a sandbox of this machine: {error}"),
            format!("이 컴퓨터의 격리된 환경에서 하는 빌드: {error}"),
        ),
        fix: text(
            "switch off what wraps the compiler, such as a cache, and check again",
            "캐시처럼 컴파일러를 감싸는 프로그램을 끄고 다시 검사하십시오",
        ),
    }
}
