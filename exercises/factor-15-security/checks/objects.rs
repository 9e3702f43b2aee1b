//! Knowing the name of a link is no permission (OWASP API1:2023).

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{Scene, Visitor, failure, is_refused, no, path_of, seen};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{Answer, status};
use crate::links::fresh_target;
use crate::text::text;

/// Every request that names a link, by somebody whose link it is not.
pub async fn object_authorization(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let service = scene.serving().await?;
    let (anna, ben, chief) = (scene.anna(&service).await?, scene.ben(&service).await?, scene.chief(&service).await?);
    let secret = lab.chance().word(14);
    let private = anna.creates(&service, &format!("https://{secret}.example/"), true).await?;
    let public = anna.creates(&service, &fresh_target(&lab), false).await?;
    // The positive control: who may, can, and so the others are refused for who they are.
    for visitor in [&anna, &chief] {
        visitor.does(&service, Method::GET, &path_of(&private), None, 200).await?;
    }
    let found = anna.does(&service, Method::GET, &search(&secret), None, 200).await?;
    if !found.to_string().contains(&secret) {
        return Err(LabError::new("GET /v1/links?q=", "the owner does not find the own link").into());
    }
    for stranger in [ben, Visitor::nobody()] {
        is_not_shown(&service, &stranger, &private).await?;
        is_not_listed(&service, &stranger, &secret).await?;
        for link in [&private, &public] {
            let theirs = Theirs { service: &service, owner: &anna, link };
            theirs.is_not_changed(&stranger, &fresh_target(&lab)).await?;
            theirs.is_not_deleted(&stranger).await?;
        }
    }
    Ok(())
}

fn search(word: &str) -> String {
    format!("/v1/links?limit=100&q={word}")
}

async fn is_not_shown(service: &Service, stranger: &Visitor, private: &Value) -> CheckResult {
    let path = path_of(private);
    for path in [path.clone(), path.replace("/v1/links", "/r")] {
        let answer = stranger.ask(service, Method::GET, &path, None).await;
        if !is_refused(&answer) {
            let did = text(
                format!("GET {path}, a private link, by {}", stranger.who.en),
                format!("{} 신분으로 남의 비공개 링크에 GET {path} 요청", stranger.who.ko),
            );
            return Err(failure("read-by-another", did, no(), &answer, service));
        }
    }
    Ok(())
}

async fn is_not_listed(service: &Service, stranger: &Visitor, secret: &str) -> CheckResult {
    for path in ["/v1/links?limit=100".to_owned(), search(secret)] {
        let answer = stranger.ask(service, Method::GET, &path, None).await;
        let leaks = answer.as_ref().is_ok_and(|reply| reply.json()["items"].to_string().contains(secret));
        if status(&answer) != 200 || leaks {
            let did = text(
                format!("GET {path} by {}", stranger.who.en),
                format!("{} 신분으로 GET {path} 요청", stranger.who.ko),
            );
            let expected = text("200 without another's private link", "남의 비공개 링크가 없는 200 응답이어야 합니다");
            return Err(failure("listed-to-another", did, expected, &answer, service));
        }
    }
    Ok(())
}

/// A link, and the owner who looks after it.
struct Theirs<'a> {
    service: &'a Service,
    owner: &'a Visitor,
    link: &'a Value,
}

impl Theirs<'_> {
    async fn is_not_changed(&self, stranger: &Visitor, target: &str) -> CheckResult {
        for change in [json!({ "target": target }), json!({ "private": self.link["private"] != true })] {
            let answer = stranger.ask(self.service, Method::PATCH, &path_of(self.link), Some(&change)).await;
            self.is_untouched("changed-by-another", stranger, "PATCH", &answer).await?;
        }
        Ok(())
    }

    async fn is_not_deleted(&self, stranger: &Visitor) -> CheckResult {
        let answer = stranger.ask(self.service, Method::DELETE, &path_of(self.link), None).await;
        self.is_untouched("deleted-by-another", stranger, "DELETE", &answer).await
    }

    /// What was answered is one thing, and what has happened another.
    async fn is_untouched(
        &self,
        reason: &'static str,
        stranger: &Visitor,
        method: &str,
        answer: &Answer,
    ) -> CheckResult {
        let path = path_of(self.link);
        let did = || {
            text(
                format!("{method} {path}, another's link, by {}", stranger.who.en),
                format!("{} 신분으로 남의 링크에 {method} {path} 요청", stranger.who.ko),
            )
        };
        if !is_refused(answer) {
            return Err(failure(reason, did(), no(), answer, self.service));
        }
        let now = self.owner.ask(self.service, Method::GET, &path, None).await;
        let same = now.as_ref().is_ok_and(|reply| {
            let link = reply.json();
            ["target", "private", "owner"].iter().all(|field| link[*field] == self.link[*field])
        });
        if status(&now) == 200 && same {
            return Ok(());
        }
        let expected = text("refused, and nothing has happened", "거절해야 하고, 실제로도 아무 일이 없어야 합니다");
        let got = text(
            format!("it was refused, and the owner now gets {}", crate::links::account::shown(&now)),
            format!("거절했지만 이제 소유자가 받는 응답은 다음과 같습니다: {}", crate::links::account::shown(&now)),
        );
        Err(seen(reason, did(), expected, got, self.service))
    }
}
