//! The manifests: whether each Service leads to its Pods, and whether both apps work together when run as they say.

use hyper::Method;
use serde_json::json;

use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::kubelet::{Kubelet, NotUp};
use crate::lab::manifests::{ClusterService, Environment, Pod, read_them};
use crate::links::{System, fresh_target};
use crate::manifest::APPS;
use crate::text::{Text, text, verbatim, with_particle};

use super::scene::lacks;

/// Rules that need nothing but the manifests.
pub async fn service_wires_up(lab: Lab) -> CheckResult {
    let manifests = lab.manifests().await?;
    manifests.must_hold(&[
        ("service-selects-pods", "selects-nothing"),
        ("target-port-listens", "dead-target-port"),
        ("ports-agree", "ports-disagree"),
        ("no-machine-ports", "machine-port"),
        ("service-address", "wrong-service-port"),
    ])?;
    let apps = || APPS.into_iter().filter(|app| lab.bench.subject.manifest.app.contains_key(*app));
    for environment in &manifests.environments {
        for app in apps() {
            front(environment, app).ok_or_else(|| no_service(environment, app))?;
        }
        if apps().any(|app| app == "screen") {
            calls_the_service(environment)?;
        }
    }
    Ok(())
}

/// The Pods of an app that a Service leads to, and that Service.
fn front<'e>(environment: &'e Environment, app: &str) -> Option<(&'e Pod, &'e ClusterService)> {
    let pods = environment.pods.iter().filter(|pod| runs(pod, app));
    let led = pods.filter_map(|pod| Some((pod, environment.services.iter().find(|service| service.selects(pod))?)));
    led.into_iter().find(|(_, service)| !service.ports.is_empty())
}

/// By its labels, or by the name of its image.
fn runs(pod: &Pod, app: &str) -> bool {
    let image = pod.containers.first().and_then(|container| container.image.as_deref()).unwrap_or_default();
    let name = image.rsplit('/').next().and_then(|last| last.split(['@', ':']).next());
    pod.app() == Some(app) || name == Some(app)
}

fn no_service(environment: &Environment, app: &str) -> Failure {
    let place = if environment.name.is_empty() { "k8s" } else { &environment.name };
    Failure::new(
        "no-service",
        read_them(),
        text(
            format!("a Service leads to the Pods of `{app}`"),
            format!("`{app}`의 Pod로 이어지는 Service가 있어야 합니다"),
        ),
        text(format!("there is none ({place})"), format!("없습니다({place})")),
    )
}

/// `SCREEN_URL` of `links` names the Service of `screen`.
fn calls_the_service(environment: &Environment) -> CheckResult {
    let Some((links, _)) = front(environment, "links") else { return Ok(()) };
    let Some((_, screen)) = front(environment, "screen") else { return Ok(()) };
    let given = links.containers.first().and_then(|container| {
        container.env.iter().rev().find(|variable| variable.name == "SCREEN_URL").and_then(|found| found.value.clone())
    });
    // What a Secret says is in no manifest.
    let Some(url) = given else { return Ok(()) };
    if host(&url).is_some_and(|host| is_called(screen, &links.namespace, host)) {
        return Ok(());
    }
    let expected = text(
        format!("SCREEN_URL names the Service `{}`", screen.name),
        format!("SCREEN_URL이 Service {} 가리켜야 합니다", with_particle(&screen.name, "을/를")),
    );
    Err(Failure::new("calls-no-service", read_them(), expected, verbatim(url)).into())
}

fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    rest.split(['/', '?']).next()?.rsplit('@').next()?.split(':').next()
}

/// By its name alone from its own namespace, by name and namespace from everywhere.
fn is_called(service: &ClusterService, from: &str, host: &str) -> bool {
    let ClusterService { name, namespace, .. } = service;
    let full = format!("{name}.{namespace}.svc.cluster.local.");
    (host == name && from == namespace)
        || (host.contains('.') && full.starts_with(&format!("{host}.")))
        || host == full.trim_end_matches('.')
}

/// A kubelet starts `screen`, then `links`; a link is made by way of both Services, and no longer once `screen` is gone.
pub async fn chain_runs(lab: Lab) -> CheckResult {
    let declared = &lab.bench.subject.manifest.app;
    if let Some(app) = APPS.into_iter().find(|app| !declared.contains_key(*app)) {
        return Err(lacks(app).into());
    }
    let manifests = lab.manifests().await?;
    for environment in &manifests.environments {
        let system = System::attach(&lab).await?;
        one_chain(&lab, environment, &system).await?;
    }
    Ok(())
}

