//! Guessing passwords ends soon: at every process, and for nobody but whose password it is (OWASP API2 and API4:2023).

use hyper::Method;
use serde_json::json;

use super::scene::{Scene, failure};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{Account, Answer, status};
use crate::text::text;

/// More guesses at one name than anybody needs who has forgotten a password.
const GUESSES: usize = 40;
/// A limit that refills lets one through now and then, never two at once.
const ONCE_MORE: usize = 2;

/// Guesses at one process until it has enough of it, and goes on at the other. All at the first: if each counts for itself, the
/// second has seen none yet.
pub async fn guesses_are_limited(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let (one, other) = (scene.serving().await?, scene.serving().await?);
    // The positive control: with the right password she gets in.
    scene.anna.log_in(&one).await?;
    let mut last = guess(&scene, &scene.anna, &one).await;
    for _ in 1..GUESSES {
        if status(&last) == 429 {
            break;
        }
        last = guess(&scene, &scene.anna, &one).await;
    }
    if status(&last) != 429 {
        let did = text(
            format!("guessed the password of one user {GUESSES} times, at one instance"),
            format!("한 인스턴스에서 한 사용자의 비밀번호를 {GUESSES}번 추측"),
        );
        let expected = text("429 before the last of them", "마지막 시도 전에 429로 막아야 합니다");
        return Err(failure("guesses-unlimited", did, expected, &last, &one));
    }
    is_known_to(&scene, &other).await?;
    is_her_own(&scene, [&one, &other]).await
}

async fn is_known_to(scene: &Scene, other: &Service) -> CheckResult {
    let mut last = guess(scene, &scene.anna, other).await;
    for _ in 1..ONCE_MORE {
        if status(&last) == 429 {
            break;
        }
        last = guess(scene, &scene.anna, other).await;
    }
    if status(&last) == 429 {
        return Ok(());
    }
    let did = text(
        "guessed at one instance until it answered 429, and went on at another",
        "한 인스턴스가 429로 막을 때까지 추측한 뒤 다른 인스턴스에서 계속 추측",
    );
    let expected = text("429 there too: it is the same account", "같은 계정이므로 거기서도 429여야 합니다");
    Err(failure("limit-per-process", did, expected, &last, other))
}

async fn is_her_own(scene: &Scene, instances: [&Service; 2]) -> CheckResult {
    for instance in instances {
        let answer = scene.ben.ask_to_log_in(instance).await;
        if status(&answer) != 201 {
            let did = text(
                "guessed one user's password until 429, and let another user log in",
                "한 사용자의 비밀번호를 429가 나올 때까지 추측한 뒤 다른 사용자가 로그인",
            );
            let expected =
                text("201 for whose password nobody guessed at", "추측과 상관없는 사용자는 201이어야 합니다");
            return Err(failure("locks-everybody", did, expected, &answer, instance));
        }
    }
    Ok(())
}

async fn guess(scene: &Scene, account: &Account, at: &Service) -> Answer {
    let body = json!({ "user": account.user, "password": scene.lab.chance().word(10) });
    at.request(Method::POST, "/v1/sessions", Some(&body)).await
}
