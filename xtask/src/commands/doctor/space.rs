//! Room: on disk, in memory, for processes and open files.

use std::io;
use std::path::Path;

use grader::subject::Workspace;
use grader::text::text;

use super::place::mount_of;
use super::system::{Family, System};
use super::{Finding, Fix, State};

/// A build of the tools and one exercise takes half of it; graded copies and later factors the rest.
const SPACE: u64 = 2 << 30;

/// Copies of releases, and databases where memory has no room for them.
const TEMPORARY_SPACE: u64 = 200 << 20;

/// Below this, two compilers at once push the machine into swapping.
const MEMORY: u64 = 3 << 30;

/// A run of a factor holds a few hundred sockets and pipes at once.
const OPEN_FILES: u64 = 1024;

/// Free space where cargo builds.
pub fn disk(free: Option<u64>) -> Finding {
    let Some(free) = free else { return Finding::unknown("disk", "free disk space", "남은 디스크 공간") };
    let found = text(format!("{} free on disk", gigabytes(free)), format!("디스크 여유 공간 {}", gigabytes(free)));
    if free >= SPACE {
        return Finding::good("disk", found);
    }
    Finding::bad(
        "disk",
        State::Missing,
        found,
        text("Builds need about 2 GB.", "빌드에 약 2 GB가 필요합니다."),
        Fix::Do(text(
            "free some space, or set CARGO_TARGET_DIR to another disk",
            "공간을 비우거나 CARGO_TARGET_DIR을 다른 디스크로 지정하십시오",
        )),
    )
}

/// Services are started from the folder for temporary files.
pub fn temp(written: io::Result<()>, free: Option<u64>, mounts: &str, folder: &Path) -> Finding {
    let shown = folder.display();
    let found = match written {
        Err(error) => {
            Some(text(format!("cannot write {shown}: {error}"), format!("{shown}에 쓸 수 없습니다: {error}")))
        }
        Ok(()) if mount_of(mounts, folder).is_some_and(|mount| mount.forbids_programs()) => Some(text(
            format!("no program may be started from {shown} (it is mounted noexec)"),
            format!("{shown}에서는 프로그램을 실행할 수 없습니다(noexec로 마운트됨)"),
        )),
        Ok(()) if free.is_some_and(|free| free < TEMPORARY_SPACE) => {
            let free = gigabytes(free.unwrap_or_default());
            Some(text(format!("only {free} free in {shown}"), format!("{shown}의 여유 공간이 {free}뿐입니다")))
        }
        Ok(()) => None,
    };
    let Some(found) = found else {
        return Finding::good("temp", text("temporary files can be written and run", "임시 폴더를 쓸 수 있습니다"));
    };
    Finding::bad(
        "temp",
        State::Missing,
        found,
        text("The grader starts each service from a folder there.", "채점기는 그곳의 폴더에서 서비스를 시작합니다."),
        Fix::Type("mkdir -p ~/tmp && export TMPDIR=~/tmp".to_owned()),
    )
}

/// The target folder can be written, and what is built there can be run.
pub fn target(written: io::Result<()>, mounts: &str, workspace: &Workspace, system: &System) -> Finding {
    let shown = workspace.target.display().to_string();
    let meaning = text("Everything is built and reported there.", "빌드와 결과가 모두 이 폴더에 저장됩니다.");
    if let Err(error) = written {
        let found = text(format!("cannot write {shown}: {error}"), format!("{shown}에 쓸 수 없습니다: {error}"));
        // Mostly it was made by root, once.
        let fix = Fix::Command(system.sudo(&format!("chown -R \"$(id -un)\" '{shown}'")));
        return Finding::bad("target", State::Missing, found, meaning, fix);
    }
    if mount_of(mounts, &workspace.target).is_some_and(|mount| mount.forbids_programs()) {
        let found = text(
            format!("no program may be started from {shown} (it is mounted noexec)"),
            format!("{shown}에서는 프로그램을 실행할 수 없습니다(noexec로 마운트됨)"),
        );
        let fix = Fix::Type("export CARGO_TARGET_DIR=~/workshop-target".to_owned());
        return Finding::bad("target", State::Missing, found, meaning, fix);
    }
    Finding::good("target", text("the target folder can be written", "target 폴더에 쓸 수 있습니다"))
}

/// Memory of the machine.
pub fn memory(total: Option<u64>) -> Finding {
    let Some(total) = total else { return Finding::unknown("memory", "memory", "메모리") };
    let found = text(format!("{} of memory", gigabytes(total)), format!("메모리 {}", gigabytes(total)));
    if total >= MEMORY {
        return Finding::good("memory", found);
    }
    Finding::bad(
        "memory",
        State::Limited,
        found,
        text(
            "Compiling may be slow or be stopped by the system.",
            "컴파일이 느리거나 시스템이 중간에 멈출 수 있습니다.",
        ),
        Fix::Type("export CARGO_BUILD_JOBS=1".to_owned()),
    )
}

