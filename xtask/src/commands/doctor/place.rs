//! Where the folder lies, whether changes in it are announced, and whether the clock can be right.

use std::path::Path;

use grader::text::{Text, text};

use super::system::{Family, System, Wsl};
use super::{Finding, Fix, State};

/// Below these, an editor and a watcher get into each other's way.
const WATCHES: u64 = 8192;
const WATCHERS: u64 = 64;

/// File times of an archive may be a little ahead, and clocks differ by seconds.
const TOLERATED_SECONDS: u64 = 300;

/// A file system, as Linux lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mount<'a> {
    kind: &'a str,
    options: &'a str,
}

/// What kind of place a file system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    OwnDisk,
    Windows,
    Network,
    SharedFolder,
}

impl Mount<'_> {
    /// Whether no program may be started from it.
    pub fn forbids_programs(&self) -> bool {
        self.options.split(',').any(|option| option == "noexec")
    }

    fn place(&self) -> Place {
        match self.kind {
            "drvfs" | "9p" => Place::Windows,
            "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "fuse.sshfs" | "afs" => Place::Network,
            "vboxsf" | "prl_fs" | "fuse.vmhgfs-fuse" | "vmhgfs" | "virtiofs" | "fuse.grpcfuse" => Place::SharedFolder,
            _ => Place::OwnDisk,
        }
    }
}

/// The file system that holds `folder`: of the longest mount point that the path begins with, the latest.
pub fn mount_of<'a>(mounts: &'a str, folder: &Path) -> Option<Mount<'a>> {
    let lines = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, kind, options) = (words.next()?, words.next()?, words.next()?);
        // Spaces in names are written as octal numbers.
        let point = point.replace("\\040", " ");
        folder.starts_with(&point).then_some((point.len(), Mount { kind, options }))
    });
    lines.max_by_key(|(length, _)| *length).map(|(_, mount)| mount)
}

fn place_of(mounts: &str, folder: &Path, system: &System) -> Place {
    match mount_of(mounts, folder).map_or(Place::OwnDisk, |mount| mount.place()) {
        // Other systems share folders with a virtual machine in the same way.
        Place::Windows if system.wsl == Wsl::No => Place::SharedFolder,
        Place::OwnDisk if system.wsl != Wsl::No && below_a_letter(folder) => Place::Windows,
        place => place,
    }
}

/// `/mnt/c`, under which WSL shows the drives of Windows.
fn below_a_letter(folder: &Path) -> bool {
    let mut parts = folder.components().skip(1).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let drive = |part: Option<String>| part.is_some_and(|name| name.len() == 1);
    parts.next().is_some_and(|first| first == "mnt") && drive(parts.next())
}

/// Only a disk of this system is fast and keeps file modes.
pub fn drive(mounts: &str, folder: &Path, system: &System) -> Finding {
    let found = match place_of(mounts, folder, system) {
        Place::OwnDisk => {
            let found = text("the folder is on a disk of this system", "폴더가 이 시스템의 디스크에 있습니다");
            return Finding::good("drive", found);
        }
        Place::Windows => text("the folder is on a Windows drive", "폴더가 Windows 드라이브에 있습니다"),
        Place::Network => text("the folder is on a network drive", "폴더가 네트워크 드라이브에 있습니다"),
        Place::SharedFolder => {
            text("the folder is shared with a virtual machine", "폴더가 가상 머신과 공유하는 폴더입니다")
        }
    };
    Finding::bad(
        "drive",
        State::Limited,
        found,
        text(
            "Builds take many times longer there, and file changes go unnoticed.",
            "빌드가 몇 배 느리고, 파일이 바뀌어도 알아채지 못합니다.",
        ),
        Fix::Do(text(
            "move the workshop to a disk of this system: cp -r . ~/workshop && cd ~/workshop",
            "이 시스템의 디스크로 옮기십시오: cp -r . ~/workshop && cd ~/workshop",
        )),
    )
}

/// Whether the system announces that a file was saved; `limits` are those of watches and watchers.
pub fn events(mounts: &str, folder: &Path, limits: Option<(u64, u64)>, system: &System) -> Finding {
    let meaning = text(
        "What reacts to saving a file may notice it late or not at all.",
        "파일을 저장해도 늦게 알아채거나 알아채지 못할 수 있습니다.",
    );
    if place_of(mounts, folder, system) != Place::OwnDisk {
        let found =
            text("changes of files are not announced in this folder", "이 폴더에서는 파일 변경을 알 수 없습니다");
        let fix = Fix::Do(text(
            "move the workshop to a disk of this system, as above",
            "위와 같이 이 시스템의 디스크로 옮기십시오",
        ));
        return Finding::bad("events", State::Limited, found, meaning, fix);
    }
    let (watches, watchers) = match (limits, system.family) {
        (Some(limits), _) => limits,
        (None, Family::MacOs) => (u64::MAX, u64::MAX),
        (None, _) => (0, 0),
    };
    if watches >= WATCHES && watchers >= WATCHERS {
        return Finding::good("events", text("changes of files are announced", "파일 변경을 바로 알 수 있습니다"));
    }
    let (found, fix) = scarce(watches, watchers, system);
    Finding::bad("events", State::Limited, found, meaning, fix)
}

