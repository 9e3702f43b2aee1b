//! A read-only file system, as careful platforms give it, and a TMPDIR that somebody empties.

use super::deployed::Deployed;
use super::steps::{Trouble, VISIT, Visitor};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::links::did_not_come_up;
use crate::text::{Text, text};

/// One visit as it is, and one during which TMPDIR is emptied before every request.
pub async fn read_only_root(lab: Lab) -> CheckResult {
    let deployed = Deployed::new(&lab).await?;
    let start = deployed.web()?.sandboxed(&deployed.system.ports(), &[]).read_only();
    let (service, startup) = start.go().await?;
    let started = text(
        "started it on a file system that is read-only but for TMPDIR",
        "TMPDIR만 빼고 모두 읽기 전용인 파일 시스템에서 시작",
    );
    if startup != Startup::Listening {
        return Err(did_not_come_up("refuses-to-start", &service, &startup, started).into());
    }
    if service.working_directory_is_read_only() != Some(true) {
        return Err(LabError::new("the sandbox", "the service's working directory is not read-only").into());
    }
    visit(&deployed, &service, false)
        .await
        .map_err(|trouble| failure("needs-local-files", started, trouble, &service))?;
    let emptied = text(
        "emptied TMPDIR before every request of a visit, on a read-only file system",
        "읽기 전용 파일 시스템에서, 요청을 보낼 때마다 그 전에 TMPDIR을 비움",
    );
    visit(&deployed, &service, true).await.map_err(|trouble| failure("kept-in-tmpdir", emptied, trouble, &service))?;
    service.end().await;
    Ok(())
}

enum Stumble {
    Over(Trouble),
    Lab(LabError),
}

async fn visit(deployed: &Deployed, service: &Service, emptying: bool) -> Result<(), Stumble> {
    let mut visitor = Visitor::default();
    for step in VISIT {
        if emptying {
            service.empty_temporary_folder().map_err(Stumble::Lab)?;
        }
        visitor.take(step, deployed, service).await.map_err(Stumble::Over)?;
    }
    Ok(())
}

fn failure(reason: &'static str, did: Text, stumble: Stumble, service: &Service) -> crate::check::Stop {
    let Trouble { step, expected, seen } = match stumble {
        Stumble::Lab(error) => return error.into(),
        Stumble::Over(trouble) => trouble,
    };
    let request = step.request();
    let expected = text(format!("{request}: {expected}"), format!("{request} 요청의 응답: {expected}"));
    let seen = text(format!("got {seen}"), format!("실제 응답: {seen}"));
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
