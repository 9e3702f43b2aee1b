//! What the creation of a link shows of the configuration in force, and how two such observations differ.

use serde_json::Value;

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::stub::Stub;
use crate::links::{Deploy, create_link, fresh_target, get};
use crate::text::{Text, text};

/// What a link's creation shows of the configuration in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    screen_path: String,
    key: String,
    base_url: String,
    release_id: String,
}

pub struct Difference {
    pub reason: &'static str,
    pub expected: Text,
    pub seen: Text,
}

impl Difference {
    pub fn failure(self, did: Text) -> Failure {
        Failure::new(self.reason, did, self.expected, self.seen)
    }
}

impl Observed {
    pub fn expected(deploy: &Deploy) -> Self {
        let path = deploy.screen_url.splitn(4, '/').nth(3).map_or(String::new(), |path| format!("/{path}"));
        Self {
            screen_path: format!("{path}/v1/verdicts"),
            key: format!("Bearer {}", deploy.key),
            base_url: deploy.base_url.clone(),
            release_id: deploy.release_id.clone(),
        }
    }

    pub async fn by_creating_a_link(lab: &Lab, service: &Service, screen: &Stub) -> Self {
        let target = fresh_target(lab);
        let link = create_link(service, &target).await.map(|reply| reply.json()).unwrap_or(Value::Null);
        let version = get(service, "/version").await.map(|reply| reply.json()).unwrap_or(Value::Null);
        let call = screen.calls().into_iter().find(|call| call.json()["target"] == target.as_str());
        let header = call.as_ref().and_then(|call| call.header("authorization")).unwrap_or("nothing").to_owned();
        let short_url = link["short_url"].as_str().unwrap_or("nothing");
        let slug = link["slug"].as_str().unwrap_or_default();
        Self {
            screen_path: call.map_or("nothing".to_owned(), |call| call.path),
            key: header,
            base_url: short_url.strip_suffix(&format!("/r/{slug}")).unwrap_or(short_url).to_owned(),
            release_id: version["release"].as_str().unwrap_or("nothing").to_owned(),
        }
    }

    /// Without what the variable `name` is there to change.
    pub fn without(&self, name: &str) -> Self {
        let mut rest = self.clone();
        match name {
            "PUBLIC_BASE_URL" => rest.base_url.clear(),
            "SCREEN_URL" => rest.screen_path.clear(),
            "SCREEN_API_KEY" => rest.key.clear(),
            _ => rest.release_id.clear(),
        }
        rest
    }

    pub fn must_equal(&self, expected: &Self, reason: &'static str, did: Text) -> CheckResult {
        match self.difference_from(expected) {
            None => Ok(()),
            Some(Difference { expected, seen, .. }) => Err(Failure::new(reason, did, expected, seen).into()),
        }
    }

    pub fn difference_from(&self, expected: &Self) -> Option<Difference> {
        let pairs = [
            ("base-url-ignored", "short_url", &expected.base_url, &self.base_url),
            ("screen-url-partly-used", "SCREEN_URL", &expected.screen_path, &self.screen_path),
            ("key-ignored", "SCREEN_API_KEY", &expected.key, &self.key),
            ("release-id-ignored", "/version", &expected.release_id, &self.release_id),
        ];
        let (reason, what, expected, seen) = pairs.into_iter().find(|(_, _, expected, seen)| expected != seen)?;
        let (en, ko) = match what {
            "short_url" => ("short_url begins with", "short_url의 앞부분"),
            "SCREEN_URL" => ("screen is asked at", "screen이 받은 요청 경로"),
            "SCREEN_API_KEY" => ("screen receives the header Authorization:", "screen이 받은 Authorization 헤더"),
            _ => ("/version shows the release", "/version이 보여 주는 릴리즈"),
        };
        let say = |value: &str| text(format!("{en} {value}"), format!("{ko}: {value}"));
        Some(Difference { reason, expected: say(expected), seen: say(seen) })
    }
}
