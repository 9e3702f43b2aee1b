//! The image: built from what a clean clone holds, it brings everything that the program asks for.

use super::visit::{Host, visit};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::containers::Built;
use crate::lab::http::Endpoint;
use crate::links::System;
use crate::links::image::{does_not_serve, failure, lines, not_built};
use crate::links::scene::patience;
use crate::text::text;

/// A whole visit of a container whose root is read-only: what is missing cannot be fetched into it.
pub async fn image_is_self_contained(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let image = match lab.image().await? {
        Built::Image(image) => image,
        Built::Failed(lines) => return Err(not_built(&lines)),
    };
    let container = image.run_read_only([system.environment(), patience(&lab).into()].concat()).await?;
    let service = Endpoint::Port(container.port());
    let is_ready = || async {
        service.send(hyper::Method::GET, "/readyz", &[], None).await.ok().filter(|reply| reply.status == 200)
    };
    let came_up = tokio::select! {
        ready = lab.watch("container ready", is_ready) => ready.is_some(),
        // One that has ended will not become ready any more.
        ended = container.wait() => ended.map(|_| false)?,
    };
    if !came_up {
        return Err(does_not_serve(&container).await);
    }
    let visited = visit(&lab, &system, &Host::Container(&service)).await;
    let log = lines(&container).await;
    let did =
        text("started a container of the image on a read-only file system", "이미지로 읽기 전용 컨테이너를 시작한 뒤");
    visited.map(drop).map_err(|trouble| {
        let failed = trouble.failure("request-failed", did, Vec::new());
        failure(failed.reason, failed.did, failed.expected, failed.seen, log)
    })
}
