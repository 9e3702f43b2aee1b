//! What all checks of this factor do: start the service in one of its guises, and ask it for links.

use std::path::PathBuf;

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::secrets::percent_encoded;
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::account::{Answer, shown};
use crate::links::scene::{is_ready, serving};
use crate::links::{ENVIRONMENT_NAMES, System, get};

/// The one-off that brings the schema.
pub const MIGRATE: &str = "migrate";
/// No check of this factor is about patience, so a slow machine shall not run out of it.
const PATIENCE: [(&str, &str); 2] = [("DB_TIMEOUT_MS", "60000"), ("UPSTREAM_TIMEOUT_MS", "60000")];

/// What may differ between a developer's machine and production, and must not matter.
#[derive(Clone, Debug, Default)]
pub struct Guise {
    /// What the environment is called in every variable that frameworks know for it.
    pub environment: Option<&'static str>,
    /// The folder of another build's release.
    pub release: Option<PathBuf>,
}

impl Guise {
    /// A start in this guise.
    pub fn put_on(&self, mut start: Start) -> Start {
        for (name, value) in PATIENCE {
            start = start.set(name, value);
        }
        for name in ENVIRONMENT_NAMES.iter().filter(|_| self.environment.is_some()) {
            start = start.set(name, self.environment.unwrap_or_default());
        }
        match &self.release {
            Some(folder) => start.release(folder.clone()),
            None => start,
        }
    }

    /// Runs `migrate` in this guise, if the subject has one; `false` when it failed.
    pub async fn migrate(&self, lab: &Lab, system: &System) -> CheckResult<bool> {
        if !lab.bench.subject.app().admin.contains_key(MIGRATE) {
            return Ok(true);
        }
        let migrate = self.put_on(lab.one_off(MIGRATE, &[]).environment(&system.environment()));
        Ok(migrate.to_the_end().await?.succeeded())
    }
}

/// Fresh backing services with the schema, and a service that is ready, as in the smoke test.
pub async fn deployed(lab: &Lab) -> CheckResult<(System, Service)> {
    let system = System::attach(lab).await?;
    let service = serving(lab, Guise::default().put_on(system.web(lab))).await?;
    Ok((system, service))
}

/// Whether `/readyz` says yes before the hang guard is over.
pub async fn becomes_ready(lab: &Lab, service: &Service) -> bool {
    lab.watch("ready", || async { is_ready(service).await.then_some(()) }).await.is_some()
}

/// Creates a link, as in the smoke test, and returns its slug.
pub async fn create(service: &Service, target: &str) -> CheckResult<String> {
    let answer = submit(service, target, None).await;
    slug_of(&answer).ok_or_else(|| LabError::new("POST /v1/links", shown(&answer)).into())
}

/// `POST /v1/links`.
pub async fn submit(service: &Service, target: &str, prefix: Option<&str>) -> Answer {
    let body = match prefix {
        Some(prefix) => json!({ "target": target, "prefix": prefix }),
        None => json!({ "target": target }),
    };
    service.request(Method::POST, "/v1/links", Some(&body)).await
}

/// The slug of a link that was made.
pub fn slug_of(answer: &Answer) -> Option<String> {
    let reply = answer.as_ref().ok().filter(|reply| reply.status == 201)?;
    reply.json()["slug"].as_str().map(str::to_owned)
}

/// A page of links: those that hold `q`, from behind the cursor `after` on.
pub async fn page(service: &Service, q: Option<&str>, limit: u64, after: Option<&str>) -> Answer {
    let mut path = format!("/v1/links?limit={limit}");
    for (name, value) in [("q", q), ("after", after)] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", percent_encoded(value)));
        }
    }
    get(service, &path).await
}

/// The links of a page; `None` when it is none.
pub fn items(answer: &Answer) -> Option<Vec<Value>> {
    let reply = answer.as_ref().ok().filter(|reply| reply.status == 200)?;
    reply.json()["items"].as_array().cloned()
}

/// The status of an answer, or why there was none, as a text.
pub fn status_of(answer: &Answer) -> String {
    answer.as_ref().map_or_else(ToString::to_string, |reply| reply.status.to_string())
}
