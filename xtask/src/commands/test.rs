//! `test`: the project's own tests, in order, with a sign of life.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use grader::outcome::ExitCode;

use crate::cli::TestOptions;
use crate::session::Session;
use crate::trouble::Trouble;

mod setup;

/// A silent minute looks like a hang.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// One part: its name and the arguments for cargo.
struct Part {
    name: &'static str,
    arguments: Vec<String>,
}

/// How many tests passed and failed, summed over all binaries.
#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
}

/// Runs the parts; the first that fails ends the run.
pub fn run(session: &mut Session, options: &TestOptions) -> Result<ExitCode, Trouble> {
    let setup = if options.setup { setup::run(session, options.yes)? } else { None };
    if options.setup && setup.is_none() {
        return Ok(ExitCode::Failed);
    }
    let parts = parts(&session.workspace.root, options.fast, session.color())?;
    let mut counts = Counts::default();
    for (number, part) in (1..).zip(&parts) {
        let heading = format!("== {number}/{} {}: cargo {}", parts.len(), part.name, part.arguments.join(" "));
        session.say(session.style().strong(&heading))?;
        if !run_part(session, part, &mut counts)? {
            summary(session, &counts)?;
            let again = format!("cargo {}", part.arguments.join(" "));
            session.say(session.messages().part_failed(part.name, &again))?;
            return Ok(ExitCode::Failed);
        }
    }
    summary(session, &counts)?;
    Ok(ExitCode::Passed)
}

fn summary(session: &mut Session, counts: &Counts) -> io::Result<()> {
    session.say(format!("{} passed, {} failed", counts.passed, counts.failed))
}

/// Exercises fail by design until they are repaired, so their tests are left out; their code is looked at all the same.
fn parts(root: &Path, fast: bool, color: bool) -> Result<Vec<Part>, Trouble> {
    let part =
        |name, arguments: &[&str]| Part { name, arguments: arguments.iter().map(|word| (*word).to_owned()).collect() };
    // One run names everything that is broken.
    let mut test = vec!["test".to_owned(), "--workspace".to_owned(), "--no-fail-fast".to_owned()];
    for exercise in exercises(root)? {
        test.extend(["--exclude".to_owned(), exercise]);
    }
    // Where nobody reads colours, rustfmt writes them all the same unless it is told not to.
    let format = part("format", &["fmt", "--all", "--check", "--", "--color", if color { "always" } else { "never" }]);
    if fast {
        test.extend(["--lib".to_owned(), "--bins".to_owned()]);
        return Ok(vec![format, Part { name: "tests", arguments: test }]);
    }
    let lints = part("lints", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    Ok(vec![format, lints, Part { name: "tests", arguments: test }])
}

fn exercises(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("exercises"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            // The package is called like its folder.
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Runs one part, passing on what it prints and saying each minute that it still runs.
fn run_part(session: &mut Session, part: &Part, counts: &mut Counts) -> Result<bool, Trouble> {
    let mut child = start(session, part).map_err(|error| Trouble::failed("cannot run cargo", error))?;
    let (sender, lines) = channel();
    read_lines(child.stdout.take(), sender.clone());
    read_lines(child.stderr.take(), sender);
    let began = Instant::now();
    loop {
        match lines.recv_timeout(SIGN_OF_LIFE) {
            Ok(line) => {
                counts.read(&String::from_utf8_lossy(&line));
                session.write(&line)?;
            }
            Err(RecvTimeoutError::Timeout) => {
                let minutes = began.elapsed().as_secs() / 60;
                session.say(session.messages().still_running(part.name, minutes))?;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.wait().map_err(|error| Trouble::failed("cannot wait for cargo", error))?;
    Ok(status.success())
}

fn start(session: &Session, part: &Part) -> io::Result<Child> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(program);
    cargo.current_dir(&session.workspace.root).args(&part.arguments);
    cargo.env("CARGO_TERM_COLOR", if session.color() { "always" } else { "never" });
    // Tests that start our other programs need not build them again.
    cargo.env("WORKSHOP_WORKSPACE_IS_BUILT", "1");
    // Cargo's words about this very package would reach the tests as if they were the caller's.
    cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_NAME");
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

fn read_lines(stream: Option<impl Read + Send + 'static>, lines: Sender<Vec<u8>>) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            // Who no longer listens has ended the whole program.
            let _ = lines.send(std::mem::take(&mut line));
        }
    });
}

impl Counts {
    /// Adds `test result: ok. 12 passed; 0 failed; …`, also in colour.
    fn read(&mut self, line: &str) {
        let Some((_, rest)) = line.split_once("test result: ") else { return };
        let number = |word: &str| {
            let before = rest.split(word).next()?.trim_end();
            before.rsplit(' ').next()?.parse::<usize>().ok()
        };
        self.passed += number("passed").unwrap_or(0);
        self.failed += number("failed").unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_binaries_are_summed() {
        let mut counts = Counts::default();
        counts.read("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        counts.read("test result: \u{1b}[31mFAILED\u{1b}[0m. 3 passed; 2 failed; 0 ignored");
        counts.read("running 3 tests");
        assert_eq!((counts.passed, counts.failed), (15, 2));
    }
}
