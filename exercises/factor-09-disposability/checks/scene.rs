//! What all checks of this factor do: bring up a deploy, end it, bury it; and what other factors do as well.

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::NoReply;
use crate::lab::process::Exit;
use crate::lab::proxy::Proxy;
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::lab::stub::PREVIEWS;
pub use crate::links::scene::{Held, LONG, create, has_title, hold, is_ready, links, post, preview, serving, slowed};
use crate::links::{System, get};
use crate::text::{Text, text};

/// A grace that no check reaches: longer than the longest guard.
pub const FOREVER: &str = "600";
/// What a database may need on a machine of the reference's speed, in milliseconds.
const DATABASE: f64 = 3000.0;

/// `web` with all the patience it needs for held calls, and for a slow machine.
pub fn web(lab: &Lab, system: &System) -> Start {
    let start = system.web(lab).set("UPSTREAM_TIMEOUT_MS", LONG).set("SHUTDOWN_GRACE_SECONDS", FOREVER);
    start.set("DB_TIMEOUT_MS", slowed(lab, DATABASE))
}

/// `worker` with the same patience, which looks for jobs often.
pub fn worker(lab: &Lab, system: &System) -> Start {
    let start = system.worker(lab).set("UPSTREAM_TIMEOUT_MS", LONG).set("JOB_POLL_MS", "20");
    start.set("DB_TIMEOUT_MS", slowed(lab, DATABASE))
}

/// Makes sure that nothing which a dead process has sent arrives any more, and lets others through again.
pub async fn bury(lab: &Lab, proxy: &Proxy) -> CheckResult {
    // Again and again: a connection that the dead had begun may be accepted only now.
    let cut = || async {
        proxy.cut();
        (proxy.counters().open == 0).then_some(())
    };
    let gone = lab.watch("buried", cut).await;
    proxy.thaw();
    Ok(gone.ok_or_else(|| LabError::new("a dead process", "its connections are still open"))?)
}

/// How a service shows that it has heard the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// New connections are refused.
    Refuses,
    /// `/readyz` no longer says yes.
    NotReady,
    /// It has ended.
    Ended,
    /// It showed nothing, which is fine for a while.
    Nothing,
}

/// Asks it to end and returns when it shows that it has heard it, or may have. One that has just ended may still be said
/// to refuse connections: the news of its end travels another way.
pub async fn ask_to_end(lab: &Lab, service: &Service) -> Heard {
    service.terminate().await;
    let look = || async {
        if service.has_ended() {
            return Some(Heard::Ended);
        }
        match get(service, "/readyz").await {
            Err(NoReply::Refused(_)) => Some(Heard::Refuses),
            Ok(reply) if reply.status != 200 => Some(Heard::NotReady),
            _ => None,
        }
    };
    let heard = lab.glance(look).await.unwrap_or(Heard::Nothing);
    lab.note("service", format!("after SIGTERM -> {heard:?}"));
    heard
}

/// How a process that was asked to end may end: with success, as a shell reports SIGTERM, or by SIGTERM itself.
pub fn ended_well(exit: Exit) -> bool {
    [Exit::Code(0), Exit::Code(143), Exit::Signal(15)].contains(&exit)
}

/// What became of a process, for a report.
pub fn end_of(service: &Service, exit: Option<Exit>) -> Text {
    match exit {
        Some(exit) => text(format!("it ended with {exit}"), format!("종료했습니다({})", exit.text().ko)),
        None if service.has_ended() => text("it has ended", "종료했습니다"),
        None => text("it still runs", "아직 실행 중입니다"),
    }
}

/// The keys with which the partner was asked for the preview of `target`; empty where one was missing.
pub fn keys(system: &System, target: &str) -> Vec<String> {
    let calls = system.screen.calls_of(PREVIEWS).into_iter();
    let calls = calls.filter(|call| call.json()["target"] == target);
    calls.map(|call| call.header("idempotency-key").unwrap_or_default().to_owned()).collect()
}