fn scarce(watches: u64, watchers: u64, system: &System) -> (Text, Fix) {
    if watches == 0 {
        let found = text("this kernel does not announce changes of files (no inotify)", "커널에 inotify가 없습니다");
        return (found, Fix::Do(text("work on a machine or a kernel that has it", "inotify가 있는 커널을 쓰십시오")));
    }
    let found = text(
        format!("only {watches} files can be watched, by {watchers} watchers (inotify)"),
        format!("지켜볼 수 있는 파일이 {watches}개, 감시자는 {watchers}개뿐입니다(inotify)"),
    );
    let settings = "fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=256";
    (found, Fix::Command(system.sudo(&format!("sysctl -w {settings}"))))
}

/// Whether something is from the future: then the clock is behind. Seconds since 1970.
pub fn clock(now: u64, newest: u64, system: &System) -> Finding {
    if newest <= now.saturating_add(TOLERATED_SECONDS) {
        return Finding::good("clock", text("nothing here is from the future", "시계가 늦지 않습니다"));
    }
    let behind = (newest - now) / 60;
    let fix = match (system.wsl, system.family) {
        // After a laptop has slept, its clock stands still.
        (Wsl::One | Wsl::Two, _) => Fix::Command(system.sudo("hwclock --hctosys")),
        (Wsl::No, Family::MacOs) => Fix::Do(text(
            "System Settings, General, Date & Time: set the time automatically",
            "시스템 설정, 일반, 날짜 및 시간에서 시간을 자동으로 설정하십시오",
        )),
        (Wsl::No, _) => Fix::Do(text(
            "set the clock: sudo timedatectl set-ntp true, or without a network sudo date --set 'YYYY-MM-DD HH:MM'",
            "시계를 맞추십시오: sudo timedatectl set-ntp true, 네트워크가 없으면 sudo date --set '연-월-일 시:분'",
        )),
    };
    Finding::bad(
        "clock",
        State::Limited,
        text(
            format!("the clock is at least {behind} minutes behind: something here is from the future"),
            format!("시계가 {behind}분 이상 늦습니다. 이 폴더에 미래의 파일이나 커밋이 있습니다"),
        ),
        text(
            "Cargo may take old programs for new ones, and encrypted connections are refused.",
            "Cargo가 옛 프로그램을 새것으로 여길 수 있고, 암호화된 연결이 거부됩니다.",
        ),
        fix,
    )
}

#[cfg(test)]
mod tests {
    use super::super::system::tests::{DEBIAN, MAC, UBUNTU_IN_WSL};
    use super::*;

    const LINUX: &str = "/dev/nvme0n1p2 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\nserver:/home /home/kim nfs4 rw 0 0\n\
        share /media/sf_my\\040share vboxsf rw 0 0\n/dev/sdb1 /home/kim/disk ext4 rw 0 0\n";
    const WSL: &str = "/dev/sdc / ext4 rw,relatime 0 0\nC:\\134 /mnt/c 9p rw,noatime,aname=drvfs;path=C:\\ 0 0\n";

    fn state(mounts: &str, folder: &str, system: &System) -> (State, String) {
        let finding = drive(mounts, Path::new(folder), system);
        (finding.state, finding.found.en)
    }

    #[test]
    fn places_that_are_slow_are_recognised_by_their_file_system() {
        assert_eq!(state(LINUX, "/srv/workshop", &DEBIAN).0, State::Good);
        assert!(state(LINUX, "/home/kim/workshop", &DEBIAN).1.contains("network drive"));
        assert!(state(LINUX, "/media/sf_my share/workshop", &DEBIAN).1.contains("virtual machine"));
        assert_eq!(state(LINUX, "/home/kim/disk/workshop", &DEBIAN).0, State::Good);
        assert!(state(WSL, "/mnt/c/Users/kim/workshop", &UBUNTU_IN_WSL).1.contains("Windows drive"));
        assert!(state("", "/mnt/d/workshop", &UBUNTU_IN_WSL).1.contains("Windows drive"));
        assert_eq!(state(WSL, "/home/kim/workshop", &UBUNTU_IN_WSL).0, State::Good);
        assert_eq!(state("", "/mnt/data/workshop", &DEBIAN).0, State::Good);
        assert_eq!(state("", "/Users/kim/workshop", &MAC).0, State::Good);
    }

    #[test]
    fn saving_a_file_is_announced_or_not() {
        let look = |mounts, folder: &str, limits, system| events(mounts, Path::new(folder), limits, system);
        let enough = Some((65_536, 128));
        assert_eq!(look(LINUX, "/srv/w", enough, &DEBIAN).state, State::Good);
        assert_eq!(look("", "/Users/kim/w", None, &MAC).state, State::Good);
        assert_eq!(look(WSL, "/mnt/c/w", enough, &UBUNTU_IN_WSL).state, State::Limited);
        assert!(look(LINUX, "/srv/w", None, &DEBIAN).found.en.contains("no inotify"));
        let scarce = look(LINUX, "/srv/w", Some((100, 128)), &DEBIAN);
        assert!(matches!(scarce.advice.unwrap().fix, Fix::Command(command) if command.starts_with("sudo sysctl")));
    }

    #[test]
    fn a_clock_that_is_behind_is_found_without_asking_anybody() {
        assert_eq!(clock(1_000_000, 1_000_000, &DEBIAN).state, State::Good);
        assert_eq!(clock(1_000_000, 1_000_200, &DEBIAN).state, State::Good);
        let behind = clock(1_000_000, 1_007_200, &UBUNTU_IN_WSL);
        assert!(behind.found.en.contains("120 minutes"), "{}", behind.found.en);
        assert_eq!(behind.advice.unwrap().fix, Fix::Command("sudo hwclock --hctosys".to_owned()));
        assert_eq!(clock(0, 1_000_000, &MAC).state, State::Limited);
    }
}
