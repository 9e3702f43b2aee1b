//! The container engine, as its own program describes it, and the images.

use std::io::ErrorKind;
use std::process::{Command, Output};

use grader::text::{Text, text, verbatim};

use crate::asking::answer;

use super::system::{Family, Package, System, Wsl};
use super::{Finding, Fix, State};

/// The oldest interface of Docker that was tried, that of Docker 20.10.
const OLDEST_API: (u32, u32) = (1, 41);

const DOCKER: Package = Package { apt: "docker.io", dnf: "moby-engine", mac: "brew install --cask docker" };

/// What the engine's program answered to the question for versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is no such program.
    NoProgram,
    /// It cannot reach the engine, for this reason.
    Refused(String),
    /// The engine's version, interface and platform: `20.10.24 1.41 linux/amd64`.
    Versions(String),
}

/// Asks.
pub fn ask() -> Answer {
    let format = "{{.Server.Version}} {{.Server.APIVersion}} {{.Server.Os}}/{{.Server.Arch}}";
    let Output { status, stdout, stderr } = match answer(Command::new("docker").args(["version", "--format", format])) {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::TimedOut => return Answer::Refused(error.to_string()),
        Err(_) => return Answer::NoProgram,
    };
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if status.success() { Answer::Versions(said(&stdout)) } else { Answer::Refused(said(&stderr)) }
}

/// Whether an engine answers, may be used, and is new enough for the workshop and of this machine's kind.
pub fn engine(answer: &Answer, arch: &str, system: &System) -> Finding {
    match answer {
        Answer::NoProgram => {
            let found = text("no container engine was found", "컨테이너 엔진을 찾지 못했습니다");
            Finding::bad("containers", State::Limited, found, meaning(), system.install(&DOCKER))
        }
        Answer::Refused(why) if why.contains("permission denied") => denied(system),
        Answer::Refused(why) => silent(why, system),
        Answer::Versions(versions) => judge(versions, arch, system),
    }
}

fn denied(system: &System) -> Finding {
    Finding::bad(
        "containers",
        State::Limited,
        text("this user may not use the Docker engine", "지금 사용자에게는 Docker 엔진을 쓸 권한이 없습니다"),
        text(
            "Checks with containers stay UNGRADED. Whoever is in the group docker can become root; log in again afterwards.",
            "컨테이너가 필요한 검사는 UNGRADED가 됩니다. docker 그룹에 들어가면 root와 같은 권한을 갖게 되며, 다시 로그인해야 합니다.",
        ),
        Fix::Command(system.sudo("usermod -aG docker \"$(id -un)\"")),
    )
}

fn start(system: &System) -> Fix {
    match (system.family, system.wsl) {
        (Family::MacOs, _) => Fix::Command("open -a Docker".to_owned()),
        // Without systemd, and mostly with the engine of Docker Desktop on the other side.
        (_, Wsl::One | Wsl::Two) => Fix::Do(text(
            "start Docker Desktop and switch its WSL integration on, or: sudo service docker start",
            "Docker Desktop을 시작하고 WSL 통합을 켜거나 다음을 실행하십시오: sudo service docker start",
        )),
        _ => Fix::Command(system.sudo("systemctl start docker")),
    }
}

fn judge(versions: &str, arch: &str, system: &System) -> Finding {
    let mut words = versions.split(' ');
    let (version, api, platform) =
        (words.next().unwrap_or("?"), words.next().unwrap_or("?"), words.next().unwrap_or("?"));
    let found = format!("Docker {version} (API {api}, {platform})");
    let (major, minor) = api.split_once('.').unwrap_or_default();
    if (major.parse().unwrap_or(0), minor.parse().unwrap_or(0)) < OLDEST_API {
        return Finding::bad(
            "containers",
            State::Limited,
            text(format!("{found}, wanted API 1.41 or newer"), format!("{found}, API 1.41 이상이 필요합니다")),
            meaning(),
            system.install(&DOCKER),
        );
    }
    if !platform.ends_with(go_name(arch)) {
        return Finding::bad(
            "containers",
            State::Limited,
            text(
                format!("{found}: another kind of processor than this machine's"),
                format!("{found}: 이 컴퓨터와 프로세서 종류가 다릅니다"),
            ),
            text(
                "Containers are emulated, and many times slower.",
                "컨테이너가 에뮬레이션으로 실행되어 몇 배 느립니다.",
            ),
            Fix::Do(text(
                "install the engine for this machine's processor",
                "이 컴퓨터의 프로세서용 엔진을 설치하십시오",
            )),
        );
    }
    Finding::good("containers", verbatim(found))
}

