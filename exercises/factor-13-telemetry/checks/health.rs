//! The two questions of the platform: is it alive, and may it be sent customers?

use hyper::Method;

use super::scene::{failure, is_ready, serving, shown, web};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::NoReply;
use crate::lab::proxy::{Mode, Proxy, Wire};
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::{System, create_link, fresh_target, get};
use crate::text::{Text, text, with_particle};

/// How often the platform asks during each fault.
const PROBES: usize = 20;
/// In how many rounds nobody may be asked in one, and how often the platform asks in each.
const ROUNDS: usize = 30;
const PROBES_OF_A_ROUND: usize = 5;

/// Everything that can be taken away from `web`, each behind a proxy.
struct Resources<'a> {
    postgres: &'a Proxy,
    screen: Proxy,
}

/// A deploy whose partner can be disturbed as well.
async fn attached<'a>(lab: &Lab, system: &'a System) -> CheckResult<(Resources<'a>, Start)> {
    let screen = lab.proxy(("127.0.0.1".to_owned(), system.screen.port), Wire::Opaque).await?;
    let start = web(lab, system).set("SCREEN_URL", format!("http://127.0.0.1:{}", screen.port()));
    Ok((Resources { postgres: &system.postgres()?.proxy, screen }, start))
}

/// While each resource is away, and while all is well, `/healthz` asks nobody and says 200.
pub async fn liveness_depends_on_nothing(lab: Lab) -> CheckResult {
    // Side by side, and reported in this order, so that one mistake always has one reason.
    let (postgres, screen) = tokio::join!(alive_without(&lab, "postgres"), alive_without(&lab, "screen"));
    postgres.and(screen)?;
    let system = System::attach(&lab).await?;
    let (resources, start) = attached(&lab, &system).await?;
    let service = serving(&lab, start).await?;
    asks_nobody(&lab, &service, &resources).await
}

async fn alive_without(lab: &Lab, name: &str) -> CheckResult {
    let system = System::attach(lab).await?;
    let (resources, start) = attached(lab, &system).await?;
    let service = serving(lab, start).await?;
    let proxy = if name == "screen" { &resources.screen } else { resources.postgres };
    for mode in [Mode::Refuse, Mode::Freeze] {
        proxy.set(mode);
        is_disturbed(lab, &service, name).await?;
        probe(lab, &service, name, mode).await?;
        proxy.set(Mode::Pass);
        proxy.cut();
        works_again(lab, &service).await?;
    }
    Ok(())
}

/// The control: a request that needs what was taken away does not succeed.
async fn is_disturbed(lab: &Lab, service: &Service, name: &str) -> CheckResult {
    let reply = create_link(service, &fresh_target(lab)).await;
    if reply.as_ref().is_ok_and(|reply| reply.status == 201) {
        return Err(LabError::new(format!("without {name}"), "POST /v1/links succeeds all the same").into());
    }
    Ok(())
}

async fn works_again(lab: &Lab, service: &Service) -> CheckResult {
    let look = || async {
        create_link(service, &fresh_target(lab)).await.is_ok_and(|reply| reply.status == 201).then_some(())
    };
    let back = lab.watch("works again", look).await;
    Ok(back.ok_or_else(|| LabError::new("with everything back", "POST /v1/links does not succeed any more"))?)
}

async fn probe(lab: &Lab, service: &Service, name: &str, mode: Mode) -> CheckResult {
    let (how, how_ko) = match mode {
        Mode::Refuse => ("refused every connection", "모든 연결을 거부하게"),
        _ => ("froze", "응답이 멈추게"),
    };
    // All at once: a service that waits for somebody in each of them does so once.
    let mut asked = Vec::new();
    for _ in 0..PROBES {
        let mut connection = service.connect().await.map_err(|why| LabError::new("a connection", why))?;
        connection.send(&Method::GET, "/healthz", None).await.map_err(|why| LabError::new("GET /healthz", why))?;
        asked.push(connection);
    }
    for mut connection in asked {
        let reply = lab.until("probe", connection.reply()).await.unwrap_or(Err(NoReply::Silent));
        if !reply.as_ref().is_ok_and(|reply| reply.status == 200) {
            let did = text(
                format!("asked /healthz {PROBES} times while {name} {how}"),
                format!("{} {how_ko} 한 동안 /healthz를 {PROBES}번 요청", with_particle(name, "이/가")),
            );
            let expected = text(
                "200 each time: a restart would mend nothing",
                "다시 시작해도 나아질 것이 없으므로 매번 200이어야 합니다",
            );
            return Err(failure("liveness-depends", did, expected, shown(&reply), service));
        }
    }
    Ok(())
}

