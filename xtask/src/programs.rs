//! The workshop's other programs, each compiled when somebody first needs it: their crates are nobody else's wait.

use std::path::PathBuf;
use std::process::Command;

use crate::console;
use crate::session::Session;
use crate::trouble::Trouble;

/// Cargo's package and the program in it.
pub struct Program {
    /// The package.
    pub package: &'static str,
    /// The program.
    pub binary: &'static str,
}

/// Compiles a program of the workspace and says where it is. Cargo shows its progress itself; `first` is said before the
/// first time, which takes a while.
pub fn compiled(session: &mut Session, program: &Program, first: &str) -> Result<PathBuf, Trouble> {
    let path = session.workspace.target.join("debug").join(program.binary);
    if !path.is_file() {
        // Beside what cargo says itself, so that a report for programs on standard output stays whole.
        console::complain(first);
    } else if std::env::var_os("WORKSHOP_WORKSPACE_IS_BUILT").is_some() {
        // The project's own tests have compiled everything together; alone it would be compiled once more, with other features.
        return Ok(path);
    }
    let mut build = cargo(session);
    build.args(["build", "--package", program.package, "--bin", program.binary]);
    if path.is_file() {
        build.arg("--quiet");
    }
    if !succeeds(build)? {
        return Err(Trouble::failed(format!("cargo build --package {}", program.package), "see above"));
    }
    Ok(path)
}

/// Cargo, in the workshop's folder.
pub fn cargo(session: &Session) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(&session.workspace.root);
    // Cargo's words about this very package would reach the other one as if they were the caller's.
    cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_NAME");
    cargo
}

/// Whether a program that shares our terminal ended with exit code 0.
pub fn succeeds(command: Command) -> Result<bool, Trouble> {
    Ok(exit_code(command)? == 0)
}

/// The exit code of a program that shares our terminal; one that was killed has none and counts as failed.
pub fn exit_code(mut command: Command) -> Result<i32, Trouble> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| Trouble::failed(format!("cannot run {name}"), error))?;
    Ok(status.code().unwrap_or(i32::MAX))
}
