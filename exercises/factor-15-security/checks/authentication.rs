//! Tokens that must not open anything, and passwords that are none (OWASP API2:2023).

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{Scene, Visitor, failure, path_of, seen};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{Answer, ask, shown, status};
use crate::links::fresh_target;
use crate::links::scene::serving;
use crate::text::{Text, text};

/// How long the session lasts that is to end by itself.
const TTL: Duration = Duration::from_secs(2);
/// Clocks of whole seconds.
const WHOLE_SECOND: Duration = Duration::from_secs(1);

/// Every way not to be known, at every door that wants somebody who is.
pub async fn authentication(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let (home, other) = (scene.serving().await?, scene.serving().await?);
    let anna = scene.anna(&home).await?;
    let link = anna.creates(&home, &fresh_target(&lab), false).await?;
    let doors = Doors { service: &home, path: path_of(&link) };
    // The positive control: the same doors open for a token that is alive, wherever it is shown.
    anna.does(&other, Method::GET, "/v1/me", None, 200).await?;
    anna.does(&other, Method::PATCH, &doors.path, Some(&json!({ "private": false })), 200).await?;
    tokio::try_join!(expires(&scene), tokens(&scene, &doors, &anna), passwords(&scene, &other))?;
    dies_everywhere(&doors, &home, &other, &anna).await
}

/// The doors that want somebody who is logged in.
struct Doors<'a> {
    service: &'a Service,
    path: String,
}

impl Doors<'_> {
    /// None of them opens, for what `send` puts into a request.
    async fn stay_shut(&self, reason: &'static str, what: &Text, headers: &[(&str, &str)], query: &str) -> CheckResult {
        let change = json!({ "private": true });
        let doors: [(Method, &str, Option<&Value>); 5] = [
            (Method::GET, "/v1/me", None),
            (Method::PATCH, &self.path, Some(&change)),
            (Method::DELETE, &self.path, None),
            (Method::DELETE, "/v1/sessions/current", None),
            (Method::GET, "/v1/admin/users", None),
        ];
        for (method, path, body) in doors {
            let path = format!("{path}{query}");
            let answer = self.service.request_with(method.clone(), &path, headers, body).await;
            if status(&answer) != 401 {
                let did = text(
                    format!("sent {method} {path} with {}", what.en),
                    format!("{method} {path} 요청({})", what.ko),
                );
                return Err(failure(reason, did, text("401", "401이어야 합니다"), &answer, self.service));
            }
        }
        Ok(())
    }

    async fn refuse(&self, reason: &'static str, what: &Text, token: &str) -> CheckResult {
        self.stay_shut(reason, what, &[("authorization", &format!("Bearer {token}"))], "").await
    }
}

async fn tokens(scene: &Scene, doors: &Doors<'_>, anna: &Visitor) -> CheckResult {
    doors.stay_shut("open-without-token", &text("no token", "토큰 없음"), &[], "").await?;
    let token = anna.token.as_deref().unwrap_or_default();
    for (what, forged) in forged(scene, token) {
        doors.refuse("forged-token", &what, &forged).await?;
    }
    for name in ["token", "access_token", "authorization"] {
        let what = text("the token in the URL alone", "토큰을 URL에만 넣음");
        doors.stay_shut("token-in-url", &what, &[], &format!("?{name}={token}")).await?;
    }
    Ok(())
}

