//! Which system this is: the fix for one is no fix for another.

use std::fs;

use grader::text::{text, verbatim};

use super::{Finding, Fix, State};

/// The systems whose commands differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Debian, Ubuntu and what comes of them.
    Debian,
    /// Fedora, RHEL and what comes of them.
    Fedora,
    /// Another Linux.
    Linux,
    /// macOS.
    MacOs,
}

/// A Linux inside Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wsl {
    /// It is none.
    No,
    /// The first, which has no Linux kernel.
    One,
    /// The second.
    Two,
}

/// This machine's system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// The family.
    pub family: Family,
    /// Whether it is a Linux inside Windows.
    pub wsl: Wsl,
    /// Whether this user may do everything already.
    pub root: bool,
}

/// One thing under the names of the systems' packages.
pub struct Package {
    /// Debian, Ubuntu.
    pub apt: &'static str,
    /// Fedora, RHEL.
    pub dnf: &'static str,
    /// macOS, the whole command.
    pub mac: &'static str,
}

impl System {
    /// Looks at the files by which systems introduce themselves.
    pub fn detect() -> Self {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let kernel = fs::read_to_string("/proc/version").unwrap_or_default();
        let root = rustix::process::geteuid().is_root();
        Self { root, ..Self::told_by(cfg!(target_os = "macos"), &release, &kernel) }
    }

    /// The system of these files, for somebody who is not root.
    pub fn told_by(macos: bool, release: &str, kernel: &str) -> Self {
        let like = |name: &str| {
            let ids = release.lines().filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")));
            ids.flat_map(|ids| ids.trim_matches('"').split(' ')).any(|id| id == name)
        };
        let family = match () {
            () if macos => Family::MacOs,
            () if like("debian") || like("ubuntu") => Family::Debian,
            () if like("fedora") || like("rhel") => Family::Fedora,
            () => Family::Linux,
        };
        let wsl = match () {
            // `4.4.0-19041-Microsoft` against `5.15.153.1-microsoft-standard-WSL2`.
            () if kernel.contains("-Microsoft") => Wsl::One,
            () if kernel.to_lowercase().contains("microsoft") => Wsl::Two,
            () => Wsl::No,
        };
        Self { family, wsl, root: false }
    }

    /// A command that needs the rights of root.
    pub fn sudo(self, command: &str) -> String {
        if self.root { command.to_owned() } else { format!("sudo {command}") }
    }

    /// A command from elsewhere that may begin with sudo, which root does not need and may not have.
    pub fn own(self, command: &str) -> Fix {
        let without = command.strip_prefix("sudo ").filter(|_| self.root);
        Fix::Command(without.unwrap_or(command).to_owned())
    }

    /// How a package is installed here.
    pub fn install(self, package: &Package) -> Fix {
        match self.family {
            Family::Debian => Fix::Command(self.sudo(&format!("apt-get install --yes {}", package.apt))),
            Family::Fedora => Fix::Command(self.sudo(&format!("dnf install --assumeyes {}", package.dnf))),
            Family::MacOs => Fix::Command(package.mac.to_owned()),
            Family::Linux => Fix::Do(text(
                format!("install the package that is called `{}` on Debian", package.apt),
                format!("Debian에서 `{}`인 패키지를 설치하십시오", package.apt),
            )),
        }
    }
}

/// What it is, and whether it can be used at all.
pub fn known(system: &System) -> Finding {
    let name = match (system.wsl, system.family) {
        (Wsl::One, _) => "WSL1",
        (Wsl::Two, _) => "WSL2",
        (Wsl::No, Family::MacOs) => "macOS",
        (Wsl::No, _) => "Linux",
    };
    let found = format!("{name}, {}", std::env::consts::ARCH);
    if system.wsl != Wsl::One {
        return Finding::good("system", verbatim(found));
    }
    Finding::bad(
        "system",
        State::Limited,
        verbatim(found),
        text(
            "WSL1 has no Linux kernel: no sandbox, no containers, and slow builds.",
            "WSL1에는 Linux 커널이 없어 샌드박스와 컨테이너를 쓸 수 없고 빌드도 느립니다.",
        ),
        Fix::Do(text(
            "in PowerShell: wsl --list, then wsl --set-version NAME 2",
            "PowerShell에서: wsl --list로 이름을 확인하고 wsl --set-version 이름 2",
        )),
    )
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A Debian whose user is not root, for the tests of the findings.
    pub const DEBIAN: System = System { family: Family::Debian, wsl: Wsl::No, root: false };
    /// The same inside Windows.
    pub const UBUNTU_IN_WSL: System = System { wsl: Wsl::Two, ..DEBIAN };
    /// A Fedora.
    pub const FEDORA: System = System { family: Family::Fedora, ..DEBIAN };
    /// A Mac.
    pub const MAC: System = System { family: Family::MacOs, ..DEBIAN };

    #[track_caller]
    fn is(release: &str, family: Family) {
        assert_eq!(System::told_by(false, release, "Linux version 6.1").family, family);
    }

    #[test]
    fn systems_are_told_by_their_release_file() {
        is("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Family::Debian);
        is("ID=debian\n", Family::Debian);
        is("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", Family::Fedora);
        is("ID=arch\n", Family::Linux);
        is("", Family::Linux);
        assert_eq!(System::told_by(true, "", "").family, Family::MacOs);
    }

    #[test]
    fn a_linux_inside_windows_is_recognised_and_so_is_the_first_of_them() {
        let wsl = |kernel| System::told_by(false, "ID=ubuntu", kernel).wsl;
        assert_eq!(wsl("Linux version 5.15.153.1-microsoft-standard-WSL2 (root@65c757a075e2)"), Wsl::Two);
        assert_eq!(wsl("Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) (gcc 5.4.0)"), Wsl::One);
        assert_eq!(wsl("Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org)"), Wsl::No);
        let one = known(&System { wsl: Wsl::One, ..DEBIAN });
        assert!(one.state == State::Limited && one.found.en.contains("WSL1"));
        assert_eq!(known(&UBUNTU_IN_WSL).state, State::Good);
    }

    #[test]
    fn each_system_has_its_own_command_and_root_needs_no_sudo() {
        let git = Package { apt: "git", dnf: "git-core", mac: "brew install git" };
        let command = |system: System| system.install(&git);
        assert_eq!(command(DEBIAN), Fix::Command("sudo apt-get install --yes git".to_owned()));
        assert_eq!(command(FEDORA), Fix::Command("sudo dnf install --assumeyes git-core".to_owned()));
        assert_eq!(command(MAC), Fix::Command("brew install git".to_owned()));
        assert!(matches!(command(System { family: Family::Linux, ..DEBIAN }), Fix::Do(_)));
        let root = System { root: true, ..DEBIAN };
        assert_eq!(command(root), Fix::Command("apt-get install --yes git".to_owned()));
        assert_eq!(root.own("sudo apt-get install redis"), Fix::Command("apt-get install redis".to_owned()));
        assert_eq!(DEBIAN.own("docker pull a"), Fix::Command("docker pull a".to_owned()));
    }
}
