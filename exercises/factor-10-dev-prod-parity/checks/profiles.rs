//! One behaviour, however the program was compiled and whatever its environment is called.

use super::conversation::{Script, has_created_a_link};
use super::scene::{Guise, becomes_ready};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::service::Startup;
use crate::links::{ENVIRONMENT_NAMES, System, Transcript, describe};
use crate::text::{Text, text, with_particle};

/// The build that all checks use is the measure; production's own is built last, since that may take a while.
pub async fn debug_equals_release(lab: Lab) -> CheckResult {
    let script = Script::draw(lab.chance());
    let mut reference = held(&lab, &script, &Guise::default()).await?.map_err(|seen| not_again(&seen))?;
    if !has_created_a_link(&reference) {
        return Err(LabError::new("the conversation", "holds no created link, so nothing can be compared").into());
    }
    // What two equal deploys do not share, such as a time or a number of requests, says nothing about a third one.
    let twin = held(&lab, &script, &Guise::default()).await?.map_err(|seen| not_again(&seen))?;
    reference.forget_what_differs_from(&twin);
    for environment in ["production", "development"] {
        let guise = Guise { environment: Some(environment), ..Guise::default() };
        let did = text(
            format!("set {} to {environment}", ENVIRONMENT_NAMES.join(", ")),
            format!("{} 값을 {} 설정", ENVIRONMENT_NAMES.join(", "), with_particle(environment, "으로/로")),
        );
        equal(&lab, &script, &reference, &guise, "environment-name-matters", did).await?;
    }
    let Some(release) = lab.shipped().await.map_err(not_built)? else { return Ok(()) };
    let guise = Guise { release: Some(release), ..Guise::default() };
    let did = text(
        "held the same conversation with what `[prod] build` makes",
        "`[prod] build`로 만든 릴리즈에 같은 요청을 차례로 보냄",
    );
    equal(&lab, &script, &reference, &guise, "release-differs", did).await
}

async fn equal(
    lab: &Lab,
    script: &Script,
    reference: &Transcript,
    guise: &Guise,
    reason: &'static str,
    did: Text,
) -> CheckResult {
    let difference = match held(lab, script, guise).await? {
        Ok(transcript) => reference.difference_from(&transcript),
        Err(seen) => Some((text("it starts", "시작해야 합니다"), seen)),
    };
    match difference {
        None => Ok(()),
        Some((expected, seen)) => Err(Failure::new(reason, did, expected, seen).into()),
    }
}

/// A deploy of its own in this guise, and the conversation with it; or why there was none.
async fn held(lab: &Lab, script: &Script, guise: &Guise) -> CheckResult<Result<Transcript, Text>> {
    let system = System::fresh(lab).await?;
    if !guise.migrate(lab, &system).await? {
        return Ok(Err(text("`migrate` failed", "`migrate`가 실패했습니다")));
    }
    let (service, startup) = guise.put_on(system.web(lab)).go().await?;
    if startup != Startup::Listening {
        return Ok(Err(describe(&startup, service.port())));
    }
    if !becomes_ready(lab, &service).await {
        return Ok(Err(text("it does not become ready", "준비되지 않습니다")));
    }
    let transcript = script.hold(&system, &service).await;
    service.end().await;
    Ok(Ok(transcript))
}

/// The smoke test has seen that it can.
fn not_again(seen: &Text) -> LabError {
    LabError::new("the service came up in the smoke test, and now", &seen.en)
}

/// The reasons of the build step are for a service that cannot be graded at all; this one was.
fn not_built(stop: Stop) -> Stop {
    match stop {
        Stop::Fail(failure) => Failure { reason: "release-not-built", ..*failure }.into(),
        other => other,
    }
}
