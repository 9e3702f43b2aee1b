//! Which release is running: the platform says it at the start, the service repeats it.

use hyper::Method;

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::{System, answers, came_up, describe, did_not_come_up, has_strings};
use crate::text::{Text, text};

/// Whoever fails here is BLOCKED.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let (service, startup) = started_as(&lab, &system, &lab.chance().word(10)).go().await?;
    came_up(&service, startup)?;
    answers(&service, Method::GET, "/healthz", None, 200).await?;
    let version = answers(&service, Method::GET, "/version", None, 200).await?;
    has_strings(&version, "GET /version", &["build", "release"])?;
    service.end().await;
    Ok(())
}

/// One build, started as two releases and as none.
pub async fn is_told(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    for _ in 0..2 {
        let release = format!("r-{}", lab.chance().word(10));
        let did = text(
            format!("started it with RELEASE_ID={release} and asked GET /version"),
            format!("RELEASE_ID={release} 값으로 시작하고 GET /version 요청"),
        );
        let service = up(started_as(&lab, &system, &release), &did).await?;
        names(service, &release, "release-not-told", did).await?;
    }
    let did =
        text("started it without RELEASE_ID and asked GET /version", "RELEASE_ID 없이 시작하고 GET /version 요청");
    let (service, startup) = system.web(&lab).unset("RELEASE_ID").go().await?;
    if !matches!(startup, Startup::Listening) {
        return Err(did_not_come_up("no-default-release", &service, &startup, did).into());
    }
    names(service, "unreleased", "no-default-release", did).await
}

/// What it needs beside its release is given: the warm-up needs nothing, and a complete service all of it.
fn started_as(lab: &Lab, system: &System, release: &str) -> Start {
    system.web(lab).set("RELEASE_ID", release)
}

/// The smoke test has seen it start like this, so that it does not now proves nothing.
async fn up(start: Start, did: &Text) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    match startup {
        Startup::Listening => Ok(service),
        other => Err(LabError::new(did.en.clone(), describe(&other, service.port()).en).into()),
    }
}

async fn names(service: Service, release: &str, reason: &'static str, did: Text) -> CheckResult {
    let reply = answers(&service, Method::GET, "/version", None, 200).await?;
    let seen = reply.json()["release"].clone();
    service.end().await;
    if seen == release {
        return Ok(());
    }
    let expected = text(format!("\"release\": \"{release}\""), format!("\"release\": \"{release}\""));
    let seen = text(format!("\"release\": {seen}"), format!("\"release\": {seen}"));
    Err(Failure::new(reason, did, expected, seen).into())
}
