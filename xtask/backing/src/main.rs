//! The one door to engines and databases: starts PostgreSQL, Redis and containers for the grader and removes them again.
//!
//! Without arguments it speaks the lines of [`backing_protocol`] on its standard input and output.

use std::process::ExitCode;

mod house;
mod local;
mod place;
mod postgres;
mod redis;
mod refusals;
mod serve;
mod session;
mod settings;
mod ways;

use place::Place;

/// The exit code for arguments that are none of ours.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => with_runtime(serve::run(Place::find())),
        [session::reaper::COMMAND, id] => with_runtime(session::reaper::run(Place::find(), id)),
        _ => ExitCode::from(USAGE),
    }
}

fn with_runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            // A thread may still hang in a name look-up or in a read of standard input: nobody needs its result.
            runtime.shutdown_background();
            code
        }
        Err(_) => ExitCode::FAILURE,
    }
}
