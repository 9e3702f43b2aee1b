//! One visit: everything the service promises, its errors included, because tools like to sit on rare paths.

use std::collections::BTreeSet;
use std::time::SystemTime;

use hyper::Method;
use serde_json::{Value, json};

use super::moment;
use crate::check::{CheckResult, Failure, LabError, LogLine, Stop};
use crate::lab::Lab;
use crate::lab::http::{Endpoint, NoReply, Reply};
use crate::lab::service::Service;
use crate::lab::stub::{Answer, Stub, VERDICTS};
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// How many links a visit makes; one alone cannot show that slugs differ.
const LINKS: usize = 4;

/// What is different each time and says nothing.
const CHANGING: [&str; 4] = ["slug", "short_url", "target", "created_at"];

/// Who is visited.
pub enum Host<'a> {
    /// A process of the lab.
    Service(&'a Service),
    /// A container.
    Container(&'a Endpoint),
}

/// Where a visit went wrong.
#[derive(Debug)]
pub struct Trouble {
    /// Whether every link came out with the same slug.
    pub always_the_same: bool,
    request: String,
    expected: Text,
    seen: Text,
}

/// What was answered, without what changes: two visits of one service are equal.
pub type Transcript = Vec<(String, String)>;

impl Host<'_> {
    async fn ask(&self, lab: &Lab, method: Method, path: &str, body: Option<&Value>) -> Result<Reply, NoReply> {
        match self {
            Host::Service(service) => service.request(method, path, body).await,
            Host::Container(endpoint) => {
                lab.until("answer", endpoint.send(method, path, &[], body)).await.unwrap_or(Err(NoReply::Silent))
            }
        }
    }
}

/// Visits the service: three questions of a platform, some links, and every way of being refused.
pub async fn visit(lab: &Lab, system: &System, host: &Host<'_>) -> Result<Transcript, Trouble> {
    let mut visit = Visit { lab, host, transcript: Vec::new() };
    for path in ["/healthz", "/readyz", "/version"] {
        visit.expect(Method::GET, path, None, 200).await?;
    }
    let asked_before = system.screen.calls_of(VERDICTS).len();
    visit.links().await?;
    let denied = format!("{}.example", lab.chance().word(10));
    system.screen.deny(&denied);
    visit.post(json!({ "target": format!("https://{denied}/menu") }), 422).await?;
    visit.post(json!({ "target": 7 }), 400).await?;
    system.screen.answer(Answer::Status(500));
    let unlucky = visit.post(json!({ "target": fresh_target(lab) }), 503).await;
    system.screen.answer(Answer::Verdict);
    unlucky?;
    visit.expect(Method::GET, "/nothing-here", None, 404).await?;
    match guessed(&system.screen, asked_before) {
        Some(trouble) => Err(trouble),
        None => Ok(visit.transcript),
    }
}

struct Visit<'a> {
    lab: &'a Lab,
    host: &'a Host<'a>,
    transcript: Transcript,
}

impl Visit<'_> {
    async fn links(&mut self) -> Result<(), Trouble> {
        let mut slugs = BTreeSet::new();
        for _ in 0..LINKS {
            let began = SystemTime::now();
            let link = self.post(json!({ "target": fresh_target(self.lab) }), 201).await?;
            let slug = link["slug"].as_str().filter(|slug| !slug.is_empty()).map(str::to_owned);
            slugs.insert(slug.ok_or_else(|| wrong_link("a slug", "slug", &link))?);
            let now =
                link["created_at"].as_str().is_some_and(|text| moment::lies_between(text, began, SystemTime::now()));
            if !now {
                return Err(wrong_link("the time of this request", "created_at", &link));
            }
        }
        match slugs.first().filter(|_| slugs.len() == 1) {
            None => Ok(()),
            Some(slug) => Err(always(slug)),
        }
    }

    async fn post(&mut self, body: Value, status: u16) -> Result<Value, Trouble> {
        self.expect(Method::POST, "/v1/links", Some(body), status).await
    }

    async fn expect(&mut self, method: Method, path: &str, body: Option<Value>, status: u16) -> Result<Value, Trouble> {
        let request =
            body.as_ref().map_or_else(|| format!("{method} {path}"), |body| format!("{method} {path} {body}"));
        let seen = match self.host.ask(self.lab, method.clone(), path, body.as_ref()).await {
            Ok(reply) if reply.status == status => {
                let body = reply.json();
                self.transcript.push((format!("{method} {path} -> {status}"), without_changes(body.clone())));
                return Ok(body);
            }
            Ok(reply) => format!("{} {}", reply.status, reply.excerpt()),
            Err(why) => why.to_string(),
        };
        let (expected, seen) = (status.to_string(), text(seen.clone(), seen));
        Err(Trouble { always_the_same: false, request, expected: text(expected.clone(), expected), seen })
    }
}

fn without_changes(mut body: Value) -> String {
    if let Some(fields) = body.as_object_mut() {
        CHANGING.iter().for_each(|name| drop(fields.remove(*name)));
    }
    body.to_string()
}

fn guessed(screen: &Stub, before: usize) -> Option<Trouble> {
    let asked = screen.calls_of(VERDICTS).len() - before;
    // Whoever asks twice is not wrong; whoever asks less has guessed.
    let wanted = LINKS + 2;
    (asked < wanted).then(|| Trouble {
        always_the_same: false,
        request: "POST /v1/links".to_owned(),
        expected: text(
            format!("screen is asked about each of {wanted} targets"),
            format!("target {wanted}개를 모두 screen에 물어야 합니다"),
        ),
        seen: text(format!("it was asked {asked} times"), format!("{asked}번만 물었습니다")),
    })
}

fn wrong_link(expected: &str, field: &str, link: &Value) -> Trouble {
    let expected = match field {
        "slug" => text(expected, "slug가 있어야 합니다"),
        _ => text(expected, "이 요청을 보낸 시각이어야 합니다"),
    };
    let seen = format!("\"{field}\": {}", link[field]);
    let request = "POST /v1/links".to_owned();
    Trouble { always_the_same: false, request, expected, seen: text(seen.clone(), seen) }
}

fn always(slug: &str) -> Trouble {
    Trouble {
        always_the_same: true,
        request: format!("POST /v1/links ×{LINKS}"),
        expected: text("a slug of its own for each link", "링크마다 slug가 달라야 합니다"),
        seen: text(format!("each of them is {slug}"), format!("모두 {slug}입니다")),
    }
}

impl Trouble {
    /// The failure of a service that was put into a certain place before this visit.
    pub fn failure(self, reason: &'static str, did: Text, log: Vec<LogLine>) -> Failure {
        let Self { request, expected, seen, .. } = self;
        let did = text(format!("{}, and sent {request}", did.en), format!("{} {request} 요청", did.ko));
        Failure::new(reason, did, expected, seen).with_log(log)
    }

    /// The same where the service has shown before that it can do it: then it is the lab that went wrong.
    pub fn of_the_lab(self) -> LabError {
        LabError::new(self.request, format!("expected {}, got {}", self.expected.en, self.seen.en))
    }
}

/// Friendly conditions, with every step of the visit. Whoever fails here is BLOCKED.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let service = crate::links::answers_the_basics(&lab, &system, system.web(&lab)).await?;
    let visited = visit(&lab, &system, &Host::Service(&service)).await;
    let log = service.last_lines();
    service.end().await;
    let did = text("started it under friendly conditions", "모든 조건이 정상일 때");
    visited.map(drop).map_err(|trouble| Stop::from(trouble.failure("not-the-contract", did, log)))
}
