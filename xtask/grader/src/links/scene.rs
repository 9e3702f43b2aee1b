//! What checks of several factors do with a deploy: bring it up, make links, hold requests in flight, look at previews.

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::connection::Connection;
use crate::lab::http::{NoReply, Reply};
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::lab::stub::VERDICTS;
use crate::links::{System, create_link, describe, fresh_target, get};

/// A held call must not be ended by the service's own patience with its partner, which is another factor's subject.
pub const LONG: &str = "120000";

/// Longer than a partner or a database that is well takes to answer on a machine of the reference's speed, in milliseconds.
const PATIENCE: f64 = 15_000.0;

/// The variables that give a process more patience with its partner and its database than a busy machine uses up, where nobody
/// asks how long it waits.
pub fn patience(lab: &Lab) -> [(String, String); 2] {
    ["DB_TIMEOUT_MS", "UPSTREAM_TIMEOUT_MS"].map(|name| (name.to_owned(), slowed(lab, PATIENCE)))
}

/// A process with that [`patience`].
pub fn patient(lab: &Lab, start: Start) -> Start {
    start.environment(&patience(lab))
}

/// A whole number that is larger on a slower machine.
pub fn slowed(lab: &Lab, number: f64) -> String {
    format!("{:.0}", (number * lab.bench.patience.slowness()).ceil())
}

/// Starts `web` as the smoke test did and waits until it is ready.
pub async fn serving(lab: &Lab, start: Start) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    if startup != Startup::Listening {
        let seen = describe(&startup, service.port()).en;
        return Err(LabError::new("the service came up in the smoke test, and now", seen).into());
    }
    match lab.watch("ready", || async { is_ready(&service).await.then_some(()) }).await {
        Some(()) => Ok(service),
        None => Err(LabError::new("the service was ready in the smoke test", "now it is not").into()),
    }
}

/// Whether `/readyz` says yes.
pub async fn is_ready(service: &Service) -> bool {
    get(service, "/readyz").await.is_ok_and(|reply| reply.status == 200)
}

/// A request whose verdict the partner holds back.
pub struct Held {
    /// What is to be linked.
    pub target: String,
    /// The partner's call for it.
    pub sequence: u64,
    connection: Connection,
}

/// Sends `number` requests and returns when the partner is being asked about each of them.
pub async fn hold(lab: &Lab, system: &System, service: &Service, number: usize) -> CheckResult<Vec<Held>> {
    system.screen.hold(VERDICTS);
    let before = system.screen.calls_of(VERDICTS).len();
    let mut held = Vec::new();
    for _ in 0..number {
        let target = fresh_target(lab);
        let mut connection = service.connect().await.map_err(|why| LabError::new("a friendly connection", why))?;
        post(&mut connection, &target).await.map_err(|why| LabError::new("a friendly request", why))?;
        held.push((target, connection));
    }
    let calls = lab.until("verdicts asked", system.screen.received(VERDICTS, before + number)).await;
    let calls = calls.ok_or_else(|| LabError::new("POST /v1/links", "the partner was not asked for a verdict"))?;
    let sequence = |target: &str| calls.iter().find(|call| call.json()["target"] == target).map(|call| call.sequence);
    let held = held.into_iter().map(|(target, connection)| {
        let sequence = sequence(&target).ok_or_else(|| LabError::new("POST /v1/links", "another target was asked"))?;
        Ok(Held { target, sequence, connection })
    });
    held.collect()
}

/// Sends `POST /v1/links` without waiting for the answer.
pub async fn post(connection: &mut Connection, target: &str) -> Result<(), NoReply> {
    connection.send(&Method::POST, "/v1/links", Some(&json!({ "target": target }))).await
}

impl Held {
    /// Lets the partner answer and returns what the client gets.
    pub async fn release(&mut self, lab: &Lab, system: &System) -> Result<Reply, NoReply> {
        system.screen.release_call(self.sequence);
        let reply = lab.until("held answer", self.connection.reply()).await.unwrap_or(Err(NoReply::Silent));
        let shown = reply.as_ref().map_or_else(NoReply::to_string, |reply| reply.status.to_string());
        lab.note("grader", format!("released the verdict about {} -> {shown}", self.target));
        reply
    }

    /// Whether this is the whole answer to it.
    pub fn is_answered_by(&self, reply: &Reply) -> bool {
        let link = reply.json();
        reply.status == 201 && link["target"] == *self.target && link["slug"].is_string()
    }
}

/// The newest links, as many as one page may have.
pub async fn links(service: &Service) -> CheckResult<Vec<Value>> {
    let reply = get(service, "/v1/links?limit=100").await;
    let reply = reply.map_err(|why| LabError::new("GET /v1/links?limit=100", why))?;
    match reply.json()["items"].as_array() {
        Some(items) if reply.status == 200 => Ok(items.clone()),
        _ => Err(LabError::new("GET /v1/links?limit=100", format!("{} {}", reply.status, reply.excerpt())).into()),
    }
}

/// Whether the preview of this link is made, and rightly.
pub fn has_title(system: &System, link: &Value) -> bool {
    let title = link["target"].as_str().map(|target| system.screen.title_of(target));
    link["preview"]["state"] == "done" && link["preview"]["title"].as_str() == title.as_deref()
}

/// Creates a link under friendly conditions and returns its slug.
pub async fn create(system: &System, service: &Service, target: &str) -> CheckResult<String> {
    system.screen.release_path(VERDICTS);
    let reply = create_link(service, target).await.map_err(|why| LabError::new("POST /v1/links", why))?;
    match reply.json()["slug"].as_str() {
        Some(slug) if reply.status == 201 => Ok(slug.to_owned()),
        _ => Err(LabError::new("POST /v1/links", format!("{} {}", reply.status, reply.excerpt())).into()),
    }
}

/// The preview's state and title of a link, or nothing when it cannot be read.
pub async fn preview(service: &Service, slug: &str) -> Option<Value> {
    let reply = get(service, &format!("/v1/links/{slug}")).await.ok()?;
    (reply.status == 200).then(|| reply.json())
}
