//! Exact declaration: the lock file, in a clean clone.

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::locks::{Finding, examine};
use crate::text::{Text, text};

/// Everything that is declared is locked, in the repository.
pub async fn lockfile_complete(lab: Lab) -> CheckResult {
    match examine(&lab).await? {
        None => Ok(()),
        Some(finding) => Err(failure(finding).into()),
    }
}

fn failure(finding: Finding) -> Failure {
    match finding {
        Finding::NoLockFile { declared, lock } => Failure::new(
            "no-lock-file",
            cloned(),
            text(
                format!("{lock} stands beside {declared}"),
                format!("{declared} 파일이 있으면 {lock} 파일도 있어야 합니다"),
            ),
            text(format!("there is no {lock}"), format!("{lock} 파일이 없습니다")),
        ),
        Finding::Ignored { lock } => Failure::new(
            "lock-ignored",
            text(
                format!("asked git whether it would take {lock} into the repository of this folder"),
                format!("이 폴더의 저장소에 {lock} 파일이 들어가는지 git에 확인"),
            ),
            text("it would", "들어가야 합니다"),
            text(format!(".gitignore leaves {lock} out"), format!(".gitignore 때문에 {lock} 파일이 빠집니다")),
        ),
        Finding::Incomplete { lock, what } => Failure::new(
            "lock-incomplete",
            cloned(),
            text(format!("{lock} holds all that is declared"), format!("선언한 것이 모두 {lock} 안에 있어야 합니다")),
            text(format!("it does not: {what}"), format!("빠진 것이 있습니다: {what}")),
        ),
        Finding::NotPinned { file, line } => Failure::new(
            "not-pinned",
            cloned(),
            text("each line names one exact version", "줄마다 정확한 버전이 하나씩 적혀 있어야 합니다"),
            text(
                format!("{file} says `{line}`"),
                format!("{file} 파일에 버전이 정확하지 않은 줄이 있습니다: `{line}`"),
            ),
        ),
    }
}

fn cloned() -> Text {
    text("cloned the repository and looked at what is declared", "저장소를 clone 해서 선언된 종속성을 확인")
}
