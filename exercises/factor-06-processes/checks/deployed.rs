//! A deploy with somebody who has an account, and requests that carry a token and nothing else.

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::one_off::OneOff;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::account::Account;
pub use crate::links::account::{Answer, as_in_smoke, ask, follow, me, sent_to, show, shown, status};
use crate::links::{System, describe, fresh_target};

/// One deploy: its backing services, and an account.
pub struct Deployed {
    /// The check's lab.
    pub lab: Lab,
    /// Everything that its processes share.
    pub system: System,
    /// Who has an account there.
    pub account: Account,
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
        let account = Account::random(lab);
        Self { lab: lab.clone(), system, account, session_key: format!("sign-{}", lab.chance().word(32)) }
    }

    /// Runs `create-user` to its end.
    pub async fn create_user(&self) -> CheckResult<OneOff> {
        self.account.create(&self.lab, &self.system).await
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
            let token = self.account.log_in(&service).await?;
            instances.push(Instance { service, token });
        }
        Ok(instances)
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
