//! What requests meet between the signal to end and the end.

use hyper::Method;

use super::scene::{Heard, Held, ask_to_end, end_of, ended_well, hold, serving, web};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::connection::Connection;
use crate::lab::http::{NoReply, Reply};
use crate::lab::service::Service;
use crate::links::{System, get};
use crate::text::{Text, text};

/// How many visitors knock while the service is ending.
const VISITORS: usize = 10;
/// How many requests come on a connection that was open before.
const REGULARS: usize = 5;

/// Three requests in flight, all of them held by the partner while the signal comes.
pub async fn inflight_completes(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let other = serving(&lab, web(&lab, &system)).await?;
    let held = hold(&lab, &system, &service, 3).await?;
    ask_to_end(&lab, &service).await;
    let slugs = all_are_answered(&lab, &system, &service, held).await?;
    let exit = service.exit().await;
    if exit.is_none_or(|exit| !ended_well(exit)) {
        let reason = if exit.is_none() { "never-exited" } else { "exit-code" };
        let expected = text(
            "it ends by itself, with exit code 0 or 143 or by SIGTERM",
            "종료 코드 0이나 143, 또는 SIGTERM으로 스스로 끝나야 합니다",
        );
        let did = text(
            "sent SIGTERM and waited until every request was answered",
            "SIGTERM을 보내고 모든 요청이 응답받을 때까지 기다림",
        );
        return Err(failure(reason, did, expected, end_of(&service, exit), &service));
    }
    for slug in slugs {
        let found = get(&other, &format!("/v1/links/{slug}")).await;
        let found = found.map_err(|why| LabError::new("another instance", why))?;
        if found.status != 200 {
            let expected =
                text("another instance knows each of the links", "다른 인스턴스에서도 링크를 찾을 수 있어야 합니다");
            let seen = text(
                format!("it answers {} to GET /v1/links/{slug}", found.status),
                format!("GET /v1/links/{slug} 응답: {}", found.status),
            );
            return Err(failure("not-persisted", did_hold(3), expected, seen, &service));
        }
    }
    Ok(())
}

fn did_hold(number: usize) -> Text {
    text(
        format!(
            "sent {number} POST /v1/links, held back the partner's answers, sent SIGTERM, and then let the partner answer"
        ),
        format!(
            "POST /v1/links 요청 {number}개를 보내고 협력 서비스의 응답을 붙잡은 채 SIGTERM을 보낸 뒤, 응답을 풀어 줌"
        ),
    )
}

/// In random order, the first at once and the others later than a service waits that only waits a while.
async fn all_are_answered(
    lab: &Lab,
    system: &System,
    service: &Service,
    mut held: Vec<Held>,
) -> CheckResult<Vec<String>> {
    let mut slugs = Vec::new();
    while !held.is_empty() {
        let next = usize::try_from(lab.chance().below(held.len() as u64)).unwrap_or_default();
        let mut request = held.swap_remove(next);
        let reply = request.release(lab, system).await;
        match &reply {
            Ok(reply) if request.is_answered_by(reply) => {
                slugs.push(reply.json()["slug"].as_str().unwrap_or_default().to_owned());
            }
            _ => return Err(not_answered(service, &reply)),
        }
        if slugs.len() == 1 {
            lab.soon(service.exit()).await;
        }
    }
    Ok(slugs)
}

fn not_answered(service: &Service, reply: &Result<Reply, NoReply>) -> Stop {
    let expected =
        text("each of them gets its whole answer: 201 and the link", "요청마다 201과 링크를 온전히 받아야 합니다");
    let (reason, seen) = match reply {
        Ok(reply) => ("wrong-answer", format!("{} {}", reply.status, reply.excerpt())),
        Err(why) => ("cut-off", why.to_string()),
    };
    let end = if service.has_ended() {
        text("; the process has ended", ", 프로세스는 끝났습니다")
    } else {
        text("", "")
    };
    let seen = text(format!("one got: {seen}{}", end.en), format!("한 요청의 결과: {seen}{}", end.ko));
    failure(reason, did_hold(3), expected, seen, service)
}

/// New visitors and old ones, while one request is still held.
pub async fn new_work_while_draining(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let regular = service.connect().await.map_err(|why| LabError::new("a friendly connection", why))?;
    let mut regular = regular;
    first_visit(&lab, &mut regular).await?;
    let mut held = hold(&lab, &system, &service, 1).await?;
    if ask_to_end(&lab, &service).await == Heard::Ended {
        return Err(no_drain(&service, &Err(NoReply::Broken("the process has ended".to_owned()))));
    }
    for visit in 0..VISITORS {
        new_visitor(&lab, &service, visit).await?;
    }
    regular_visitor(&lab, &service, &mut regular).await?;
    for request in &mut held {
        let reply = request.release(&lab, &system).await;
        if !reply.as_ref().is_ok_and(|reply| request.is_answered_by(reply)) {
            return Err(no_drain(&service, &reply));
        }
    }
    Ok(())
}

