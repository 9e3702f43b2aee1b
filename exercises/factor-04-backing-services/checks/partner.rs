//! One partner service exchanged for another, each behind a path of its own.

use super::scene::{Scene, attached, failure, got};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::stub::{Stub, VERDICTS};
use crate::links::account::status;
use crate::links::create_link;
use crate::text::text;

/// A host that the first partner denies and the second allows; then the first again.
pub async fn swap_app_service(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let (strict, kind) = (&scene.system.screen, lab.stub().await?);
    let host = format!("{}.example", lab.chance().word(10));
    strict.deny(&host);
    let tenant = || format!("/tenant-{}", lab.chance().word(6));
    // With and without a slash at its end, an address means the same.
    follows(&scene, strict, &tenant(), "", &host, 422).await?;
    follows(&scene, &kind, &tenant(), "/", &host, 201).await?;
    follows(&scene, strict, &tenant(), "/", &host, 422).await
}

/// Starts the service with this partner and sees that its verdict, and no other, is the one that counts.
async fn follows(scene: &Scene, partner: &Stub, path: &str, slash: &str, host: &str, verdict: u16) -> CheckResult {
    let url = format!("{}{path}{slash}", partner.url());
    let did = text(
        format!("started it with SCREEN_URL={url} and sent POST /v1/links"),
        format!("SCREEN_URL={url} 값으로 시작하고 POST /v1/links 요청"),
    );
    let service = attached(scene.web().set("SCREEN_URL", url), &did).await?;
    let before = partner.calls().len();
    let target = format!("https://{host}/{}", scene.lab.chance().word(6));
    let answer = create_link(&service, &target).await;
    let Some(call) = partner.calls().into_iter().nth(before) else {
        let expected = text("this partner is asked for a verdict", "이 협력 서비스에 판정을 물어야 합니다");
        return Err(failure("still-the-old-one", did, expected, got(&answer), &service));
    };
    let wanted = format!("{path}{VERDICTS}");
    if call.path != wanted {
        let expected = text(format!("it asks POST {wanted}"), format!("POST {wanted} 요청을 보내야 합니다"));
        let seen = text(format!("it asked POST {}", call.path), format!("POST {} 요청을 보냈습니다", call.path));
        return Err(failure("wrong-path", did, expected, seen, &service));
    }
    if status(&answer) != verdict {
        let expected = text(format!("its verdict counts: {verdict}"), format!("이 판정을 따라야 합니다({verdict})"));
        return Err(failure("still-the-old-one", did, expected, got(&answer), &service));
    }
    service.stop().await;
    Ok(())
}
