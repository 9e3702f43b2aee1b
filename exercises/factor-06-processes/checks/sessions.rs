//! Sessions: known to every process, ended for every process, and not for ever.

use std::time::{Duration, Instant};

use hyper::Method;

use super::deployed::{Answer, Deployed, as_in_smoke, ask, me, running, shown, status};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::manifest::Need;
use crate::text::text;

/// How long the sessions of `sessions-expire` last.
const TTL: Duration = Duration::from_secs(3);
/// Clocks of whole seconds end a session up to one second early, and tokens hold whole seconds.
const WHOLE_SECOND: Duration = Duration::from_secs(1);
/// Whoever is still known so long after a login is meant to be.
const LONG_ENOUGH: Duration = Duration::from_millis(1500);
/// Between two looks at a session that is to go on for a while.
const LOOK: Duration = Duration::from_millis(100);

/// Logs in at one of three instances and out at another.
pub async fn session_follows_user(lab: Lab) -> CheckResult {
    let deployed = Deployed::new(&lab).await?;
    let instances = deployed.instances(3).await?;
    let (home, other) = deployed.pair(&instances);
    let token = deployed.account.log_in(home).await?;
    // The positive control of everything below: this token opens something.
    as_in_smoke("GET /v1/me", me(home, &token).await, 200)?;
    for instance in &instances {
        is_known(&deployed, instance, &token).await?;
        for wrong in [lab.chance().word(token.len().max(8)), altered(&token)] {
            is_refused(instance, &wrong).await?;
        }
    }
    let logout = ask(other, Method::DELETE, "/v1/sessions/current", &token, None).await;
    as_in_smoke("DELETE /v1/sessions/current", logout, 204)?;
    for instance in &instances {
        let answer = me(instance, &token).await;
        if status(&answer) != 401 {
            let did = text(
                "logged out at one instance and sent GET /v1/me with the same token to the others",
                "한 인스턴스에서 로그아웃한 뒤 같은 토큰으로 다른 인스턴스에 GET /v1/me 요청",
            );
            return Err(failure("logout-only-here", did, "401", &answer, instance).into());
        }
    }
    Ok(())
}

async fn is_known(deployed: &Deployed, instance: &Service, token: &str) -> CheckResult {
    let answer = me(instance, token).await;
    let name = answer.as_ref().ok().filter(|reply| reply.status == 200).map(|reply| reply.json()["user"].clone());
    if name.is_some_and(|name| name == deployed.account.user.as_str()) {
        return Ok(());
    }
    let did = text(
        "logged in at one instance and sent GET /v1/me with the token to another",
        "한 인스턴스에서 로그인하고 받은 토큰으로 다른 인스턴스에 GET /v1/me 요청",
    );
    Err(failure(
        "unknown-elsewhere",
        did,
        &format!("200 {{\"user\":\"{}\"}}", deployed.account.user),
        &answer,
        instance,
    )
    .into())
}

async fn is_refused(instance: &Service, token: &str) -> CheckResult {
    let answer = me(instance, token).await;
    if status(&answer) == 401 {
        return Ok(());
    }
    let did =
        text("sent GET /v1/me with a token that nobody was given", "누구에게도 발급하지 않은 토큰으로 GET /v1/me 요청");
    Err(failure("any-token-accepted", did, "401", &answer, instance).into())
}

/// The token with another character near its end, where signatures are: signed or looked up, it must not be worth
/// anything. Not the very last one, which may hold bits that a decoder ignores.
fn altered(token: &str) -> String {
    let changed = token.chars().count().saturating_sub(4);
    let other = |c: char| if c == 'x' { 'y' } else { 'x' };
    token.chars().enumerate().map(|(at, c)| if at == changed { other(c) } else { c }).collect()
}

fn failure(
    reason: &'static str,
    did: crate::text::Text,
    expected: &str,
    answer: &Answer,
    instance: &Service,
) -> Failure {
    let expected = text(format!("the contract says {expected}"), format!("계약에 따른 응답: {expected}"));
    let seen = text(format!("got {}", shown(answer)), format!("실제 응답: {}", shown(answer)));
    Failure::new(reason, did, expected, seen).with_log(instance.last_lines())
}

/// Three sessions of three seconds: the keys of one are counted, one is looked at all the time, one is left alone.
pub async fn sessions_expire(lab: Lab) -> CheckResult {
    let deployed = Deployed::new(&lab).await?;
    let start = || Ok::<_, LabError>(deployed.web()?.set("SESSION_TTL_SECONDS", TTL.as_secs().to_string()));
    let (home, other) = (running(start()?).await?, running(start()?).await?);
    keys_have_an_expiry(&deployed, &home).await?;
    tokio::try_join!(lasts_as_long_as_promised(&deployed, &home), ends_by_itself(&deployed, &home, &other))?;
    Ok(())
}

