//! Whether a service can be shut into a network and a file system of its own; tried, not guessed.

use std::fmt::Display;

use grader::text::text;

use super::system::{Family, System};
use super::{Finding, Fix, State};

/// What forbids user namespaces, the value that does, and the setting that allows them.
const SWITCHES: [(&str, &str, &str); 3] = [
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
];

/// What came of the attempt; `switch` reads a setting of the kernel.
pub fn sandbox<E: Display>(tried: &Result<(), E>, system: &System, switch: impl Fn(&str) -> Option<String>) -> Finding {
    let Err(missing) = tried else {
        let found = text("sandbox (own network and file system)", "샌드박스(독립된 네트워크와 파일 시스템)");
        return Finding::good("sandbox", found);
    };
    let found = text(format!("no sandbox: {missing}"), format!("샌드박스를 쓸 수 없습니다: {missing}"));
    let meaning = text(
        "Checks that watch where a service connects stay UNGRADED; everything else works.",
        "서비스가 어디에 접속하는지 지켜보는 검사는 UNGRADED가 됩니다. 나머지는 모두 동작합니다.",
    );
    Finding::bad("sandbox", State::Limited, found, meaning, fix(system, switch))
}

fn fix(system: &System, switch: impl Fn(&str) -> Option<String>) -> Fix {
    if system.family == Family::MacOs {
        return Fix::Do(text("none on macOS: nothing to do", "macOS에는 방법이 없으므로 그대로 두면 됩니다"));
    }
    let forbidding = SWITCHES.iter().find(|(name, value, _)| switch(name).as_deref() == Some(*value));
    match forbidding {
        Some((_, _, setting)) => Fix::Command(system.sudo(&format!("sysctl -w {setting}"))),
        None => Fix::Do(text(
            "if this is a container, work on its host: containers usually forbid it",
            "컨테이너 안이라면 호스트에서 실행하십시오. 컨테이너에서는 대개 막혀 있습니다",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::system::tests::{DEBIAN, MAC};
    use super::*;

    #[test]
    fn the_setting_that_forbids_it_is_the_one_that_is_changed() {
        let refused: Result<(), &str> = Err("unshare: Operation not permitted");
        let fix = |name: &'static str, value: &'static str, system: &System| {
            let finding = sandbox(&refused, system, |asked| (asked == name).then(|| value.to_owned()));
            finding.advice.unwrap().fix.shown().en
        };
        assert!(
            fix("kernel/apparmor_restrict_unprivileged_userns", "1", &DEBIAN).starts_with("sudo sysctl -w kernel.app")
        );
        assert!(fix("user/max_user_namespaces", "0", &DEBIAN).contains("user.max_user_namespaces=15000"));
        assert!(fix("user/max_user_namespaces", "9999", &DEBIAN).contains("container"));
        assert!(fix("", "", &MAC).contains("macOS"));
        assert_eq!(sandbox(&Ok::<(), &str>(()), &DEBIAN, |_| None).state, State::Good);
    }
}
