//! A collector that is ill: who watches must not be able to hurt who is watched.

use std::time::{Duration, Instant};

use super::scene::{LONG, SOON, failure, is_ready, serving, shown, telling, web};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::process::Exit;
use crate::lab::proxy::{Mode, Wire};
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::lab::stub::Answer;
use crate::links::{System, create_link, describe, fresh_target};
use crate::text::{Text, text};

/// Requests under each fault.
const REQUESTS: usize = 50;
/// By how much the fastest may be slower than the fastest of a service that tells nobody; and what no clock tells apart.
const SLOWER: u32 = 3;
const INDISTINCT: Duration = Duration::from_millis(10);

/// How a collector can be ill.
#[derive(Clone, Copy, Debug)]
enum Ill {
    Refusing,
    Silent,
    Failing,
}

/// With each illness of the collector the service starts, serves as fast, and ends.
pub async fn telemetry_never_hurts(lab: Lab) -> CheckResult {
    // Side by side, and reported in this order, so that one mistake always has one reason.
    let (refusing, silent, failing) = tokio::join!(
        with_collector(&lab, Ill::Refusing),
        with_collector(&lab, Ill::Silent),
        with_collector(&lab, Ill::Failing)
    );
    refusing.and(silent).and(failing)
}

async fn with_collector(lab: &Lab, ill: Ill) -> CheckResult {
    let system = System::attach(lab).await?;
    let failing = lab.stub().await?;
    failing.answer(Answer::Status(500));
    let proxy = lab.proxy(("127.0.0.1".to_owned(), failing.port), Wire::Opaque).await?;
    proxy.set(match ill {
        Ill::Refusing => Mode::Refuse,
        Ill::Silent => Mode::Blackhole,
        Ill::Failing => Mode::Pass,
    });
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let start = telling(web(lab, &system), &url, &lab.chance().word(8), SOON);
    // Longer than anybody waits here: who waits for the collector is seen.
    let start = start.set("OTEL_EXPORTER_OTLP_TIMEOUT", LONG).set("OTEL_BSP_EXPORT_TIMEOUT", LONG);
    let service = starts(lab, start, ill).await?;
    let calm = serving(lab, web(lab, &system)).await?;
    serves(lab, &service, &calm, ill).await?;
    was_asked(lab, ill, || proxy.counters().connects > 0).await;
    ends(&service, ill).await
}

async fn starts(lab: &Lab, start: Start, ill: Ill) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    let ready = || async { is_ready(&service).await.then_some(()) };
    if startup == Startup::Listening && lab.watch("ready", ready).await.is_some() {
        return Ok(service);
    }
    let (did, seen) = (did_fall_ill(ill), describe(&startup, service.port()));
    let expected = text("it starts and becomes ready", "시작해서 준비되어야 합니다");
    Err(failure("does-not-start", did, expected, seen, &service))
}

/// In turns with a service that tells nobody, so that whatever slows this machine down slows both.
async fn serves(lab: &Lab, service: &Service, calm: &Service, ill: Ill) -> CheckResult {
    let mut fastest = [Duration::MAX; 2];
    let all = async {
        for _ in 0..REQUESTS {
            for (which, service) in [calm, service].into_iter().enumerate() {
                let began = Instant::now();
                let reply = create_link(service, &fresh_target(lab)).await;
                if !reply.as_ref().is_ok_and(|reply| reply.status == 201) {
                    return Err((which, shown(&reply)));
                }
                fastest[which] = fastest[which].min(began.elapsed());
            }
        }
        Ok(())
    };
    let expected = text(
        format!("{REQUESTS} requests are answered as if there were no collector"),
        format!("요청 {REQUESTS}개에 수집기가 없는 것처럼 응답해야 합니다"),
    );
    let seen = match lab.until("answers", all).await {
        Some(Ok(())) if fastest[1] <= fastest[0] * SLOWER + INDISTINCT.mul_f64(lab.bench.patience.slowness()) => {
            return Ok(());
        }
        Some(Ok(())) => {
            let [calm, told] = fastest.map(|took| took.as_millis());
            text(
                format!("the fastest took {told} ms, and {calm} ms in a service that tells nobody"),
                format!("가장 빠른 응답이 {told}ms 걸렸습니다. 아무 데도 보내지 않는 서비스는 {calm}ms입니다"),
            )
        }
        Some(Err((0, seen))) => return Err(LabError::new("POST /v1/links under friendly conditions", seen.en).into()),
        Some(Err((_, seen))) => seen,
        None => text("they do not come to an end", "끝나지 않습니다"),
    };
    Err(failure("requests-suffer", did_fall_ill(ill), expected, seen, service))
}

/// The control: it did try to tell. Whoever tells nothing cannot be hurt by telling, and is told that nothing was shown.
async fn was_asked(lab: &Lab, ill: Ill, asked: impl Fn() -> bool) {
    let refused = matches!(ill, Ill::Refusing);
    if !refused && lab.glance(|| async { asked().then_some(()) }).await.is_none() {
        lab.remark(text(
            "The service never called its collector, so an ill one could not hurt it.",
            "서비스가 수집기를 한 번도 부르지 않아, 수집기의 장애가 영향을 줄 수 없었습니다.",
        ));
    }
}

async fn ends(service: &Service, ill: Ill) -> CheckResult {
    let exit = service.stop().await;
    if exit.is_some_and(|exit| [Exit::Code(0), Exit::Code(143), Exit::Signal(15)].contains(&exit)) {
        return Ok(());
    }
    let did = did_fall_ill(ill);
    let did = text(format!("{}, then sent SIGTERM", did.en), format!("{}, 그다음 SIGTERM을 보냄", did.ko));
    let expected = text("it ends, with the last spans or without them", "마지막 스팬을 못 보내더라도 끝나야 합니다");
    let seen = exit.map_or_else(
        || text("it still runs", "아직 실행 중입니다"),
        |exit| text(format!("it ended with {exit}"), format!("종료했습니다({})", exit.text().ko)),
    );
    Err(failure("does-not-end", did, expected, seen, service))
}

fn did_fall_ill(ill: Ill) -> Text {
    match ill {
        Ill::Refusing => {
            text("named a collector that refuses every connection", "모든 연결을 거부하는 수집기를 알려 줌")
        }
        Ill::Silent => {
            text("named a collector that accepts and never answers", "연결은 받지만 응답하지 않는 수집기를 알려 줌")
        }
        Ill::Failing => text("named a collector that answers 500", "500으로 응답하는 수집기를 알려 줌"),
    }
}
