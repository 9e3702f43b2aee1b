//! The contract of `links`, as the grader plays it: a deploy's configuration, a request, the smoke test.

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::http::{NoReply, Reply};
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::lab::stub::Stub;
use crate::text::{Text, text, with_particle};

pub mod account;
pub mod attempts;
pub mod by_hand;
pub mod friendly;
pub mod image;
pub mod numbers;
mod refusal;
pub mod scene;
mod system;
mod transcript;

pub use refusal::{Complaint, refused_well};
pub use system::System;
pub use transcript::Transcript;

/// The variables without which `links web` must not start.
pub const REQUIRED: [&str; 4] = ["PORT", "SCREEN_URL", "SCREEN_API_KEY", "PUBLIC_BASE_URL"];

/// How frameworks and people call the environment.
pub const ENVIRONMENT_NAMES: [&str; 11] = [
    "APP_ENV",
    "ENV",
    "ENVIRONMENT",
    "FLASK_ENV",
    "GO_ENV",
    "NODE_ENV",
    "PROFILE",
    "RAILS_ENV",
    "RUST_ENV",
    "SPRING_PROFILES_ACTIVE",
    "STAGE",
];

/// One deploy's configuration, all of it random.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// Where the partner is.
    pub screen_url: String,
    /// The key the partner expects.
    pub key: String,
    /// The prefix of every short URL.
    pub base_url: String,
    /// What `/version` shows.
    pub release_id: String,
}

impl Deploy {
    /// A deploy whose partner is `screen`.
    pub fn random(lab: &Lab, screen: &Stub) -> Self {
        let chance = lab.chance();
        Self {
            screen_url: screen.url(),
            key: format!("key-{}", chance.word(20)),
            base_url: format!("https://{}.example", chance.word(10)),
            release_id: format!("r-{}", chance.word(10)),
        }
    }

    /// The environment variables; `PORT` comes from the lab.
    pub fn environment(&self) -> Vec<(String, String)> {
        let variables = [
            ("SCREEN_URL", &self.screen_url),
            ("SCREEN_API_KEY", &self.key),
            ("PUBLIC_BASE_URL", &self.base_url),
            ("RELEASE_ID", &self.release_id),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.clone())).into()
    }
}

/// A target that no other request uses.
pub fn fresh_target(lab: &Lab) -> String {
    format!("https://{}.example/{}", lab.chance().word(10), lab.chance().word(6))
}

/// `POST /v1/links` for `target`.
pub async fn create_link(service: &Service, target: &str) -> Result<Reply, NoReply> {
    service.request(Method::POST, "/v1/links", Some(&json!({ "target": target }))).await
}

/// `GET` of a path.
pub async fn get(service: &Service, path: &str) -> Result<Reply, NoReply> {
    service.request(Method::GET, path, None).await
}

/// Friendly conditions: everything is given, the partner is well. Whoever fails here is BLOCKED.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let service = answers_the_basics(&lab, &system, system.web(&lab)).await?;
    service.end().await;
    Ok(())
}

/// Starts a service under friendly conditions and asks what every exercise's service answers. It goes on running.
///
/// # Errors
///
/// A failure with one of the reasons for BLOCKED.
pub async fn answers_the_basics(lab: &Lab, system: &System, start: Start) -> CheckResult<Service> {
    let (service, startup) = scene::patient(lab, start).go().await?;
    came_up(&service, startup)?;
    keeps_the_contract(lab, system, &service).await?;
    Ok(service)
}

/// Asks a running service what every exercise's service answers.
///
/// # Errors
///
/// A failure with one of the reasons for BLOCKED.
pub async fn keeps_the_contract(lab: &Lab, system: &System, service: &Service) -> CheckResult {
    answers(service, Method::GET, "/healthz", None, 200).await?;
    // Whoever attaches its database in its own time may say no at first.
    lab.watch("ready", || async { get(service, "/readyz").await.is_ok_and(|reply| reply.status == 200).then_some(()) })
        .await;
    answers(service, Method::GET, "/readyz", None, 200).await?;
    let version = answers(service, Method::GET, "/version", None, 200).await?;
    has_strings(&version, "GET /version", &["build", "release"])?;
    let target = fresh_target(lab);
    let link = answers(service, Method::POST, "/v1/links", Some(json!({ "target": target })), 201).await?;
    has_strings(&link, "POST /v1/links", &["slug", "short_url", "target", "created_at"])?;
    system.screen.deny("denied.example");
    let denied = json!({ "target": "https://denied.example/" });
    answers(service, Method::POST, "/v1/links", Some(denied), 422).await?;
    answers(service, Method::POST, "/v1/links", Some(json!({ "target": 7 })), 400).await.map(drop)
}

