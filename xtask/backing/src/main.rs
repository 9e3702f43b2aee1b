//! The one door to engines and databases: starts PostgreSQL, Redis and containers for the grader and removes them again.
//!
//! Without arguments it speaks the lines of [`backing_protocol`] on its standard input and output; `doctor` prints one
//! [`backing_protocol::Survey`].

use std::io::Write;
use std::process::ExitCode;

mod containers;
mod engine;
mod house;
mod install;
mod local;
mod place;
mod postgres;
mod redis;
mod refusals;
mod serve;
mod session;
mod settings;
mod survey;
mod waiting;
mod ways;

use engine::Found;
use place::Place;
use tokio::task::LocalSet;

/// The exit code for arguments that are none of ours.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            let engine = engine::find();
            tell_testcontainers(&engine);
            with_runtime(serve::run(Place::find(), engine))
        }
        ["doctor"] => with_runtime(survey::run(Place::find(), engine::find())),
        [session::reaper::COMMAND, id] => with_runtime(session::reaper::run(Place::find(), id)),
        _ => ExitCode::from(USAGE),
    }
}

/// Two settings that testcontainers takes from the environment alone: the engine that we have found, which may be one that it would
/// not find, and that it removes nothing by itself, since that is done once for everything, by label.
fn tell_testcontainers(engine: &Found) {
    let address = if let Found::At(address) = engine { address.as_str() } else { "" };
    for (name, value) in [(engine::VARIABLE, address), ("TESTCONTAINERS_COMMAND", "keep")] {
        // SAFETY: nobody reads the environment at the same time, because this process has a single thread yet.
        unsafe { std::env::set_var(name, value) };
    }
}

/// Prints a line.
fn say(line: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{line}")?;
    output.flush()
}

fn with_runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let code = LocalSet::new().block_on(&runtime, work);
            // A thread may still hang in a name look-up or in a read of standard input: nobody needs its result.
            runtime.shutdown_background();
            code
        }
        Err(_) => ExitCode::FAILURE,
    }
}
