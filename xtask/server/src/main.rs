//! `workshop-server`: serves the built books on this machine alone, and grades what their pages ask for.

#[cfg(not(unix))]
compile_error!("native Windows is not supported: open WSL2 (`wsl --install`) and work there");

mod api;
mod browser;
mod grading;
mod guard;
mod messages;
mod options;
mod reload;
mod room;
mod runs;
mod server;
mod site;
mod stream;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use grader::locale;

use messages::messages;
use options::Options;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let lang = locale::language(&words, |name| std::env::var(name).ok());
    match options::read(words, lang) {
        Ok(Some(options)) => run(&options),
        Ok(None) => {
            // Where standard output is closed there is nobody to help.
            let _ = write!(io::stdout(), "{}", messages(lang).help());
            ExitCode::SUCCESS
        }
        Err(wrong) => complain(&messages(lang).wrong(&wrong), grader::outcome::ExitCode::Usage),
    }
}

fn run(options: &Options) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(options, &error),
    };
    match runtime.block_on(server::serve(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(options, &error),
    }
}

fn failed(options: &Options, error: &io::Error) -> ExitCode {
    complain(&messages(options.lang).failed(error), grader::outcome::ExitCode::GraderError)
}

/// Says `words` on standard error. Where that is closed there is nobody to tell.
fn complain(words: &str, code: grader::outcome::ExitCode) -> ExitCode {
    let _ = writeln!(io::stderr(), "{words}");
    code.into()
}
