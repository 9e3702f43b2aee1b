//! Programs built from a clone, and what they say of their build.

use std::path::PathBuf;

use crate::check::{CheckResult, Failure, LabError};
use crate::graded::Deploy;
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::text::{Text, text, verbatim};

/// What a program of this release says of its build.
pub async fn build_of(lab: &Lab, release: PathBuf, did: &Text) -> CheckResult<String> {
    let deploy = Deploy::attach(lab).await?;
    let service = started(lab, &deploy, release).await?;
    let version = crate::links::get(&service, "/version").await.map_err(|why| LabError::new("GET /version", why))?;
    service.end().await;
    let Some(build) = version.json()["build"].as_str().map(str::to_owned) else {
        let expected = text("`/version` with a `build`", "`build`가 들어 있는 `/version` 응답");
        return Err(Failure::new("not-the-commit", did.clone(), expected, verbatim(version.excerpt())).into());
    };
    Ok(build)
}

async fn started(lab: &Lab, deploy: &Deploy, release: PathBuf) -> CheckResult<Service> {
    let (service, startup) = lab.start("web").environment(&deploy.environment()).release(release).go().await?;
    match startup {
        Startup::Listening => Ok(service),
        other => Err(LabError::new("a program built from a clone", format!("did not come up: {other:?}")).into()),
    }
}