/// Only keys that a login adds are looked at: what else a service keeps in Redis may be meant to stay.
async fn keys_have_an_expiry(deployed: &Deployed, instance: &Service) -> CheckResult {
    if !deployed.lab.bench.subject.app().needs.contains(&Need::Redis) {
        return Ok(());
    }
    let redis = deployed.system.redis()?;
    let own = deployed.lab.chance().word(12);
    redis.put(&own).await?;
    let before = redis.keys().await?;
    // The positive control: a key without an expiry is seen as one.
    if !before.iter().any(|key| key.name == own && key.expires_in.is_none()) {
        return Err(LabError::new("the keys in Redis", "the grader's own key was not found there").into());
    }
    deployed.account.log_in(instance).await?;
    let added = redis.keys().await?;
    let added = added.iter().filter(|key| !before.iter().any(|known| known.name == key.name));
    let immortal = added.filter(|key| key.expires_in.is_none()).count();
    if immortal == 0 {
        return Ok(());
    }
    let did = text("logged in and looked at the keys in Redis", "로그인한 뒤 Redis의 키를 확인");
    let expected = text("every key that a login adds expires", "로그인이 만든 키에는 모두 만료 시간이 있어야 합니다");
    let seen = text(
        format!("{immortal} of them would stay for ever"),
        format!("{immortal}개는 만료 시간이 없어 영원히 남습니다"),
    );
    Err(Failure::new("key-without-expiry", did, expected, seen).with_log(instance.last_lines()).into())
}

/// Looks at sessions until one was seen to last: how long that takes depends on the machine, what is seen does not.
async fn lasts_as_long_as_promised(deployed: &Deployed, home: &Service) -> CheckResult {
    let seen = async {
        while !is_seen_to_last(deployed, home).await? {}
        Ok::<(), Stop>(())
    };
    let slow = || LabError::new("a session", "this machine is too slow to look at one while it lasts");
    deployed.lab.until("lasting", seen).await.unwrap_or_else(|| Err(slow().into()))
}

/// Looks at one session again and again. It lasts if it is open long after its login was answered. It ended too early if
/// it is over although not even the time since before its login was sent is long enough. A slow machine may see neither.
async fn is_seen_to_last(deployed: &Deployed, home: &Service) -> CheckResult<bool> {
    let began = Instant::now();
    let token = deployed.account.log_in(home).await?;
    let opened = Instant::now();
    loop {
        let asked = opened.elapsed();
        let answer = me(home, &token).await;
        let lasted = began.elapsed();
        match status(&answer) == 200 {
            true if asked >= LONG_ENOUGH => return Ok(true),
            true => {}
            false if lasted < TTL - WHOLE_SECOND => return Err(too_early(home, lasted, &answer).into()),
            false => return Ok(false),
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn too_early(home: &Service, lasted: Duration, answer: &Answer) -> Failure {
    let did = text(
        format!("logged in with SESSION_TTL_SECONDS={} and asked again and again", TTL.as_secs()),
        format!("SESSION_TTL_SECONDS={} 값으로 로그인한 뒤 GET /v1/me 요청을 반복", TTL.as_secs()),
    );
    let expected = text("the session lasts that long", "그 시간 동안은 세션이 유지되어야 합니다");
    let seen = text(
        format!("after {} ms: {}", lasted.as_millis(), shown(answer)),
        format!("{} ms 뒤 응답: {}", lasted.as_millis(), shown(answer)),
    );
    Failure::new("expired-too-early", did, expected, seen).with_log(home.last_lines())
}

/// Leaves a session alone for longer than it lasts, so that also one which every use prolongs has to end. Here time
/// itself is the event; whoever still knows the session is given the same time again, until the hang guard is over.
/// The positive control is the other session, which was open all the while.
async fn ends_by_itself(deployed: &Deployed, home: &Service, other: &Service) -> CheckResult {
    let token = deployed.account.log_in(home).await?;
    let gone = async {
        loop {
            tokio::time::sleep(TTL + WHOLE_SECOND / 2).await;
            let answers = [me(home, &token).await, me(other, &token).await];
            if answers.iter().all(|answer| status(answer) == 401) {
                return;
            }
        }
    };
    if deployed.lab.until("expired", gone).await.is_some() {
        return Ok(());
    }
    let did = text(
        format!("logged in with SESSION_TTL_SECONDS={} and left the session alone", TTL.as_secs()),
        format!("SESSION_TTL_SECONDS={} 값으로 로그인하고 세션을 그대로 둠", TTL.as_secs()),
    );
    let expected = text("401 from every instance afterwards", "그 뒤에는 모든 인스턴스가 401로 응답해야 합니다");
    let seen = text("the session is still open", "세션이 여전히 열려 있습니다");
    Err(Failure::new("never-expires", did, expected, seen).with_log(home.last_lines()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_altered_token_is_another_one_of_the_same_length() {
        for token in ["x", "ab", "aaxaa", "payload.xsign"] {
            let altered = altered(token);
            assert_ne!(altered, token);
            assert_eq!(altered.len(), token.len());
        }
    }
}
