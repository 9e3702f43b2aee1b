//! The contract of `screen`, as the grader plays it when `screen` is what somebody built: a deploy's configuration, the smoke test.

use hyper::Method;
use serde_json::json;

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::http::Reply;
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::lab::stub::{PREVIEWS, VERDICTS};
use crate::links::{answers, came_up, fresh_target, has_strings};
use crate::text::text;

/// One deploy's configuration, all of it random.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// The hosts whose links it denies.
    pub denied_hosts: Vec<String>,
    /// What `/version` shows.
    pub release_id: String,
}

impl Deploy {
    /// A deploy that denies two hosts.
    pub fn random(lab: &Lab) -> Self {
        let host = || format!("{}.example", lab.chance().word(10));
        Self { denied_hosts: vec![host(), host()], release_id: format!("r-{}", lab.chance().word(10)) }
    }

    /// The environment variables; `PORT` comes from the lab.
    pub fn environment(&self) -> Vec<(String, String)> {
        let variables = [("DENY_HOSTS", self.denied_hosts.join(",")), ("RELEASE_ID", self.release_id.clone())];
        variables.map(|(name, value)| (name.to_owned(), value)).into()
    }
}

/// Friendly conditions: everything is given. Whoever fails here is BLOCKED.
pub async fn smoke(lab: Lab) -> CheckResult {
    let deploy = Deploy::random(&lab);
    let service = answers_the_basics(&lab, &deploy, lab.start("web").environment(&deploy.environment())).await?;
    service.end().await;
    Ok(())
}

/// Starts a service under friendly conditions and asks what every `screen` answers. It goes on running.
///
/// # Errors
///
/// A failure with one of the reasons for BLOCKED.
pub async fn answers_the_basics(lab: &Lab, deploy: &Deploy, start: Start) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    came_up(&service, startup)?;
    keeps_the_contract(lab, deploy, &service).await?;
    Ok(service)
}

/// Asks a running service what every `screen` answers.
///
/// # Errors
///
/// A failure with one of the reasons for BLOCKED.
pub async fn keeps_the_contract(lab: &Lab, deploy: &Deploy, service: &Service) -> CheckResult {
    answers(service, Method::GET, "/healthz", None, 200).await?;
    answers(service, Method::GET, "/readyz", None, 200).await?;
    let version = answers(service, Method::GET, "/version", None, 200).await?;
    has_strings(&version, "GET /version", &["build", "release"])?;
    says(&verdict(service, &fresh_target(lab)).await?, "allow")?;
    for host in &deploy.denied_hosts {
        says(&verdict(service, &format!("https://{host}/menu")).await?, "deny")?;
    }
    let preview = json!({ "target": fresh_target(lab) });
    has_strings(&answers(service, Method::POST, PREVIEWS, Some(preview), 200).await?, "POST /v1/previews", &["title"])?;
    answers(service, Method::POST, VERDICTS, Some(json!({ "target": 7 })), 400).await.map(drop)
}

/// `POST /v1/verdicts` for `target`, under friendly conditions.
///
/// # Errors
///
/// A failure with the reason `not-the-contract` or `hung-up`.
pub async fn verdict(service: &Service, target: &str) -> CheckResult<Reply> {
    answers(service, Method::POST, VERDICTS, Some(json!({ "target": target })), 200).await
}

fn says(reply: &Reply, verdict: &str) -> CheckResult {
    has_strings(reply, "POST /v1/verdicts", &["verdict", "reason"])?;
    if reply.json()["verdict"] == verdict {
        return Ok(());
    }
    let did = text("asked POST /v1/verdicts under friendly conditions", "모든 조건이 정상일 때 POST /v1/verdicts 요청");
    let expected = text(format!("the verdict \"{verdict}\""), format!("\"verdict\": \"{verdict}\""));
    Err(Failure::new("not-the-contract", did, expected, text(reply.excerpt(), reply.excerpt())).into())
}
