//! Three ends: of the process, of a start that fails, and of whoever reads the log.

use hyper::Method;

use super::requests::{EITHER, STDOUT, all_it_wrote, lines, no_events, running, settle, unreported, visit, visits};
use super::stream::{all_of, left};
use crate::check::{CheckResult, Failure, Speaker};
use crate::lab::Lab;
use crate::lab::http::NoReply;
use crate::lab::logs::Logs;
use crate::lab::process::Exit;
use crate::lab::service::{Service, Startup};
use crate::links::{System, describe};
use crate::text::text;

/// Many requests and SIGTERM right after the last answer; then a start that must fail.
pub async fn last_words(lab: Lab) -> CheckResult {
    ends_in_order(&lab).await?;
    fails_with_a_reason(&lab).await
}

async fn ends_in_order(lab: &Lab) -> CheckResult {
    const REQUESTS: usize = 200;
    let system = System::attach(lab).await?;
    let service = running(system.web(lab)).await?;
    let asked = visits(lab, &service, REQUESTS).await?;
    let asked_to_end = lab.bench.clock.tick();
    let logs = all_it_wrote(&service).await;
    service.end().await;
    let did = text(
        format!("sent {REQUESTS} requests and SIGTERM right after the last answer"),
        format!("요청 {REQUESTS}개를 보내고 마지막 응답 직후 SIGTERM 전송"),
    );
    let lost = unreported(&asked, &lines(&logs, &EITHER)?).len();
    if lost > 0 {
        let seen = left(REQUESTS - lost, REQUESTS);
        return Err(Failure::new("lines-lost", did, all_of(REQUESTS), seen).with_log(logs.last(12)).into());
    }
    let about_a_request = |line: &str| asked.iter().any(|request| line.contains(&request.word));
    if lines_since(&logs, asked_to_end)?.iter().all(|line| about_a_request(line)) {
        let expected = text("a line says that the service ends", "서비스가 종료된다는 줄이 있어야 합니다");
        let seen = text("it ended without a word", "아무 말 없이 끝났습니다");
        return Err(Failure::new("no-farewell", did, expected, seen).with_log(logs.last(12)).into());
    }
    Ok(())
}

fn lines_since(logs: &Logs, moment: u64) -> CheckResult<Vec<String>> {
    let mut lines = Vec::new();
    for speaker in [Speaker::Stdout, Speaker::Stderr] {
        let raw = logs.raw(speaker)?;
        lines.extend(raw.iter().filter(|line| line.sequence > moment).map(|line| line.text()));
    }
    lines.retain(|line| !line.trim().is_empty());
    Ok(lines)
}

async fn fails_with_a_reason(lab: &Lab) -> CheckResult {
    const NAME: &str = "SCREEN_API_KEY";
    let system = System::attach(lab).await?;
    let (service, startup) = system.web(lab).unset(NAME).expecting_refusal().go().await?;
    let logs = service.logs().clone();
    let port = service.port();
    service.end().await;
    let failed = matches!(startup, Startup::Exited(exit) if exit != Exit::Code(0));
    let explained = logs.last(5).iter().any(|line| line.text.contains(NAME));
    if failed && explained {
        return Ok(());
    }
    let expected = text(
        format!("it ends with an error, and one of its last five lines names {NAME}"),
        format!("오류로 끝나고, 마지막 다섯 줄 안에서 {NAME} 이름을 말해야 합니다"),
    );
    let seen = match failed {
        true => text(
            format!("its last five lines do not mention {NAME}"),
            format!("마지막 다섯 줄에 {NAME} 이름이 없습니다"),
        ),
        false => describe(&startup, port),
    };
    let did = text(format!("started it without {NAME}"), format!("{NAME} 없이 시작"));
    Err(Failure::new("failed-start-unexplained", did, expected, seen).with_log(logs.last(12)).into())
}

/// The reading end of stdout is closed, as when a log collector restarts; the service must not care.
pub async fn reader_dies(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = running(system.web(&lab)).await?;
    let control = visit(&lab, &service).await?;
    // Only a service that writes to stdout can notice that nobody reads it.
    if !settle(&lab, &service, std::slice::from_ref(&control), &STDOUT).await {
        let did = text("sent a request, to see its event on stdout first", "먼저 stdout의 이벤트를 보려고 요청을 보냄");
        return Err(no_events(did, service.logs()).into());
    }
    service.stop_reading_stdout().await;
    let troubles = troubles_of_twenty(&lab, &service, control.status).await;
    let died = service.has_ended() || troubles.iter().any(|(_, refused)| *refused);
    let last_lines = service.last_lines();
    service.end().await;
    let Some((trouble, _)) = troubles.first() else { return Ok(()) };
    let number = troubles.len();
    let (reason, seen) = match died {
        true => {
            ("process-died", text(format!("the process ended: {trouble}"), format!("프로세스가 끝났습니다: {trouble}")))
        }
        false => (
            "answers-lost",
            text(
                format!("{number} of 20 were not answered: {trouble}"),
                format!("20개 가운데 {number}개에 응답하지 않았습니다: {trouble}"),
            ),
        ),
    };
    let did = text("closed the reading end of stdout and sent 20 requests", "stdout을 읽는 쪽을 닫고 요청 20개를 보냄");
    let expected = text("all 20 are answered as before", "20개 모두 전과 같이 응답해야 합니다");
    Err(Failure::new(reason, did, expected, seen).with_log(last_lines).into())
}

/// What went wrong with twenty requests, and whether nobody accepted the connection any more.
async fn troubles_of_twenty(lab: &Lab, service: &Service, status: u16) -> Vec<(String, bool)> {
    let mut troubles = Vec::new();
    for _ in 0..20 {
        let path = format!("/r/{}", lab.chance().word(12));
        match service.request(Method::GET, &path, None).await {
            Ok(reply) if reply.status == status => {}
            Ok(reply) => troubles.push((format!("GET {path} -> {}", reply.status), false)),
            Err(why) => troubles.push((format!("GET {path} -> {why}"), matches!(why, NoReply::Refused(_)))),
        }
    }
    troubles
}
