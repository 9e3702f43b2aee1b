//! Started before its resources are there.

use super::scene::{Guest, Resource, Scene, attached, because, failure, says_ready};
use crate::check::{CheckResult, Stop};
use crate::lab::Lab;
use crate::lab::process::Exit;
use crate::lab::service::{Service, Startup};
use crate::links::describe;
use crate::links::scene::is_ready;
use crate::text::{Text, text};

/// Nothing is there at the start. Then everything comes, and the service, or one that is started again because the first
/// has ended with an error, finds it.
pub async fn start_detached(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    for resource in Resource::ALL {
        scene.take_away(resource).await?;
    }
    let did =
        text("started it while every resource refused connections", "모든 리소스가 연결을 거절하는 상태에서 시작");
    let (service, startup) = scene.impatient().go().await?;
    match startup {
        Startup::Listening => never_ready(&lab, &service, &did).await?,
        Startup::Exited(exit) if exit != Exit::Code(0) => {}
        other => return Err(neither(&other, &service, did)),
    }
    for resource in Resource::ALL {
        scene.bring_back(resource)?;
    }
    let did = text(format!("{}; then attached them all", did.en), format!("{}. 그 뒤 모두 연결", did.ko));
    if service.has_ended() {
        // Whoever cannot work may say so and end; a platform starts it again.
        return works(
            &scene,
            &attached(scene.impatient(), &did).await.map_err(|stop| because(stop, "never-attached"))?,
            &did,
        )
        .await;
    }
    works(&scene, &service, &did).await
}

async fn never_ready(lab: &Lab, service: &Service, did: &Text) -> CheckResult {
    if !says_ready(lab, service).await {
        return Ok(());
    }
    let expected = text("/readyz does not say 200", "/readyz가 200으로 응답하지 않아야 합니다");
    Err(failure("ready-while-detached", did.clone(), expected, text("it says 200", "200으로 응답합니다"), service))
}

fn neither(startup: &Startup, service: &Service, did: Text) -> Stop {
    let expected = text(
        "it listens and says that it is not ready, or it ends with an error",
        "포트를 열고 아직 준비되지 않았다고 답하거나, 오류로 끝나야 합니다",
    );
    failure("neither-up-nor-down", did, expected, describe(startup, service.port()), service)
}

async fn works(scene: &Scene, service: &Service, did: &Text) -> CheckResult {
    if scene.lab.watch("ready", || async { is_ready(service).await.then_some(()) }).await.is_none() {
        let expected = text("/readyz says 200", "/readyz가 200으로 응답해야 합니다");
        let seen = text("it never does", "끝내 200으로 응답하지 않습니다");
        return Err(failure("never-attached", did.clone(), expected, seen, service));
    }
    let guest = Guest::unknown(scene, service);
    for ask in [guest.log_in(), guest.create()] {
        guest.gets(&ask).await.map_err(|last| guest.failure("never-attached", did.clone(), &ask, &last))?;
    }
    Ok(())
}
