//! `book`: builds both books, shows them beside a server that grades, tests them, and accepts translations.
//!
//! mdBook lives in a program of its own, which is compiled only when a book's sources differ from those it was built from.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use grader::outcome::ExitCode;

use crate::cli::BookOptions;
use crate::console;
use crate::messages::Wrong;
use crate::programs::{Program, cargo, compiled, exit_code, succeeds};
use crate::session::Session;
use crate::trouble::Trouble;
use crate::workspace::shown;

pub mod reader;
mod sources;

/// Says which sources the books were built from. The server watches it, so it is written last.
pub const STAMP: &str = "source.hash";

const BUILDER: Program = Program { package: "book", binary: "workshop-book" };

/// Does what the options ask for; without any, builds what is out of date.
pub fn run(session: &mut Session, options: &BookOptions) -> Result<ExitCode, Trouble> {
    if let Some(what) = &options.accept {
        return accept(session, what, options.yes);
    }
    if options.test {
        return test(session);
    }
    // Before they are read: what is saved from now on is built anew.
    let seen = sources::glance(&session.workspace.root);
    let built = build(session, options.build)?;
    if options.open && built == ExitCode::Passed {
        return reader::open(session, options.port, seen);
    }
    if built == ExitCode::Passed {
        session.say(format!("{} cargo xtask book --open", session.messages().next()))?;
    }
    Ok(built)
}

/// Builds both books, unless they were built from the same sources.
pub fn build(session: &mut Session, anyway: bool) -> Result<ExitCode, Trouble> {
    let hash = sources::hash(&session.workspace.root)?;
    let folder = folder(session);
    if !anyway && is_built(session, &hash) {
        session.say(session.messages().book_is_current(&shown(&folder)))?;
        return Ok(ExitCode::Passed);
    }
    let builder = builder(session)?;
    let began = Instant::now();
    let mut command = Command::new(builder);
    command.arg("build").arg(&session.workspace.root).arg(&folder);
    if !succeeds(command)? {
        session.say(session.messages().book_not_built())?;
        return Ok(ExitCode::Failed);
    }
    remember(session, &hash)?;
    session.say(session.messages().book_built(&shown(&folder), began.elapsed().as_secs_f64()))?;
    Ok(ExitCode::Passed)
}

/// Every rule of the books, then the tests of the programs around them, the search and the browser included.
fn test(session: &mut Session) -> Result<ExitCode, Trouble> {
    let hash = sources::hash(&session.workspace.root)?;
    let (root, folder) = (session.workspace.root.clone(), folder(session));
    let builder = builder(session)?;
    let mut words = Command::new(&builder);
    words.arg("words").arg(&root);
    succeeds(words)?;
    let mut check = Command::new(&builder);
    check.arg("check").arg(&root).arg(&folder);
    if !succeeds(check)? {
        session.say(session.messages().book_found())?;
        return Ok(ExitCode::Failed);
    }
    remember(session, &hash)?;
    session.say(session.messages().book_clean())?;
    let mut tests = cargo(session);
    tests.args(["test", "--package", BUILDER.package, "--package", reader::SERVER.package]);
    Ok(if succeeds(tests)? { ExitCode::Passed } else { ExitCode::Failed })
}

/// Shows what changed in both languages, asks, and writes the lock.
fn accept(session: &mut Session, what: &str, yes: bool) -> Result<ExitCode, Trouble> {
    let builder = builder(session)?;
    let asked = |word: &str| {
        let mut command = Command::new(&builder);
        command.arg(word).arg(&session.workspace.root).arg(what);
        command
    };
    let (changes, acceptance) = (asked("changes"), asked("accept"));
    match exit_code(changes)? {
        0 => {}
        1 => {
            session.say(session.messages().book_nothing_to_accept(what))?;
            return Ok(ExitCode::Passed);
        }
        _ => return Ok(ExitCode::Usage),
    }
    if !yes && !console::can_ask() {
        return Err(Wrong::NeedsYes("book --accept").into());
    }
    if !yes && !console::confirmed(&session.messages().ask_accept(what))? {
        session.say(session.messages().nothing_done())?;
        return Ok(ExitCode::Failed);
    }
    if !succeeds(acceptance)? {
        return Ok(ExitCode::GraderError);
    }
    session.say(session.messages().book_accepted(what))?;
    Ok(ExitCode::Passed)
}

/// The program that builds and tests the books.
fn builder(session: &mut Session) -> Result<PathBuf, Trouble> {
    let first = session.messages().book_compiling();
    compiled(session, &BUILDER, first)
}

/// Where the built books are.
pub fn folder(session: &Session) -> PathBuf {
    session.workspace.own().join("book")
}

fn stamp(session: &Session) -> PathBuf {
    folder(session).join(STAMP)
}

/// The hash of the sources as they are now.
pub fn current_hash(session: &Session) -> Result<String, Trouble> {
    sources::hash(&session.workspace.root)
}

/// Whether both books are built from the sources as they are now.
pub fn is_current(session: &Session) -> bool {
    current_hash(session).is_ok_and(|hash| is_built(session, &hash))
}

fn is_built(session: &Session, hash: &str) -> bool {
    let known = fs::read_to_string(stamp(session)).unwrap_or_default();
    let both = ["en", "ko"].iter().all(|language| folder(session).join(language).join("index.html").is_file());
    known.trim() == hash && both
}

fn remember(session: &Session, hash: &str) -> Result<(), Trouble> {
    let path = stamp(session);
    let written = fs::write(&path, format!("{hash}\n"));
    written.map_err(|error| Trouble::failed(format!("cannot write {}", path.display()), error))
}
