//! Which system this is: the fix for one is no fix for another.

use std::fs;

use grader::text::{Text, text};

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

/// This machine's system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// The family.
    pub family: Family,
    /// Whether it is a Linux inside Windows.
    pub wsl: bool,
}

impl System {
    /// Looks at the files by which systems introduce themselves.
    pub fn detect() -> Self {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let kernel = fs::read_to_string("/proc/version").unwrap_or_default();
        Self::told_by(cfg!(target_os = "macos"), &release, &kernel)
    }

    fn told_by(macos: bool, release: &str, kernel: &str) -> Self {
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
        Self { family, wsl: kernel.to_lowercase().contains("microsoft") }
    }

    /// How a package of this name is installed here.
    pub fn install(self, package: &str) -> Text {
        let command = match self.family {
            Family::Debian => format!("sudo apt-get install {package}"),
            Family::Fedora => format!("sudo dnf install {package}"),
            Family::MacOs => format!("brew install {package}"),
            Family::Linux => {
                let (en, ko) =
                    (format!("install the package `{package}`"), format!("`{package}` 패키지를 설치하십시오"));
                return text(en, ko);
            }
        };
        text(command.clone(), command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn a_linux_inside_windows_is_recognised() {
        assert!(System::told_by(false, "ID=ubuntu", "Linux version 5.15 (Microsoft@Microsoft.com)").wsl);
        assert!(!System::told_by(false, "ID=ubuntu", "Linux version 6.1").wsl);
    }
}
