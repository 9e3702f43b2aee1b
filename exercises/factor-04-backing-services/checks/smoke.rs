//! Friendly conditions: what the checks of this factor take for granted. Whoever fails here is BLOCKED.
//!
//! That mail arrives is not among it: whether the handle of the mail server is honoured is a check of its own.

use hyper::Method;
use serde_json::json;

use super::scene::{Ask, Guest, Scene, because, got};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::links::account::{not_created, status};
use crate::links::{System, answers_the_basics};
use crate::text::text;

/// What is no address, and what would become two headers if it were pasted into one.
const NO_ADDRESSES: [&str; 3] = ["", "nobody", "ann@friends.example\r\nBcc: eve@elsewhere.example"];

/// One process, an account, and each request of the contract that the checks use.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let scene = Scene::around(&lab, system).await?;
    let service = answers_the_basics(&lab, &scene.system, scene.web()).await?;
    let ended = scene.account.create(&lab, &scene.system).await?;
    if !ended.succeeded() {
        return Err(not_created(ended).into());
    }
    let did =
        text("logged in and made a link under friendly conditions", "모든 조건이 정상일 때 로그인하고 링크를 만듦");
    let guest = Guest::arrive(&scene, &service, &did).await.map_err(|stop| because(stop, "not-the-contract"))?;
    let stranger = Guest::unknown(&scene, &service);
    shows(&guest, &stranger).await?;
    shares_with_addresses_alone(&guest, &stranger).await?;
    promised(&guest, &Ask::new(Method::DELETE, "/v1/sessions/current", None, 204)).await?;
    promised(&guest, &Ask::new(Method::GET, "/v1/me", None, 401)).await?;
    service.end().await;
    Ok(())
}

async fn shows(guest: &Guest<'_>, stranger: &Guest<'_>) -> CheckResult {
    promised(guest, &guest.show(&guest.slug)).await?;
    promised(guest, &Ask::new(Method::GET, &format!("/r/{}", guest.slug), None, 307)).await?;
    promised(guest, &Ask::new(Method::GET, "/v1/links/nobody-000000", None, 404)).await?;
    promised(guest, &guest.me()).await?;
    promised(stranger, &Ask::new(Method::GET, "/v1/me", None, 401)).await
}

async fn shares_with_addresses_alone(guest: &Guest<'_>, stranger: &Guest<'_>) -> CheckResult {
    let shares = format!("/v1/links/{}/shares", guest.slug);
    for to in NO_ADDRESSES {
        promised(guest, &Ask::new(Method::POST, &shares, Some(json!({ "to": to })), 400)).await?;
    }
    let to = json!({ "to": guest.friend() });
    promised(stranger, &Ask::new(Method::POST, &shares, Some(to.clone()), 401)).await?;
    promised(guest, &Ask::new(Method::POST, "/v1/links/nobody-000000/shares", Some(to), 404)).await
}

async fn promised(who: &Guest<'_>, ask: &Ask) -> CheckResult {
    let answer = who.ask(ask).await;
    if status(&answer) == ask.promised {
        return Ok(());
    }
    let did = text(format!("sent {ask} under friendly conditions"), format!("모든 조건이 정상일 때 {ask} 요청"));
    let promised = ask.promised;
    let expected = text(format!("the contract says {promised}"), format!("계약에 따른 응답: {promised}"));
    Err(Failure::new("not-the-contract", did, expected, got(&answer)).into())
}
