//! Time, level and order of events, and what `LOG_LEVEL` leaves out.

use super::event::{is_below_warning, level, time};
use super::requests::{
    Asked, STDOUT, all_it_wrote, create, lines, link_to, no_events, running, settle, unreported, visits,
};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::logs::Logs;
use crate::lab::service::Startup;
use crate::lab::stub::Answer;
use crate::links::{System, did_not_come_up};
use crate::text::{Text, text};

/// How far the clocks of two lines may contradict their order, in seconds on the reference machine. A thread may lose
/// its core between looking at the clock and writing.
const TOLERANCE: f64 = 0.005;

/// Reads the events of ordinary requests and of a failing one, and then asks for errors only.
pub async fn time_level_order(lab: Lab) -> CheckResult {
    let logs = ordinary_day(&lab).await?;
    in_order(&lab, &logs)?;
    only_errors(&lab).await
}

/// Many requests, then one whose partner fails: what is important must not overtake what happened before.
async fn ordinary_day(lab: &Lab) -> CheckResult<Logs> {
    let system = System::attach(lab).await?;
    let service = running(system.web(lab)).await?;
    let mut asked = visits(lab, &service, 60).await?;
    system.screen.answer(Answer::Status(500));
    asked.push(create(lab, &service, link_to).await?);
    asked.extend(visits(lab, &service, 5).await?);
    settle(lab, &service, &asked, &STDOUT).await;
    let logs = all_it_wrote(&service).await;
    service.end().await;
    let written = lines(&logs, &STDOUT)?;
    if !unreported(&asked, &written).is_empty() {
        return Err(no_events(did(), &logs).into());
    }
    every_event_has(&asked, &written, "time-missing", |line| time(line).is_some(), &logs)?;
    every_event_has(&asked, &written, "level-missing", |line| level(line).is_some(), &logs)?;
    Ok(logs)
}

fn did() -> Text {
    text(
        "sent 66 requests one after the other, one of them while screen failed",
        "요청 66개를 차례로 보냄 (그중 하나는 screen이 실패하는 동안)",
    )
}

fn every_event_has(
    asked: &[Asked],
    written: &[String],
    reason: &'static str,
    has: impl Fn(&str) -> bool,
    logs: &Logs,
) -> CheckResult {
    let events = written.iter().filter(|line| asked.iter().any(|request| request.is_reported_in(line)));
    let Some(line) = events.into_iter().find(|line| !has(line)) else { return Ok(()) };
    let expected = match reason {
        "time-missing" => text(
            "every event says when it happened (date and time of day, or seconds since 1970)",
            "이벤트마다 날짜와 시간, 또는 1970년부터 센 초로 쓴 시각이 있어야 합니다",
        ),
        _ => text(
            "every event says how important it is: error, warn, info or debug",
            "이벤트마다 error, warn, info, debug 같은 레벨이 있어야 합니다",
        ),
    };
    Err(Failure::new(reason, did(), expected, text(line, line)).with_log(logs.last(12)).into())
}

/// No line may be older than one before it.
fn in_order(lab: &Lab, logs: &Logs) -> CheckResult {
    let tolerance = TOLERANCE * lab.bench.patience.slowness();
    let mut latest: Option<(f64, String)> = None;
    for line in lines(logs, &STDOUT)? {
        let Some(now) = time(&line) else { continue };
        match &latest {
            Some((then, before)) if now < then - tolerance => {
                let expected = text("no line is older than a line before it", "앞줄보다 오래된 줄이 없어야 합니다");
                let seen = text(format!("{before}\nand then {line}"), format!("{before}\n그다음 줄: {line}"));
                return Err(Failure::new("out-of-order", did(), expected, seen).with_log(logs.last(12)).into());
            }
            Some((then, _)) if now < *then => {}
            _ => latest = Some((now, line)),
        }
    }
    Ok(())
}

/// The same kind of request as before, whose events were seen then: they are the control of this silence.
async fn only_errors(lab: &Lab) -> CheckResult {
    let system = System::attach(lab).await?;
    let (service, startup) = system.web(lab).set("LOG_LEVEL", "error").go().await?;
    let did = text("started it with LOG_LEVEL=error and sent 5 requests", "LOG_LEVEL=error로 시작하고 요청 5개를 보냄");
    if startup != Startup::Listening {
        return Err(did_not_come_up("refuses-to-start", &service, &startup, did).into());
    }
    let asked = visits(lab, &service, 5).await?;
    let logs = all_it_wrote(&service).await;
    service.end().await;
    let written = lines(&logs, &STDOUT)?;
    let too_much = written.iter().find(|line| match level(line) {
        Some(level) => is_below_warning(&level),
        None => asked.iter().any(|request| request.is_reported_in(line)),
    });
    let Some(line) = too_much else { return Ok(()) };
    let expected = text("no event of the level info or debug", "info나 debug 레벨의 이벤트가 없어야 합니다");
    Err(Failure::new("level-ignored", did, expected, text(line, line)).with_log(logs.last(12)).into())
}
