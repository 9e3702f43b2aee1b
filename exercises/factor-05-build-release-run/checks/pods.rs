//! The program and its manifests agree: a kubelet starts it from them, and from nothing else.

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::kubelet::{NotUp, Stage};
use crate::lab::manifests::{Environment, NO_MANIFESTS, Pod, read_them};
use crate::lab::service::Service;
use crate::links::{System, get};
use crate::text::{Text, text};

/// Each environment's web process becomes ready and knows its release.
pub async fn manifest_really_runs(lab: Lab) -> CheckResult {
    let manifests = lab.manifests().await?;
    let system = System::attach(&lab).await?;
    for environment in &manifests.environments {
        runs(&lab, &system, environment, web(environment)?).await?;
    }
    Ok(())
}

async fn runs(lab: &Lab, system: &System, environment: &Environment, pod: &Pod) -> CheckResult {
    let mut kubelet = lab.kubelet(environment).secrets(system.environment()).reaching(&system.ports());
    if let Some((host, port)) = given(pod, "SCREEN_URL").and_then(address) {
        kubelet = kubelet.partner(&host, port, system.screen.port);
    }
    let service = kubelet.up(pod).await?.map_err(|not_up| failure(environment, not_up))?;
    let named = names_its_release(lab, &service, pod).await;
    if !kubelet.terminate(pod, service).await {
        lab.remark(text(
            "the Pod did not end within its grace period and had to be killed: that is factor 9's subject",
            "Pod가 유예 시간 안에 끝나지 않아 강제로 종료했습니다. 팩터 9에서 다루는 내용입니다",
        ));
    }
    named
}

fn web(environment: &Environment) -> CheckResult<&Pod> {
    environment.web("links").ok_or_else(|| {
        let expected = text("a Service leads to the Pods of `links`", "`links`의 Pod로 가는 Service가 있어야 합니다");
        let seen = text("no Pod answers requests", "요청을 받는 Pod가 없습니다");
        Failure::new(NO_MANIFESTS, read_them(), expected, seen).into()
    })
}

fn failure(environment: &Environment, NotUp { stage, seen, log }: NotUp) -> Failure {
    let reason = match stage {
        Stage::Config => "not-made",
        Stage::Start => "not-started",
        Stage::Ready => "not-ready",
        Stage::Live => "not-left-alive",
    };
    let expected = text("its Pod becomes ready and stays", "Pod가 준비되고 계속 실행되어야 합니다");
    Failure::new(reason, did(environment), expected, seen).with_log(log)
}

async fn names_its_release(lab: &Lab, service: &Service, pod: &Pod) -> CheckResult {
    let version = get(service, "/version").await.map_err(|why| LabError::new("GET /version", why))?.json();
    let (given, said) = (given(pod, "RELEASE_ID"), version["release"].as_str());
    lab.note("grader", format!("RELEASE_ID is {given:?}, /version says {said:?}"));
    if given.is_some() && given == said {
        return Ok(());
    }
    let did = text("asked the Pod for its version", "Pod에 버전을 물음");
    let expected = text(
        "`release` is the RELEASE_ID that its ConfigMap gives",
        "`release`는 ConfigMap이 준 RELEASE_ID여야 합니다",
    );
    let said = said.unwrap_or_default();
    let seen = match given {
        Some(id) => text(
            format!("RELEASE_ID is {id}, and it says {said}"),
            format!("RELEASE_ID는 {id}인데 {said}라고 답합니다"),
        ),
        None => text(
            format!("nothing gives RELEASE_ID, and it says {said}"),
            format!("RELEASE_ID를 주는 곳이 없고 {said}라고 답합니다"),
        ),
    };
    Err(Failure::new("release-unnamed", did, expected, seen).into())
}

fn given<'p>(pod: &'p Pod, name: &str) -> Option<&'p str> {
    let variables = &pod.containers.first()?.env;
    variables.iter().find(|variable| variable.name == name)?.value.as_deref()
}

/// Host and port of a web address.
fn address(url: &str) -> Option<(String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let standard = if scheme == "https" { 443 } else { 80 };
    match authority.rsplit_once(':') {
        Some((host, port)) => Some((host.to_owned(), port.parse().ok()?)),
        None => Some((authority.to_owned(), standard)),
    }
}

fn did(environment: &Environment) -> Text {
    let name = if environment.name.is_empty() { String::new() } else { format!(" ({})", environment.name) };
    text(
        format!("started the Pod as its manifest says, with nothing else{name}"),
        format!("매니페스트에 적힌 대로, 다른 것은 주지 않고 Pod를 시작{name}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_port_also_where_none_is_written() {
        assert_eq!(address("http://screen"), Some(("screen".to_owned(), 80)));
        assert_eq!(address("http://screen.team-b.svc:8080/v2"), Some(("screen.team-b.svc".to_owned(), 8080)));
        assert_eq!(address("https://screen.example/"), Some(("screen.example".to_owned(), 443)));
        assert_eq!(address("screen"), None);
    }
}