async fn one_chain(lab: &Lab, environment: &Environment, system: &System) -> CheckResult {
    let (screen_pod, screen_service) =
        front(environment, "screen").ok_or_else(|| nothing_leads_to("screen", "screen-not-ready"))?;
    let (links_pod, links_service) =
        front(environment, "links").ok_or_else(|| nothing_leads_to("links", "links-not-ready"))?;
    let kubelet = lab.kubelet(environment).secrets(secrets(system, screen_service));
    let mut kubelet = kubelet.reaching(&system.ports());
    let screen = kubelet.up(screen_pod).await?.map_err(|why| not_ready("screen", "screen-not-ready", why))?;
    let links = kubelet.up(links_pod).await?.map_err(|why| not_ready("links", "links-not-ready", why))?;
    let made = posted(lab, &kubelet, links_service).await;
    if made != "201" {
        let expected =
            text("201: both Services lead to their Pods", "두 Service가 각자의 Pod로 이어져 201 응답이 와야 합니다");
        return Err(failed("not-connected", links_service, expected, &made).with_log(links.last_lines()).into());
    }
    kubelet.down(screen_pod);
    screen.end().await;
    let made = posted(lab, &kubelet, links_service).await;
    if made == "201" {
        let expected = text(
            "no link once the Pods of `screen` are gone: the verdict came from them",
            "판단은 `screen`의 Pod가 하므로, Pod가 없어지면 링크를 만들 수 없어야 합니다",
        );
        return Err(failed("not-through-screen", links_service, expected, &made).with_log(links.last_lines()).into());
    }
    links.end().await;
    Ok(())
}

/// What Secrets hold, by the variables that take them. Whoever keeps addresses in one is given that of the Service.
fn secrets(system: &System, screen: &ClusterService) -> Vec<(String, String)> {
    let port = screen.ports.first().map_or(80, |port| port.port);
    let address = format!("http://{}.{}:{port}", screen.name, screen.namespace);
    let given = system.environment().into_iter().filter(|(name, _)| name != "SCREEN_URL");
    let own = [("SCREEN_URL", address), ("SCREEN_API_KEYS", system.deploy.key.clone())];
    given.chain(own.map(|(name, value)| (name.to_owned(), value))).collect()
}

/// `POST /v1/links` at the first port of the Service; the status, or why there is none.
async fn posted(lab: &Lab, kubelet: &Kubelet<'_>, service: &ClusterService) -> String {
    let port = service.ports.first().map_or(80, |port| port.port);
    let body = json!({ "target": fresh_target(lab) });
    let reply = kubelet.ask(&service.name, port, (Method::POST, "/v1/links"), Some(&body)).await;
    reply.map_or_else(|why| why.to_string(), |reply| reply.status.to_string())
}

fn failed(reason: &'static str, service: &ClusterService, expected: Text, seen: &str) -> Failure {
    let port = service.ports.first().map_or(80, |port| port.port);
    let name = &service.name;
    let did = text(
        format!("ran both apps as the manifests say, and sent POST http://{name}:{port}/v1/links"),
        format!("두 앱을 매니페스트대로 실행하고 POST http://{name}:{port}/v1/links 요청"),
    );
    Failure::new(reason, did, expected, text(format!("got {seen}"), format!("실제 결과: {seen}")))
}

fn nothing_leads_to(app: &str, reason: &'static str) -> Failure {
    let seen =
        text(format!("no Service leads to Pods of `{app}`"), format!("`{app}`의 Pod로 이어지는 Service가 없습니다"));
    Failure::new(reason, ran(app), ready(), seen)
}

fn not_ready(app: &str, reason: &'static str, why: NotUp) -> Stop {
    Failure::new(reason, ran(app), ready(), why.seen).with_log(why.log).into()
}

fn ran(app: &str) -> Text {
    text(format!("ran `{app}` as its manifest says"), format!("{} 매니페스트대로 실행", with_particle(app, "을/를")))
}

fn ready() -> Text {
    text("its Pod becomes ready", "Pod가 준비 상태가 되어야 합니다")
}
