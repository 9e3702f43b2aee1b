//! The machine: space, memory, processors, limits, where the folder lies, and whether Hangul can be read.

use std::fs;
use std::path::Path;
use std::process::Command;

use grader::subject::Workspace;
use grader::text::text;

use super::system::{Family, System};
use super::{Finding, State};

/// A build of the tools and one exercise takes half of it; graded copies and later factors the rest.
const SPACE: u64 = 2 << 30;

/// Below this, two compilers at once push the machine into swapping.
const MEMORY: u64 = 3 << 30;

/// A run of a factor holds a few hundred sockets and pipes at once.
const OPEN_FILES: u64 = 1024;

/// Free space where cargo builds.
pub fn disk(workspace: &Workspace) -> Finding {
    let existing = workspace.target.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let Ok(known) = rustix::fs::statvfs(existing) else {
        return unknown("disk", "free disk space", "남은 디스크 공간");
    };
    let free = known.f_bavail.saturating_mul(known.f_frsize);
    let found = text(format!("{} free on disk", gigabytes(free)), format!("디스크 여유 공간 {}", gigabytes(free)));
    if free >= SPACE {
        return Finding::good("disk", found);
    }
    Finding::bad(
        "disk",
        State::Missing,
        found,
        text("Builds need about 2 GB.", "빌드에 약 2 GB가 필요합니다."),
        text(
            "free some space, or set CARGO_TARGET_DIR to another disk",
            "공간을 비우거나 CARGO_TARGET_DIR을 다른 디스크로 지정하십시오",
        ),
    )
}

/// The target folder can be written.
pub fn target(workspace: &Workspace) -> Finding {
    let own = workspace.own();
    let probe = own.join(format!("doctor-{}", std::process::id()));
    let written = fs::create_dir_all(&own).and_then(|()| fs::write(&probe, "")).and_then(|()| fs::remove_file(&probe));
    match written {
        Ok(()) => Finding::good("target", text("the target folder can be written", "target 폴더에 쓸 수 있습니다")),
        Err(error) => {
            let shown = own.display();
            let fix = format!("sudo chown -R \"$(id -un)\" {}", workspace.target.display());
            Finding::bad(
                "target",
                State::Missing,
                text(format!("cannot write {shown}: {error}"), format!("{shown}에 쓸 수 없습니다: {error}")),
                text("Everything is built and reported there.", "빌드와 결과가 모두 이 폴더에 저장됩니다."),
                text(fix.clone(), fix),
            )
        }
    }
}

/// Memory of the machine.
pub fn memory() -> Finding {
    let Some(total) = total_memory() else { return unknown("memory", "memory", "메모리") };
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
        text("export CARGO_BUILD_JOBS=1", "export CARGO_BUILD_JOBS=1"),
    )
}

fn total_memory() -> Option<u64> {
    if cfg!(target_os = "macos") {
        let output = Command::new("sysctl").args(["-n", "hw.memsize"]).output().ok()?;
        return String::from_utf8(output.stdout).ok()?.trim().parse().ok();
    }
    let known = fs::read_to_string("/proc/meminfo").ok()?;
    let line = known.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Processors that may be used.
pub fn processors() -> Finding {
    let Ok(count) = std::thread::available_parallelism() else { return unknown("cpu", "processors", "프로세서") };
    let found = text(grader::text::count_en(count.get(), "processor"), format!("프로세서 {count}개"));
    if count.get() >= 2 {
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
        text("give the virtual machine a second processor", "가상 머신이라면 프로세서를 두 개로 늘리십시오"),
    )
}

/// How many files may be open at once.
pub fn open_files(system: &System) -> Finding {
    // No limit is a very high one.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
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
        text(format!("ulimit -n 4096   (add it to {lasting})"), format!("ulimit -n 4096   ({lasting}에 추가하십시오)")),
    )
}

/// A Windows drive seen from WSL is slow and loses file modes.
pub fn drive(workspace: &Workspace, system: &System) -> Finding {
    let good = text("the folder is on a disk of this system", "폴더가 이 시스템의 디스크에 있습니다");
    if !(system.wsl && on_windows_drive(&workspace.root)) {
        return Finding::good("drive", good);
    }
    Finding::bad(
        "drive",
        State::Limited,
        text("the folder is on a Windows drive", "폴더가 Windows 드라이브에 있습니다"),
        text(
            "Builds take many times longer there, and file changes go unnoticed.",
            "빌드가 몇 배 느리고, 파일이 바뀌어도 알아채지 못합니다.",
        ),
        text(
            "move the workshop to your Linux home: cp -r . ~/workshop && cd ~/workshop",
            "Linux 홈으로 옮기십시오: cp -r . ~/workshop && cd ~/workshop",
        ),
    )
}

fn on_windows_drive(root: &Path) -> bool {
    let mut parts = root.components().skip(1).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let drive = |part: Option<String>| part.is_some_and(|name| name.len() == 1);
    parts.next().is_some_and(|first| first == "mnt") && drive(parts.next())
}

/// Hangul and symbols need UTF-8.
pub fn hangul(system: &System) -> Finding {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = names.iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty());
    let value = set.unwrap_or_else(|| "C".to_owned());
    let plain = value.to_lowercase().replace('-', "");
    // macOS terminals are UTF-8 whatever the variables say.
    if plain.contains("utf8") || system.family == Family::MacOs {
        return Finding::good("hangul", text("Hangul can be shown: 한글", "한글을 표시할 수 있습니다"));
    }
    Finding::bad(
        "hangul",
        State::Limited,
        text(format!("the locale is {value}, not UTF-8"), format!("로캘이 UTF-8이 아닌 {value}입니다")),
        text(
            "Some programs show Hangul and symbols as question marks.",
            "일부 프로그램에서 한글과 기호가 물음표로 보일 수 있습니다.",
        ),
        text("export LANG=C.UTF-8", "export LANG=C.UTF-8"),
    )
}

fn unknown(id: &'static str, en: &str, ko: &str) -> Finding {
    Finding::bad(
        id,
        State::Limited,
        text(format!("{en}: could not be found out"), format!("{ko}: 확인하지 못했습니다")),
        text("Probably nothing.", "대개 문제가 되지 않습니다."),
        text("nothing to do", "그대로 두어도 됩니다"),
    )
}

fn gigabytes(bytes: u64) -> String {
    let tenths = bytes / (1 << 30) * 10 + bytes % (1 << 30) * 10 / (1 << 30);
    format!("{}.{} GB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_drives_are_recognised() {
        assert!(on_windows_drive(Path::new("/mnt/c/Users/kim/workshop")));
        assert!(!on_windows_drive(Path::new("/mnt/data/workshop")));
        assert!(!on_windows_drive(Path::new("/srv/workshop")));
    }

    #[test]
    fn sizes_are_written_in_gigabytes() {
        assert_eq!(gigabytes(SPACE + (SPACE >> 2)), "2.5 GB");
        assert_eq!(gigabytes(0), "0.0 GB");
    }
}
