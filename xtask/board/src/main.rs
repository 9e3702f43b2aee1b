//! `workshop-board`: the instructor's board. It shows who is stuck on what, and keeps what it acknowledged.

#[cfg(not(unix))]
compile_error!("native Windows is not supported: open WSL2 (`wsl --install`) and work there");

mod actions;
mod announce;
mod api;
mod app;
mod connections;
mod event;
mod guard;
mod health;
mod home;
mod hub;
mod keys;
mod limits;
mod live;
mod load;
mod messages;
mod mistakes;
mod nickname;
mod options;
mod pace;
mod pages;
mod room;
mod server;
mod standing;
mod store;
mod tasks;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use grader::locale;
use grader::outcome::ExitCode as Code;

use messages::messages;
use options::{Options, Task, Wrong};

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let env = |name: &str| std::env::var(name).ok();
    let lang = locale::language(&words, env);
    match options::read(words, lang, env).and_then(|read| read.map(Options::checked).transpose()) {
        Ok(Some(options)) => run(&options),
        Ok(None) => {
            // Where standard output is closed there is nobody to help.
            let _ = write!(io::stdout(), "{}", messages(lang).help());
            ExitCode::SUCCESS
        }
        Err(wrong) => complain(&messages(lang).wrong(&wrong), Code::Usage),
    }
}

fn run(options: &Options) -> ExitCode {
    log();
    let ended = runtime().and_then(|runtime| runtime.block_on(work(options)));
    match ended {
        Ok(code) => code.into(),
        Err(error) => match error.downcast::<sqlx::Error>().map(|error| *error) {
            Ok(sqlx::Error::Configuration(why)) => {
                complain(&messages(options.lang).wrong(&Wrong::Database(why.to_string())), Code::Usage)
            }
            Ok(error) => failed(options, &error),
            Err(error) => failed(options, error.as_ref()),
        },
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Box<dyn Error>> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

async fn work(options: &Options) -> Result<Code, Box<dyn Error>> {
    match &options.task {
        Task::Serve | Task::Rehearse(_) => server::serve(options).await.map(|()| Code::Passed),
        Task::Migrate => tasks::migrate(options).await,
        Task::Forget(yes) => tasks::forget(options, *yes).await,
        Task::Report(folder) => tasks::report(options, folder).await,
        Task::Bench => load::bench::run(options).await,
    }
}

/// JSON lines on standard output, for a platform; to a person only what is wrong, on standard error.
fn log() {
    if announce::is_for_a_person() {
        let warnings = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN);
        warnings.with_writer(io::stderr).without_time().with_target(false).init();
    } else {
        tracing_subscriber::fmt().json().flatten_event(true).with_max_level(tracing::Level::INFO).init();
    }
}

fn failed(options: &Options, error: &dyn Error) -> ExitCode {
    complain(&messages(options.lang).failed(&error.to_string()), Code::GraderError)
}

/// Says `words` on standard error. Where that is closed there is nobody to tell.
fn complain(words: &str, code: Code) -> ExitCode {
    let _ = writeln!(io::stderr(), "{words}");
    code.into()
}
