//! A machine of its own: homes of its own, and a container engine that is played by a script.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// What the played engine holds as images. Whatever `docker save` writes, `docker load` must be given again.
pub const IMAGES: &str = "the images";

/// One bundle for all tests that only read it: with the images of a played engine. In the target folder, where the next run replaces
/// it: nobody tidies up after a value that lives as long as the program.
pub static BUNDLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("room");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("room.tar.zst");
    let machine = Machine::new(Some("linux/amd64"));
    // The crates of this machine: those that the tests themselves were compiled from.
    let mut bundle = machine.xtask("bundle");
    bundle.arg(&file).env_remove("CARGO_HOME").env("HOME", std::env::var_os("HOME").unwrap_or_default());
    bundle.envs(std::env::var_os("CARGO_HOME").map(|home| ("CARGO_HOME", home)));
    let (code, said) = ended(&mut bundle);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("sh start.sh"), "{said}");
    file
});

/// Somebody else's machine.
pub struct Machine {
    folder: TempDir,
}

impl Machine {
    /// With an engine of this platform, or without one.
    pub fn new(engine: Option<&str>) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["home", "target/debug", "programs"] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        // Compiled with the tests; a target folder of its own keeps what the tests unpack away from this workshop's books.
        std::os::unix::fs::symlink(built("workshop-room"), machine.path("target/debug/workshop-room")).unwrap();
        std::os::unix::fs::symlink(built("workshop-book"), machine.path("target/debug/workshop-book")).unwrap();
        machine.engine(engine);
        machine.program("podman", "exit 1\n");
        machine
    }

    /// Plays an engine of this platform, or none.
    pub fn engine(&self, platform: Option<&str>) {
        let (platform, loaded) = (platform.unwrap_or_default(), self.path("loaded"));
        let script = format!(
            "[ -n '{platform}' ] || exit 1\ncase $1 in\n  version) echo {platform} ;;\n  image) echo 5 ;;\n  \
             save) printf '{IMAGES}' > \"$3\" ;;\n  load) cp \"$3\" '{}' ;;\nesac\n",
            loaded.display()
        );
        self.program("docker", &script);
    }

    /// A program that is found before all others.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.path("programs").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `cargo xtask` as somebody calls it on this machine, on the workshop that is tested.
    pub fn xtask(&self, command: &str) -> Command {
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        xtask.arg(command).args(["--lang", "en"]).current_dir(self.folder.path());
        xtask.env("PATH", self.programs());
        // The toolchain is the one thing that no bundle brings.
        xtask.env("RUSTUP_HOME", rustup_home()).env("CARGO_HOME", self.path("cargo")).env("HOME", self.path("home"));
        xtask.env("CARGO_TARGET_DIR", self.path("target")).env("WORKSHOP_WORKSPACE_IS_BUILT", "1");
        xtask
    }

    /// Where programs are found: those that are played first.
    pub fn programs(&self) -> String {
        format!("{}:{}", self.path("programs").display(), std::env::var("PATH").unwrap_or_default())
    }

    /// The images that the engine was given.
    pub fn loaded(&self) -> Option<String> {
        fs::read_to_string(self.path("loaded")).ok()
    }

    /// How many crates lie where Cargo keeps its downloads.
    pub fn crates(&self) -> usize {
        let registries = fs::read_dir(self.path("cargo/registry/cache")).into_iter().flatten().flatten();
        registries.filter_map(|registry| Some(fs::read_dir(registry.path()).ok()?.count())).sum()
    }
}

/// The exit code and all that was said.
pub fn ended(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

/// Where rustup keeps the toolchains of whoever runs the tests.
pub fn rustup_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".rustup");
    std::env::var_os("RUSTUP_HOME").map_or_else(home, PathBuf::from)
}

/// A program of the workspace. With all tests it is compiled before them; with this one alone it may not be yet.
fn built(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name(name);
    if std::env::var_os("WORKSHOP_WORKSPACE_IS_BUILT").is_none() {
        let package = name.trim_start_matches("workshop-");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo).args(["build", "--quiet", "--package", package]).status().unwrap();
        assert!(status.success(), "cargo build --package {package}");
    }
    path
}