/// What somebody might try who has one token, or has only heard of them.
fn forged(scene: &Scene, token: &str) -> Vec<(Text, String)> {
    let half = token.len() / 2;
    let claims = json!({ "sub": scene.chief.user, "user": scene.chief.user, "name": scene.chief.user, "role": "admin", "exp": 4_102_444_800_u64 });
    let unsigned = format!("{}.{}.", base64(br#"{"alg":"none","typ":"JWT"}"#), base64(claims.to_string().as_bytes()));
    let mut all = vec![
        (text("a random token", "무작위 토큰"), scene.lab.chance().word(token.len().max(8))),
        (text("half a token", "반으로 자른 토큰"), token[..half].to_owned()),
        (text("a token with its end cut off", "끝을 잘라 낸 토큰"), token[..token.len() - 2].to_owned()),
        (text("a token with one character changed", "한 글자를 바꾼 토큰"), altered(token)),
        (text("an unsigned JWT of an administrator", "서명 없는 관리자 JWT"), unsigned),
        (text("a user's name as the token", "사용자 이름을 넣은 토큰"), scene.chief.user.clone()),
    ];
    // Whoever signs tokens is shown one of its own without the signature.
    if let [_, payload, _] = token.split('.').collect::<Vec<_>>()[..] {
        let unsigned = format!("{}.{payload}.", base64(br#"{"alg":"none","typ":"JWT"}"#));
        all.push((text("its own JWT without a signature", "서명을 뗀 자기 JWT"), unsigned));
    }
    all
}

/// Not the very last character, which may hold bits that a decoder ignores.
fn altered(token: &str) -> String {
    let changed = token.chars().count().saturating_sub(4);
    let other = |c: char| if c == 'x' { 'y' } else { 'x' };
    token.chars().enumerate().map(|(at, c)| if at == changed { other(c) } else { c }).collect()
}

/// Base64 for URLs, without padding, as JSON Web Tokens have it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| (bits << 8) | usize::from(*byte)) << (8 * (3 - group.len()));
        text.extend((0..=group.len()).map(|at| char::from(LETTERS[(bits >> (18 - 6 * at)) & 63])));
    }
    text
}

/// Left alone for longer than it lasts, so that one which every use prolongs has to end too. Time itself is the event.
async fn expires(scene: &Scene) -> CheckResult {
    let short = serving(&scene.lab, scene.web().set("SESSION_TTL_SECONDS", TTL.as_secs().to_string())).await?;
    let token = scene.chief.log_in(&short).await?;
    let gone = async {
        loop {
            tokio::time::sleep(TTL + WHOLE_SECOND / 2).await;
            if status(&ask(&short, Method::GET, "/v1/me", &token, None).await) == 401 {
                return;
            }
        }
    };
    if scene.lab.until("expired", gone).await.is_some() {
        return Ok(());
    }
    let did = text(
        format!("logged in with SESSION_TTL_SECONDS={} and left the session alone", TTL.as_secs()),
        format!("SESSION_TTL_SECONDS={} 값으로 로그인하고 세션을 그대로 둠", TTL.as_secs()),
    );
    let got = text("it is still open", "세션이 여전히 열려 있습니다");
    Err(seen("dead-token", did, text("401 afterwards", "그 뒤에는 401이어야 합니다"), got, &short))
}

/// A logout at one process is the end of the token at all of them.
async fn dies_everywhere(doors: &Doors<'_>, home: &Service, other: &Service, anna: &Visitor) -> CheckResult {
    anna.does(other, Method::DELETE, "/v1/sessions/current", None, 204).await?;
    let token = anna.token.as_deref().unwrap_or_default();
    for service in [home, other] {
        let doors = Doors { service, path: doors.path.clone() };
        doors
            .refuse("dead-token", &text("the token of a session that was logged out", "로그아웃한 세션의 토큰"), token)
            .await?;
    }
    Ok(())
}

/// At most four wrong ones a name: the fifth may be answered with 429.
async fn passwords(scene: &Scene, service: &Service) -> CheckResult {
    let right = scene.ben.password();
    let nearly = [
        right.chars().take(8).collect::<String>(),
        format!("{right}{}", scene.lab.chance().word(4)),
        right.to_uppercase(),
        scene.lab.chance().word(12),
    ];
    let mut known = Err(crate::lab::http::NoReply::Silent);
    for wrong in &nearly {
        known = log_in(service, &scene.ben.user, wrong).await;
        if status(&known) != 401 {
            let did = text("logged in with a password that is nearly right", "거의 맞는 비밀번호로 로그인");
            return Err(failure("wrong-password", did, text("401", "401이어야 합니다"), &known, service));
        }
    }
    let nobody = format!("user-{}", scene.lab.chance().word(8));
    let unknown = log_in(service, &nobody, &nearly[3]).await;
    if status(&unknown) == 401 && said(&unknown) == said(&known) {
        return scene.ben.log_in(service).await.map(drop).map_err(|_| {
            LabError::new("POST /v1/sessions", "the right password was refused after four wrong ones").into()
        });
    }
    let did = text(
        "logged in with a wrong password, and with a name that nobody has",
        "틀린 비밀번호와 없는 이름으로 각각 로그인",
    );
    let expected = text("both times the same 401", "두 번 다 똑같은 401이어야 합니다");
    let got = text(
        format!("wrong password: {}; unknown name: {}", shown(&known), shown(&unknown)),
        format!("틀린 비밀번호: {}, 없는 이름: {}", shown(&known), shown(&unknown)),
    );
    Err(seen("tells-who-exists", did, expected, got, service))
}

async fn log_in(service: &Service, user: &str, password: &str) -> Answer {
    service.request(Method::POST, "/v1/sessions", Some(&json!({ "user": user, "password": password }))).await
}

/// What an answer says to its reader; a number of the request beside it is none of that.
fn said(answer: &Answer) -> (Value, Value) {
    let body = answer.as_ref().map(|reply| reply.json()).unwrap_or_default();
    (body["error"].clone(), body["message"].clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_tokens() {
        assert_eq!(base64(br#"{"alg":"none"}"#), "eyJhbGciOiJub25lIn0");
        assert_eq!(base64(b"\xff\xfe"), "__4");
    }
}
