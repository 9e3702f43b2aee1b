//! The command that installs something on this system.

/// The names of one thing in the systems' packages.
pub struct Package {
    /// Debian, Ubuntu.
    pub apt: &'static str,
    /// Fedora, RHEL.
    pub dnf: &'static str,
    /// Arch.
    pub pacman: &'static str,
    /// macOS.
    pub brew: &'static str,
}

impl Package {
    /// What to type here; for an unknown system, what it is called on the best known one.
    pub fn command(&self) -> String {
        let has = |program| crate::local::find(program, &[]).is_some();
        match () {
            () if cfg!(target_os = "macos") => format!("brew install {}", self.brew),
            () if has("dnf") => format!("sudo dnf install {}", self.dnf),
            () if has("pacman") => format!("sudo pacman -S {}", self.pacman),
            () => format!("sudo apt-get install {}", self.apt),
        }
    }
}
