//! The programs that the workshop runs: the Rust toolchain, git, and itself as a sandbox.

use std::fs;
use std::process::{Command, Stdio};

use grader::subject::Workspace;
use grader::text::{Text, text};

use super::system::{Family, System};
use super::{Finding, State};

/// The oldest git whose options are used here.
const OLDEST_GIT: (u32, u32) = (2, 30);

/// The toolchain that the workshop names is the one that cargo uses here.
pub fn toolchain(workspace: &Workspace) -> Finding {
    let wanted = wanted_toolchain(workspace);
    let mut rustc = Command::new("rustc");
    rustc.current_dir(&workspace.root).arg("--version");
    // Cargo passes its own choice on, which would answer for every folder.
    let said = output(rustc.env_remove("RUSTUP_TOOLCHAIN"));
    let version = said.as_deref().and_then(|said| said.split(' ').nth(1)).map(str::to_owned);
    match version {
        Some(version) if version == wanted => {
            Finding::good("rust", text(format!("Rust {version}"), format!("Rust {version}")))
        }
        version => {
            let found = version.unwrap_or_else(|| "-".to_owned());
            let fix = format!("rustup toolchain install {wanted} --component rustfmt --component clippy");
            Finding::bad(
                "rust",
                State::Missing,
                text(format!("Rust {found}, wanted {wanted}"), format!("Rust {found}, 필요한 버전은 {wanted}")),
                text(
                    "Another version compiles everything anew and may refuse it.",
                    "버전이 다르면 전부 다시 컴파일하고, 컴파일되지 않을 수도 있습니다.",
                ),
                text(fix.clone(), fix),
            )
        }
    }
}

fn wanted_toolchain(workspace: &Workspace) -> String {
    let words = fs::read_to_string(workspace.root.join("rust-toolchain.toml")).unwrap_or_default();
    let table: toml::Table = words.parse().unwrap_or_default();
    let channel = table.get("toolchain").and_then(|toolchain| toolchain.get("channel")?.as_str());
    channel.unwrap_or(env!("CARGO_PKG_RUST_VERSION")).to_owned()
}

/// Git is there and knows the options that are used.
pub fn git(system: &System) -> Finding {
    let said = output(Command::new("git").arg("--version"));
    let version = said.as_deref().and_then(version);
    if let Some((major, minor)) = version.filter(|version| *version >= OLDEST_GIT) {
        return Finding::good("git", text(format!("git {major}.{minor}"), format!("git {major}.{minor}")));
    }
    let found = version.map_or_else(|| "-".to_owned(), |(major, minor)| format!("{major}.{minor}"));
    Finding::bad(
        "git",
        State::Missing,
        text(format!("git {found}, wanted 2.30 or newer"), format!("git {found}, 2.30 이상이 필요합니다")),
        text("The grader copies your service with git.", "채점기는 git으로 서비스를 복사합니다."),
        system.install("git"),
    )
}

/// `git version 2.39.5 (Apple Git-154)` is 2.39.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.trim().strip_prefix("git version ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Whether a service can be shut into a network of its own; tried, not guessed.
pub fn sandbox(system: &System) -> Finding {
    match supervisor::sandbox_available() {
        Ok(()) => Finding::good(
            "sandbox",
            text("sandbox (own network and file system)", "샌드박스(독립된 네트워크와 파일 시스템)"),
        ),
        Err(missing) => {
            let found = text(format!("no sandbox: {missing}"), format!("샌드박스를 쓸 수 없습니다: {missing}"));
            let meaning = text(
                "Checks that watch where a service connects stay UNGRADED; everything else works.",
                "서비스가 어디에 접속하는지 지켜보는 검사는 UNGRADED가 됩니다. 나머지는 모두 동작합니다.",
            );
            Finding::bad("sandbox", State::Limited, found, meaning, sandbox_fix(system))
        }
    }
}

fn sandbox_fix(system: &System) -> Text {
    if system.family == Family::MacOs {
        return text("none on macOS: nothing to do", "macOS에는 방법이 없으므로 그대로 두면 됩니다");
    }
    // What forbids user namespaces, the value that does, and the setting that allows them.
    let switches = [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
    ];
    let set_to = |name: &str, value: &str| {
        fs::read_to_string(format!("/proc/sys/{name}")).is_ok_and(|known| known.trim() == value)
    };
    match switches.into_iter().find(|(name, value, _)| set_to(name, value)) {
        Some((_, _, setting)) => {
            let command = format!("sudo sysctl -w {setting}");
            text(command.clone(), command)
        }
        None => text(
            "if this is a container, work on its host: containers usually forbid it",
            "컨테이너 안이라면 호스트에서 실행하십시오. 컨테이너에서는 대개 막혀 있습니다",
        ),
    }
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_git_are_read_as_it_says_them() {
        assert_eq!(version("git version 2.39.5 (Apple Git-154)\n"), Some((2, 39)));
        assert_eq!(version("git version 2.48.1.windows.1"), Some((2, 48)));
        assert_eq!(version("sh: git: not found"), None);
    }
}
