//! The image, run as careful platforms run it.

use hyper::Method;

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::containers::Built;
use crate::lab::http::Endpoint;
use crate::links::System;
use crate::links::image::{does_not_serve, not_built};
use crate::text::text;

/// It names a user by a number that is not root's, and serves without capabilities on a file system that is read-only.
pub async fn image_runs_without_privileges(lab: Lab) -> CheckResult {
    let image = match lab.image().await? {
        Built::Image(image) => image,
        Built::Failed(lines) => return Err(not_built(&lines)),
    };
    names_a_user(&image.user().await?)?;
    let system = System::attach(&lab).await?;
    let mut environment = system.environment();
    environment.push(("SESSION_KEY".to_owned(), lab.chance().word(32)));
    let container = image.run_unprivileged(environment).await?;
    let service = Endpoint::Port(container.port());
    let is_ready =
        || async { service.send(Method::GET, "/readyz", &[], None).await.ok().filter(|reply| reply.status == 200) };
    let came_up = tokio::select! {
        ready = lab.watch("container ready", is_ready) => ready.is_some(),
        // One that has ended will not become ready any more.
        ended = container.wait() => ended.map(|_| false)?,
    };
    if came_up { Ok(()) } else { Err(does_not_serve(&container).await) }
}

/// Kubernetes refuses to start a name under `runAsNonRoot`, since it cannot know whose it is.
fn names_a_user(user: &str) -> CheckResult {
    let number = user.split(':').next().and_then(|user| user.parse::<u32>().ok());
    if number.is_some_and(|number| number > 0) {
        return Ok(());
    }
    let did =
        text("built the image and asked the engine whom it runs as", "이미지를 빌드하고 어떤 사용자로 실행되는지 확인");
    let expected = text("a number that is not 0", "0이 아닌 숫자여야 합니다");
    let seen = match user {
        "" => text("nobody is named, so it is root", "지정된 사용자가 없으므로 root입니다"),
        name => text(format!("`{name}`"), format!("`{name}`")),
    };
    Err(Failure::new("runs-as-root", did, expected, seen).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_not_root_is_wanted() {
        assert!(names_a_user("10001:10001").is_ok() && names_a_user("65532").is_ok());
        assert!(["", "root", "links", "0", "0:0"].iter().all(|user| names_a_user(user).is_err()));
    }
}
