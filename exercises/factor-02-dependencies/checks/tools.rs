//! Programs of the machine: a stand-in for each of them, and a place where there is none.

use super::visit::{Host, visit};
use crate::check::{CheckResult, Failure, LabError, LogLine};
use crate::lab::Lab;
use crate::lab::decoys::Decoys;
use crate::lab::service::Startup;
use crate::links::scene::patient;
use crate::links::{System, describe, did_not_come_up};
use crate::text::{Text, text};

/// A whole visit, while every program on `PATH` reports who calls it.
pub async fn no_tool_is_called(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let decoys = lab.decoys().await?;
    let (service, startup) = patient(&lab, system.web(&lab)).set("PATH", decoys.path()).go().await?;
    nobody_called("called-at-start", &decoys, service.last_lines(), started())?;
    if startup != Startup::Listening {
        // The smoke test has seen it start, and every program does what it did then.
        return Err(LabError::new("a start among decoys", describe(&startup, service.port()).en).into());
    }
    let visited = visit(&lab, &system, &Host::Service(&service)).await;
    // Ended first: whatever it started has then written down its call.
    let log = service.last_lines();
    service.end().await;
    nobody_called("called-on-request", &decoys, log, asked())?;
    visited.map(drop).map_err(|trouble| trouble.of_the_lab().into())
}

/// A whole visit where `PATH` leads nowhere.
pub async fn runs_with_empty_path(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let nowhere = format!("/nonexistent-{}", lab.chance().word(8));
    let did = text("started it with a PATH that leads nowhere", "아무것도 없는 곳을 PATH로 주고 시작한 뒤");
    let (service, startup) = patient(&lab, system.web(&lab)).set("PATH", nowhere).go().await?;
    if startup != Startup::Listening {
        return Err(did_not_come_up("did-not-start", &service, &startup, did).into());
    }
    let visited = visit(&lab, &system, &Host::Service(&service)).await;
    let log = service.last_lines();
    service.end().await;
    visited.map(drop).map_err(|trouble| trouble.failure("request-failed", did, log).into())
}

fn nobody_called(reason: &'static str, decoys: &Decoys, log: Vec<LogLine>, did: Text) -> CheckResult {
    let called = decoys.called()?;
    if called.is_empty() {
        return Ok(());
    }
    let names = called.join(", ");
    let expected = text(
        "it runs no program that it does not bring along",
        "릴리즈에 들어 있지 않은 프로그램은 실행하지 않아야 합니다",
    );
    let seen = text(format!("it ran {names}"), format!("{names} 명령을 실행했습니다"));
    Err(Failure::new(reason, did, expected, seen).with_log(log).into())
}

fn started() -> Text {
    text(
        "started it with a stand-in for every program on PATH, which reports and then runs the real one",
        "PATH에 있는 모든 프로그램을, 호출을 기록하고 진짜를 실행하는 대역으로 바꾸고 시작",
    )
}

fn asked() -> Text {
    text(
        "the same, and made links and every kind of refused request",
        "같은 상태에서 링크 생성 요청과 거부되는 요청을 종류별로 전송",
    )
}
