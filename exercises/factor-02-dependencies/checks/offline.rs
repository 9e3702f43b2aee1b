//! The build, where there is no network.

use std::net::SocketAddr;

use supervisor::protocol::Attempt;

use crate::check::{CheckResult, Failure, LogLine, Missing};
use crate::lab::Lab;
use crate::lab::process::Exit;
use crate::links::System;
use crate::links::attempts::attempts_are_seen;
use crate::text::text;

/// Everything was fetched before, so the build reaches for nothing.
pub async fn build_offline_after_fetch(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    attempts_are_seen(&lab, &system).await?;
    let build = lab.build_offline(&[]).await?;
    match build.attempts.first() {
        Some(attempt) => Err(reaches_out(attempt, build.lines).into()),
        None if build.exit == Some(Exit::Code(0)) => Ok(()),
        // A wrapper of this machine's own, such as a compiler cache, may need what a sandbox has not.
        None => Err(not_here(&build.lines).into()),
    }
}

fn reaches_out(attempt: &Attempt, lines: Vec<LogLine>) -> Failure {
    let whom = attempt.name.clone().unwrap_or_else(|| SocketAddr::new(attempt.address, attempt.port).to_string());
    let did = text(
        "fetched all that is locked, then ran the build command on a clean clone, without a network",
        "잠금 파일에 있는 것을 모두 내려받은 뒤, 네트워크를 끊고 새로 clone 한 저장소에서 빌드",
    );
    let expected = text("it reaches for nothing", "아무 데도 접속하지 않아야 합니다");
    let seen = text(format!("it tried to reach {whom}"), format!("{whom}에 접속하려고 했습니다"));
    let last = lines.len().saturating_sub(12);
    Failure::new("needs-network", did, expected, seen).with_log(lines[last..].to_vec())
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
