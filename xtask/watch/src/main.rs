//! `workshop-watch`: grades on save and shows what became of it, until somebody ends it. `cargo xtask watch` starts it.

#[cfg(not(unix))]
compile_error!("native Windows is not supported: open WSL2 (`wsl --install`) and work there");

mod app;
mod grading;
mod input;
mod messages;
mod plain;
mod saves;
mod screen;
mod signals;
mod state;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use xtask::watching;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    // The grader supervises services with the program that it is part of.
    if let Some(code) = xtask::internal(&words) {
        return code;
    }
    if words.first().is_some_and(|word| word == "__panic") {
        return screen::panicking();
    }
    let desk = match watching::open() {
        Ok(desk) => desk,
        Err(told) => return told,
    };
    let wants_screen = !desk.plain() && screen::is_possible();
    let ended = if wants_screen { screen::run(desk) } else { plain::run(desk) };
    ended.unwrap_or_else(|error| {
        // Where standard error is closed there is nobody to tell.
        let _ = writeln!(io::stderr(), "cargo xtask watch: {error}");
        grader::outcome::ExitCode::GraderError.into()
    })
}

/// Both ends of the conversation are a person's.
fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
