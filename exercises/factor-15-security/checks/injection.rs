//! What a visitor types stays text (OWASP API8:2023, and what its older lists call injection).
//!
//! The payloads are random, and a list of forbidden words does not help against them: what decides is that a search finds exactly
//! the links that hold its words, quotes and all.

use std::collections::BTreeSet;

use hyper::Method;
use serde_json::json;

use super::scene::{Scene, Visitor, failure, is_bad_request, path_of, seen};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::secrets::percent_encoded;
use crate::lab::service::Service;
use crate::links::account::{Answer, status};
use crate::text::text;

/// Searches, names of links, names of users, and targets.
pub async fn injection(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let service = scene.serving().await?;
    let targets = targets(&lab);
    let nobody = Visitor::nobody();
    let mut link = None;
    for target in &targets {
        link = Some(nobody.creates(&service, target, false).await?);
    }
    let word = lab.chance().word(6);
    for wanted in searches(&targets, &word) {
        finds_exactly(&service, &targets, &wanted).await?;
    }
    let slug = link.as_ref().map(path_of).unwrap_or_default().replace("/v1/links/", "");
    for name in [format!("' or slug='{slug}"), format!("{slug}' --"), format!("{word}' or '1'='1"), format!("{slug}\0")]
    {
        leads_nowhere(&service, &name).await?;
    }
    opens_nothing(&scene, &service).await?;
    leads_to_the_web(&lab, &service).await
}

/// Everything that means something to a database, in places where it is ordinary text.
fn targets(lab: &Lab) -> Vec<String> {
    let parts = ["it's", "100%", "a_b", "say\"so\"", "x;y--z", "back\\slash", "plain", "it''s"];
    parts
        .iter()
        .map(|part| format!("https://{}.example/{part}/{}", lab.chance().word(8), lab.chance().word(5)))
        .collect()
}

/// What finds some of them, and what finds none unless it is taken for more than text.
fn searches(targets: &[String], word: &str) -> Vec<String> {
    let from_targets = targets.iter().map(|target| target[8..].to_uppercase());
    let plain = ["'", "''", "%", "_", "\\", "\"", ";", "--", "t's", "a%b", "a_b", "acb", "\0"].map(str::to_owned);
    let attacks = [
        format!("%' or 'a'='a' or '{word}'='"),
        format!("{word}' or '1'='1"),
        format!("{word}' OR 1=1 --"),
        format!("{word}') or ('1'='1"),
        format!("{word}')) or 1=1 --"),
        format!("{word}\\' or 1=1 --"),
        format!("{word}'; select pg_sleep(1) --"),
        format!("{word}' union select * from users --"),
        format!("'||'{word}"),
        "$1".to_owned(),
    ];
    // Attacks first: a statement that is put together from pieces breaks at any quote, and that it can be bent is the news.
    attacks.into_iter().chain(from_targets).chain(plain).collect()
}

/// The answer of whoever compares text with text: letters A to Z in both cases, and every other character as it is.
fn oracle<'t>(targets: &'t [String], wanted: &str) -> BTreeSet<&'t str> {
    let wanted = wanted.to_ascii_lowercase();
    targets.iter().filter(|target| target.to_ascii_lowercase().contains(&wanted)).map(String::as_str).collect()
}

async fn finds_exactly(service: &Service, targets: &[String], wanted: &str) -> CheckResult {
    let path = format!("/v1/links?limit=100&q={}", percent_encoded(wanted));
    let answer = service.request(Method::GET, &path, None).await;
    let expected = oracle(targets, wanted);
    let refused = wanted.contains('\0') && is_bad_request(&answer);
    let body = answer.as_ref().map(|reply| reply.json()).unwrap_or_default();
    let found = body["items"].as_array().into_iter().flatten().filter_map(|link| link["target"].as_str());
    let found: BTreeSet<&str> = found.collect();
    if refused || (status(&answer) == 200 && found == expected) {
        return Ok(());
    }
    let did = text(format!("searched for {wanted:?}"), format!("{wanted:?} 검색"));
    let wants = text(format!("200 with exactly {expected:?}"), format!("200과 정확히 {expected:?}"));
    if status(&answer) != 200 {
        return Err(failure("stumbles", did, wants, &answer, service));
    }
    Err(seen("query-changed", did, wants, text(format!("{found:?}"), format!("{found:?}")), service))
}

