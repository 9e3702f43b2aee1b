//! Friendly conditions: everybody asks for what is theirs. Whoever fails here is BLOCKED.

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{CHEAP, Scene, path_of};
use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{Answer, ask, not_created, shown, status};
use crate::links::friendly::makes_previews;
use crate::links::{System, answers_the_basics, fresh_target};
use crate::text::text;

/// Each request of the contract that the checks use, by somebody who may send it.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let scene = Scene::around(&lab, system);
    let service = answers_the_basics(&lab, &scene.system, scene.web()).await?;
    for (account, role) in scene.accounts() {
        let ended = account.create_as(role, &lab, &scene.system, &[CHEAP]).await?;
        if !ended.succeeded() {
            return Err(not_created(ended).into());
        }
    }
    let anna = logs_in(&service, &scene.anna.credentials()).await?;
    let chief = logs_in(&service, &scene.chief.credentials()).await?;
    owner(&lab, &service, &anna, &chief).await?;
    administrator(&scene, &service, &chief).await?;
    visit(&service, Method::DELETE, "/v1/sessions/current", &anna, None, 204).await?;
    service.end().await;
    if lab.bench.subject.app().process.contains_key("worker") {
        let (service, _) = makes_previews(&lab, &scene.system, scene.web(), scene.worker()).await?;
        service.end().await;
    }
    Ok(())
}

async fn owner(lab: &Lab, service: &Service, anna: &str, chief: &str) -> CheckResult {
    let target = fresh_target(lab);
    let body = json!({ "target": target, "private": true });
    let link = visit(service, Method::POST, "/v1/links", anna, Some(&body), 201).await?;
    let path = path_of(&link);
    for token in [anna, chief] {
        visit(service, Method::GET, &path, token, None, 200).await?;
        let change = json!({ "private": true, "target": fresh_target(lab) });
        visit(service, Method::PATCH, &path, token, Some(&change), 200).await?;
    }
    visit(service, Method::GET, &path.replace("/v1/links", "/r"), anna, None, 307).await?;
    let public = fresh_target(lab);
    visit(service, Method::POST, "/v1/links", anna, Some(&json!({ "target": public })), 201).await?;
    let host = public.trim_start_matches("https://").split('.').next().unwrap_or_default();
    let search = format!("/v1/links?limit=100&q={}", host.to_uppercase());
    let found = visit(service, Method::GET, &search, anna, None, 200).await?;
    let targets: Vec<&Value> = found["items"].as_array().into_iter().flatten().map(|link| &link["target"]).collect();
    if targets != [public.as_str()] {
        let expected = format!("200 with one link, to {public}");
        return Err(not_the_contract(service, &format!("GET {search}"), &expected, &found.to_string()));
    }
    visit(service, Method::DELETE, &path, anna, None, 204).await.map(drop)
}

async fn administrator(scene: &Scene, service: &Service, chief: &str) -> CheckResult {
    let users = visit(service, Method::GET, "/v1/admin/users", chief, None, 200).await?;
    let names: Vec<&str> =
        users["items"].as_array().into_iter().flatten().filter_map(|user| user["user"].as_str()).collect();
    match scene.accounts().iter().all(|(account, _)| names.contains(&account.user.as_str())) {
        true => Ok(()),
        false => {
            let expected = r#"200 {"items":[{"user":"…","role":"…"}]} with every user"#;
            Err(not_the_contract(service, "GET /v1/admin/users", expected, &users.to_string()))
        }
    }
}

async fn logs_in(service: &Service, credentials: &Value) -> CheckResult<String> {
    let answer = service.request(Method::POST, "/v1/sessions", Some(credentials)).await;
    let reply = wants(service, "POST /v1/sessions", answer, 201)?;
    let token = reply["token"].as_str().map(str::to_owned);
    let token = token.ok_or_else(|| not_the_contract(service, "POST /v1/sessions", "a token", &reply.to_string()))?;
    visit(service, Method::GET, "/v1/me", &token, None, 200).await?;
    Ok(token)
}

async fn visit(
    service: &Service,
    method: Method,
    path: &str,
    token: &str,
    body: Option<&Value>,
    status: u16,
) -> CheckResult<Value> {
    let answer = ask(service, method.clone(), path, token, body).await;
    wants(service, &format!("{method} {path}"), answer, status)
}

fn wants(service: &Service, request: &str, answer: Answer, expected: u16) -> CheckResult<Value> {
    match answer {
        Ok(reply) if status(&Ok(reply.clone())) == expected => Ok(reply.json()),
        other => Err(not_the_contract(service, request, &expected.to_string(), &shown(&other))),
    }
}

fn not_the_contract(service: &Service, request: &str, expected: &str, seen: &str) -> Stop {
    Failure::new(
        "not-the-contract",
        text(format!("sent {request}, as somebody who may"), format!("권한이 있는 사람이 {request} 요청")),
        text(format!("the contract says {expected}"), format!("계약에 따른 응답: {expected}")),
        text(format!("got {seen}"), format!("실제 응답: {seen}")),
    )
    .with_log(service.last_lines())
    .into()
}
