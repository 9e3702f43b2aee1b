//! What a start without a variable, or with a nonsensical one, must look like.

use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::ports::only_one_at_a_time;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::{REQUIRED, System, by_hand, refused_well};
use crate::text::{Text, text, with_particle};

/// Each required variable is taken away once, and the messages tell one case from the other.
pub async fn missing_required_fails_fast(lab: Lab) -> CheckResult {
    let mut said: Vec<(&str, String)> = Vec::new();
    for name in REQUIRED {
        let did = text(
            format!("started `web` with everything but {name}"),
            format!("{} 빼고 나머지를 모두 준 상태로 `web` 시작", with_particle(name, "을/를")),
        );
        let message = must_refuse(&lab, name, None, did.clone()).await?;
        if let Some((other, _)) = said.iter().find(|(_, known)| *known == message) {
            return Err(same_message(name, other, did).into());
        }
        said.push((name, message));
    }
    Ok(())
}

/// A message that names every variable in every case does not say which one is missing.
fn same_message(name: &str, other: &str, did: Text) -> Failure {
    Failure::new(
        "variable-not-named",
        did,
        text("the message says which variable is missing", "어느 변수가 없는지 메시지로 알 수 있어야 합니다"),
        text(
            format!("the message is the same as without {other}; it does not point to {name}"),
            format!("{other} 변수가 없을 때와 메시지가 같아서 {name} 변수를 가리키지 못합니다"),
        ),
    )
}

/// Each variable gets a value that it cannot have. `PORT=80a` is what a typing mistake looks like.
pub async fn malformed_value_rejected(lab: Lab) -> CheckResult {
    let secret = lab.chance().word(16);
    let values = [
        ("PORT", "80a".to_owned()),
        ("UPSTREAM_TIMEOUT_MS", "-1".to_owned()),
        ("SCREEN_URL", "localhost".to_owned()),
        ("PUBLIC_BASE_URL", "not a url".to_owned()),
        ("SCREEN_API_KEY", format!("{secret}\u{1}{secret}")),
    ];
    let empty = REQUIRED.map(|name| (name, String::new()));
    for (name, value) in values.into_iter().chain(empty) {
        let shown =
            if name == "SCREEN_API_KEY" && !value.is_empty() { "a key with a control character" } else { &value };
        let did = text(
            format!("started `web` with {name} set to {shown:?}"),
            format!("{name} 값을 {shown:?}(으)로 주고 `web` 시작"),
        );
        must_refuse(&lab, name, Some(&value), did).await?;
    }
    Ok(())
}

/// Starts with `name` missing or set to `value`; passes when the service ends with an error that names the variable, and
/// returns the message without its digits (times and process numbers differ from start to start).
async fn must_refuse(lab: &Lab, name: &str, value: Option<&str>, did: Text) -> CheckResult<String> {
    let system = System::fresh(lab).await?;
    let start = || {
        let start = system.web(lab).expecting_refusal();
        match value {
            Some(value) => start.set(name, value),
            None => start.unset(name),
        }
    };
    // The part of the key that a report may not show: the deploy's own, or the malformed one without its control character.
    let secret = match (name, value) {
        ("SCREEN_API_KEY", Some(value)) => value.split('\u{1}').next().unwrap_or_default().to_owned(),
        _ => system.deploy.key.clone(),
    };
    let (service, startup) = match name {
        "PORT" => alone(lab, &system, &start, &secret).await?,
        _ => start().look_for(secret.clone()).go().await?,
    };
    lab.note("grader", did.en.clone());
    let refusal = refused_well(&service, &startup, name, &secret).map_err(|(reason, expected, seen)| {
        let repeat = by_hand::start(lab, name, value);
        Failure { repeat, ..Failure::new(reason, did, expected, seen).with_log(service.last_lines()) }
    });
    let message = service.logs().text().chars().filter(|c| !c.is_ascii_digit()).collect();
    service.end().await;
    refusal?;
    Ok(message)
}

/// A service that falls back to a well-known port must find it free: somebody else's service there would make it end for
/// another reason. In a network of its own every port is; without one, at least no other run takes it.
async fn alone(
    lab: &Lab,
    system: &System,
    start: &impl Fn() -> Start,
    secret: &str,
) -> CheckResult<(Service, Startup)> {
    match start().look_for(secret).sandboxed(&system.ports(), &[]).go().await {
        Err(Stop::Ungraded(_)) => {}
        started => return started,
    }
    let _alone = only_one_at_a_time(&lab.bench.locks).await?;
    start().look_for(secret).go().await
}