/// Without somebody who is waited for there is no time in which anything could go wrong.
pub fn no_drain(service: &Service, reply: &Result<Reply, NoReply>) -> Stop {
    let expected = text(
        "the request in hand is answered, so there is a while in which the service is ending and not yet gone",
        "처리 중인 요청이 응답받을 때까지, 끝나는 중이지만 아직 끝나지는 않은 시간이 있어야 합니다",
    );
    let seen = match reply {
        Ok(reply) => format!("{} {}", reply.status, reply.excerpt()),
        Err(why) => why.to_string(),
    };
    let seen = text(format!("it got: {seen}"), format!("요청의 결과: {seen}"));
    failure("no-drain", did_hold(1), expected, seen, service)
}

async fn first_visit(lab: &Lab, connection: &mut Connection) -> CheckResult {
    match visit(lab, connection, "/healthz").await {
        Ok(reply) if reply.status == 200 => Ok(()),
        Ok(reply) => Err(LabError::new("GET /healthz", reply.status).into()),
        Err(why) => Err(LabError::new("GET /healthz", why).into()),
    }
}

async fn visit(lab: &Lab, connection: &mut Connection, path: &str) -> Result<Reply, NoReply> {
    let exchange = async {
        connection.send(&Method::GET, path, None).await?;
        connection.reply().await
    };
    lab.until("answer while ending", exchange).await.unwrap_or(Err(NoReply::Silent))
}

async fn new_visitor(lab: &Lab, service: &Service, number: usize) -> CheckResult {
    let Ok(mut connection) = service.connect().await else { return Ok(()) };
    let path = ["/healthz", "/v1/links?limit=1", "/version"][number % 3];
    let reply = visit(lab, &mut connection, path).await;
    let did = text(
        format!("opened a new connection after SIGTERM and sent GET {path}"),
        format!("SIGTERM 뒤에 새 연결을 열고 GET {path} 요청"),
    );
    judge(lab, service, did, reply).await
}

/// Whoever had a connection before may find it closed. What is still open must answer.
async fn regular_visitor(lab: &Lab, service: &Service, connection: &mut Connection) -> CheckResult {
    if lab.soon(connection.closed()).await.is_some() {
        return Ok(());
    }
    for _ in 0..REGULARS {
        let reply = visit(lab, connection, "/healthz").await;
        let closes = reply.as_ref().is_ok_and(|reply| {
            reply.headers.get("connection").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"))
        });
        let did = text(
            "sent GET /healthz on a connection that was open before SIGTERM and stayed open",
            "SIGTERM 전부터 열려 있던 연결이 계속 열려 있어, 그 연결로 GET /healthz 요청",
        );
        judge(lab, service, did, reply).await?;
        if closes {
            break;
        }
    }
    Ok(())
}

async fn judge(lab: &Lab, service: &Service, did: Text, reply: Result<Reply, NoReply>) -> CheckResult {
    let expected = text(
        "the connection is refused, or the request is answered with 2xx or 503",
        "연결을 거절하거나, 요청에 2xx나 503으로 응답해야 합니다",
    );
    let (reason, seen) = match reply {
        Ok(reply) if (200..300).contains(&reply.status) || reply.status == 503 => return Ok(()),
        Ok(reply) => ("wrong-status", format!("{} {}", reply.status, reply.excerpt())),
        Err(NoReply::Refused(_)) => return Ok(()),
        Err(NoReply::Silent) => ("left-hanging", "no answer at all, and no refusal".to_owned()),
        // Whoever comes in the moment in which the door closes may be lost: no program can close it without that moment. Which goes
        // first, the connections that were open or the door itself, is nobody's to say, so the door is given its moment too.
        Err(NoReply::Broken(_)) if closes(lab, service).await => return Ok(()),
        Err(NoReply::Broken(why)) => ("dropped", format!("accepted and hung up: {why}")),
    };
    Err(failure(reason, did, expected, text(seen.clone(), seen), service))
}

/// Whether new connections are refused by now, or in a moment.
async fn closes(lab: &Lab, service: &Service) -> bool {
    lab.glance(async || service.connect().await.is_err().then_some(())).await.is_some()
}

fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
