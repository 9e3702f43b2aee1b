//! A deploy with somebody who has an account, and requests that carry a token and nothing else.

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::{NoReply, Reply};
use crate::lab::one_off::OneOff;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::{System, describe, fresh_target};

/// The one-off that makes an account.
pub const CREATE_USER: &str = "create-user";

/// One deploy: its backing services, and an account.
pub struct Deployed {
    /// The check's lab.
    pub lab: Lab,
    /// Everything that its processes share.
    pub system: System,
    /// The name of the account.
    pub user: String,
    password: String,
    session_key: String,
}

/// A running process and a session that was opened there. Checks that are not about sessions use each token where it comes
/// from, so that a service whose sessions stay at home is told so once and not seven times.
pub struct Instance {
    /// The process.
    pub service: Service,
    /// The token of its session.
    pub token: String,
}

/// What was answered: a status, or why there was none.
pub type Answer = Result<Reply, NoReply>;

impl Deployed {
    /// Fresh backing services with one account.
    pub async fn new(lab: &Lab) -> CheckResult<Self> {
        let deployed = Self::around(lab, System::attach(lab).await?);
        match deployed.create_user().await?.succeeded() {
            true => Ok(deployed),
            false => Err(LabError::new("`create-user` worked in the smoke test, and now", "it failed").into()),
        }
    }

    /// A deploy around a system, without an account yet.
    pub fn around(lab: &Lab, system: System) -> Self {
        let word = |length| lab.chance().word(length);
        Self {
            lab: lab.clone(),
            system,
            user: format!("user-{}", word(8)),
            password: format!("{} #비밀:{}", word(6), word(6)),
            session_key: format!("sign-{}", word(32)),
        }
    }

    /// Runs `create-user` to its end.
    pub async fn create_user(&self) -> CheckResult<OneOff> {
        let arguments = ["--name", &self.user, "--role", "user"];
        let password = [("NEW_USER_PASSWORD", self.password.as_str())];
        self.system.one_off(&self.lab, CREATE_USER, &arguments, &password).await
    }

    /// Prepares an instance. All of them are given the same variables, and each a release of its own: on a platform they
    /// run on different machines, where what one of them writes beside its program is seen by no other.
    pub fn web(&self) -> Result<Start, LabError> {
        let release = self.lab.own_release()?;
        Ok(self.system.web(&self.lab).release(release).set("SESSION_KEY", &self.session_key))
    }

    /// Several equal instances at the same time.
    pub async fn instances(&self, number: usize) -> CheckResult<Vec<Service>> {
        let mut instances = Vec::with_capacity(number);
        for _ in 0..number {
            instances.push(running(self.web()?).await?);
        }
        Ok(instances)
    }

    /// The same, each with a session of its own.
    pub async fn logged_in(&self, number: usize) -> CheckResult<Vec<Instance>> {
        let mut instances = Vec::with_capacity(number);
        for service in self.instances(number).await? {
            let token = self.log_in(&service).await?;
            instances.push(Instance { service, token });
        }
        Ok(instances)
    }

    /// Logs in at an instance.
    pub async fn log_in(&self, at: &Service) -> CheckResult<String> {
        let reply = as_in_smoke("POST /v1/sessions", self.ask_to_log_in(at).await, 201)?;
        let token = reply.json()["token"].as_str().map(str::to_owned);
        token.ok_or_else(|| LabError::new("POST /v1/sessions", "there is no token in the answer").into())
    }

    /// Sends name and password.
    pub async fn ask_to_log_in(&self, at: &Service) -> Answer {
        let credentials = json!({ "user": self.user, "password": self.password });
        at.request(Method::POST, "/v1/sessions", Some(&credentials)).await
    }

    /// Makes a link of the account and returns its slug and its target.
    pub async fn create_link(&self, at: &Instance) -> CheckResult<(String, String)> {
        let target = fresh_target(&self.lab);
        let reply = at.ask(Method::POST, "/v1/links", Some(&json!({ "target": target }))).await;
        let reply = as_in_smoke("POST /v1/links", reply, 201)?;
        let slug = reply.json()["slug"].as_str().map(str::to_owned);
        let slug = slug.ok_or_else(|| LabError::new("POST /v1/links", "there is no slug in the answer"))?;
        Ok((slug, target))
    }

    /// One of the instances, by chance.
    pub fn any<'a, T>(&self, instances: &'a [T]) -> &'a T {
        &instances[self.below(instances.len())]
    }

    /// Two different instances, by chance.
    pub fn pair<'a, T>(&self, instances: &'a [T]) -> (&'a T, &'a T) {
        let one = self.below(instances.len());
        let further = 1 + self.below(instances.len() - 1);
        (&instances[one], &instances[(one + further) % instances.len()])
    }

    fn below(&self, limit: usize) -> usize {
        usize::try_from(self.lab.chance().below(limit as u64)).unwrap_or_default()
    }
}

impl Instance {
    /// A request with the instance's own session.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        ask(&self.service, method, path, &self.token, body).await
    }
}

/// Starts an instance as the smoke test did. That it does not come up this time proves nothing about the factor.
pub async fn running(start: Start) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    match startup {
        Startup::Listening => Ok(service),
        other => {
            let seen = describe(&other, service.port()).en;
            Err(LabError::new("the service came up in the smoke test, and now", seen).into())
        }
    }
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
