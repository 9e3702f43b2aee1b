//! The image as a platform runs it: the first process of a container is a special place.

use super::scene::{FOREVER, LONG, post, slowed};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::containers::Built;
use crate::lab::http::{Endpoint, NoReply};
use crate::lab::stub::VERDICTS;
use crate::links::image::{does_not_serve, failure, lines, not_built};
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// What the engine waits between SIGTERM and SIGKILL, on a machine of the reference's speed, in seconds.
const GRACE: f64 = 20.0;
/// How the engine reports a container that had to be killed: 128 and the signal's number.
const KILLED: i64 = 137;

/// `docker stop` while a request is in hand.
pub async fn container_gets_sigterm(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let image = match lab.image().await? {
        Built::Image(image) => image,
        Built::Failed(lines) => return Err(not_built(&lines)),
    };
    let patience = [("UPSTREAM_TIMEOUT_MS", LONG), ("SHUTDOWN_GRACE_SECONDS", FOREVER)];
    let patience = patience.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let environment = [system.environment(), patience].concat();
    let grace = slowed(&lab, GRACE);
    let container = image.run(environment, Vec::new()).await?;
    let service = Endpoint::Port(container.port());
    let is_ready = || async {
        service.send(hyper::Method::GET, "/readyz", &[], None).await.ok().filter(|reply| reply.status == 200)
    };
    if lab.watch("container ready", is_ready).await.is_none() {
        return Err(does_not_serve(&container).await);
    }
    system.screen.hold(VERDICTS);
    let friendly = |why: NoReply| LabError::new("a friendly request", why);
    let mut connection = service.connect().await.map_err(friendly)?;
    let target = fresh_target(&lab);
    post(&mut connection, &target).await.map_err(friendly)?;
    if lab.until("verdict asked", system.screen.received(VERDICTS, 1)).await.is_none() {
        return Err(LabError::new("POST /v1/links", "the partner was not asked for a verdict").into());
    }
    let answered = async {
        let refused = || async { service.connect().await.is_err().then_some(()) };
        lab.glance(refused).await;
        system.screen.release_path(VERDICTS);
        lab.until("held answer", connection.reply()).await.unwrap_or(Err(NoReply::Silent))
    };
    let (code, reply) = tokio::join!(container.stop(grace.parse().unwrap_or(u32::MAX)), answered);
    let code = code?;
    lab.note("service", format!("docker stop -> exit code {code}"));
    let log = lines(&container).await;
    if code == KILLED {
        let expected = text(
            "it hears SIGTERM and ends by itself, with exit code 0 or 143",
            "SIGTERM을 듣고 종료 코드 0이나 143으로 스스로 끝나야 합니다",
        );
        let seen = text(
            format!("it did not end within {grace} s and was killed ({KILLED})"),
            format!("{grace}초 안에 끝나지 않아 강제로 종료되었습니다({KILLED})"),
        );
        return Err(failure("killed-after-grace", did(&grace), expected, seen, log));
    }
    match reply {
        Ok(reply) if reply.status == 201 && reply.json()["target"] == *target => Ok(()),
        other => {
            let expected = text(
                "the request in hand is answered: 201 and the link",
                "처리 중인 요청이 201과 링크를 받아야 합니다",
            );
            let seen =
                other.map_or_else(|why| why.to_string(), |reply| format!("{} {}", reply.status, reply.excerpt()));
            let seen = text(format!("{seen}; exit code {code}"), format!("{seen}, 종료 코드 {code}"));
            Err(failure("cut-off", did(&grace), expected, seen, log))
        }
    }
}

fn did(grace: &str) -> Text {
    text(
        format!(
            "started a container of the image, sent POST /v1/links and, while the partner held its answer, `docker stop --time {grace}`"
        ),
        format!(
            "이미지로 컨테이너를 시작해 POST /v1/links를 보내고, 협력 서비스의 응답을 붙잡은 채 `docker stop --time {grace}` 실행"
        ),
    )
}