/// What a start that did not end in listening looks like, for checks in which it should have.
pub fn describe(startup: &Startup, port: u16) -> Text {
    match startup {
        Startup::Listening => text(format!("it listens on port {port}"), format!("포트 {port}에서 연결을 받습니다")),
        Startup::Elsewhere(ports) if ports.contains(&port) => text(
            format!("it listens on port {port}, but not at 127.0.0.1; bind 0.0.0.0"),
            format!(
                "포트 {} 열었지만 127.0.0.1에서는 연결을 받지 않습니다. 0.0.0.0에 바인딩해야 합니다",
                with_particle(&port.to_string(), "을/를")
            ),
        ),
        Startup::Elsewhere(ports) => {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            let ports = ports.join(", ");
            text(
                format!("it listens on {ports}, not on {port}"),
                format!("{port}번이 아니라 {ports}번 포트에서 연결을 받습니다"),
            )
        }
        Startup::Exited(exit) => {
            text(format!("it ended with {exit}"), format!("시작하다가 끝났습니다({})", exit.text().ko))
        }
        Startup::Silent => text("it neither listens nor ends", "연결을 받지도, 끝나지도 않습니다"),
        Startup::NotExecutable(why) => text(why.clone(), why.clone()),
    }
}

/// The failure of a service that should have listened and did not.
pub fn did_not_come_up(reason: &'static str, service: &Service, startup: &Startup, did: Text) -> Failure {
    let port = service.port();
    let expected =
        text(format!("it accepts connections on port {port}"), format!("포트 {port}에서 연결을 받아야 합니다"));
    Failure::new(reason, did, expected, describe(startup, port)).with_log(service.last_lines())
}

/// Nothing where it listens; otherwise a failure with one of the reasons for BLOCKED.
pub fn came_up(service: &Service, startup: Startup) -> CheckResult {
    let reason = match &startup {
        Startup::Listening => return Ok(()),
        Startup::Elsewhere(_) => "listens-elsewhere",
        Startup::Exited(_) => "exited-at-start",
        Startup::Silent => "never-listened",
        Startup::NotExecutable(_) => "program-missing",
    };
    let port = service.port();
    let did = text(
        format!("started `web` with every variable of the contract, PORT={port}"),
        format!("계약의 환경 변수를 모두 주고(PORT={port}) `web` 프로세스를 시작"),
    );
    Err(did_not_come_up(reason, service, &startup, did).into())
}

/// Sends a request under friendly conditions and wants this status.
///
/// # Errors
///
/// A failure with the reason `not-the-contract` or `hung-up`.
pub async fn answers(
    service: &Service,
    method: Method,
    path: &str,
    body: Option<Value>,
    status: u16,
) -> CheckResult<Reply> {
    let reply = service.request(method.clone(), path, body.as_ref()).await;
    let (reason, seen) = match reply {
        Ok(reply) if reply.status == status => return Ok(reply),
        Ok(reply) => ("not-the-contract", format!("{} {}", reply.status, reply.excerpt())),
        Err(why) => ("hung-up", why.to_string()),
    };
    let shown = body.map(|body| body.to_string());
    let sent = shown.as_ref().map_or_else(|| format!("{method} {path}"), |body| format!("{method} {path} {body}"));
    let mut failure = smoke_failure(reason, sent, format!("{status}"), seen);
    // What shows the partner a target needs one that answers, which nobody has at hand.
    let alone = shown.as_deref().is_none_or(|body| status == 400 && body.contains("target"));
    let graded = service.app() == service.lab().bench.subject.app_name();
    if alone && graded && path != "/readyz" {
        failure.repeat = by_hand::request(service.lab(), &method, path, shown.as_deref());
    }
    Err(failure.into())
}

/// The reply is an object in which these fields are strings.
///
/// # Errors
///
/// A failure with the reason `not-the-contract`.
pub fn has_strings(reply: &Reply, request: &str, fields: &[&str]) -> Result<(), Stop> {
    let body = reply.json();
    match fields.iter().find(|field| !body[**field].is_string()) {
        None => Ok(()),
        Some(field) => {
            Err(smoke_failure("not-the-contract", request.to_owned(), format!("\"{field}\": \"…\""), reply.excerpt())
                .into())
        }
    }
}

fn smoke_failure(reason: &'static str, sent: String, expected: String, seen: String) -> Failure {
    Failure::new(
        reason,
        text(format!("sent {sent} under friendly conditions"), format!("모든 조건이 정상일 때 {sent} 요청")),
        text(format!("the contract says {expected}"), format!("계약에 따른 응답: {expected}")),
        text(format!("got {seen}"), format!("실제 응답: {seen}")),
    )
}
