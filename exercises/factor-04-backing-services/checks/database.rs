//! One database exchanged for another.

use super::scene::{Scene, attached, failure, got};
use crate::check::{CheckResult, LabError, Stop};
use crate::lab::Lab;
use crate::lab::postgres::Postgres;
use crate::lab::service::Service;
use crate::links::account::{Answer, show, status};
use crate::links::{create_link, fresh_target};
use crate::text::{Text, text};

/// Links made with database A are absent with B, and there again with A; the same release runs each time.
pub async fn swap_database(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let first = scene.system.postgres()?;
    let second = another(&scene).await?;
    let of_the_first = link_made(&scene, first, &first_did()).await?;

    let did = text(
        "stopped it, attached another database (DATABASE_URL) and started it again",
        "서비스를 멈추고 다른 데이터베이스를 연결해(DATABASE_URL) 다시 시작",
    );
    let service = attached(scene.web().set("DATABASE_URL", second.url()), &did).await?;
    is_absent(&service, &of_the_first, &did).await?;
    let of_the_second = made(&service, &scene, &did).await?;
    service.stop().await;

    let did = text("attached the first database again", "처음 데이터베이스를 다시 연결");
    let service = attached(scene.web().set("DATABASE_URL", first.url()), &did).await?;
    let answer = show(&service, &of_the_first).await;
    if status(&answer) != 200 {
        let expected =
            text("the link made with it is there: 200", "그 데이터베이스에서 만든 링크가 남아 있어야 합니다(200)");
        return Err(failure("lost-on-return", did, expected, got(&answer), &service));
    }
    is_absent(&service, &of_the_second, &did).await
}

fn first_did() -> Text {
    text("started it with a database and made a link", "데이터베이스를 연결해 시작하고 링크를 만듦")
}

/// A database beside the scene's own, with the subject's schema.
pub async fn another(scene: &Scene) -> CheckResult<Postgres> {
    let postgres = scene.lab.postgres().await?;
    let ended = scene.system.migrated(&scene.lab, &[("DATABASE_URL", &postgres.url())]).await?;
    match ended.is_none_or(|ended| ended.succeeded()) {
        true => Ok(postgres),
        false => Err(LabError::new("`migrate` worked with the first database", "and not with a second one").into()),
    }
}

async fn link_made(scene: &Scene, postgres: &Postgres, did: &Text) -> CheckResult<String> {
    let service = attached(scene.web().set("DATABASE_URL", postgres.url()), did).await?;
    let slug = made(&service, scene, did).await?;
    // The positive control: asked the same way, it is there.
    let answer = show(&service, &slug).await;
    if status(&answer) != 200 {
        return Err(
            LabError::new("GET /v1/links/{slug} was answered with 200 in the smoke test", got(&answer).en).into()
        );
    }
    service.stop().await;
    Ok(slug)
}

/// Nobody's link: accounts and sessions are kept elsewhere.
async fn made(service: &Service, scene: &Scene, did: &Text) -> CheckResult<String> {
    let answer = create_link(service, &fresh_target(&scene.lab)).await;
    let reply = answer.as_ref().ok().filter(|reply| reply.status == 201);
    let slug = reply.and_then(|reply| reply.json()["slug"].as_str().map(str::to_owned));
    slug.ok_or_else(|| not_made(service, did.clone(), &answer))
}

fn not_made(service: &Service, did: Text, answer: &Answer) -> Stop {
    let expected = text("POST /v1/links makes a link: 201", "POST /v1/links 요청으로 링크가 만들어져야 합니다(201)");
    failure("not-attached", did, expected, got(answer), service)
}

/// A link of the other database is not there.
async fn is_absent(service: &Service, slug: &str, did: &Text) -> CheckResult {
    let answer = show(service, slug).await;
    let reason = match status(&answer) {
        404 => return Ok(()),
        200 => "still-the-old-one",
        _ => "not-attached",
    };
    let expected =
        text("a link of the other database is not there: 404", "다른 데이터베이스의 링크는 없어야 합니다(404)");
    Err(failure(reason, did.clone(), expected, got(&answer), service))
}
