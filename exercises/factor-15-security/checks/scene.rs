//! Three people with an account, one of whom is an administrator, and what they send.

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::System;
use crate::links::account::{Account, Answer, as_in_smoke, ask, shown, status};
use crate::links::scene::{serving, slowed};
use crate::text::{Text, text};

/// Nobody measures here how well passwords are hashed, and many are.
pub const CHEAP: (&str, &str) = ("PASSWORD_HASH_COST", "1");
/// What a backing service or the partner may need on a machine of the reference's speed, in milliseconds.
const PATIENCE: f64 = 5_000.0;
/// How somebody is told no: not logged in, not allowed, or not there, which says less.
pub const REFUSALS: [u16; 3] = [401, 403, 404];

/// One deploy with its accounts.
pub struct Scene {
    /// The check's lab.
    pub lab: Lab,
    /// Its backing services.
    pub system: System,
    /// Somebody with links.
    pub anna: Account,
    /// Somebody else.
    pub ben: Account,
    /// An administrator.
    pub chief: Account,
    session_key: String,
}

/// Who sends a request; nobody in particular without a token.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// For reports.
    pub who: Text,
    /// The token of a session.
    pub token: Option<String>,
}

impl Scene {
    /// Fresh backing services with the three accounts.
    pub async fn new(lab: &Lab) -> CheckResult<Self> {
        let scene = Self::around(lab, System::attach(lab).await?);
        for (account, role) in scene.accounts() {
            scene.create(account, role).await?;
        }
        Ok(scene)
    }

    /// A deploy around a system, without accounts yet.
    pub fn around(lab: &Lab, system: System) -> Self {
        let [anna, ben, chief] = [(); 3].map(|()| Account::random(lab));
        let session_key = format!("sign-{}", lab.chance().word(32));
        Self { lab: lab.clone(), system, anna, ben, chief, session_key }
    }

    /// The accounts and their roles.
    pub fn accounts(&self) -> [(&Account, &'static str); 3] {
        [(&self.anna, "user"), (&self.ben, "user"), (&self.chief, "admin")]
    }

    /// Makes an account as the smoke test did.
    pub async fn create(&self, account: &Account, role: &str) -> CheckResult {
        let ended = account.create_as(role, &self.lab, &self.system, &[CHEAP]).await?;
        match ended.succeeded() {
            true => Ok(()),
            false => Err(LabError::new("`create-user` worked in the smoke test, and now", "it failed").into()),
        }
    }

    /// Prepares an instance of `web`, with patience for a slow machine.
    pub fn web(&self) -> Start {
        let start = self.system.web(&self.lab).set("SESSION_KEY", &self.session_key).set(CHEAP.0, CHEAP.1);
        let patience = slowed(&self.lab, PATIENCE);
        start.set("DB_TIMEOUT_MS", &patience).set("UPSTREAM_TIMEOUT_MS", patience)
    }

    /// Prepares a worker, which looks for jobs often.
    pub fn worker(&self) -> Start {
        let patience = slowed(&self.lab, PATIENCE);
        let start = self.system.worker(&self.lab).set("JOB_POLL_MS", "20");
        start.set("DB_TIMEOUT_MS", &patience).set("UPSTREAM_TIMEOUT_MS", patience)
    }

    /// An instance that answers.
    pub async fn serving(&self) -> CheckResult<Service> {
        serving(&self.lab, self.web()).await
    }

    /// Anna, logged in.
    pub async fn anna(&self, at: &Service) -> CheckResult<Visitor> {
        Ok(Visitor { who: text("the owner", "소유자"), token: Some(self.anna.log_in(at).await?) })
    }

    /// Ben, logged in.
    pub async fn ben(&self, at: &Service) -> CheckResult<Visitor> {
        Ok(Visitor { who: text("another user", "다른 사용자"), token: Some(self.ben.log_in(at).await?) })
    }

    /// The administrator, logged in.
    pub async fn chief(&self, at: &Service) -> CheckResult<Visitor> {
        Ok(Visitor { who: text("an administrator", "관리자"), token: Some(self.chief.log_in(at).await?) })
    }
}

impl Visitor {
    /// Somebody without a token.
    pub fn nobody() -> Self {
        Self { who: text("somebody who is not logged in", "로그인하지 않은 사람"), token: None }
    }

    /// Sends a request.
    pub async fn ask(&self, at: &Service, method: Method, path: &str, body: Option<&Value>) -> Answer {
        match &self.token {
            Some(token) => ask(at, method, path, token, body).await,
            None => at.request(method, path, body).await,
        }
    }

    /// The same with an answer of this status, as in the smoke test.
    pub async fn does(
        &self,
        at: &Service,
        method: Method,
        path: &str,
        body: Option<&Value>,
        status: u16,
    ) -> CheckResult<Value> {
        let answer = self.ask(at, method.clone(), path, body).await;
        Ok(as_in_smoke(&format!("{method} {path}"), answer, status)?.json())
    }

    /// Makes a link.
    pub async fn creates(&self, at: &Service, target: &str, private: bool) -> CheckResult<Value> {
        let body = json!({ "target": target, "private": private });
        let link = self.does(at, Method::POST, "/v1/links", Some(&body), 201).await?;
        match link["slug"].is_string() {
            true => Ok(link),
            false => Err(LabError::new("POST /v1/links", "there is no slug in the answer").into()),
        }
    }
}

/// Whether somebody was told no.
pub fn is_refused(answer: &Answer) -> bool {
    REFUSALS.contains(&status(answer))
}

/// Whether a request was taken for a bad one.
pub fn is_bad_request(answer: &Answer) -> bool {
    (400..500).contains(&status(answer))
}

/// `/v1/links/{slug}` of a link.
pub fn path_of(link: &Value) -> String {
    format!("/v1/links/{}", link["slug"].as_str().unwrap_or_default())
}

/// A failure that shows an answer.
pub fn failure(reason: &'static str, did: Text, expected: Text, answer: &Answer, service: &Service) -> Stop {
    seen(
        reason,
        did,
        expected,
        text(format!("got {}", shown(answer)), format!("실제 응답: {}", shown(answer))),
        service,
    )
}

/// A failure that shows something else.
pub fn seen(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}

/// What is expected of a request that must be refused.
pub fn no() -> Text {
    text("401, 403 or 404", "401, 403, 404 중 하나로 거절해야 합니다")
}