/// Processors that may be used.
pub fn processors(count: Option<usize>) -> Finding {
    let Some(count) = count else { return Finding::unknown("cpu", "processors", "프로세서") };
    let found = text(grader::text::count_en(count, "processor"), format!("프로세서 {count}개"));
    if count >= 2 {
        return Finding::good("cpu", found);
    }
    Finding::bad(
        "cpu",
        State::Limited,
        found,
        text(
            "The grader and the service take turns; waits are longer, verdicts are the same.",
            "채점기와 서비스가 번갈아 실행됩니다. 오래 걸릴 뿐 판정은 같습니다.",
        ),
        Fix::Do(text("give the virtual machine a second processor", "가상 머신이라면 프로세서를 두 개로 늘리십시오")),
    )
}

/// How many files may be open at once.
pub fn open_files(limit: u64, system: &System) -> Finding {
    if limit >= OPEN_FILES {
        return Finding::good(
            "open-files",
            text("enough files may be open at once", "동시에 열 수 있는 파일 수가 충분합니다"),
        );
    }
    let lasting = if system.family == Family::MacOs { "~/.zshrc" } else { "~/.profile" };
    Finding::bad(
        "open-files",
        State::Limited,
        text(format!("only {limit} files may be open at once"), format!("동시에 열 수 있는 파일이 {limit}개뿐입니다")),
        text(
            "Checks that hold many connections may end as ERROR.",
            "연결을 많이 여는 검사가 ERROR로 끝날 수 있습니다.",
        ),
        Fix::Do(text(
            format!("ulimit -n 4096   (add it to {lasting})"),
            format!("ulimit -n 4096   ({lasting}에 추가하십시오)"),
        )),
    )
}

fn gigabytes(bytes: u64) -> String {
    let tenths = bytes / (1 << 30) * 10 + bytes % (1 << 30) * 10 / (1 << 30);
    format!("{}.{} GB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::super::system::tests::{DEBIAN, MAC};
    use super::*;

    fn workspace() -> Workspace {
        Workspace { root: "/home/kim/workshop".into(), target: "/home/kim/workshop/target".into() }
    }

    #[test]
    fn sizes_are_written_in_gigabytes() {
        assert_eq!(gigabytes(SPACE + (SPACE >> 2)), "2.5 GB");
        assert_eq!(gigabytes(0), "0.0 GB");
    }

    #[test]
    fn too_little_of_anything_is_found() {
        assert_eq!(disk(Some(SPACE)).state, State::Good);
        assert_eq!(disk(Some(SPACE - 1)).state, State::Missing);
        assert_eq!((memory(Some(MEMORY)).state, memory(Some(1 << 30)).state), (State::Good, State::Limited));
        assert_eq!((processors(Some(2)).state, processors(Some(1)).state), (State::Good, State::Limited));
        assert_eq!((open_files(1024, &DEBIAN).state, open_files(256, &MAC).state), (State::Good, State::Limited));
        for unknown in [disk(None), memory(None), processors(None)] {
            assert!(unknown.state == State::Limited && unknown.found.en.contains("could not be found out"));
        }
    }

    #[test]
    fn a_folder_from_which_nothing_may_be_started_is_found() {
        let mounts =
            "/dev/sda1 / ext4 rw 0 0\ntmpfs /tmp tmpfs rw,nosuid,noexec 0 0\n/dev/sdb /home ext4 rw,noexec 0 0\n";
        let look = |mounts: &str| temp(Ok(()), Some(1 << 30), mounts, Path::new("/tmp"));
        assert!(look(mounts).found.en.contains("noexec"));
        assert_eq!(look("").state, State::Good);
        assert!(target(Ok(()), mounts, &workspace(), &DEBIAN).found.en.contains("noexec"));
        assert_eq!(target(Ok(()), "", &workspace(), &DEBIAN).state, State::Good);
    }

    #[test]
    fn folders_that_are_full_or_closed_are_found() {
        let denied = || Err(io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(temp(denied(), None, "", Path::new("/tmp")).found.en.contains("permission denied"));
        assert!(temp(Ok(()), Some(1 << 20), "", Path::new("/tmp")).found.en.contains("only 0.0 GB"));
        let closed = target(denied(), "", &workspace(), &DEBIAN);
        assert!(matches!(closed.advice.unwrap().fix, Fix::Command(command) if command.starts_with("sudo chown")));
    }
}
