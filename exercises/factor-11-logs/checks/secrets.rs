//! What must not stand in a log at any level: keys, tokens, sessions.

use hyper::Method;

use super::requests::{Asked, EITHER, all_it_wrote, lines, link_to, no_events, settle, unreported};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::secrets::written_forms;
use crate::lab::service::{Service, Startup};
use crate::lab::stub::{Answer, Stub};
use crate::links::{System, did_not_come_up};
use crate::text::{Text, text};

/// At the level debug: links that are created, a key that the partner refuses, an answer that is nonsense.
pub async fn no_secrets(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    // Characters that are written differently in a URL and in base64, so that each form is looked for.
    let secret = || format!("s+{}/{}==", lab.chance().word(10), lab.chance().word(10));
    let secrets = [("SCREEN_API_KEY", secret()), ("Authorization", secret()), ("Cookie", secret())];
    let forms: Vec<(&str, String)> =
        secrets.iter().flat_map(|(name, secret)| written_forms(secret).map(|form| (*name, form))).collect();
    let start = system.web(&lab).set("LOG_LEVEL", "debug").set("SCREEN_API_KEY", &secrets[0].1);
    let start = forms.iter().fold(start, |start, (_, form)| start.look_for(form.as_str()));
    let (service, startup) = start.go().await?;
    if startup != Startup::Listening {
        return Err(did_not_come_up("refuses-to-start", &service, &startup, did()).into());
    }
    let asked = create_links(&lab, &service, &system.screen, &secrets).await?;
    settle(&lab, &service, &asked, &EITHER).await;
    let logs = all_it_wrote(&service).await;
    service.end().await;
    if let Some((name, _)) = logs.found().first().and_then(|index| forms.get(*index)) {
        let expected = text("no secret stands in the log", "로그에 비밀 값이 없어야 합니다");
        let seen = text(format!("the value of {name} does"), format!("{name} 값이 로그에 있습니다"));
        return Err(Failure::new("secret-in-log", did(), expected, seen).with_log(logs.last(12)).into());
    }
    // The control: a service that reports nothing leaks nothing, and that proves nothing.
    match unreported(&asked, &lines(&logs, &EITHER)?).is_empty() {
        true => Ok(()),
        false => Err(no_events(did(), &logs).into()),
    }
}

fn did() -> Text {
    text(
        "started it with LOG_LEVEL=debug and created links with secret headers, while screen was well and while it failed",
        "LOG_LEVEL=debug로 시작하고, screen이 정상일 때와 실패할 때 비밀 값이 든 헤더로 링크 생성 요청",
    )
}

async fn create_links(
    lab: &Lab,
    service: &Service,
    screen: &Stub,
    secrets: &[(&str, String); 3],
) -> CheckResult<Vec<Asked>> {
    let [(_, key), (_, token), (_, session)] = secrets;
    let (bearer, cookie) = (format!("Bearer {token}"), format!("session={session}"));
    let mut asked = Vec::new();
    for answer in [Answer::Verdict, Answer::Status(401), Answer::Garbage] {
        screen.answer(answer);
        let both = [("authorization", bearer.as_str()), ("cookie", cookie.as_str())];
        let named = create_link(lab, service, &both).await?;
        let is_unknown = named.status == 401;
        asked.push(named);
        // Where there are accounts, this token opens none, and the partner is asked for somebody without a name.
        if is_unknown {
            asked.push(create_link(lab, service, &both[1..]).await?);
        }
    }
    let bearer = format!("Bearer {key}");
    let received = screen.calls().iter().any(|call| call.header("authorization") == Some(bearer.as_str()));
    match received {
        true => Ok(asked),
        false => Err(LabError::new("screen", "did not receive the key, so its absence proves nothing").into()),
    }
}

async fn create_link(lab: &Lab, service: &Service, secrets: &[(&str, &str)]) -> CheckResult<Asked> {
    let word = lab.chance().word(12);
    let headers = [secrets, &[("x-request-id", word.as_str())]].concat();
    let reply = service.request_with(Method::POST, "/v1/links", &headers, Some(&link_to(&word))).await;
    let reply = reply.map_err(|why| LabError::new("POST /v1/links", why))?;
    Ok(Asked { word, path: "/v1/links".to_owned(), status: reply.status })
}
