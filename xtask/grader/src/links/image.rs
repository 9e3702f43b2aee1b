//! What goes wrong with the image of `links` before any check can ask it something.

use crate::check::{Failure, Stop};
use crate::lab::containers::Container;
use crate::text::{Text, text, verbatim};

/// No image came of it: a failure with the reason `image-not-built`.
pub fn not_built(lines: &[String]) -> Stop {
    let did = text("built the image that app.toml describes", "app.toml에 적힌 이미지를 빌드");
    let expected = text("an image", "이미지가 만들어져야 합니다");
    let last = lines.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\n");
    Failure::new("image-not-built", did, expected, verbatim(last)).into()
}

/// Nobody can execute what the image names: a failure with the reason `container-not-ready`.
pub fn not_started(why: String) -> Stop {
    let did = text("started a container of the image", "이미지로 컨테이너를 시작");
    let expected = text("its program can be executed", "이미지에 적힌 프로그램을 실행할 수 있어야 합니다");
    Failure::new("container-not-ready", did, expected, verbatim(why)).into()
}

/// A container that was never ready: a failure with the reason `container-not-ready`.
pub async fn does_not_serve(container: &Container) -> Stop {
    let did = text(
        "started a container of the image with every variable of the contract and no command of its own",
        "계약의 환경 변수를 모두 주고, 명령은 따로 주지 않고 이미지로 컨테이너를 시작",
    );
    let expected = text(
        "it runs `web` and becomes ready on the port that PORT names",
        "`web`을 실행해 PORT가 가리키는 포트에서 준비되어야 합니다",
    );
    let seen = lines(container).await;
    let seen = if seen.is_empty() { "(no output)".to_owned() } else { seen };
    failure("container-not-ready", did, expected, verbatim(seen), String::new())
}

/// The last lines of a container, for a report.
pub async fn lines(container: &Container) -> String {
    let all = container.logs().await.unwrap_or_default();
    let lines: Vec<&str> = all.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// A failure with a container's last lines below what was seen.
pub fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, log: String) -> Stop {
    let seen = if log.is_empty() { seen } else { text(format!("{}\n{log}", seen.en), format!("{}\n{log}", seen.ko)) };
    Failure::new(reason, did, expected, seen).into()
}