/// Somebody else's connection may be busy at any moment, so a round counts in which nothing at all was sent: one who asks at
/// each probe has none.
async fn asks_nobody(lab: &Lab, service: &Service, resources: &Resources<'_>) -> CheckResult {
    let sent = || resources.postgres.counters().bytes_up + resources.screen.counters().bytes_up;
    let before = sent();
    works_again(lab, service).await?;
    if sent() == before {
        return Err(LabError::new("POST /v1/links", "nothing was sent to PostgreSQL or to screen").into());
    }
    for _ in 0..ROUNDS {
        let before = sent();
        for _ in 0..PROBES_OF_A_ROUND {
            get(service, "/healthz").await.map_err(|why| LabError::new("/healthz", why))?;
        }
        if sent() == before {
            return Ok(());
        }
    }
    let did = text(
        format!("asked /healthz {PROBES_OF_A_ROUND} times, in {ROUNDS} rounds, while all was well"),
        format!("모든 것이 정상일 때 /healthz를 {PROBES_OF_A_ROUND}번씩 {ROUNDS}차례 요청"),
    );
    let expected = text("nothing is sent to a backing service", "백엔드 서비스로 아무것도 보내지 않아야 합니다");
    let seen = text("something was sent in every round", "매번 무언가를 보냈습니다");
    Err(failure("liveness-asks", did, expected, seen, service))
}

/// `/readyz` follows the database, there and back, and nobody else.
pub async fn readiness_flips_and_returns(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let (resources, start) = attached(&lab, &system).await?;
    let service = serving(&lab, start).await?;
    without_partner(&lab, &service, &resources).await?;
    for mode in [Mode::Refuse, Mode::Freeze] {
        without_database(&lab, &system, &service, mode).await?;
    }
    Ok(())
}

async fn without_partner(lab: &Lab, service: &Service, resources: &Resources<'_>) -> CheckResult {
    resources.screen.set(Mode::Refuse);
    is_disturbed(lab, service, "screen").await?;
    // A no that comes from somewhere else, such as a slow database, passes while the partner is still away.
    let mut reply = None;
    if lab.glance(|| async { (!is_ready(service).await).then_some(()) }).await.is_some()
        && lab.watch("ready without the partner", || async { is_ready(service).await.then_some(()) }).await.is_none()
    {
        reply = Some(get(service, "/readyz").await);
    }
    resources.screen.set(Mode::Pass);
    let Some(reply) = reply else { return Ok(()) };
    let did = text("took `screen` away and asked /readyz", "`screen`을 끊고 /readyz 요청");
    let expected = text("200: links can still be found and listed", "링크를 찾고 보여 줄 수 있으므로 200이어야 합니다");
    Err(failure("partner-decides", did, expected, shown(&reply), service))
}

async fn without_database(lab: &Lab, system: &System, service: &Service, mode: Mode) -> CheckResult {
    let did = text(
        format!("took PostgreSQL away ({mode:?}) and asked /readyz"),
        format!("PostgreSQL을 끊고({mode:?}) /readyz 요청"),
    );
    let database = &system.postgres()?.proxy;
    database.set(mode);
    let unready = || async { get(service, "/readyz").await.ok().filter(|reply| reply.status == 503) };
    let Some(reply) = lab.watch("not ready", unready).await else {
        let expected = text("503: nothing can be served", "아무것도 처리할 수 없으므로 503이어야 합니다");
        return Err(failure("ready-without-database", did, expected, shown(&get(service, "/readyz").await), service));
    };
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    let named = reply.json()["failing"].as_array().is_some_and(|names| names.iter().any(|name| name == "postgres"));
    if !named {
        let expected = text("\"failing\": [\"postgres\"]", "\"failing\": [\"postgres\"]");
        return Err(failure("failing-not-named", did, expected, text(body.clone(), body), service));
    }
    shows_no_secret(system, service, &did, &body)?;
    database.set(Mode::Pass);
    database.cut();
    if lab.watch("ready again", || async { is_ready(service).await.then_some(()) }).await.is_none() {
        let did = text(format!("{}, then gave it back", did.en), format!("{}, 그다음 되돌려 줌", did.ko));
        let expected = text("200 again, without a restart", "다시 시작하지 않아도 200으로 돌아와야 합니다");
        let seen = shown(&get(service, "/readyz").await);
        return Err(failure("never-ready-again", did, expected, seen, service));
    }
    Ok(())
}

/// Everybody may ask: what keeps others out must not stand in the answer.
fn shows_no_secret(system: &System, service: &Service, did: &Text, body: &str) -> CheckResult {
    let credentials = system.postgres()?.credentials();
    let secrets = [&credentials.password, &credentials.user, &system.deploy.key];
    if !secrets.iter().any(|secret| body.contains(secret.as_str())) {
        return Ok(());
    }
    let expected = text("no user and no password in the answer", "응답에 사용자 이름이나 비밀번호가 없어야 합니다");
    let seen = text("the answer holds credentials of the database", "응답에 데이터베이스의 접속 정보가 있습니다");
    Err(failure("shows-secret", did.clone(), expected, seen, service))
}
