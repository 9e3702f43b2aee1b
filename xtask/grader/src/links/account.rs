//! Somebody who has an account, and requests that carry a token and nothing else.

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::http::{NoReply, Reply};
use crate::lab::one_off::OneOff;
use crate::lab::service::Service;
use crate::links::System;
use crate::text::text;

/// The one-off that makes an account.
const CREATE_USER: &str = "create-user";

/// Name and password of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub user: String,
    password: String,
}

/// What was answered: a status, or why there was none.
pub type Answer = Result<Reply, NoReply>;

impl Account {
    /// An account that nobody has yet.
    pub fn random(lab: &Lab) -> Self {
        let word = |length| lab.chance().word(length);
        Self { user: format!("user-{}", word(8)), password: format!("{} #비밀:{}", word(6), word(6)) }
    }

    /// The same with a password that the check chooses.
    pub fn with_password(lab: &Lab, password: impl Into<String>) -> Self {
        Self { password: password.into(), ..Self::random(lab) }
    }

    /// Runs `create-user` to its end.
    pub async fn create(&self, lab: &Lab, system: &System) -> CheckResult<OneOff> {
        self.create_as("user", lab, system, &[]).await
    }

    /// The same with another role, and further variables.
    pub async fn create_as(
        &self,
        role: &str,
        lab: &Lab,
        system: &System,
        variables: &[(&str, &str)],
    ) -> CheckResult<OneOff> {
        let arguments = ["--name", &self.user, "--role", role];
        let variables = [&[("NEW_USER_PASSWORD", self.password.as_str())], variables].concat();
        system.one_off(lab, CREATE_USER, &arguments, &variables).await
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The body of a login.
    pub fn credentials(&self) -> Value {
        json!({ "user": self.user, "password": self.password })
    }

    /// Sends name and password.
    pub async fn ask_to_log_in(&self, at: &Service) -> Answer {
        at.request(Method::POST, "/v1/sessions", Some(&self.credentials())).await
    }

    /// Logs in as the smoke test did.
    pub async fn log_in(&self, at: &Service) -> CheckResult<String> {
        token_of(&as_in_smoke("POST /v1/sessions", self.ask_to_log_in(at).await, 201)?)
    }
}

/// The token in the answer to a login.
pub fn token_of(reply: &Reply) -> CheckResult<String> {
    let token = reply.json()["token"].as_str().map(str::to_owned);
    token.ok_or_else(|| LabError::new("POST /v1/sessions", "there is no token in the answer").into())
}

/// That an account could not be made under friendly conditions; for the smoke test.
pub fn not_created(ended: OneOff) -> Failure {
    let did = text(
        format!("ran `{CREATE_USER}` with a name, a role and NEW_USER_PASSWORD"),
        format!("이름과 역할, NEW_USER_PASSWORD를 주고 `{CREATE_USER}` 실행"),
    );
    let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
    let seen = match ended.exit {
        Some(exit) => text(format!("it ended with {exit}"), exit.text().ko),
        None => text("it did not end", "끝나지 않았습니다"),
    };
    Failure::new("create-user-failed", did, expected, seen).with_log(ended.lines)
}

/// A request with the token of a session.
pub async fn ask(at: &Service, method: Method, path: &str, token: &str, body: Option<&Value>) -> Answer {
    let bearer = format!("Bearer {token}");
    at.request_with(method, path, &[("authorization", &bearer)], body).await
}

/// `GET /v1/me`: who the instance takes us for.
pub async fn me(at: &Service, token: &str) -> Answer {
    ask(at, Method::GET, "/v1/me", token, None).await
}

/// `GET /v1/links/{slug}`.
pub async fn show(at: &Service, slug: &str) -> Answer {
    at.request(Method::GET, &format!("/v1/links/{slug}"), None).await
}

/// `GET /r/{slug}`.
pub async fn follow(at: &Service, slug: &str) -> Answer {
    at.request(Method::GET, &format!("/r/{slug}"), None).await
}

/// Where an answer sends a visitor.
pub fn sent_to(answer: &Answer) -> Option<&str> {
    let reply = answer.as_ref().ok().filter(|reply| reply.status == 307)?;
    reply.headers.get("location")?.to_str().ok()
}

/// The status of an answer; 0 when there was none.
pub fn status(answer: &Answer) -> u16 {
    answer.as_ref().map_or(0, |reply| reply.status)
}

/// An answer for a report.
pub fn shown(answer: &Answer) -> String {
    match answer {
        Ok(reply) if reply.body.is_empty() => reply.status.to_string(),
        Ok(reply) => format!("{} {}", reply.status, reply.excerpt()),
        Err(why) => why.to_string(),
    }
}

/// An answer that the smoke test has seen already, at a single instance. That it does not come this time tells nothing
/// about several of them.
pub fn as_in_smoke(request: &str, answer: Answer, expected: u16) -> CheckResult<Reply> {
    match answer {
        Ok(reply) if reply.status == expected => Ok(reply),
        other => {
            let action = format!("{request} was answered with {expected} in the smoke test, and now");
            Err(LabError::new(action, shown(&other)).into())
        }
    }
}
