//! Writing at one process and reading at another, at once.

use hyper::Method;
use serde_json::json;

use super::deployed::{Answer, Deployed, Instance, as_in_smoke, follow, sent_to, show, shown, status};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::fresh_target;
use crate::text::{Text, text};

/// A cache that forgets by itself is stale only for a while; so often, and at once, is often enough to meet it.
const ROUNDS: usize = 20;
/// Enough of the newest links to hold those that other rounds left behind.
const LIST: &str = "/v1/links?limit=20";

/// Creates, changes and deletes links at one of three instances and looks at each step from another one.
pub async fn read_your_writes_anywhere(lab: Lab) -> CheckResult {
    let deployed = Deployed::new(&lab).await?;
    let instances = deployed.logged_in(3).await?;
    for _ in 0..ROUNDS {
        let (writer, other) = deployed.pair(&instances);
        let reader = &other.service;
        // The reader has looked before, so whatever it keeps is old from now on.
        as_in_smoke("GET /v1/links", list(reader).await, 200)?;
        let round = Round { reader, deployed: &deployed };
        let (slug, target) = deployed.create_link(writer).await?;
        round.sees_the_new(&slug, &target).await?;
        round.sees_the_change(writer, &slug, &target).await?;
        round.sees_the_end(writer, &slug).await?;
    }
    Ok(())
}

/// One link, and the instance that looks at it.
struct Round<'a> {
    deployed: &'a Deployed,
    reader: &'a Service,
}

impl Round<'_> {
    /// These looks are also the positive control of what follows: the reader did show the link.
    async fn sees_the_new(&self, slug: &str, target: &str) -> CheckResult {
        let did = || text("created a link at one instance", "한 인스턴스에서 링크를 만듦");
        let view = show(self.reader, slug).await;
        if target_of(&view).as_deref() != Some(target) {
            return self.stale("missing-after-create", did(), "GET /v1/links/{slug}", &format!("200, {target}"), &view);
        }
        let visit = follow(self.reader, slug).await;
        if sent_to(&visit) != Some(target) {
            return self.stale("missing-after-create", did(), "GET /r/{slug}", &format!("307, {target}"), &visit);
        }
        let listed = list(self.reader).await;
        match lists(&listed, slug) {
            true => Ok(()),
            false => self.stale("stale-list", did(), "GET /v1/links", &format!("{slug} among the newest"), &listed),
        }
    }

    async fn sees_the_change(&self, writer: &Instance, slug: &str, old: &str) -> CheckResult {
        let new = fresh_target(&self.deployed.lab);
        let path = format!("/v1/links/{slug}");
        let change = writer.ask(Method::PATCH, &path, Some(&json!({ "target": new }))).await;
        as_in_smoke("PATCH /v1/links/{slug}", change, 200)?;
        let did = || {
            text(
                format!("changed the target from {old} to {new}"),
                format!("목적지를 {old} 주소에서 {new} 주소로 바꿈"),
            )
        };
        let visit = follow(self.reader, slug).await;
        if sent_to(&visit) != Some(new.as_str()) {
            return self.stale("stale-after-change", did(), "GET /r/{slug}", &format!("307, {new}"), &visit);
        }
        let view = show(self.reader, slug).await;
        match target_of(&view).as_deref() == Some(new.as_str()) {
            true => Ok(()),
            false => self.stale("stale-after-change", did(), "GET /v1/links/{slug}", &format!("200, {new}"), &view),
        }
    }

    async fn sees_the_end(&self, writer: &Instance, slug: &str) -> CheckResult {
        let delete = writer.ask(Method::DELETE, &format!("/v1/links/{slug}"), None).await;
        as_in_smoke("DELETE /v1/links/{slug}", delete, 204)?;
        let did = || text("deleted the link at one instance", "한 인스턴스에서 링크를 삭제");
        let visit = follow(self.reader, slug).await;
        if status(&visit) != 404 {
            return self.stale("stale-after-delete", did(), "GET /r/{slug}", "404", &visit);
        }
        let view = show(self.reader, slug).await;
        if status(&view) != 404 {
            return self.stale("stale-after-delete", did(), "GET /v1/links/{slug}", "404", &view);
        }
        let listed = list(self.reader).await;
        match status(&listed) == 200 && !lists(&listed, slug) {
            true => Ok(()),
            false => self.stale("stale-list", did(), "GET /v1/links", &format!("no {slug}"), &listed),
        }
    }

    fn stale(&self, reason: &'static str, did: Text, request: &str, expected: &str, answer: &Answer) -> CheckResult {
        let seen = match answer {
            Ok(reply) => match reply.headers.get("location").and_then(|to| to.to_str().ok()) {
                Some(to) => format!("{}, {to}", reply.status),
                None => shown(answer),
            },
            Err(_) => shown(answer),
        };
        let expected = text(
            format!("{request} at another instance: {expected}"),
            format!("다른 인스턴스에 {request} 요청을 보내면: {expected}"),
        );
        let seen = text(format!("got {seen}"), format!("실제 응답: {seen}"));
        Err(Failure::new(reason, did, expected, seen).with_log(self.reader.last_lines()).into())
    }
}

async fn list(at: &Service) -> Answer {
    at.request(Method::GET, LIST, None).await
}

fn lists(answer: &Answer, slug: &str) -> bool {
    let body = answer.as_ref().map(|reply| reply.json()).unwrap_or_default();
    body["items"].as_array().is_some_and(|items| items.iter().any(|link| link["slug"] == slug))
}

fn target_of(answer: &Answer) -> Option<String> {
    let reply = answer.as_ref().ok().filter(|reply| reply.status == 200)?;
    reply.json()["target"].as_str().map(str::to_owned)
}
