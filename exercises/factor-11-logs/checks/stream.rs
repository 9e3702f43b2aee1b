//! The stream itself: it exists, on stdout, and nothing waits in a buffer.

use hyper::Method;
use serde_json::json;

use super::requests::{
    Asked, EITHER, STDOUT, all_it_wrote, create, lines, link_to, running, settle, unreported, visits,
};
use crate::check::{CheckResult, Failure, LabError, Speaker};
use crate::lab::Lab;
use crate::lab::logs::Logs;
use crate::lab::service::Service;
use crate::lab::stub::Stub;
use crate::links::System;
use crate::text::{Text, text};

/// Twenty requests of every outcome; each one must be told from the others by one line of stdout.
pub async fn events_on_stdout(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = running(system.web(&lab)).await?;
    let asked = twenty(&lab, &service, &system.screen).await?;
    settle(&lab, &service, &asked, &STDOUT).await;
    let logs = all_it_wrote(&service).await;
    service.end().await;
    let on_stdout = lines(&logs, &STDOUT)?;
    match unreported(&asked, &on_stdout).first() {
        None => Ok(()),
        Some(request) => Err(missing_event(&asked, request, &on_stdout, &logs)?.into()),
    }
}

async fn twenty(lab: &Lab, service: &Service, screen: &Stub) -> CheckResult<Vec<Asked>> {
    let mut asked = visits(lab, service, 10).await?;
    for _ in 0..6 {
        asked.push(create(lab, service, link_to).await?);
    }
    for _ in 0..2 {
        let host = format!("{}.example", lab.chance().word(10));
        screen.deny(&host);
        asked.push(create(lab, service, |word| json!({ "target": format!("https://{host}/{word}") })).await?);
        asked.push(create(lab, service, |_| json!({ "target": 7 })).await?);
    }
    Ok(asked)
}

fn missing_event(asked: &[Asked], request: &Asked, on_stdout: &[String], logs: &Logs) -> CheckResult<Failure> {
    let on_stderr = lines(logs, &[Speaker::Stderr])?;
    let missing = unreported(asked, on_stdout).len();
    let Asked { word, path, status } = request;
    let named = on_stdout.iter().find(|line| line.contains(word) || (line.contains(path) && path != "/v1/links"));
    let (reason, seen) = if unreported(asked, &on_stderr).is_empty() {
        ("stderr-only", text("all events are on stderr", "모든 이벤트가 stderr에 있습니다"))
    } else if let Some(line) = named {
        ("status-missing", text(format!("the line {line:?} lacks it"), format!("{line:?} 줄에는 상태 코드가 없습니다")))
    } else {
        let (en, ko) = (
            format!("{missing} of {} requests are reported nowhere on stdout", asked.len()),
            format!("요청 {}개 가운데 {missing}개가 stdout에 없습니다", asked.len()),
        );
        ("no-events", text(en, ko))
    };
    let method = if path == "/v1/links" { Method::POST } else { Method::GET };
    let names = if path.contains(word) { path.clone() } else { format!("{path} / {word}") };
    let expected = text(
        format!("for {method} {path} one line of stdout with its path or id ({names}) and {status}"),
        format!("{method} {path} 요청의 경로나 ID({names}), 상태 코드 {status}, 이 둘이 stdout 한 줄에 있어야 합니다"),
    );
    let did = text(
        "sent 20 requests, those to /v1/links with a random X-Request-Id",
        "요청 20개를 보냄 (/v1/links 요청에는 무작위 X-Request-Id 포함)",
    );
    Ok(Failure::new(reason, did, expected, seen).with_log(logs.last(12)))
}

/// A few requests and then many, and each time the process is killed: whatever was not written by then is lost.
pub async fn unbuffered(lab: Lab) -> CheckResult {
    let few = killed_after(&lab, 5).await?;
    few.must_be_complete("held-back")?;
    let many = killed_after(&lab, 200).await?;
    many.must_be_complete("lost-under-load")
}

/// What was left of a killed process.
struct Killed {
    asked: usize,
    lost: usize,
    logs: Logs,
}

async fn killed_after(lab: &Lab, requests: usize) -> CheckResult<Killed> {
    let system = System::attach(lab).await?;
    let service = running(system.web(lab)).await?;
    let asked = visits(lab, &service, requests).await?;
    // An event may be written after its answer was sent; so the service gets the time to write, and then none any more.
    settle(lab, &service, &asked, &EITHER).await;
    if service.kill().await.is_none() {
        return Err(LabError::new("the service", "did not end after SIGKILL").into());
    }
    let logs = service.logs().clone();
    service.end().await;
    let lost = unreported(&asked, &lines(&logs, &EITHER)?).len();
    Ok(Killed { asked: requests, lost, logs })
}

impl Killed {
    fn must_be_complete(self, reason: &'static str) -> CheckResult {
        let Self { asked, lost, logs } = self;
        if lost == 0 {
            return Ok(());
        }
        let did = text(
            format!("sent {asked} requests, read the log until it was quiet, and killed the process (SIGKILL)"),
            format!("요청 {asked}개를 보내고 로그가 잠잠해질 때까지 읽은 뒤 프로세스를 강제 종료(SIGKILL)"),
        );
        Err(Failure::new(reason, did, all_of(asked), left(asked - lost, asked)).with_log(logs.last(12)).into())
    }
}

/// The expectation that every request is reported.
pub fn all_of(asked: usize) -> Text {
    text(format!("all {asked} events can be read"), format!("이벤트 {asked}개를 모두 읽을 수 있어야 합니다"))
}

/// How many requests are reported.
pub fn left(found: usize, asked: usize) -> Text {
    text(format!("{found} of {asked} events"), format!("{asked}개 가운데 {found}개만 있습니다"))
}