/// A name that no link has is one that is not found, whatever it is made of.
async fn leads_nowhere(service: &Service, name: &str) -> CheckResult {
    for folder in ["/v1/links/", "/r/"] {
        let path = format!("{folder}{}", percent_encoded(name));
        let answer = service.request(Method::GET, &path, None).await;
        if !is_bad_request(&answer) {
            let reason = if (200..400).contains(&status(&answer)) { "query-changed" } else { "stumbles" };
            let did = text(format!("GET {folder} and {name:?}"), format!("GET {folder} 뒤에 {name:?}"));
            return Err(failure(reason, did, text("404 or 400", "404나 400이어야 합니다"), &answer, service));
        }
    }
    Ok(())
}

/// Names that mean Ben to a database that is made to think so, with Ben's own password.
async fn opens_nothing(scene: &Scene, service: &Service) -> CheckResult {
    let ben = &scene.ben.user;
    scene.ben.log_in(service).await?;
    let word = scene.lab.chance().word(6);
    for name in
        [format!("{ben}' --"), format!("{word}' or name='{ben}"), format!("{word}' or 1=1 --"), format!("{ben}\0")]
    {
        let body = json!({ "user": name, "password": scene.ben.password() });
        let answer = service.request(Method::POST, "/v1/sessions", Some(&body)).await;
        if is_bad_request(&answer) {
            continue;
        }
        let reason = if status(&answer) == 201 { "logs-in" } else { "stumbles" };
        let did = text(
            format!("logged in as {name:?}, whom nobody knows, with a password of somebody else"),
            format!("없는 이름 {name:?} 값에 다른 사람의 비밀번호를 넣어 로그인"),
        );
        return Err(failure(reason, did, text("401 or 400", "401이나 400이어야 합니다"), &answer, service));
    }
    Ok(())
}

/// Whatever is not an address on the web, or pretends to be another one.
async fn leads_to_the_web(lab: &Lab, service: &Service) -> CheckResult {
    let host = format!("{}.example", lab.chance().word(8));
    let bad = [
        "javascript:alert(1)".to_owned(),
        format!("JavaScript://{host}/%0aalert(1)"),
        "data:text/html,<b>hello</b>".to_owned(),
        format!("file:///{host}"),
        format!("ftp://{host}/"),
        format!("//{host}/"),
        format!("/{host}"),
        format!("https://your-bank.example@{host}/"),
        format!("https://user:word@{host}/"),
        format!("https://{host}/\r\nset-cookie: a=b"),
        format!("https://{host}/\nlocation: https://{host}/"),
        format!("https://{host}/\0"),
    ];
    for target in bad {
        let answer: Answer = service.request(Method::POST, "/v1/links", Some(&json!({ "target": target }))).await;
        if !is_bad_request(&answer) {
            let reason = if status(&answer) == 201 { "bad-target-accepted" } else { "stumbles" };
            let did = text(
                format!("sent POST /v1/links with the target {target:?}"),
                format!("목적지 {target:?} 값으로 POST /v1/links 요청"),
            );
            return Err(failure(reason, did, text("400", "400이어야 합니다"), &answer, service));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_compares_text_with_text() {
        let targets = ["https://a.example/it's".to_owned(), "https://b.example/100%".to_owned()];
        assert_eq!(oracle(&targets, "'").len(), 1);
        assert_eq!(oracle(&targets, "IT'S").len(), 1);
        assert_eq!(oracle(&targets, "%").len(), 1);
        assert_eq!(oracle(&targets, "x' or '1'='1").len(), 0);
    }
}
