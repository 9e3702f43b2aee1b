//! Requests that want more than their share (OWASP API4:2023).

use hyper::Method;
use serde_json::json;

use super::scene::{Scene, Visitor, failure, is_bad_request, seen};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::connection::Connection;
use crate::lab::http::NoReply;
use crate::lab::service::Service;
use crate::links::account::{Answer, status};
use crate::links::fresh_target;
use crate::text::text;

/// A body that no request of the contract needs.
const LARGE: usize = 1024 * 1024;
/// After so much of a body without an end, a service that still reads has no limit.
const ENDLESS: usize = 32 * 1024 * 1024;
/// How deep brackets are nested that no person wrote.
const DEPTH: usize = 10_000;
/// More links than one page may have.
const LINKS: usize = 103;
/// Clients that begin a request and take their time.
const SLOW: usize = 30;

/// Too much, too deep, too many and too slow, one after another.
pub async fn resource_limits(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let service = scene.serving().await?;
    large_body(&lab, &service).await?;
    endless_body(&lab, &service).await?;
    deep_body(&lab, &service).await?;
    page(&lab, &service).await?;
    slow_clients(&lab, &service).await
}

async fn large_body(lab: &Lab, service: &Service) -> CheckResult {
    let body = json!({ "target": fresh_target(lab), "note": "x".repeat(LARGE) });
    let answer = service.request(Method::POST, "/v1/links", Some(&body)).await;
    // Whoever does not want to read on hangs up, which a client may see before the answer.
    if is_bad_request(&answer) || matches!(answer, Err(NoReply::Broken(_))) {
        return Ok(());
    }
    let did = text("sent POST /v1/links with a body of 1 MiB", "본문이 1 MiB인 POST /v1/links 요청");
    Err(failure("takes-any-body", did, text("413 or 400", "413이나 400이어야 합니다"), &answer, service))
}

/// The answer, or the end of the connection, comes before the body has one.
async fn endless_body(lab: &Lab, service: &Service) -> CheckResult {
    let mut connection = connected(service).await?;
    let head = "POST /v1/links HTTP/1.1\r\nhost: links\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let piece = format!("{:x}\r\n{}\r\n", 65_536, " ".repeat(65_536));
    let sending = async {
        connection.send_bytes(head.as_bytes()).await?;
        for _ in 0..ENDLESS / 65_536 {
            connection.send_bytes(piece.as_bytes()).await?;
        }
        Ok::<(), NoReply>(())
    };
    // Not taking any more is as good as hanging up.
    match lab.until("endless body", sending).await {
        Some(Ok(())) => {
            let did =
                text("sent POST /v1/links with a body that does not end", "끝나지 않는 본문으로 POST /v1/links 요청");
            let expected = text("an answer or an end of the connection", "응답하거나 연결을 끊어야 합니다");
            let got = text(
                format!("it has read {} MiB and wants more", ENDLESS / 1024 / 1024),
                format!("{} MiB를 읽고도 계속 받습니다", ENDLESS / 1024 / 1024),
            );
            Err(seen("takes-any-body", did, expected, got, service))
        }
        _ => Ok(()),
    }
}

async fn deep_body(lab: &Lab, service: &Service) -> CheckResult {
    let (open, close) = (r#"{"a":"#.repeat(DEPTH / 5), "}".repeat(DEPTH / 5));
    let deep = format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    for body in [deep, format!("{open}1{close}")] {
        let mut connection = connected(service).await?;
        let request = format!(
            "POST /v1/links HTTP/1.1\r\nhost: links\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let exchange = async {
            connection.send_bytes(request.as_bytes()).await?;
            connection.reply().await
        };
        let answer: Answer = lab.until("deep body", exchange).await.unwrap_or(Err(NoReply::Silent));
        let alive = service.request(Method::GET, "/healthz", None).await;
        if !is_bad_request(&answer) || status(&alive) != 200 {
            let did = text(
                format!("sent POST /v1/links with brackets in brackets, {DEPTH} deep"),
                format!("괄호를 {DEPTH}겹까지 겹친 본문으로 POST /v1/links 요청"),
            );
            let expected = text("4xx, and it lives on", "4xx로 응답하고 계속 살아 있어야 합니다");
            return Err(failure("stumbles-over-depth", did, expected, &answer, service));
        }
    }
    Ok(())
}

async fn page(lab: &Lab, service: &Service) -> CheckResult {
    let nobody = Visitor::nobody();
    for _ in 0..LINKS {
        nobody.creates(service, &fresh_target(lab), false).await?;
    }
    let answer = nobody.ask(service, Method::GET, "/v1/links?limit=100000", None).await;
    let items = answer.as_ref().ok().and_then(|reply| reply.json()["items"].as_array().map(Vec::len));
    let bounded = is_bad_request(&answer) || items.is_some_and(|items| items <= 100);
    if bounded {
        return Ok(());
    }
    let did = text(
        format!("made {LINKS} links and sent GET /v1/links?limit=100000"),
        format!("링크 {LINKS}개를 만들고 GET /v1/links?limit=100000 요청"),
    );
    let expected = text("400, or at most 100 links", "400이거나 링크가 100개 이하여야 합니다");
    let got = match items {
        Some(items) => text(format!("{items} links"), format!("링크 {items}개")),
        None => text(crate::links::account::shown(&answer), crate::links::account::shown(&answer)),
    };
    Err(seen("whole-table", did, expected, got, service))
}

/// Half of them stop in their head, half in their body. None is ever given up: what they hold, they hold.
async fn slow_clients(lab: &Lab, service: &Service) -> CheckResult {
    let mut slow = Vec::with_capacity(SLOW);
    for number in 0..SLOW {
        let mut connection = connected(service).await?;
        let head = "POST /v1/links HTTP/1.1\r\nhost: links\r\ncontent-length: 400\r\n";
        let begun = if number % 2 == 0 { format!("{head}x-") } else { format!("{head}\r\n{{\"ta") };
        drop(connection.send_bytes(begun.as_bytes()).await);
        slow.push(connection);
    }
    let body = json!({ "target": fresh_target(lab) });
    let answer = service.request(Method::POST, "/v1/links", Some(&body)).await;
    drop(slow);
    if status(&answer) == 201 {
        return Ok(());
    }
    let did = text(
        format!("began {SLOW} requests and left them unfinished, and sent a whole one"),
        format!("요청 {SLOW}개를 끝내지 않고 열어 둔 채 정상 요청을 하나 보냄"),
    );
    Err(failure(
        "slow-clients-block",
        did,
        text("201 for the whole one", "정상 요청은 201이어야 합니다"),
        &answer,
        service,
    ))
}

async fn connected(service: &Service) -> CheckResult<Connection> {
    Ok(service.connect().await.map_err(|why| crate::check::LabError::new("a connection to the service", why))?)
}
