//! Each resource in turn falls silent: nothing is refused, nothing is answered.

use super::scene::{Ask, Guest, Resource, Scene, attached, failure, got};
use crate::check::{CheckResult, LabError, Stop};
use crate::lab::Lab;
use crate::lab::proxy::Mode;
use crate::lab::service::Service;
use crate::links::account::{Answer, status};
use crate::links::get;
use crate::links::scene::LONG;
use crate::text::{Text, text, with_particle};

/// Others are answered meanwhile, whoever waits for the silent one is told so in the end, and when it speaks again all is
/// well. The first is a question of order, so it is seen with a service that waits for as long as it takes.
pub async fn frozen_is_bounded(lab: Lab) -> CheckResult {
    // Side by side, since each of them takes as long as the service is told to wait.
    let (one, other, order) = tokio::join!(
        waiting_ends(&lab, [Resource::Database, Resource::Mail]),
        waiting_ends(&lab, [Resource::Sessions, Resource::Partner]),
        others_go_on(&lab),
    );
    one.and(other).and(order)
}

fn frozen(resource: Resource) -> Text {
    let name = resource.name();
    text(
        format!("froze {}: connections stay open, and nothing comes out of them", name.en),
        format!("{} 얼림(연결은 열려 있지만 아무 응답도 나오지 않음)", with_particle(&name.ko, "을/를")),
    )
}

async fn waiting_ends(lab: &Lab, resources: [Resource; 2]) -> CheckResult {
    let scene = Scene::new(lab).await?;
    let did = text("started it with every resource at hand", "모든 리소스를 갖추고 시작");
    let service = attached(scene.impatient(), &did).await?;
    let guest = Guest::arrive(&scene, &service, &did).await?;
    for resource in resources {
        // Whatever connection it keeps is warm now.
        guest.uses(resource).await?;
        freeze(&scene, resource)?;
        let ask = first_need(&guest, resource)?;
        let answer = guest.ask(&ask).await;
        if let Some(reason) = judged(&answer) {
            return Err(silent(reason, resource, &ask, &answer, &service));
        }
        thaw(&scene, resource)?;
        if let Err(last) = guest.gets(&ask).await {
            let frozen = frozen(resource);
            let did =
                text(format!("{}; then let it speak again", frozen.en), format!("{}. 그 뒤 다시 풀어 줌", frozen.ko));
            return Err(guest.failure("never-came-back", did, &ask, &last));
        }
    }
    Ok(())
}

async fn others_go_on(lab: &Lab) -> CheckResult {
    let scene = Scene::new(lab).await?;
    let did = text("started it with every resource at hand", "모든 리소스를 갖추고 시작");
    let start = scene.web().set("DB_TIMEOUT_MS", LONG).set("UPSTREAM_TIMEOUT_MS", LONG);
    let service = attached(start, &did).await?;
    let guest = Guest::arrive(&scene, &service, &did).await?;
    for resource in Resource::ALL {
        guest.uses(resource).await?;
        let before = questions(&scene, resource)?;
        freeze(&scene, resource)?;
        let ask = first_need(&guest, resource)?;
        let waiting = guest.ask(&ask);
        let others = async {
            is_asked(&scene, resource, before).await?;
            others_are_answered(&guest, &service, resource).await
        };
        tokio::pin!(waiting);
        tokio::select! {
            biased;
            answered = others => answered?,
            answer = &mut waiting => return ended_first(resource, &ask, &answer, &service),
        }
        thaw(&scene, resource)?;
        // Whatever it is told now: the next resource is to find a service that waits for nothing.
        drop(waiting.await);
    }
    Ok(())
}

/// The first request that cannot be answered without it.
fn first_need(guest: &Guest<'_>, resource: Resource) -> CheckResult<Ask> {
    let ask = guest.needs(resource).into_iter().next();
    Ok(ask.ok_or_else(|| LabError::new("a resource", "nothing needs it"))?)
}

/// Mail falls silent behind a whole letter, the others wherever they are.
fn freeze(scene: &Scene, resource: Resource) -> CheckResult {
    match resource {
        Resource::Mail => scene.system.mail()?.hold(),
        other => other.proxy(scene)?.set(Mode::Freeze),
    }
    scene.lab.note("grader", format!("froze {}", resource.name().en));
    Ok(())
}

fn thaw(scene: &Scene, resource: Resource) -> CheckResult {
    match resource {
        Resource::Mail => scene.system.mail()?.release(),
        other => other.proxy(scene)?.set(Mode::Pass),
    }
    scene.lab.note("grader", format!("let {} speak again", resource.name().en));
    Ok(())
}

/// How often the silent one was asked.
fn questions(scene: &Scene, resource: Resource) -> CheckResult<usize> {
    Ok(match resource {
        Resource::Mail => scene.system.mail()?.letters().len(),
        other => usize::try_from(other.proxy(scene)?.counters().withheld).unwrap_or(usize::MAX),
    })
}

async fn is_asked(scene: &Scene, resource: Resource, before: usize) -> CheckResult {
    let look = || async { questions(scene, resource).is_ok_and(|now| now > before).then_some(()) };
    let asked = scene.lab.watch("asked", look).await;
    Ok(asked.ok_or_else(|| LabError::new(resource.name().en, "was never asked, though a request needs it"))?)
}

async fn others_are_answered(guest: &Guest<'_>, service: &Service, resource: Resource) -> CheckResult {
    let follow = format!("/r/{}", guest.slug);
    let paths: &[(&str, u16)] = match resource {
        // Whoever follows a link needs the database as well.
        Resource::Database => &[("/healthz", 200)],
        _ => &[("/healthz", 200), (&follow, 307)],
    };
    for (path, promised) in paths {
        let answer = get(service, path).await;
        if status(&answer) != *promised {
            let expected = text(
                format!("GET {path} has nothing to do with it: {promised}"),
                format!("이것과 상관없는 GET {path} 요청에는 {promised} 응답이 와야 합니다"),
            );
            return Err(failure("blocks-others", frozen(resource), expected, got(&answer), service));
        }
    }
    Ok(())
}

/// The one who had to wait was answered before those who had not.
fn ended_first(resource: Resource, ask: &Ask, answer: &Answer, service: &Service) -> CheckResult {
    // No answer at all means that our own patience was over first: this service may wait for as long as it likes.
    if let Some(reason @ "answers-without-it") = judged(answer) {
        return Err(silent(reason, resource, ask, answer, service));
    }
    let expected = text(
        "requests that do not need it are answered while one waits for it",
        "한 요청이 기다리는 동안 상관없는 요청에는 응답해야 합니다",
    );
    let seen = text("they were not, before the waiting ended", "기다림이 끝날 때까지 응답하지 않았습니다");
    Err(failure("blocks-others", frozen(resource), expected, seen, service))
}

/// What is wrong with an answer about what a silent resource would have to say; `None` when nothing is.
fn judged(answer: &Answer) -> Option<&'static str> {
    match status(answer) {
        0 => Some("never-answered"),
        500.. => None,
        _ => Some("answers-without-it"),
    }
}

fn silent(reason: &'static str, resource: Resource, ask: &Ask, answer: &Answer, service: &Service) -> Stop {
    let expected = text(
        format!("{ask} is answered with 503 when the time set for it is over"),
        format!("정해진 시간이 지나면 {ask} 요청에 503으로 응답해야 합니다"),
    );
    failure(reason, frozen(resource), expected, got(answer), service)
}
