//! Who chooses the port, what follows for a second instance, and what for a port that is taken.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};

use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::process::Exit;
use crate::lab::service::{Service, Startup};
use crate::links::{self, Complaint, describe, did_not_come_up, get};
use crate::text::{Text, text, with_particle};

use super::scene::{Scene, Up, came_up_before, started, up};

/// Each app is given a random port; a request is answered there, and nobody of it listens anywhere else.
pub async fn binds_given_port(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    for app in scene.apps() {
        let (service, startup) = scene.web(app).go().await?;
        let bound = match startup {
            Startup::Listening => listens_nowhere_else(&service).await,
            Startup::Elsewhere(_) => {
                Err(did_not_come_up("another-port", &service, &startup, started(app, service.port())).into())
            }
            other => Err(came_up_before(&service, &other).into()),
        };
        service.end().await;
        bound?;
    }
    Ok(())
}

async fn listens_nowhere_else(service: &Service) -> CheckResult {
    // What is opened for the first request is open now.
    links::answers(service, hyper::Method::GET, "/healthz", None, 200).await.map_err(broken)?;
    let Some(open) = service.listening_ports() else {
        service.lab().remark(text(
            "this system does not tell who listens, so further ports were not looked for",
            "누가 어느 포트를 여는지 이 시스템에서는 알 수 없어서 다른 포트는 찾아보지 않았습니다",
        ));
        return Ok(());
    };
    // The positive control: the port that just answered is seen as one that is open.
    if !open.contains(&service.port()) {
        return Err(LabError::new("the list of open ports", "does not hold the one that answers").into());
    }
    let mut allowed = service.extra_ports();
    allowed.insert(service.port());
    let further: BTreeSet<u16> = open.difference(&allowed).copied().collect();
    if further.is_empty() {
        return Ok(());
    }
    let shown = further.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let expected = text(
        "it listens on PORT, and on what `extra_ports` in app.toml declares",
        "PORT, 그리고 app.toml의 `extra_ports`에 적힌 포트에서만 연결을 받아야 합니다",
    );
    let seen = text(format!("it listens on {shown} as well"), format!("{shown}번 포트에서도 연결을 받습니다"));
    Err(Failure::new("further-port", started(service.app(), service.port()), expected, seen).into())
}

/// What answered in the smoke test and does not answer now says nothing about ports.
fn broken(stop: Stop) -> Stop {
    match stop {
        Stop::Fail(failure) => LabError::new("GET /healthz", failure.seen.en).into(),
        other => other,
    }
}

/// One release, two instances: each has a port and a release id of its own, and answers with it.
pub async fn two_on_one_host(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    for app in scene.apps() {
        let ids = [(); 2].map(|()| format!("r-{}", lab.chance().word(10)));
        let first = up(scene.web(app).set("RELEASE_ID", &ids[0])).await?;
        let (second, startup) = scene.web(app).set("RELEASE_ID", &ids[1]).go().await?;
        let did = text(
            format!("started `web` of `{app}` twice, with ports {} and {}", first.service.port(), second.port()),
            format!("`{app}`의 `web`을 {}번과 {}번 포트로 하나씩 시작", first.service.port(), second.port()),
        );
        let side_by_side = match startup {
            Startup::Listening => each_for_itself(&first.service, &second, &ids, &did).await,
            other => Err(did_not_come_up("second-did-not-start", &second, &other, did).into()),
        };
        tokio::join!(first.service.end(), second.end());
        side_by_side?;
    }
    Ok(())
}

async fn each_for_itself(first: &Service, second: &Service, ids: &[String; 2], did: &Text) -> CheckResult {
    for (service, id) in [(first, &ids[0]), (second, &ids[1])] {
        let reply = get(service, "/version").await;
        let release = reply.as_ref().ok().map(|reply| reply.json()["release"].clone());
        if release.as_ref().and_then(|release| release.as_str()) == Some(id) {
            continue;
        }
        let port = service.port();
        let seen = reply.map_or_else(|why| why.to_string(), |reply| reply.excerpt());
        let failure = Failure::new(
            "disturbs-the-other",
            did.clone(),
            text(
                format!("GET /version at port {port} says \"release\": \"{id}\""),
                format!("포트 {port}의 GET /version 응답에 \"release\": \"{id}\" 값이 있어야 합니다"),
            ),
            text(format!("got {seen}"), format!("실제 응답: {seen}")),
        );
        return Err(failure.with_log(service.last_lines()).into());
    }
    Ok(())
}

/// Somebody else listens on the port that an app is given.
pub async fn port_conflict_is_fatal(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    for app in scene.apps() {
        // The positive control: with a port that is free, the same start succeeds.
        let Up { service, .. } = scene.up(app).await?;
        service.end().await;
        let port = lab.bench.ports.lease(lab.chance())?;
        let _occupied = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port.number))
            .map_err(|error| LabError::new("cannot occupy a port", error))?;
        let start = scene.web(app).set("PORT", port.number.to_string()).expecting_refusal();
        let (service, startup) = start.go().await?;
        let refused = gave_up(&service, &startup, port.number);
        let log = service.last_lines();
        service.end().await;
        if let Err((reason, expected, seen)) = refused {
            return Err(Failure::new(reason, took(app, port.number), expected, seen).with_log(log).into());
        }
    }
    Ok(())
}

fn took(app: &str, port: u16) -> Text {
    text(
        format!("took port {port} and started `web` of `{app}` with PORT={port}"),
        format!("{port}번 포트를 먼저 차지하고 PORT={port} 값으로 `{app}`의 `web` 시작"),
    )
}

fn gave_up(service: &Service, startup: &Startup, port: u16) -> Result<(), Complaint> {
    let ends = text("it ends with an error", "오류로 끝나야 합니다");
    let seen = describe(startup, port);
    match startup {
        Startup::Listening | Startup::Elsewhere(_) => Err(("moved-elsewhere", ends, seen)),
        Startup::Silent | Startup::NotExecutable(_) => Err(("hung", ends, seen)),
        Startup::Exited(Exit::Code(0)) => Err((
            "exited-zero",
            text("the exit code says that something is wrong", "종료 코드가 실패를 알려야 합니다"),
            seen,
        )),
        Startup::Exited(exit) => names_the_port(&service.logs().text(), *exit, &port.to_string()),
    }
}

fn names_the_port(said: &str, exit: Exit, port: &str) -> Result<(), Complaint> {
    if said.contains(port) || said.to_ascii_uppercase().contains("PORT") {
        return Ok(());
    }
    let expected = text(
        format!("the message names the port: {port}, or PORT"),
        format!("메시지가 포트를 알려야 합니다({port} 또는 PORT)"),
    );
    let seen = text(
        format!("it ended with {exit} and never mentions {port}"),
        format!("{} 말하지 않고 끝났습니다({})", with_particle(port, "을/를"), exit.text().ko),
    );
    Err(("port-not-named", expected, seen))
}
