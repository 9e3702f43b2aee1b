//! From where an app can be reached, and what it needs besides its release to be reached at all.

use std::net::{IpAddr, SocketAddr};

use hyper::Method;

use crate::check::{CheckResult, Failure, LabError, Missing};
use crate::lab::Lab;
use crate::lab::addresses::in_the_network;
use crate::lab::http::NoReply;
use crate::lab::listeners::Listener;
use crate::lab::service::{Service, Startup};
use crate::links::{answers, did_not_come_up, get};
use crate::text::{Text, text};

use super::scene::{Scene, Up, started};

/// A request to each app comes in at the machine's address in its network, as those of other machines do.
pub async fn reachable_beyond_loopback(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    for app in scene.apps() {
        let mut up = scene.up(app).await?;
        let reached = is_reached(&mut up, in_the_network()).await;
        up.service.end().await;
        reached?;
    }
    Ok(())
}

async fn is_reached(Up { service, port }: &mut Up, outside: Option<IpAddr>) -> CheckResult {
    // The positive control: on loopback the same request is answered.
    let inside = get(service, "/healthz").await;
    if !inside.is_ok_and(|reply| reply.status == 200) {
        return Err(LabError::new("GET /healthz", "is not answered on loopback either").into());
    }
    let listeners = service.listeners();
    if let Some(listeners) = &listeners {
        open_to_others(service, listeners, *port)?;
    }
    match (outside, listeners) {
        (Some(outside), _) => answers_at(service, SocketAddr::new(outside, *port)).await,
        (None, None) => Err(no_other_address().into()),
        (None, Some(_)) => {
            service.lab().remark(text(
                "this machine has no address but loopback, so only the list of open ports was read",
                "루프백 말고는 주소가 없는 컴퓨터라서 열린 포트의 목록만 확인했습니다",
            ));
            Ok(())
        }
    }
}

/// Needs no network: a listener says at which addresses it accepts.
fn open_to_others(service: &Service, listeners: &[Listener], port: u16) -> CheckResult {
    let here: Vec<SocketAddr> = listeners
        .iter()
        .filter(|listener| listener.port == port)
        .map(|listener| SocketAddr::new(listener.address, port))
        .collect();
    match here.first() {
        Some(first) if here.iter().all(|address| address.ip().is_loopback()) => {
            Err(loopback_only(service, &first.to_string()).into())
        }
        _ => Ok(()),
    }
}

async fn answers_at(service: &mut Service, address: SocketAddr) -> CheckResult {
    service.speak_at(address);
    match service.request(Method::GET, "/healthz", None).await {
        Ok(reply) if reply.status == 200 => Ok(()),
        Err(NoReply::Refused(why)) => Err(loopback_only(service, &format!("{address}: {why}")).into()),
        other => {
            let seen =
                other.map_or_else(|why| why.to_string(), |reply| format!("{} {}", reply.status, reply.excerpt()));
            let did = text(
                format!("sent GET http://{address}/healthz to `{}`", service.app()),
                format!("`{}`에 GET http://{address}/healthz 요청", service.app()),
            );
            let expected = text("200, as at 127.0.0.1", "127.0.0.1 주소로 요청했을 때처럼 200 응답이 와야 합니다");
            let seen = text(format!("got {seen}"), format!("실제 결과: {seen}"));
            Err(Failure::new("turned-away", did, expected, seen).into())
        }
    }
}

fn loopback_only(service: &Service, seen: &str) -> Failure {
    Failure::new(
        "loopback-only",
        text(
            format!("called `{}` at the machine's address in its network", service.app()),
            format!("컴퓨터의 네트워크 주소로 `{}`에 연결", service.app()),
        ),
        text("it accepts connections at every address of its machine", "컴퓨터의 모든 주소에서 연결을 받아야 합니다"),
        text(format!("only loopback is answered ({seen})"), format!("루프백에서만 연결을 받습니다({seen})")),
    )
}

fn no_other_address() -> Missing {
    Missing {
        what: text("an address of this machine besides loopback", "루프백이 아닌 이 컴퓨터의 주소"),
        fix: text("connect it to any network", "아무 네트워크에나 연결하십시오"),
    }
}

/// Who answers is the release itself, also where there is nothing else.
pub async fn self_contained(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    for app in scene.apps() {
        let up = scene.up(app).await?;
        let alone = nobody_in_front(&up).await;
        up.service.end().await;
        alone?;
        with_nothing_around(&scene, app).await?;
    }
    Ok(())
}

async fn nobody_in_front(Up { service, port }: &Up) -> CheckResult {
    answers(service, Method::GET, "/version", None, 200)
        .await
        .map_err(|stop| stop.because("front-server", &version()))?;
    let Some(listeners) = service.listeners() else { return Ok(()) };
    let mut here = listeners.iter().filter(|listener| listener.port == *port).peekable();
    // The positive control: somebody is seen on the port that just answered.
    if here.peek().is_none() {
        return Err(LabError::new("the list of listeners", "does not hold the one that answers").into());
    }
    let Some(foreign) = here.find(|listener| !service.is_its_own(listener)) else { return Ok(()) };
    let program = foreign.program.as_ref().map_or_else(String::new, |program| program.display().to_string());
    let failure = Failure::new(
        "front-server",
        version(),
        text("a program of the release answers it", "릴리즈에 든 프로그램이 응답해야 합니다"),
        text(
            format!("{program} listens on port {port}, and is no part of the release"),
            format!("{port}번 포트를 여는 것은 릴리즈에 없는 {program} 프로그램입니다"),
        ),
    );
    Err(failure.with_log(service.last_lines()).into())
}

fn version() -> Text {
    text("started it and asked GET /version", "시작한 뒤 GET /version 요청")
}

/// A file tree with the release, its shared libraries and nothing else. Where it listens is another check's subject.
async fn with_nothing_around(scene: &Scene, app: &str) -> CheckResult {
    let start = scene.web(app).sandboxed(&scene.system.ports(), &[]).bare().set("PATH", "/usr/bin:/bin");
    let (service, startup) = start.go().await?;
    let Text { en, ko } = started(app, service.port());
    let did = text(
        format!("{en}, where there is nothing but its release and its shared libraries"),
        format!("릴리즈와 공유 라이브러리만 있는 곳에서 {ko}"),
    );
    let came = match startup {
        Startup::Elsewhere(_) => Ok(()),
        Startup::Listening => {
            let answered = answers(&service, Method::GET, "/version", None, 200).await;
            answered.map(drop).map_err(|stop| stop.because("needs-the-machine", &did))
        }
        other => Err(did_not_come_up("needs-the-machine", &service, &other, did).into()),
    };
    service.end().await;
    came
}
