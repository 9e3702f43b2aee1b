//! Each resource in turn goes away and comes back, and the service lives through it.

use super::scene::{Ask, Guest, Resource, Scene, attached, failure, got};
use crate::check::{CheckResult, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{Answer, status};
use crate::links::get;
use crate::text::{Text, text, with_particle};

/// While a resource is away, what needs it is answered with 5xx; when it is back, it succeeds. Nobody starts anything
/// again.
pub async fn outage_and_return(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let did = text("started it with every resource at hand", "모든 리소스를 갖추고 시작");
    let service = attached(scene.impatient(), &did).await?;
    let guest = Guest::arrive(&scene, &service, &did).await?;
    for resource in Resource::ALL {
        guest.uses(resource).await?;
        scene.take_away(resource).await?;
        says_so(&lab, &guest, &service, resource).await?;
        scene.bring_back(resource)?;
        is_back(&guest, &service, resource).await?;
    }
    Ok(())
}

fn away(resource: Resource) -> Text {
    let name = resource.name();
    text(
        format!("took {} away while it was serving: connections reset, new ones refused", name.en),
        format!("서비스 중에 {} 끊음(열린 연결은 초기화, 새 연결은 거절)", with_particle(&name.ko, "을/를")),
    )
}

async fn says_so(lab: &Lab, guest: &Guest<'_>, service: &Service, resource: Resource) -> CheckResult {
    for ask in guest.needs(resource) {
        let answer = guest.ask(&ask).await;
        if status(&answer) == 0 {
            // That a process has ended is heard later than that its connections have.
            lab.glance(|| async { service.has_ended().then_some(()) }).await;
        }
        still_runs(service, resource)?;
        if let Some(reason) = judged(&answer) {
            return Err(without(reason, resource, &ask, &answer, service));
        }
    }
    let alive = get(service, "/healthz").await;
    still_runs(service, resource)?;
    if status(&alive) == 200 {
        return Ok(());
    }
    let expected = text(
        "GET /healthz: 200, since a restart would not bring the resource back",
        "다시 시작해도 리소스는 돌아오지 않으므로 GET /healthz 응답은 200이어야 합니다",
    );
    Err(failure("liveness-depends", away(resource), expected, got(&alive), service))
}

/// What is wrong with an answer that cannot be a good one; `None` when nothing is.
fn judged(answer: &Answer) -> Option<&'static str> {
    match status(answer) {
        0 => Some("no-answer"),
        500.. => None,
        _ => Some("answers-without-it"),
    }
}

fn without(reason: &'static str, resource: Resource, ask: &Ask, answer: &Answer, service: &Service) -> Stop {
    let name = resource.name();
    let expected = text(
        format!("{ask} cannot be answered without {}, so: 503", name.en),
        format!("{} 없이는 {ask} 요청에 답할 수 없으므로 503이어야 합니다", name.ko),
    );
    failure(reason, away(resource), expected, got(answer), service)
}

fn still_runs(service: &Service, resource: Resource) -> CheckResult {
    if !service.has_ended() {
        return Ok(());
    }
    let expected = text("the process goes on running", "프로세스가 계속 실행되어야 합니다");
    let seen = text("it has ended", "끝났습니다");
    Err(failure("process-exited", away(resource), expected, seen, service))
}

async fn is_back(guest: &Guest<'_>, service: &Service, resource: Resource) -> CheckResult {
    for ask in guest.needs(resource) {
        if let Err(last) = guest.gets(&ask).await {
            still_runs(service, resource)?;
            let away = away(resource);
            let did = text(format!("{}; then brought it back", away.en), format!("{}. 그 뒤 되돌려 놓음", away.ko));
            return Err(guest.failure("never-came-back", did, &ask, &last));
        }
    }
    Ok(())
}
