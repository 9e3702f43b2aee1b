//! A file tree with the release, the shared libraries that its program names, and nothing else.

use std::path::Path;

use super::visit::{Host, visit};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::links::scene::patient;
use crate::links::{System, did_not_come_up};
use crate::text::text;

/// What every Linux has and a bare tree has not.
const OF_THE_HOST: &str = "/usr/bin/env";

/// A whole visit where nothing of the machine can be found, whatever its path.
pub async fn runs_on_bare_root(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let did = text(
        "started it in a file tree that holds the release, its shared libraries and nothing else",
        "릴리즈와 공유 라이브러리 말고는 아무것도 없는 파일 시스템에서 시작한 뒤",
    );
    let start = patient(&lab, system.web(&lab)).sandboxed(&system.ports(), &[]).bare().set("PATH", "/usr/bin:/bin");
    let (service, startup) = start.go().await?;
    if startup != Startup::Listening {
        return Err(did_not_come_up("did-not-start", &service, &startup, did).into());
    }
    is_bare(&service)?;
    let visited = visit(&lab, &system, &Host::Service(&service)).await;
    let log = service.last_lines();
    service.end().await;
    visited.map(drop).map_err(|trouble| {
        let reason = if trouble.always_the_same { "always-the-same" } else { "request-failed" };
        trouble.failure(reason, did, log).into()
    })
}

/// The positive control: the machine's own files exist, and the service cannot see them.
fn is_bare(service: &Service) -> Result<(), LabError> {
    match (Path::new(OF_THE_HOST).exists(), service.sees(Path::new(OF_THE_HOST))) {
        (true, Some(false)) => Ok(()),
        (here, there) => {
            Err(LabError::new("the bare file tree", format!("{OF_THE_HOST} exists here: {here}, there: {there:?}")))
        }
    }
}
