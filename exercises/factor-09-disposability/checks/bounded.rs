//! The end comes, whoever is still connected.

use hyper::Method;

use super::draining::no_drain;
use super::scene::{FOREVER, Heard, ask_to_end, hold, serving, slowed, web};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::connection::Connection;
use crate::lab::http::NoReply;
use crate::lab::service::Service;
use crate::links::System;
use crate::text::text;

/// First with visitors who will never be done, then with one who only has an idle connection.
pub async fn drain_is_bounded(lab: Lab) -> CheckResult {
    stubborn_visitors(&lab).await?;
    idle_visitor(&lab).await
}

async fn stubborn_visitors(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    // Longer than this check looks for signs, so that the request in hand is released in time.
    let grace = slowed(lab, 5.0);
    let service = serving(lab, web(lab, &system).set("SHUTDOWN_GRACE_SECONDS", &grace)).await?;
    let mut held = hold(lab, &system, &service, 2).await?;
    let mute = connect(&service).await?;
    let idle = idle_connection(lab, &service).await?;
    let mut half = connect(&service).await?;
    half.send_bytes(b"GET /healthz HTTP/1.1\r\nho").await.map_err(|why| LabError::new("half a request", why))?;
    if ask_to_end(lab, &service).await == Heard::Ended {
        return Err(no_drain(&service, &Err(NoReply::Broken("the process has ended".to_owned()))));
    }
    // The control: it does wait for whoever can be served. With only one left it must not wait for ever.
    if let Some(mut request) = held.pop() {
        let reply = request.release(lab, &system).await;
        if !reply.as_ref().is_ok_and(|reply| request.is_answered_by(reply)) {
            return Err(no_drain(&service, &reply));
        }
    }
    if service.exit().await.is_some() {
        return Ok(());
    }
    let did = text(
        format!(
            "sent SIGTERM (SHUTDOWN_GRACE_SECONDS={grace}) while a request was in hand, one was half sent, and two connections were open"
        ),
        format!(
            "처리 중인 요청, 절반만 보낸 요청, 열어만 둔 연결 두 개가 있는 상태에서 SIGTERM을 보냄(SHUTDOWN_GRACE_SECONDS={grace})"
        ),
    );
    let expected = text(format!("it ends soon after those {grace} s"), format!("{grace}초가 지나면 곧 끝나야 합니다"));
    let visitors: [(&str, &str, Box<dyn Send>); 4] = [
        ("the half-sent request", "절반만 보낸 요청", Box::new(half)),
        ("the idle connection", "쉬고 있는 연결", Box::new(idle)),
        ("the connection without a byte", "아무것도 보내지 않은 연결", Box::new(mute)),
        ("the request in hand", "처리 중인 요청", Box::new(held)),
    ];
    let culprit = culprit(lab, &service, visitors).await;
    let seen = match culprit {
        Some((en, ko)) => text(
            format!("it still ran; it ended when {en} was closed"),
            format!("끝나지 않다가, {ko}의 연결을 닫자 끝났습니다"),
        ),
        None => text("it still runs, even without them", "연결을 모두 닫아도 끝나지 않습니다"),
    };
    Err(Failure::new("blocked-by-client", did, expected, seen).with_log(service.last_lines()).into())
}

/// Lets the visitors go one after the other and tells whose going ended the service.
async fn culprit(
    lab: &Lab,
    service: &Service,
    visitors: [(&'static str, &'static str, Box<dyn Send>); 4],
) -> Option<(&'static str, &'static str)> {
    for (en, ko, visitor) in visitors {
        drop(visitor);
        if lab.soon(service.exit()).await.flatten().is_some() {
            return Some((en, ko));
        }
    }
    None
}

async fn idle_visitor(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    let service = serving(lab, web(lab, &system)).await?;
    let _idle = idle_connection(lab, &service).await?;
    service.terminate().await;
    if service.exit().await.is_some() {
        return Ok(());
    }
    let did = text(
        format!(
            "sent SIGTERM (SHUTDOWN_GRACE_SECONDS={FOREVER}) while nothing but an idle keep-alive connection was open"
        ),
        format!("쉬고 있는 keep-alive 연결 하나만 열린 상태에서 SIGTERM을 보냄(SHUTDOWN_GRACE_SECONDS={FOREVER})"),
    );
    let expected =
        text("it ends at once: nobody waits for an answer", "응답을 기다리는 요청이 없으므로 바로 끝나야 합니다");
    let seen = text("it still runs", "아직 실행 중입니다");
    Err(Failure::new("sits-out-grace", did, expected, seen).with_log(service.last_lines()).into())
}

async fn connect(service: &Service) -> CheckResult<Connection> {
    Ok(service.connect().await.map_err(|why| LabError::new("a friendly connection", why))?)
}

/// A connection that has had an answer and waits for nothing.
async fn idle_connection(lab: &Lab, service: &Service) -> CheckResult<Connection> {
    let mut connection = connect(service).await?;
    let visit = async {
        connection.send(&Method::GET, "/healthz", None).await?;
        connection.reply().await
    };
    match lab.until("friendly answer", visit).await {
        Some(Ok(_)) => Ok(connection),
        Some(Err(why)) => Err(LabError::new("GET /healthz", why).into()),
        None => Err(LabError::new("GET /healthz", "no answer").into()),
    }
}
