//! The programs and files that every check needs: Rust, a linker, git, the crates, the books.

use grader::text::text;

use super::system::{Package, System};
use super::{Finding, Fix, State};

/// The oldest git whose options are used here.
const OLDEST_GIT: (u32, u32) = (2, 30);

const GIT: Package = Package { apt: "git", dnf: "git-core", mac: "brew install git" };
const LINKER: Package = Package { apt: "build-essential", dnf: "gcc", mac: "xcode-select --install" };

/// The toolchain that the workshop names is the one that is used here.
pub fn toolchain(said: Option<&str>, wanted: &str) -> Finding {
    let version = said.and_then(|said| said.split_whitespace().nth(1));
    if version == Some(wanted) {
        return Finding::good("rust", text(format!("Rust {wanted}"), format!("Rust {wanted}")));
    }
    let found = version.unwrap_or("-");
    let install = format!("rustup toolchain install {wanted} --component rustfmt --component clippy");
    let fix = match version {
        None => Fix::Do(text(
            format!("install rustup from https://rustup.rs, then: {install}"),
            format!("https://rustup.rs 안내에 따라 rustup을 설치한 다음: {install}"),
        )),
        Some(_) => Fix::Command(install),
    };
    Finding::bad(
        "rust",
        State::Missing,
        text(format!("Rust {found}, wanted {wanted}"), format!("Rust {found}, 필요한 버전은 {wanted}")),
        text(
            "Another version compiles everything anew and may refuse it.",
            "버전이 다르면 전부 다시 컴파일하고, 컴파일되지 않을 수도 있습니다.",
        ),
        fix,
    )
}

/// Rust needs somebody else's linker.
pub fn linker(answers: bool, system: &System) -> Finding {
    if answers {
        return Finding::good("linker", text("a C compiler, for linking", "링크에 쓰는 C 컴파일러"));
    }
    Finding::bad(
        "linker",
        State::Missing,
        text("no C compiler: `cc` does not run", "C 컴파일러가 없습니다. `cc` 명령이 실행되지 않습니다"),
        text("Nothing can be linked: `linker cc not found`.", "링크할 수 없습니다(`linker cc not found`)."),
        system.install(&LINKER),
    )
}

/// Git is there and knows the options that are used.
pub fn git(said: Option<&str>, system: &System) -> Finding {
    let version = said.and_then(version);
    if let Some((major, minor)) = version.filter(|version| *version >= OLDEST_GIT) {
        return Finding::good("git", text(format!("git {major}.{minor}"), format!("git {major}.{minor}")));
    }
    let found = version.map_or_else(|| "-".to_owned(), |(major, minor)| format!("{major}.{minor}"));
    Finding::bad(
        "git",
        State::Missing,
        text(format!("git {found}, wanted 2.30 or newer"), format!("git {found}, 2.30 이상이 필요합니다")),
        text("The grader copies your service with git.", "채점기는 git으로 서비스를 복사합니다."),
        system.install(&GIT),
    )
}

/// `git version 2.39.5 (Apple Git-154)` is 2.39.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.trim().strip_prefix("git version ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Everything that is compiled here was downloaded; `complaint` is what Cargo says of doing without a network.
pub fn crates(complaint: &Result<(), String>) -> Finding {
    let missing = match complaint {
        Ok(()) => {
            let found = text("all crates are downloaded", "크레이트를 모두 내려받았습니다");
            return Finding::good("crates", found);
        }
        Err(complaint) => complaint.contains("--offline"),
    };
    if !missing {
        return Finding::unknown("crates", "downloaded crates", "내려받은 크레이트");
    }
    Finding::bad(
        "crates",
        State::Limited,
        text("some crates are not downloaded yet", "아직 내려받지 않은 크레이트가 있습니다"),
        text(
            "Some builds need a network. Without one: cargo xtask unbundle FILE",
            "네트워크가 필요한 빌드가 있습니다. 네트워크가 없으면: cargo xtask unbundle 파일",
        ),
        Fix::Command("cargo fetch --locked".to_owned()),
    )
}

/// Both books can be read at once.
pub fn books(current: bool) -> Finding {
    if current {
        return Finding::good("book", text("both books are built", "두 언어의 책이 준비되었습니다"));
    }
    Finding::bad(
        "book",
        State::Limited,
        text("the books are not built yet", "책을 아직 만들지 않았습니다"),
        text(
            "Opening them the first time compiles a program for one to three minutes.",
            "처음 열 때 1분에서 3분 동안 프로그램을 컴파일합니다.",
        ),
        Fix::Command("cargo xtask book".to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::system::tests::{DEBIAN, FEDORA, MAC};
    use super::*;

    fn command(finding: &Finding) -> String {
        finding.advice.as_ref().unwrap().fix.shown().en
    }

    #[test]
    fn versions_of_git_are_read_as_it_says_them() {
        assert_eq!(version("git version 2.39.5 (Apple Git-154)\n"), Some((2, 39)));
        assert_eq!(version("git version 2.48.1.windows.1"), Some((2, 48)));
        assert_eq!(version("sh: git: not found"), None);
    }

    #[test]
    fn an_old_git_and_none_are_missing() {
        assert_eq!(git(Some("git version 2.39.5"), &DEBIAN).state, State::Good);
        for said in [Some("git version 2.25.1"), None] {
            let finding = git(said, &FEDORA);
            assert_eq!(
                (finding.state, command(&finding).as_str()),
                (State::Missing, "sudo dnf install --assumeyes git-core")
            );
        }
    }

    #[test]
    fn another_rust_and_none_at_all_are_mended_differently() {
        let look = |said| toolchain(said, "1.95.0");
        assert_eq!(look(Some("rustc 1.95.0 (abc 2026-04-01)\n")).state, State::Good);
        assert!(command(&look(Some("rustc 1.75.0"))).starts_with("rustup toolchain install 1.95.0"));
        assert!(command(&look(None)).contains("https://rustup.rs"));
    }

    #[test]
    fn a_missing_linker_has_another_name_on_each_system() {
        assert_eq!(linker(true, &DEBIAN).state, State::Good);
        let named = [(DEBIAN, "build-essential"), (FEDORA, "gcc"), (MAC, "xcode-select")];
        for (system, part) in named {
            assert!(command(&linker(false, &system)).contains(part), "{part}");
        }
    }

    #[test]
    fn crates_that_are_missing_are_told_from_a_cargo_that_has_other_worries() {
        assert_eq!(crates(&Ok(())).state, State::Good);
        let offline =
            "error: failed to download `a v1.0.0`\n  attempting to make an HTTP request, but --offline was specified";
        assert_eq!(crates(&Err(offline.to_owned())).state, State::Limited);
        let other = crates(&Err("error: failed to parse manifest".to_owned()));
        assert!(other.found.en.contains("could not be found out"), "{}", other.found.en);
    }
}