/// What Go, and with it Docker, calls a processor.
fn go_name(arch: &str) -> &str {
    match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Mostly it does not run; what its own program says tells whether somebody has named another one.
fn silent(why: &str, system: &System) -> Finding {
    let why = why.lines().last().unwrap_or_default().trim();
    let found = text(
        format!("Docker is installed, but does not run: {why}"),
        format!("Docker가 설치되어 있지만 실행되지 않습니다: {why}"),
    );
    Finding::bad("containers", State::Limited, found, meaning(), start(system))
}

/// What it costs.
fn meaning() -> Text {
    text(
        "Checks that build or run a container image stay UNGRADED; everything else works.",
        "컨테이너 이미지를 빌드하거나 실행하는 검사는 UNGRADED가 됩니다. 나머지는 모두 동작합니다.",
    )
}

/// The images that checks use; `absent` are not on this machine.
pub fn images(absent: &[String], program: &str) -> Finding {
    if absent.is_empty() {
        return Finding::good("images", text("all images are on this machine", "이미지가 모두 준비되었습니다"));
    }
    let pulls: Vec<String> = absent.iter().map(|image| format!("{program} pull {image}")).collect();
    let names = absent.join(", ");
    Finding::bad(
        "images",
        State::Limited,
        text(format!("not downloaded yet: {names}"), format!("아직 내려받지 않은 이미지: {names}")),
        text(
            "Checks that need them download them, or stay UNGRADED. Without a network: cargo xtask unbundle FILE",
            "필요한 검사가 내려받거나 UNGRADED가 됩니다. 네트워크가 없으면: cargo xtask unbundle 파일",
        ),
        Fix::Command(pulls.join(" && ")),
    )
}

#[cfg(test)]
mod tests {
    use super::super::system::tests::{DEBIAN, FEDORA, MAC, UBUNTU_IN_WSL};
    use super::*;

    #[track_caller]
    fn finds(answer: &Answer, system: &System, found: &str, fix: &str) {
        let finding = engine(answer, "x86_64", system);
        let advice = finding.advice.unwrap().fix.shown().en;
        assert!(finding.found.en.contains(found) && advice.contains(fix), "{}: {advice}", finding.found.en);
    }

    #[test]
    fn an_engine_that_is_good_enough_says_what_it_is() {
        let good = engine(&Answer::Versions("20.10.24 1.41 linux/amd64".to_owned()), "x86_64", &DEBIAN);
        assert_eq!((good.state, good.found.en.as_str()), (State::Good, "Docker 20.10.24 (API 1.41, linux/amd64)"));
    }

    #[test]
    fn engines_that_cannot_be_used_are_told_apart() {
        finds(&Answer::NoProgram, &DEBIAN, "no container engine", "apt-get install --yes docker.io");
        finds(&Answer::NoProgram, &FEDORA, "no container engine", "moby-engine");
        let denied =
            "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
        finds(&Answer::Refused(denied.to_owned()), &DEBIAN, "may not use", "usermod -aG docker");
        let silent = Answer::Refused("Cannot connect to the Docker daemon. Is the docker daemon running?".to_owned());
        finds(&silent, &DEBIAN, "does not run", "systemctl start docker");
        finds(&silent, &MAC, "does not run", "open -a Docker");
        finds(&silent, &UBUNTU_IN_WSL, "does not run", "Docker Desktop");
    }

    #[test]
    fn an_old_engine_and_one_of_another_kind_are_found() {
        finds(&Answer::Versions("19.03.8 1.40 linux/amd64".to_owned()), &DEBIAN, "wanted API 1.41", "docker.io");
        finds(&Answer::Versions("28.0.1 1.48 linux/arm64".to_owned()), &DEBIAN, "another kind", "processor");
        finds(&Answer::Versions("garbage".to_owned()), &DEBIAN, "wanted API 1.41", "docker.io");
    }

    #[test]
    fn images_that_are_absent_are_named_with_the_commands_that_get_them() {
        assert_eq!(images(&[], "docker").state, State::Good);
        let absent = ["redis:7-alpine".to_owned(), "postgres:17-alpine".to_owned()];
        let fix = images(&absent, "docker").advice.unwrap().fix;
        assert_eq!(fix, Fix::Command("docker pull redis:7-alpine && docker pull postgres:17-alpine".to_owned()));
    }
}
