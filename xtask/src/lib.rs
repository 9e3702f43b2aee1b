//! `cargo xtask`, the workshop's one command: it reads the command line and hands over to `commands`.
//!
//! A library because [`watching`] is shared with the watch program, which is compiled for those alone who watch.

#[cfg(not(unix))]
compile_error!("native Windows is not supported: open WSL2 (`wsl --install`) and work there");

mod asking;
mod board;
mod cli;
mod commands;
mod console;
mod help;
mod lifeline;
mod messages;
mod outline;
mod place;
mod programs;
mod progress;
mod room;
mod runs;
mod session;
mod stamp;
mod starter;
mod tidy;
mod track;
mod trouble;
pub mod watching;
mod workspace;

use std::path::Path;
use std::process::ExitCode;

use cli::Command;
use session::Session;
use trouble::Trouble;

/// The whole of `cargo xtask`.
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    if let Some(code) = internal(&words) {
        return code;
    }
    let words = lifeline::taken_from(words);
    let lang = grader::locale::language(&words, |name| std::env::var(name).ok());
    cli::parse(words).map_err(Trouble::Usage).and_then(run_in(lang)).unwrap_or_else(|trouble| trouble.report(lang))
}

fn run_in(lang: grader::text::Lang) -> impl FnOnce(cli::Cli) -> Result<ExitCode, Trouble> {
    move |cli| {
        let mut session = Session::open(lang, cli.plain)?;
        run(&mut session, cli.command).map(ExitCode::from)
    }
}

fn run(session: &mut Session, command: Command) -> Result<grader::outcome::ExitCode, Trouble> {
    match command {
        Command::Overview => commands::overview::run(session),
        Command::Help(topic) => commands::help::run(session, topic),
        Command::Version => commands::help::version(session),
        Command::Check(options) => commands::check::run(session, &options),
        Command::Watch(options) => commands::watch::run(session, &options),
        Command::List { json } => commands::list::run(session, json),
        Command::Hint(options) => commands::hint::run(session, &options),
        Command::Reset { factor, yes } => commands::reset::run(session, factor.as_deref(), yes),
        Command::Diff { factor } => commands::diff::run(session, factor.as_deref()),
        Command::Solution(options) => commands::solution::run(session, &options),
        Command::Start { factor, language, path } => {
            commands::start::run(session, &factor, language.as_deref(), path.as_deref())
        }
        Command::Checkpoint { factor, path } => commands::checkpoint::run(session, &factor, path.as_deref()),
        Command::Doctor(options) => commands::doctor::run(session, &options),
        Command::Prefetch { without_images } => commands::prefetch::run(session, without_images),
        Command::Bundle { file, without_images } => commands::bundle::run(session, &file, without_images),
        Command::Unbundle { file, without_images } => commands::unbundle::run(session, &file, without_images),
        Command::Rehearse { core } => commands::rehearse::run(session, core),
        Command::Tidy { fix } => commands::tidy::run(session, fix),
        Command::Test(options) => commands::test::run(session, &options),
        Command::Prove(options) => commands::prove::run(session, &options),
        Command::Mutant(options) => commands::mutant::run(session, &options),
        Command::Bench(options) => commands::bench::run(session, &options),
        Command::Book(options) => commands::book::run(session, &options),
        Command::Board(options) => commands::board::run(session, &options),
        Command::Join(options) => commands::join::run(session, &options),
        Command::Hand { factor, down } => commands::hand::run(session, factor.as_deref(), down),
        Command::Manifests(options) => commands::manifests::run(session, &options),
    }
}

/// The words with which this program calls itself. They come before everything else, and no help names them.
pub fn internal(words: &[std::ffi::OsString]) -> Option<ExitCode> {
    match words.first()?.to_str()? {
        "__supervise" => Some(supervisor::main(words[1..].to_vec())),
        supervisor::attend::COMMAND => Some(supervisor::attend::main(Path::new(words.get(1)?))),
        "__nothing" => Some(ExitCode::SUCCESS),
        "__vacuous" => Some(grader::prove::vacuous::main(words.get(1)?.to_str()?)),
        _ => None,
    }
}
