//! One Redis exchanged for another.

use super::scene::{Guest, Scene, attached, failure, got};
use crate::check::{CheckResult, Stop};
use crate::lab::Lab;
use crate::lab::redis::Redis;
use crate::lab::service::Service;
use crate::links::account::{Answer, me, status};
use crate::text::{Text, text};

/// A session opened with one Redis is unknown with another, and good again with the first.
pub async fn swap_redis(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let (first, second) = (scene.system.redis()?, lab.redis_with_user().await?);
    let did = text("started it with a Redis database and logged in", "Redis를 연결해 시작하고 로그인");
    let old = session(&scene, first, &did).await?;
    let before = first.keys().await?.len();

    let did = text(
        "stopped it, attached another database of Redis with another user and password (REDIS_URL) and started it again",
        "서비스를 멈추고 사용자와 비밀번호가 다른 Redis 데이터베이스를 연결해(REDIS_URL) 다시 시작",
    );
    let service = attached(scene.web().set("REDIS_URL", second.url()), &did).await?;
    is_unknown(&service, &old, &did).await?;
    let new = Guest::arrive(&scene, &service, &did).await?.token;
    let (after, kept) = (first.keys().await?.len(), second.keys().await?.len());
    if kept == 0 || after != before {
        return Err(kept_elsewhere(&service, did, kept, before, after));
    }
    service.stop().await;

    let did = text("attached the first Redis database again", "처음 Redis 데이터베이스를 다시 연결");
    let service = attached(scene.web().set("REDIS_URL", first.url()), &did).await?;
    let answer = me(&service, &old).await;
    if status(&answer) != 200 {
        let expected = text("the session opened with it is good: 200", "거기에서 연 세션이 그대로 통해야 합니다(200)");
        return Err(failure("lost-on-return", did, expected, got(&answer), &service));
    }
    is_unknown(&service, &new, &did).await
}

/// Logs in, sees that the token is good, and stops the service.
async fn session(scene: &Scene, redis: &Redis, did: &Text) -> CheckResult<String> {
    let service = attached(scene.web().set("REDIS_URL", redis.url()), did).await?;
    let guest = Guest::arrive(scene, &service, did).await?;
    guest.friendly(&guest.me(), did).await?;
    service.stop().await;
    Ok(guest.token)
}

async fn is_unknown(service: &Service, token: &str, did: &Text) -> CheckResult {
    let answer: Answer = me(service, token).await;
    let reason = match status(&answer) {
        401 => return Ok(()),
        200 => "still-the-old-one",
        _ => "not-attached",
    };
    let expected =
        text("a session of the other one opens nothing: 401", "다른 쪽에서 연 세션은 통하지 않아야 합니다(401)");
    Err(failure(reason, did.clone(), expected, got(&answer), service))
}

fn kept_elsewhere(service: &Service, did: Text, kept: usize, before: usize, after: usize) -> Stop {
    let expected = text(
        "a login leaves a key in the database that REDIS_URL names, and none in another",
        "로그인하면 REDIS_URL이 가리키는 데이터베이스에만 키가 생겨야 합니다",
    );
    let seen = text(
        format!("{kept} keys in the one attached; the other had {before} and has {after}"),
        format!("연결한 데이터베이스의 키는 {kept}개, 다른 쪽의 키는 {before}개였다가 {after}개입니다"),
    );
    failure("kept-elsewhere", did, expected, seen, service)
}
