//! A network in which every connection attempt is seen.

use std::net::SocketAddr;

use supervisor::protocol::Protocol;

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::start::Start;
use crate::lab::stub::Answer;
use crate::links::attempts::{attempts_are_seen, nowhere, run};
use crate::links::{REQUIRED, System};
use crate::text::{Text, text, with_particle};

/// The service is started without each variable, with each one empty, and with a partner that refuses connections.
pub async fn no_hidden_fallback(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    attempts_are_seen(&lab, &system).await?;
    for name in REQUIRED {
        let did = text(
            format!("started it without {name} in a network of its own"),
            format!("{} 빼고 독립된 네트워크에서 시작", with_particle(name, "을/를")),
        );
        stays_at_home(&lab, start(&lab, &system, &[]).expecting_refusal().unset(name), did).await?;
        let did = text(
            format!("started it with an empty {name} in a network of its own"),
            format!("{} 빈 값으로 주고 독립된 네트워크에서 시작", with_particle(name, "을/를")),
        );
        stays_at_home(&lab, start(&lab, &system, &[]).expecting_refusal().set(name, ""), did).await?;
    }
    let refusing = nowhere(&lab);
    let did = text(
        format!("pointed SCREEN_URL to {refusing}, which refuses connections, and created a link"),
        format!("SCREEN_URL을 연결을 거부하는 주소로 지정하고({refusing}) 링크 생성 요청"),
    );
    let refused = start(&lab, &system, &[refusing]).set("SCREEN_URL", format!("http://{refusing}"));
    stays_at_home(&lab, refused, did).await?;
    for answer in [Answer::Status(500), Answer::Garbage] {
        system.screen.answer(answer);
        let did = text(
            "let screen answer with an error and created a link in a network of its own",
            "screen이 오류로 응답하게 하고 독립된 네트워크에서 링크 생성 요청",
        );
        stays_at_home(&lab, start(&lab, &system, &[]), did).await?;
    }
    Ok(())
}

fn start(lab: &Lab, system: &System, configured: &[SocketAddr]) -> Start {
    system.web(lab).sandboxed(&system.ports(), configured)
}

async fn stays_at_home(lab: &Lab, start: Start, did: Text) -> CheckResult {
    let attempts = run(lab, start).await?;
    let Some(attempt) = attempts.first() else { return Ok(()) };
    let (reason, seen) = match &attempt.name {
        Some(name) => {
            ("name-looked-up", text(format!("it looked up the name {name}"), format!("{name} 이름을 DNS에 물었습니다")))
        }
        None => {
            let address = SocketAddr::new(attempt.address, attempt.port);
            let protocol = if attempt.protocol == Protocol::Tcp { "TCP" } else { "UDP" };
            (
                "contacted-fallback",
                text(
                    format!("it contacted {address} ({protocol})"),
                    format!("{address} 주소로 연결을 시도했습니다 ({protocol})"),
                ),
            )
        }
    };
    let expected = text("only addresses of the configuration are contacted", "설정에 있는 주소에만 연결해야 합니다");
    Err(Failure::new(reason, did, expected, seen).into())
}
