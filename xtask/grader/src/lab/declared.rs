//! What a factor needs to find in `app.toml`, where it does not stand there.

use crate::check::Failure;
use crate::manifest::Need;
use crate::text::{Text, text};

/// The reason of every such failure. In the smoke test it blocks the factor, and any check may end with it.
pub const NOT_IN_APP_TOML: &str = "not-in-app-toml";

/// A failure because of something that the service's author has to write into `app.toml` first; `what` says it as a requirement.
fn not_in_app_toml(what: Text) -> Failure {
    Failure::new(NOT_IN_APP_TOML, text("read app.toml", "app.toml을 읽음"), what, text("it is not there", "없습니다"))
}

/// The failure where an app has no such command; `kind` is `process` or `admin`.
pub fn no_command(app: &str, kind: &str, name: &str) -> Failure {
    let place = format!("[app.{app}.{kind}]");
    not_in_app_toml(text(format!("`{name}` in {place}"), format!("{place}에 `{name}` 명령이 있어야 합니다")))
}

/// The failure where there is no such app.
pub fn no_app(app: &str) -> Failure {
    not_in_app_toml(text(format!("[app.{app}]"), format!("[app.{app}] 항목이 있어야 합니다")))
}

/// The failure where `needs` does not name what a factor has to disturb or to look into.
pub fn not_needed(need: Need) -> Failure {
    let word = need.word();
    not_in_app_toml(text(
        format!("`needs` of the app holds \"{word}\""),
        format!("앱의 `needs` 목록에 \"{word}\" 이름이 있어야 합니다"),
    ))
}
