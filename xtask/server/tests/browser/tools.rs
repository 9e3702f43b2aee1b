//! What the tests need of this machine: a browser, Node.js, its packages, and our own programs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run;

/// Chromium under the names that systems give it.
const CHROMIUM: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The programs of this machine.
pub struct Tools {
    /// The browser.
    pub chromium: PathBuf,
    /// What runs the tests.
    pub node: PathBuf,
    npm: PathBuf,
}

impl Tools {
    /// All of them, or one line that says what is missing. The build server has them, or fails.
    pub fn found() -> Option<Self> {
        let chromium = CHROMIUM.iter().find_map(|name| in_path(name));
        let (node, npm) = (in_path("node"), in_path("npm"));
        let named = [("chromium", &chromium), ("node", &node), ("npm", &npm)];
        let missing: Vec<&str> = named.iter().filter(|(_, found)| found.is_none()).map(|(name, _)| *name).collect();
        if missing.is_empty() {
            return Some(Self { chromium: chromium?, node: node?, npm: npm? });
        }
        let missing = missing.join(", ");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "the build server has no {missing}");
        // Past the test harness, which shows nothing of a test that passes.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: no test in a browser, {missing} missing (cargo xtask test --setup)").unwrap();
        None
    }

    /// The packages that the lock file names, and no script of theirs. Nothing is asked for that is already there.
    pub fn install_packages(&self, folder: &Path) {
        let (wanted, installed) = (folder.join("package-lock.json"), folder.join("node_modules/installed.json"));
        let wanted = fs::read(wanted).unwrap();
        if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
            return;
        }
        let mut npm = Command::new(&self.npm);
        npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        run(&mut npm);
        fs::write(installed, wanted).unwrap();
    }
}

/// Builds what the tests start besides the server, each alone, as the commands do that people use: what those have compiled
/// is compiled. `cargo xtask test` has built the whole workspace and says so; another build of it would take minutes.
pub fn build(root: &Path, programs: &[(&str, &str)]) {
    if std::env::var_os("WORKSHOP_WORKSPACE_IS_BUILT").is_some() {
        return;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for (package, program) in programs {
        let mut build = Command::new(&cargo);
        build.current_dir(root).args(["build", "--quiet", "--package", package, "--bin", program]);
        run(&mut build);
    }
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}
